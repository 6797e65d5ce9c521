"""First look at a CSV file: is it sound text, in which encoding, and where can it be cut into blocks?

Runs once over the bytes with bounded memory, before anything is parsed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from fengqiao.engine.errors import InputError, Place, cannot_open

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Encoding = Literal["utf-8", "gb18030"]

BLOCK = 8 << 20
LONGEST_LINE = 1 << 20
MARK = b"\xef\xbb\xbf"
HANZI = re.compile(rb"[\xe4-\xe9][\x80-\xbf]{2}")
# one line in so many may look like UTF-8 by accident in a file in GB18030
ACCIDENTS = 1000


@dataclass(frozen=True)
class Block:
    """Whole lines of a file: `size` bytes from `start`; its first line is line `line` of the file (first = 1)."""

    start: int
    size: int
    line: int


@dataclass(frozen=True)
class TextPlan:
    """How to read a text file: its encoding and its blocks, in order."""

    encoding: Encoding
    blocks: tuple[Block, ...]


@dataclass
class _Tally:
    """Lines that are UTF-8 with Chinese signs, and lines that cannot be UTF-8: how many, and the first of each."""

    utf8: int = 0
    other: int = 0
    first: dict[str, int] = field(default_factory=dict)

    def add(self, kind: Literal["utf8", "other"], line: int, count: int = 1) -> None:
        self.first.setdefault(kind, line)
        setattr(self, kind, getattr(self, kind) + count)


def scan(path: Path, name: str) -> TextPlan:
    """Look at every byte once. Errors: InputError for NUL bytes, a line over 1 MiB, mixed or unknown encodings."""
    blocks: list[Block] = []
    tally = _Tally()
    for block, data in _cut(path, name):
        blocks.append(block)
        _require_text(data, block, name)
        _weigh(data, block, tally, name)
    return TextPlan(_encoding(tally, name), tuple(blocks))


def _cut(path: Path, name: str) -> Iterator[tuple[Block, bytes]]:
    """Blocks of whole lines with their bytes, the byte order mark left out."""
    try:
        with path.open("rb") as stream:
            start = len(MARK) if stream.read(len(MARK)) == MARK else 0
            line = 1
            while True:
                stream.seek(start)
                data = stream.read(BLOCK)
                if not data:
                    return
                if len(data) == BLOCK:
                    data = data[: _end(data, line, name)]
                yield Block(start, len(data), line), data
                start += len(data)
                line += data.count(b"\n")
    except (OSError, ValueError) as error:
        raise cannot_open(name, error) from error


def _end(data: bytes, line: int, name: str) -> int:
    """Where to cut a full buffer: behind a line end, and not within quotes unless they stay open for too long."""
    last = data.rfind(b"\n") + 1
    if last == 0:
        raise _too_long(line, name)
    quotes = data.count(b'"', 0, last)
    cut = last
    while quotes % 2 and cut > last - LONGEST_LINE:
        before = data.rfind(b"\n", 0, cut - 1) + 1
        if before == 0:
            return last
        quotes -= data.count(b'"', before, cut)
        cut = before
    return last if quotes % 2 else cut


def _too_long(line: int, name: str) -> InputError:
    return InputError(
        "The line is longer than 1 MiB (行过长)", why="no line end was found in it",
        todo="Check that the file is a table with one record a line", place=Place(name, row=line),
    )  # fmt: skip


def _require_text(data: bytes, block: Block, name: str) -> None:
    if (nul := data.find(b"\0")) >= 0:
        raise InputError(
            "The file holds NUL bytes (空字节)", why="it is not a plain text table",
            todo="Export it again as CSV, Parquet or XLSX",
            place=Place(name, row=block.line + data.count(b"\n", 0, nul)),
        )  # fmt: skip
    start = 0
    while start + LONGEST_LINE < len(data):
        end = data.rfind(b"\n", start, start + LONGEST_LINE + 1)
        if end < 0:
            raise _too_long(block.line + data.count(b"\n", 0, start), name)
        start = end + 1
    if block.line == 1 and b"\r" in data and b"\n" not in data:
        raise InputError(
            "The lines end in bare carriage returns (旧式换行符)",
            todo='Save the file again as "CSV UTF-8"',
            place=Place(name),
        )


def _weigh(data: bytes, block: Block, tally: _Tally, name: str) -> None:
    """Count evidence for an encoding in one block."""
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if _only_gb18030(data):
            tally.add("other", block.line + data.count(b"\n", 0, error.start), _lines_beyond_ascii(data))
            return
        for number, text in enumerate(data.split(b"\n"), block.line):
            if not text.isascii():
                _weigh_line(text, number, tally, name)
        return
    if found := HANZI.search(data):
        tally.add("utf8", block.line + data.count(b"\n", 0, found.start()), data.count(b"\n") + 1)


def _only_gb18030(data: bytes) -> bool:
    """Whether a block is GB18030 and no line of it could be UTF-8 with Chinese signs."""
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    at = 0
    while found := HANZI.search(data, at):
        start, end = data.rfind(b"\n", 0, found.start()) + 1, data.find(b"\n", found.start())
        at = end if end >= 0 else len(data)
        try:
            data[start:at].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return False
    return True


def _lines_beyond_ascii(data: bytes) -> int:
    """How many lines hold anything but ASCII.

    >>> _lines_beyond_ascii(b"a\\n\\xc2\\xf2\\n\\xc8b\\n")
    2
    """
    signs = np.frombuffer(data, np.uint8)
    starts = np.append(0, np.flatnonzero(signs[:-1] == ord("\n")) + 1)
    return int(np.count_nonzero(np.maximum.reduceat(signs, starts) >= 0x80))


def _weigh_line(text: bytes, number: int, tally: _Tally, name: str) -> None:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        tally.add("other", number)
        try:
            text.decode("gb18030")
        except UnicodeDecodeError as error:
            raise InputError(
                "The line is neither UTF-8 nor GB18030 text (编码错误)", todo='Save the file again as "CSV UTF-8"',
                place=Place(name, row=number),
            ) from error  # fmt: skip
    else:
        if HANZI.search(text):
            tally.add("utf8", number)


def _encoding(tally: _Tally, name: str) -> Encoding:
    if not tally.other:
        return "utf-8"
    if tally.utf8 * ACCIDENTS <= tally.other:
        return "gb18030"
    odd = "other" if tally.utf8 >= tally.other else "utf8"
    kinds = {"other": "GB18030 among lines in UTF-8", "utf8": "UTF-8 among lines in GB18030"}
    raise InputError(
        "The file mixes encodings (编码混杂)", why=f"this line is in {kinds[odd]}",
        todo='Save the parts separately as "CSV UTF-8"', place=Place(name, row=tally.first[odd]),
    )  # fmt: skip
