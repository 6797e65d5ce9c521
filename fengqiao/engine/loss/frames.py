"""Frames of pyarrow, Polars and pandas as tables to read, and results as such frames.

Neither Polars nor pandas is imported before a frame of theirs is given or asked for (cells that need a closer look are
read by Polars). A frame is read like a file: the same names of columns, the same checks, the same sentences; its first
row counts as row 2, as if a header stood above it.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pyarrow as pa

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.reading.clean_group import clean_chunk
from fengqiao.engine.loss.reading.headers import TRADES, Schema, require
from fengqiao.engine.loss.reading.parquet_file import for_polars, require_flat, with_times_as_text
from fengqiao.engine.loss.reading.raw import RawPart
from fengqiao.engine.loss.rows import Loaded, RowSource

FrameKind = Literal["arrow", "polars", "pandas"]
FIRST_ROW = 2


def frame_kind(frame: object, what: str) -> FrameKind:
    """Which library a frame is of, without importing any.

    >>> frame_kind(pa.table({"a": [1]}), "trades")
    'arrow'
    >>> frame_kind([1], "trades")
    Traceback (most recent call last):
    fengqiao.engine.errors.InputError: trades is not a table: it is a list. Give a pyarrow.Table, ...
    """
    if isinstance(frame, pa.Table | pa.RecordBatch):
        return "arrow"
    package, name = type(frame).__module__.split(".")[0], type(frame).__name__
    if package in ("polars", "pandas") and name == "DataFrame":
        return "polars" if package == "polars" else "pandas"
    hint = "Call collect() first" if name == "LazyFrame" else ""
    raise InputError(
        f"{what} is not a table",
        why=f"it is a {name}",
        todo=hint or "Give a pyarrow.Table, a polars.DataFrame, a pandas.DataFrame or the path of a file",
    )


def arrow_of(frame: Any, what: str) -> pa.Table:
    """A frame as an Arrow table; a column that mixes types becomes text, NaN of pandas becomes an empty cell."""
    kind = frame_kind(frame, what)
    if kind == "polars":
        return frame.to_arrow()
    if kind == "arrow":
        return pa.Table.from_batches([frame]) if isinstance(frame, pa.RecordBatch) else frame
    names, columns = [], []
    for name in frame.columns:
        names.append(str(name))
        values = frame[name]
        if getattr(values, "ndim", 1) != 1:
            raise InputError(f'{what}: the column "{name}" occurs twice', todo="Delete or rename one of them")
        try:
            columns.append(pa.Array.from_pandas(values))
        except (pa.ArrowException, TypeError, ValueError):
            texts = [None if gone else str(value) for value, gone in zip(values, values.isna(), strict=True)]
            columns.append(pa.array(texts, pa.string()))
    return pa.table(dict(zip(names, columns, strict=True)))


def frame_of(table: pa.Table, kind: FrameKind) -> Any:
    """An Arrow table as a frame of a library. Decimals stay exact: Decimal of Polars, decimal.Decimal in pandas."""
    if kind == "arrow":
        return table
    if kind == "polars":
        import polars as pl

        return pl.from_arrow(table)
    return table.to_pandas()


class FrameTable:
    """A frame as a raw table of one part: what `tables.open_raw` makes of a file."""

    parts = 1

    def __init__(self, frame: Any, name: str, schema: Schema) -> None:
        table = arrow_of(frame, name)
        header = require(table.column_names, schema, Place(name))
        self.name, self.stem, self.ignored = name, name, header.ignored
        columns = {column: table.column_names[place] for column, place in header.columns.items()}
        require_flat(table.schema, columns, name)
        self.table = table.select(list(columns.values())).rename_columns(list(columns))

    def part(self, number: int) -> RawPart:
        """All records with the types the frame has."""
        import polars as pl

        table = for_polars(with_times_as_text(self.table))
        row = np.arange(FIRST_ROW, FIRST_ROW + table.num_rows, dtype=np.int64)
        return RawPart(pl.DataFrame(pl.from_arrow(table)), row)


class FrameTrades:
    """Trade records in a frame, as a source (`rows.TradeSource`) of one part. security: as in `open_trades`."""

    parts, disjoint = 1, True

    def __init__(self, frame: Any, security: str | None, name: str = "trades") -> None:
        self.kind = frame_kind(frame, name)
        self.raw, self.security = FrameTable(frame, name, TRADES), security
        if self.raw.table.num_rows == 0:
            raise InputError("There is no trade record (没有交易记录)", todo="Give some rows", place=Place(name))

    def load(self, part: int) -> Loaded:
        """Usable rows and findings."""
        source = RowSource(self.raw.name, first_row=FIRST_ROW)
        chunk = clean_chunk(self.raw.table, source, self.security)
        if chunk is not None:
            return Loaded(chunk, (), len(chunk))
        from fengqiao.engine.loss.reading.normalise import normalise

        return normalise(self.raw.part(part), self.raw.name, self.security)
