"""Old workbooks (.xls, BIFF2 to BIFF8) as sheets of cells.

Source: [MS-XLS] and the description of the older records in "OpenOffice.org's Documentation of the Microsoft Excel File
Format". Cells are kept as they come, not as the rectangle they span, and every count is checked against what is there:
a damaged or hostile file costs no more than its own size.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from fengqiao.engine.loss.broker.biff_strings import SharedTexts, code_page_text, unicode_text
from fengqiao.engine.loss.broker.compound_file import DamagedFileError

BEGIN = {0x0009: 2, 0x0209: 3, 0x0409: 4, 0x0809: 5}
END, CONTINUE, CODE_PAGE, BOUND_SHEET, SHARED, MERGED, LOCKED, EPOCH = (
    0x000A, 0x003C, 0x0042, 0x0085, 0x00FC, 0x00E5, 0x002F, 0x0022,
)  # fmt: skip
SHEET_CONTENT = 0x0010
MOST_CELLS = 4_000_000
MOST_RECORDS = 8_000_000
MOST_SHEETS = 256
MOST_MERGED = 100_000
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
DAYS_1904 = 1462

Value = str | float


class LockedWorkbookError(ValueError):
    """The workbook is protected by a password."""


@dataclass
class BiffSheet:
    """One sheet. cells: row -> column -> value, both from 0. merged: areas as (top, bottom, left, right)."""

    name: str
    cells: dict[int, dict[int, Value]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass
class BiffWorkbook:
    """The sheets of a workbook; days_added: what day numbers lack when they count from 1904."""

    sheets: list[BiffSheet]
    days_added: int = 0


def read_biff(data: bytes) -> BiffWorkbook:
    """The stream of a workbook as sheets.

    Errors: DamagedFileError; LockedWorkbookError when it is encrypted.
    """
    return _Reader(data).workbook()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._version = 8
        self._code_page = 936
        self._texts: list[str] = []
        self._count = 0
        self._left = MOST_RECORDS

    def workbook(self) -> BiffWorkbook:
        if len(self._data) < 4:
            raise DamagedFileError("an empty stream")
        kind, size = struct.unpack_from("<HH", self._data, 0)
        if kind not in BEGIN:
            raise DamagedFileError("no beginning")
        self._version = BEGIN[kind]
        content = struct.unpack_from("<HH", self._data, 4) if size >= 4 else (0, SHEET_CONTENT)
        if kind == 0x0809 and content[0] == 0x0600:
            self._version = 8
        if self._version < 5 or content[1] == SHEET_CONTENT:
            sheet = BiffSheet("Sheet1")
            self._fill(sheet, 0)
            return BiffWorkbook([sheet])
        return self._globals()

    def _records(self, at: int) -> Iterator[tuple[int, bytes, int]]:
        """(kind, content, where the next one starts), to the end of the stream."""
        data, size = self._data, len(self._data)
        while at + 4 <= size:
            kind, length = struct.unpack_from("<HH", data, at)
            at += 4
            self._left -= 1
            if self._left < 0:
                raise DamagedFileError("too many records")
            yield kind, data[at : at + length], at + length
            at += length

    def _globals(self) -> BiffWorkbook:
        bounds: list[tuple[int, str]] = []
        shared: list[bytes] = []
        days_added, in_shared = 0, False
        for kind, body, _ in self._records(0):
            if kind == CONTINUE and in_shared:
                shared.append(body)
                continue
            in_shared = kind == SHARED
            if kind == END:
                break
            if kind == LOCKED:
                raise LockedWorkbookError
            if kind == CODE_PAGE and len(body) >= 2:
                self._code_page = struct.unpack_from("<H", body)[0]
            elif kind == EPOCH and len(body) >= 2:
                days_added = DAYS_1904 if body[0] else 0
            elif kind == SHARED:
                shared = [body]
            elif kind == BOUND_SHEET and len(body) >= 8:
                start, _, what = struct.unpack_from("<IBB", body)
                if what == 0:
                    bounds.append((start, self._sheet_name(body)))
                if len(bounds) > MOST_SHEETS:
                    raise DamagedFileError("too many sheets")
        self._texts = SharedTexts(shared).all()
        book = BiffWorkbook([], days_added)
        for start, name in bounds:
            sheet = BiffSheet(name)
            self._fill(sheet, start)
            book.sheets.append(sheet)
        return book

    def _sheet_name(self, body: bytes) -> str:
        if self._version == 8:
            return unicode_text(body, 6, 1)
        return code_page_text(body[7 : 7 + body[6]], self._code_page)

    def _fill(self, sheet: BiffSheet, start: int) -> None:
        depth = 0
        waiting: tuple[int, int] | None = None  # a formula whose text comes in the next record
        for kind, body, _ in self._records(start):
            if kind in BEGIN:
                depth += 1
            elif kind == END:
                depth -= 1
                if depth <= 0:
                    return
            elif depth > 1:
                continue
            elif kind == LOCKED:
                raise LockedWorkbookError
            elif kind == CODE_PAGE and len(body) >= 2:
                self._code_page = struct.unpack_from("<H", body)[0]
            elif kind == MERGED:
                self._merged(sheet, body)
            elif kind in (0x0207, 0x0007) and waiting:
                self._put(sheet, *waiting, self._text(body, 0, 1 if kind == 0x0007 else 2))
                waiting = None
            else:
                waiting = self._cell(sheet, kind, body)

    def _put(self, sheet: BiffSheet, row: int, column: int, value: Value) -> None:
        self._count += 1
        if self._count > MOST_CELLS:
            raise DamagedFileError("too many cells")
        sheet.cells.setdefault(row, {})[column] = value

    def _text(self, body: bytes, at: int, length_bytes: int) -> str:
        if self._version == 8:
            return unicode_text(body, at, length_bytes)
        length = int.from_bytes(body[at : at + length_bytes], "little")
        at += length_bytes
        return code_page_text(body[at : at + length], self._code_page)

    def _cell(self, sheet: BiffSheet, kind: int, body: bytes) -> tuple[int, int] | None:
        """Take a record for a cell, if it is one; the place of a formula whose text is still to come."""
        at = 6 if self._version > 2 else 7
        if kind == 0x00BD and len(body) >= 6:
            self._several(sheet, body)
            return None
        if len(body) < at or kind not in CELLS:
            return None
        row, column = struct.unpack_from("<HH", body)
        if kind == 0x00FD and len(body) >= 10:
            number = struct.unpack_from("<I", body, 6)[0]
            self._put(sheet, row, column, self._texts[number] if number < len(self._texts) else "")
        elif kind in (0x0204, 0x00D6, 0x0004):
            self._put(sheet, row, column, self._text(body, at, 1 if kind == 0x0004 else 2))
        elif kind in (0x0203, 0x0003) and len(body) >= at + 8:
            self._put(sheet, row, column, _number(struct.unpack_from("<d", body, at)[0]))
        elif kind == 0x027E and len(body) >= 10:
            self._put(sheet, row, column, _packed(struct.unpack_from("<I", body, 6)[0]))
        elif kind == 0x0002 and len(body) >= 9:
            self._put(sheet, row, column, float(struct.unpack_from("<H", body, 7)[0]))
        elif kind in (0x0205, 0x0005) and len(body) >= at + 2:
            value, error = body[at], body[at + 1]
            self._put(sheet, row, column, ERRORS.get(value, "#ERR") if error else str(bool(value)).upper())
        elif kind in (0x0006, 0x0206, 0x0406) and len(body) >= at + 8:
            return self._formula(sheet, row, column, body[at : at + 8])
        return None

    def _formula(self, sheet: BiffSheet, row: int, column: int, result: bytes) -> tuple[int, int] | None:
        if self._version > 2 and result[6:] == b"\xff\xff":
            if result[0] == 0:
                return row, column
            if result[0] in (1, 2):
                text = str(bool(result[2])).upper() if result[0] == 1 else ERRORS.get(result[2], "#ERR")
                self._put(sheet, row, column, text)
            return None
        self._put(sheet, row, column, _number(struct.unpack("<d", result)[0]))
        return None

    def _several(self, sheet: BiffSheet, body: bytes) -> None:
        row, column = struct.unpack_from("<HH", body)
        for at in range(4, len(body) - 7, 6):
            self._put(sheet, row, column, _packed(struct.unpack_from("<I", body, at + 2)[0]))
            column += 1

    def _merged(self, sheet: BiffSheet, body: bytes) -> None:
        count = int.from_bytes(body[:2], "little")
        for at in range(2, min(2 + 8 * count, len(body) - 7), 8):
            if len(sheet.merged) < MOST_MERGED:
                sheet.merged.append(struct.unpack_from("<4H", body, at))


CELLS = frozenset(
    (0x00FD, 0x0204, 0x00D6, 0x0004, 0x0203, 0x0003, 0x027E, 0x0002, 0x0205, 0x0005, 0x0006, 0x0206, 0x0406)
)


def _number(value: float) -> Value:
    return value if math.isfinite(value) else "#NUM!"


def _packed(code: int) -> Value:
    """A number in the 32 bits that workbooks pack numbers into.

    >>> _packed(0x3FF00000), _packed(12345 << 2 | 2), _packed(12345 << 2 | 3)
    (1.0, 12345.0, 123.45)
    """
    if code & 2:
        value = float((code >> 2) - (1 << 30) if code & 0x80000000 else code >> 2)
    else:
        value = struct.unpack("<d", struct.pack("<Q", (code & 0xFFFFFFFC) << 32))[0]
    return _number(value / 100 if code & 1 else value)
