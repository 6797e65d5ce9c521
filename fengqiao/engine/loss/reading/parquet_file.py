"""Parquet files: row groups as parts, whatever sensible types the columns have."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.reading.footer import ColumnFacts, GroupFacts, read_footer
from fengqiao.engine.loss.reading.headers import Schema, require, shown
from fengqiao.engine.loss.reading.pages import EncodedColumn, NotPlainError, file_bytes

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from fengqiao.engine.loss.reading.raw import RawPart

LARGEST_GROUP = 1 << 27  # rows of one row group
FIRST_ROW = 2  # the first record, counted as if a header stood above it
TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
DAY_SECONDS = 86_400
UNFIT = (pa.types.is_nested, pa.types.is_interval, pa.types.is_duration)
BUFFER = 1 << 18  # bytes of each column read ahead where memory is limited
PLAIN_BYTES = 3  # bytes a cell from which a text column is taken to have many distinct values


class ParquetFile:
    """One Parquet file. Threads may read parts at the same time: each has its own handle on it."""

    def __init__(self, path: Path, name: str, schema: Schema) -> None:
        self._path, self.name = path, name
        self._local = threading.local()
        self._metadata, arrow, self._facts = self._open()
        self.header = require(arrow.names, schema, Place(name))
        self.ignored = self.header.ignored
        self.columns = {column: arrow.names[position] for column, position in self.header.columns.items()}
        require_flat(arrow, self.columns, name)
        if any(original not in group.columns for group in self._facts for original in self.columns.values()):
            raise self.damaged()
        self.types = {column: arrow.field(position).type for column, position in self.header.columns.items()}
        self._bytes: Any = None
        self._mapping = threading.Lock()
        self.groups, self.first_rows = self._groups()
        self.parts = len(self.groups)

    def _open(self) -> tuple[Any, Any, list[GroupFacts]]:
        """The metadata as pyarrow passes it on, the columns, and the facts on all row groups."""
        try:
            file = pq.ParquetFile(self._path, memory_map=True)
            facts = read_footer(self._path)
            if len(facts) != file.num_row_groups:
                raise self.damaged()
            return file.metadata, file.schema_arrow, facts
        except (pa.ArrowException, OSError, ValueError) as error:
            raise self.damaged() from error

    def _groups(self) -> tuple[list[int], list[int]]:
        """The row groups that hold records, and the row number of the first record of each."""
        groups, first_rows, row = [], [], FIRST_ROW
        for number, facts in enumerate(self._facts):
            count = facts.rows
            if not 0 <= count <= LARGEST_GROUP:
                raise InputError(
                    "A row group is too large (行组过大)", why=f"row group {number + 1} announces {count} rows",
                    todo="Write the file again with row groups of about a million rows", place=Place(self.name),
                )  # fmt: skip
            if count:
                groups.append(number)
                first_rows.append(row)
            row += count
        return groups, first_rows

    def damaged(self) -> InputError:
        """The sentence for a file that is cut off or holds what cannot be decoded."""
        return InputError(
            "The Parquet file is damaged or cut off (文件损坏或不完整)", why="it cannot be decoded",
            todo="Copy or export it again", place=Place(self.name),
        )  # fmt: skip

    def table(self, part: int, dictionary: tuple[str, ...] = (), columns: Collection[str] | None = None) -> Any:
        """One row group as an Arrow table under canonical names; text columns in `dictionary` come encoded.

        columns: which ones, None for all.
        """
        wanted = {name: original for name, original in self.columns.items() if columns is None or name in columns}
        if not wanted:
            return pa.table({})
        try:
            file = self._handle(dictionary)
            table = file.read_row_group(self.groups[part], columns=list(wanted.values()), use_threads=False)
            table = table.select(list(wanted.values())).rename_columns(list(wanted))
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            raise self.damaged() from error
        if table.num_rows != self._facts[self.groups[part]].rows:
            raise self.damaged()
        return table

    def encoded(self, part: int) -> dict[str, EncodedColumn]:
        """The columns of one row group that are decoded here; the others are for `table`."""
        with self._mapping:
            if self._bytes is None:
                try:
                    self._bytes = file_bytes(self._path)
                except (OSError, ValueError) as error:
                    raise self.damaged() from error
        group, found = self._facts[self.groups[part]], {}
        for column, original in self.columns.items():
            with suppress(NotPlainError):
                kind = self.types[column]
                found[column] = EncodedColumn(self._bytes, group.columns[original], kind, group.rows)
        return found

    def pieces(self, part: int, rows: int, columns: tuple[str, ...] = (), dictionary: tuple[str, ...] = ()) -> Any:
        """One row group as tables of at most `rows` rows, in order: (row number of the first, table).

        Only as much of the file is held as the piece needs; nothing of it stays mapped. columns: only these.
        """
        wanted = {name: original for name, original in self.columns.items() if not columns or name in columns}
        names = [self.columns[column] for column in dictionary]
        group, read = self.groups[part], 0
        try:
            with pq.ParquetFile(
                self._path, read_dictionary=names, metadata=self._metadata, buffer_size=BUFFER, pre_buffer=False
            ) as file:
                for batch in file.iter_batches(rows, [group], list(wanted.values()), use_threads=False):
                    table = pa.Table.from_batches([batch]).select(list(wanted.values())).rename_columns(list(wanted))
                    yield self.first_rows[part] + read, table
                    read += batch.num_rows
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            raise self.damaged() from error
        if read != self._facts[group].rows:
            raise self.damaged()

    def _handle(self, dictionary: tuple[str, ...]) -> Any:
        """This thread's handle on the file; other threads have their own."""
        held = getattr(self._local, "held", None)
        if held is None or held[0] != dictionary:
            names = [self.columns[column] for column in dictionary]
            file = pq.ParquetFile(self._path, read_dictionary=names, metadata=self._metadata, memory_map=True)
            held = self._local.held = (dictionary, file)
        return held[1]

    def release(self) -> None:
        """Let go of this thread's handle, so that many files do not stay open at the same time."""
        self._local.held = None

    def facts(self, column: str) -> list[ColumnFacts]:
        """What the file says about a column (sizes, smallest and largest value), one entry a part."""
        return [self._facts[number].columns[self.columns[column]] for number in self.groups]

    def rows(self) -> list[int]:
        """How many rows each part has."""
        return [self._facts[number].rows for number in self.groups]

    def few_distinct(self, column: str) -> bool:
        """Whether a text column takes so few bytes a cell that it must be encoded by few distinct values."""
        facts = self.facts(column)
        return sum(one.size for one in facts) < PLAIN_BYTES * sum(one.values for one in facts)

    def part(self, number: int) -> RawPart:
        """The records of one row group with the types the file has."""
        return self.raw(self.table(number), self.first_rows[number])

    def raw(self, table: Any, first: int) -> RawPart:
        """The records of a table that was read from the file; first: row number of its first record."""
        import numpy as np
        import polars as pl

        from fengqiao.engine.loss.reading.raw import RawPart

        try:
            table = with_times_as_text(table)
            table.validate(full=True)
            frame = pl.DataFrame(pl.from_arrow(for_polars(table)))
        except (pa.ArrowException, pl.exceptions.PolarsError, ValueError) as error:
            raise self.damaged() from error
        row = np.arange(first, first + table.num_rows, dtype=np.int64)
        return RawPart(frame, row)


