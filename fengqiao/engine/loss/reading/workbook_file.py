"""XLSX workbooks: every sheet that has the header, cells brought to text."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import python_calamine

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.reading.headers import HEADER_WITHIN, Header, Schema, complete, header_row, match, require
from fengqiao.engine.loss.reading.raw import RawPart
from fengqiao.engine.loss.reading.workbook_guard import unpacked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FIRST_SERIAL = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no time zones
DAY_COLUMNS = frozenset({"date", "ex_date"})
LARGEST_SERIAL = 100_000  # 2173; larger numbers in a date column are dates written as 20161229
DAY_SECONDS = 86_400


class WorkbookFile:
    """One workbook, read whole on opening; its parts are the sheets that have the header."""

    def __init__(self, path: Path, name: str, schema: Schema) -> None:
        self.name = name
        rows = _sheets(path, name)
        self._sheets: list[tuple[str, list[str], Sequence[Sequence[Any]], int]] = []
        ignored: dict[str, None] = {}
        self._parts: list[RawPart] = []
        for sheet, cells in _with_header(rows, schema, name):
            part, header = _part(sheet, cells, schema, name)
            ignored |= dict.fromkeys(header.ignored)
            if len(part.row):
                self._parts.append(part)
        self.ignored = tuple(ignored)
        self.parts = len(self._parts)

    def part(self, number: int) -> RawPart:
        """The records of one sheet as text columns."""
        return self._parts[number]


def _sheets(path: Path, name: str) -> dict[str, list[list[Any]]]:
    """All rows of all sheets, beginning with row 1."""
    source = unpacked(path, name)
    try:
        workbook = python_calamine.load_workbook(source)
        return {
            meta.name: list(workbook.get_sheet_by_name(meta.name).iter_rows())
            for meta in workbook.sheets_metadata
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        }
    except Exception as error:
        raise _damaged(name) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(name) from error


def _damaged(name: str) -> InputError:
    return InputError(
        "The workbook is damaged (文件损坏)", why="its sheets cannot be read",
        todo="Open it in a spreadsheet program and save it again as .xlsx", place=Place(name),
    )  # fmt: skip


def _with_header(sheets: dict[str, list[list[Any]]], schema: Schema, name: str) -> list[tuple[str, list[list[Any]]]]:
    """The sheets that have a complete header. Errors: InputError about the likeliest sheet when none has."""
    tops = {sheet: [[_name(cell) for cell in row] for row in cells[:HEADER_WITHIN]] for sheet, cells in sheets.items()}
    having = [sheet for sheet, top in tops.items() if any(complete(row, schema) for row in top)]
    if having:
        return [(sheet, sheets[sheet]) for sheet in having]
    filled = {sheet: at for sheet, top in tops.items() if (at := header_row(top, schema)) is not None}
    if not filled:
        raise InputError("The workbook is empty (空文件)", todo="Export it again", place=Place(name))
    likeliest = max(filled, key=lambda sheet: len(match(tops[sheet][filled[sheet]], schema).columns))
    at = filled[likeliest]
    require(tops[likeliest][at], schema, Place(name, likeliest, at + 1))
    raise AssertionError("require() refuses a header that is not complete")


def _name(cell: Any) -> str:
    return cell if isinstance(cell, str) else _text(cell, "")


def _part(sheet: str, cells: list[list[Any]], schema: Schema, name: str) -> tuple[RawPart, Header]:
    import polars as pl

    top = [[_name(cell) for cell in row] for row in cells[:HEADER_WITHIN]]
    at = header_row(top, schema)
    assert at is not None  # noqa: S101 - only sheets with a header come here
    header = require(top[at], schema, Place(name, sheet, at + 1))
    body = cells[at + 1 :]
    frame = pl.DataFrame(
        {
            column: pl.Series([_text(row[position], column) for row in body], dtype=pl.String)
            for column, position in header.columns.items()
        }
    )
    row = np.arange(at + 2, at + 2 + len(body), dtype=np.int64)
    return RawPart(frame, row, sheet, blank_rows=True), header


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
