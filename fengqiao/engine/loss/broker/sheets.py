"""Any file of a statement as sheets of rows, whatever it is stored as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from fengqiao.engine.errors import InputError, Place, cannot_open
from fengqiao.engine.loss.broker.cell_text import Cell, cell_of
from fengqiao.engine.loss.broker.kinds import Kind, damaged, kind_of, locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_SHEETS = 256
MOST_COLUMNS = 256
MOST_ROWS = 150_000
MOST_CELLS = 4_000_000
UNPACKED_BYTES = 160 << 20

Area = tuple[int, int, int, int]


class Row(NamedTuple):
    """One row that is not blank. number: as people see it (first = 1). cells: from column 0 on, "" where empty.

    broken: why the row could not be cut into cells; it then has one cell, its text.
    """

    number: int
    cells: Sequence[Cell]
    broken: str = ""


@dataclass(frozen=True)
class Sheet:
    """The rows of one sheet, read once. merged: areas of merged cells (first row, last row, first column, last column),
    from 0. days_added: to be added to day numbers."""

    name: str
    rows: Iterable[Row]
    merged: Sequence[Area] = field(default=())
    days_added: int = 0


def open_sheets(path: Path, name: str) -> tuple[Kind, Iterator[Sheet]]:
    """The kind of a file and its sheets, in order; rows are made as they are asked for.

    name: how error sentences call the file.
    Errors: InputError, one sentence, for whatever cannot be read as a table.
    """
    kind = kind_of(path, name)
    if kind == "xlsx":
        return kind, _xlsx(path, name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise cannot_open(name, error) from error
    if kind == "xls":
        return kind, _xls(data, name)
    if kind == "markup":
        from fengqiao.engine.loss.broker.markup import markup_sheets

        return kind, _counted(markup_sheets(data, name), name)
    from fengqiao.engine.loss.broker.text_lines import text_sheet

    return kind, _counted(iter([text_sheet(data, name)]), name)


def _counted(sheets: Iterator[Sheet], name: str) -> Iterator[Sheet]:
    """The same sheets; a file with more rows or cells than a statement can have is refused."""
    left, cells_left = MOST_ROWS, MOST_CELLS
    for number, sheet in enumerate(sheets):
        if number >= MOST_SHEETS:
            raise InputError(
                "The workbook has too many sheets (工作表过多)", why=f"more than {MOST_SHEETS}",
                todo="Keep those with trades", place=Place(name),
            )  # fmt: skip

        def rows(of: Sheet = sheet) -> Iterator[Row]:
            nonlocal left, cells_left
            for row in of.rows:
                left -= 1
                if left < 0:
                    raise too_many_rows(name)
                cells_left -= len(row.cells)
                if cells_left < 0:
                    raise too_many_cells(name)
                yield row

        yield Sheet(sheet.name, rows(), sheet.merged, sheet.days_added)


def too_many_rows(name: str) -> InputError:
    """The sentence for a file with more rows than a statement can have."""
    return InputError(
        "The file has too many rows for a broker statement (行数过多)", why=f"more than {MOST_ROWS:,}",
        todo="Export shorter periods", place=Place(name),
    )  # fmt: skip


def too_many_cells(name: str) -> InputError:
    """The sentence for a file with more cells than a statement can have, empty ones and those of merged areas among
    them."""
    return InputError(
        "The file has too many cells for a broker statement (单元格过多)",
        why=f"more than {MOST_CELLS:,}, counting empty and merged ones", todo="Export shorter periods",
        place=Place(name),
    )  # fmt: skip


def _xls(data: bytes, name: str) -> Iterator[Sheet]:
    from fengqiao.engine.loss.broker.biff import LockedWorkbookError, read_biff
    from fengqiao.engine.loss.broker.compound_file import SIGNATURE, CompoundFile, DamagedFileError

    try:
        stream: bytes | None = data
        if data.startswith(SIGNATURE):
            container = CompoundFile(data)
            names = container.names()
            if names & {"encryptedpackage", "encryptioninfo"}:
                raise locked(name)
            stream = container.stream("workbook", "book")
            if stream is None:
                what = "it is a Word document" if "worddocument" in names else "it holds no workbook"
                raise damaged(name, what)
        book = read_biff(stream or b"")
    except LockedWorkbookError as error:
        raise locked(name) from error
    except DamagedFileError as error:
        raise damaged(name, str(error)) from error

    def sheets() -> Iterator[Sheet]:
        for sheet in book.sheets:
            yield Sheet(sheet.name, _sparse(sheet.cells), tuple(sheet.merged), book.days_added)

    return _counted(sheets(), name)


def _sparse(cells: dict[int, dict[int, str | float]]) -> Iterator[Row]:
    for number in sorted(cells):
        row = cells[number]
        width = max((column for column in row if column < MOST_COLUMNS), default=-1) + 1
        values: list[Cell] = [""] * width
        for column, value in row.items():
            if column < width:
                values[column] = value
        broken = "列数过多" if len(row) > MOST_COLUMNS else ""
        if any(value != "" for value in values):
            yield Row(number + 1, values, broken)


def _xlsx(path: Path, name: str) -> Iterator[Sheet]:
    import python_calamine

    from fengqiao.engine.loss.reading.workbook_file import decoding
    from fengqiao.engine.loss.reading.workbook_guard import Limits, unpacked

    source = unpacked(path, name, Limits(UNPACKED_BYTES, MOST_CELLS))
    with decoding(name):
        workbook = python_calamine.load_workbook(source)
        kept = [meta.name for meta in workbook.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet]

    def rows(sheet: python_calamine.CalamineSheet) -> Iterator[Row]:
        with decoding(name):
            for number, values in enumerate(sheet.iter_rows(), 1):
                cells = [cell_of(value) for value in values]
                while cells and cells[-1] == "":
                    cells.pop()
                if cells:
                    yield Row(number, cells[:MOST_COLUMNS], "列数过多" if len(cells) > MOST_COLUMNS else "")

    def sheets() -> Iterator[Sheet]:
        for sheet_name in kept:
            with decoding(name):
                sheet = workbook.get_sheet_by_name(sheet_name)
                merged = tuple((a[0], b[0], a[1], b[1]) for a, b in sheet.merged_cell_ranges or ())
            yield Sheet(sheet_name, rows(sheet), merged)

    return _counted(sheets(), name)