def require_flat(arrow: Any, columns: dict[str, str], name: str) -> None:
    """Refuse columns that hold neither texts, numbers nor dates. columns: canonical name -> name in the schema."""
    for column, original in columns.items():
        kind = arrow.field(original).type
        if isinstance(kind, pa.DictionaryType):
            kind = kind.value_type
        if any(test(kind) for test in UNFIT) or isinstance(kind, pa.BaseExtensionType):
            raise InputError(
                "The column holds neither texts, numbers nor dates (列类型不符)", why=f"its type is {shown(str(kind))}",
                todo="Write it as text", place=Place(name, column=column),
            )  # fmt: skip


def with_times_as_text(table: Any) -> Any:
    """The same with columns of times that hold something else than a time of day (24:00 say) written as text."""
    for position, field in enumerate(table.schema):
        if not pa.types.is_time(field.type):
            continue
        ticks = table.column(position).cast(pa.int32() if pa.types.is_time32(field.type) else pa.int64())
        second = TICKS[field.type.unit]
        bounds = pc.min_max(ticks).as_py()
        if bounds["min"] is None or (bounds["min"] >= 0 and bounds["max"] < DAY_SECONDS * second):
            continue
        texts = [None if value is None else _time_text(value, second) for value in ticks.to_pylist()]
        table = table.set_column(position, field.name, pa.array(texts, pa.string()))
    return table


def _time_text(ticks: int, second: int) -> str:
    """Ticks since midnight as a time, also beyond a day.

    >>> _time_text(86_400_500, 1000), _time_text(-1, 1)
    ('24:00:00.500000000', '-1')
    """
    if ticks < 0:
        return str(ticks)
    whole, rest = divmod(ticks, second)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{rest * (10**9 // second):09d}"


def for_polars(table: Any) -> Any:
    """The same with types that Polars does not know, or takes for something else, written as text."""
    for position, field in enumerate(table.schema):
        kind = field.type
        if isinstance(kind, pa.DictionaryType) or pa.types.is_decimal256(kind) or _is_bytes(kind):
            plain = kind.value_type if isinstance(kind, pa.DictionaryType) else kind
            column = table.column(position).cast(plain)
            if pa.types.is_decimal256(plain) or _is_bytes(plain):
                column = column.cast(pa.binary() if _is_bytes(plain) else pa.string()).cast(pa.string())
            table = table.set_column(position, field.name, column)
    return table


def _is_bytes(kind: Any) -> bool:
    return bool(
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )  # fmt: skip
