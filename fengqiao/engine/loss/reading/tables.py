"""Any of the three file kinds as a raw table, and small tables as rows of text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.reading import cells
from fengqiao.engine.loss.reading.content import Content, content_of
from fengqiao.engine.loss.reading.problems import Problem, cell_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import polars as pl

    from fengqiao.engine.loss.reading.headers import Schema
    from fengqiao.engine.loss.reading.raw import RawFile, RawPart


def open_raw(path: Path, name: str, schema: Schema, content: Content | None = None) -> RawFile:
    """A table with a header, from its content: CSV, XLSX or Parquet."""
    content = content or content_of(path, name)
    if content == "parquet":
        from fengqiao.engine.loss.reading.parquet_file import ParquetFile

        return ParquetFile(path, name, schema)
    if content == "xlsx":
        from fengqiao.engine.loss.reading.workbook_file import WorkbookFile

        return WorkbookFile(path, name, schema)
    from fengqiao.engine.loss.reading.text_file import TextFile

    return TextFile(path, name, schema)


@dataclass(frozen=True)
class Record:
    """One row of a small table. cells: canonical column -> text, "" where empty or not in the file."""

    cells: Mapping[str, str]
    schema: Schema
    place: Place

    def at(self, column: str) -> Place:
        """The place of one cell."""
        return Place(self.place.file, self.place.sheet, self.place.row, column)

    def value(self, column: str, parse: Callable[[str], tuple[int, Problem]]) -> int | None:
        """A cell understood, None when it is empty. Errors: InputError with the place; rounding is accepted."""
        text = self.cells.get(column, "")
        if not text:
            return None
        value, problem = parse(text)
        if problem > Problem.ROUNDED:
            raise cell_error(problem, text, self.schema, self.at(column))
        return value

    def required(self, column: str, parse: Callable[[str], tuple[int, Problem]]) -> int:
        """A cell that must be filled, understood."""
        value = self.value(column, parse)
        if value is None:
            raise cell_error(Problem.MISSING, "", self.schema, self.at(column))
        return value


def records(
    path: Path | RawFile, schema: Schema, *, unfit: Callable[[Place], None] | None = None
) -> Iterator[Record]:  # fmt: skip
    """The rows of a small table, in file order, blank rows left out. path: a file, or a table that is open already.
    unfit: told of every row that does not fit the header, which is passed over then.

    Errors: InputError when the file is no such table, or (without `unfit`) a row does not fit the header.
    """
    file = open_raw(Path(path), Path(path).name, schema) if isinstance(path, str | Path) else path
    for number in range(file.parts):
        part = file.part(number)
        for broken in part.unreadable:
            place = Place(file.name, part.sheet or None, broken.row)
            if unfit is None:
                raise cell_error(Problem.SHAPE, broken.text, schema, place)
            unfit(place)
        texts = _columns(part)
        for position, row in enumerate(part.row.tolist()):
            cells = {name: column[position] for name, column in texts.items()}
            if any(cells.values()):
                yield Record(cells, schema, Place(file.name, part.sheet or None, row))


def _columns(part: RawPart) -> dict[str, list[str]]:
    """All columns of a part as texts."""
    if isinstance(part.held, pa.Table):
        names = part.held.column_names
        return {name: [text.strip(cells.BLANKS) for text in part.held.column(name).to_pylist()] for name in names}
    return {name: _texts(part.frame[name]) for name in part.frame.columns}


def _texts(column: pl.Series) -> list[str]:
    """A column as texts, "" where empty; the noise of floating point numbers, behind 15 digits, is cut off."""
    from fengqiao.engine.loss.reading.columns import text_of

    if column.dtype.is_float():
        return ["" if value is None else format(value, ".15g") for value in column.to_list()]
    return text_of(column).fill_null("").to_list()


def no_records(path: Path) -> InputError:
    """The sentence for a table without a row."""
    return InputError("There is no row below the header (没有数据行)", todo="Export it again", place=Place(path.name))
