"""XLSX workbooks: every sheet that has the header, cells brought to text."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np
import python_calamine

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.reading.headers import HEADER_WITHIN, Header, Schema, complete, header_row, match, require
from fengqiao.engine.loss.reading.raw import RawPart
from fengqiao.engine.loss.reading.workbook_guard import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FIRST_SERIAL = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no time zones
DAY_COLUMNS = frozenset({"date", "ex_date"})
LARGEST_SERIAL = 100_000  # 2173; larger numbers in a date column are dates written as 20161229
DAY_SECONDS = 86_400


class WorkbookFile:
    """One workbook, read whole on opening; its parts are the sheets that have the header."""

    def __init__(self, path: Path, name: str, schema: Schema) -> None:
        self.name = name
        self._schema = schema
        self._parts: list[RawPart] = []
        ignored: dict[str, None] = {}
        tops: dict[str, list[list[str]]] = {}  # of sheets without a header
        headers = 0
        for sheet, rows in self._sheets(path):
            first = list(islice(rows, HEADER_WITHIN))
            top = [[_name(cell) for cell in row] for row in first]
            if not any(complete(row, schema) for row in top):
                tops[sheet] = top
                continue
            at = header_row(top, schema) or 0
            header = require(top[at], schema, Place(name, sheet, at + 1))
            part = _part(sheet, header, at + 2, chain(first[at + 1 :], rows))
            ignored |= dict.fromkeys(header.ignored)
            headers += 1
            if len(part.row):
                self._parts.append(part)
        if not headers:
            self._refuse(tops)
        self.ignored = tuple(ignored)
        self.parts = len(self._parts)

    def part(self, number: int) -> RawPart:
        """The records of one sheet as text columns."""
        return self._parts[number]

    def rows(self) -> list[int]:
        """How many rows each sheet has."""
        return [len(part.row) for part in self._parts]

    def _sheets(self, path: Path) -> Iterator[tuple[str, Iterator[list[Any]]]]:
        """Every sheet of cells with its rows from row 1 on."""
        source = unpacked(path, self.name)
        with decoding(self.name):
            workbook = python_calamine.load_workbook(source)
            sheets = [meta for meta in workbook.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet]
        for meta in sheets:
            yield meta.name, self._rows(workbook, meta.name)

    def _rows(self, workbook: Any, sheet: str) -> Iterator[list[Any]]:
        with decoding(self.name):
            yield from workbook.get_sheet_by_name(sheet).iter_rows()

    def _refuse(self, tops: dict[str, list[list[str]]]) -> None:
        """No sheet has the header: say what is missing in the likeliest one."""
        schema = self._schema
        likely = [(sheet, at, top[at]) for sheet, top in tops.items() if (at := header_row(top, schema)) is not None]
        if not likely:
            raise InputError("The workbook is empty (空文件)", todo="Export it again", place=Place(self.name))
        sheet, at, names = max(likely, key=lambda one: len(match(one[2], schema).columns))
        require(names, schema, Place(self.name, sheet, at + 1))


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turns whatever the decoder throws at a damaged workbook into one sentence."""
    try:
        yield
    except BaseException as error:
        # a panic of the decoder is no ordinary exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise InputError(
            "The workbook is damaged (文件损坏)", why="its sheets cannot be read",
            todo="Open it in a spreadsheet program and save it again as .xlsx", place=Place(name),
        ) from error  # fmt: skip


def _name(cell: Any) -> str:
    return cell if isinstance(cell, str) else _text(cell, "")


def _part(sheet: str, header: Header, first_row: int, rows: Iterable[list[Any]]) -> RawPart:
    import polars as pl

    texts: dict[str, list[str]] = {column: [] for column in header.columns}
    wanted = [(texts[column], position, column) for column, position in header.columns.items()]
    count = 0
    for row in rows:
        count += 1
        for cells, position, column in wanted:
            cells.append(_text(row[position], column))
    frame = pl.DataFrame({column: pl.Series(cells, dtype=pl.String) for column, cells in texts.items()})
    return RawPart(frame, np.arange(first_row, first_row + count, dtype=np.int64), sheet, blank_rows=True)


def _text(cell: Any, column: str) -> str:
    """A cell as the text a person would have typed: numbers without ".0", serial numbers of days as dates.

    >>> _text(600074.0, "security"), _text(42733.0, "date"), _text(0.39600694, "time"), _text(12.340000000000001, "")
    ('600074', '2016-12-29', '09:30:15', '12.34')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if column in DAY_COLUMNS and 1 <= cell < LARGEST_SERIAL:
            return (FIRST_SERIAL + dt.timedelta(days=int(cell))).date().isoformat()
        if column == "time" and 0 < cell < 1:
            return (FIRST_SERIAL + dt.timedelta(seconds=round(cell * DAY_SECONDS))).time().isoformat()
        return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
    if isinstance(cell, dt.timedelta):
        return str(cell) if cell.days else (FIRST_SERIAL + cell).time().isoformat()
    if isinstance(cell, dt.datetime) and column == "time":
        return cell.time().isoformat()
    return "" if cell is None else str(cell)
