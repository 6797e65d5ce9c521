"""Workbooks are zip archives: unpack what is needed within fixed limits, and refuse what would fill the memory."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine.errors import InputError, Place

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_TOTAL = 1 << 30  # bytes all needed members may unpack to
LARGEST_RATIO = 400  # of unpacked to packed bytes, from SMALL bytes on
SMALL = 16 << 20
LARGEST_MEMBERS = 10_000
LARGEST_CELLS = 32_000_000  # of the rectangle that a sheet spans
LARGEST_MERGED = 200_000  # areas of merged cells in a sheet
STEP = 1 << 20

NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/.*|xl/_rels/.*|xl/(?:workbook|styles|sharedStrings)\.xml"
    r"|xl/(?:work|chart|macro|dialog)sheets/.*\.xml",
    re.IGNORECASE,
)
SHEET = re.compile(r"xl/worksheets/.*\.xml", re.IGNORECASE)
# what any reader might take for the place of a cell or row, however odd
CELL = re.compile(rb"""(?<![A-Za-z:])r\s*=\s*["']\s*([A-Za-z]*)(\d+)""")


@dataclass(frozen=True)
class Limits:
    """How much a workbook may unpack to: bytes of all needed members, cells of the rectangle that a sheet spans."""

    total: int = LARGEST_TOTAL
    cells: int = LARGEST_CELLS


def unpacked(path: Path, name: str, limits: Limits = Limits()) -> io.BytesIO:
    """The parts of a workbook that hold its cells, as an archive without compression.

    Every byte was counted while unpacking, whatever the archive's directory claims, so that what reads it next
    cannot be made to unpack more. Errors: InputError when a limit is passed or the archive is damaged.
    """
    target = io.BytesIO()
    try:
        with zipfile.ZipFile(path) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as plain:
            members = [member for member in archive.infolist() if NEEDED.fullmatch(member.filename)]
            _require_modest(archive.infolist(), name, limits)
            total = 0
            for member in members:
                data = _member(archive, member, limits.total - total, name)
                total += len(data)
                if data.count(b"<si") + data.count(b":si") > limits.cells:
                    raise _bomb(name, f"{member.filename} has more than {limits.cells:,} texts")
                if SHEET.fullmatch(member.filename):
                    _require_dense(data, name, limits)
                plain.writestr(zipfile.ZipInfo(member.filename), data)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            "The workbook is damaged or locked (文件损坏或加密)", why="it cannot be unpacked",
            todo="Open it in a spreadsheet program and save it again as .xlsx", place=Place(name),
        ) from error  # fmt: skip
    target.seek(0)
    return target


def _bomb(name: str, why: str) -> InputError:
    return InputError(
        "The workbook unpacks to more than is allowed (疑似压缩炸弹)", why=why,
        todo="Give the records as CSV or Parquet", place=Place(name),
    )  # fmt: skip


def _require_modest(members: list[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    if len(members) > LARGEST_MEMBERS:
        raise _bomb(name, f"it has {len(members)} members")
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if total > limits.total:
        raise _bomb(name, f"{total / 2**20:.0f} MiB are announced, {limits.total >> 20} MiB are the limit")
    if total > SMALL and total > LARGEST_RATIO * packed:
        raise _bomb(name, f"it unpacks to {total // max(packed, 1)} times its size")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int, name: str) -> bytes:
    pieces = bytearray()
    with archive.open(member) as stream:
        while piece := stream.read(STEP):
            pieces += piece
            if len(pieces) > left:
                raise _bomb(name, f"more than {left >> 20} MiB came out of {member.filename}")
            if len(pieces) > SMALL and len(pieces) > LARGEST_RATIO * max(member.compress_size, 1):
                raise _bomb(name, f"{member.filename} unpacks to more than {LARGEST_RATIO} times its size")
    return bytes(pieces)


def _require_dense(data: bytes, name: str, limits: Limits) -> None:
    """A sheet whose cells span more than can be held (one cell at XFD1048576 is enough for that) is refused."""
    if b"\0" in data:
        raise ValueError("a sheet in UTF-16 hides its cells from this look")
    cells = data.count(b"<c") + data.count(b":c")  # beginnings of cells, those without a place among them
    if cells > limits.cells:
        raise _bomb(name, f"a sheet has more than {limits.cells:,} cells")
    if data.count(b"mergeCell ") > LARGEST_MERGED:
        raise _bomb(name, f"a sheet has more than {LARGEST_MERGED:,} merged areas")
    columns: set[bytes] = set()
    rows = 0
    for found in CELL.finditer(data):
        if found[1]:
            columns.add(found[1])
        rows = max(rows, int(found[2]))
    width = max((_column(letters) for letters in columns), default=1)
    if rows * width > limits.cells:
        raise _bomb(name, f"a sheet spans {rows} rows and {width} columns")


def _column(letters: bytes) -> int:
    """The number of a column.

    >>> _column(b"A"), _column(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
