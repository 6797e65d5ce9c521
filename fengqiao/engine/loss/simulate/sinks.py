"""Files that tables are written to, one after another: Parquet, CSV, XLSX."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

if TYPE_CHECKING:
    from pathlib import Path

DICTIONARY_BYTES = 32 * 1024 * 1024
WIDTHS = {"investor": 13, "account": 15, "date": 12, "time": 10, "sequence": 12, "quantity": 12}


class Sink(Protocol):
    """Takes tables of one schema; the file is whole after `close`. `abandon` lets go of it, whatever its state."""

    def write(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


def open_sink(path: Path, schema: pa.Schema, kind: str) -> Sink:
    """A sink by kind of file: ".parquet", ".csv" or ".xlsx"."""
    if kind == ".parquet":
        return ParquetSink(path, schema)
    return CsvSink(path) if kind == ".csv" else XlsxSink(path, schema)


class ParquetSink:
    """One row group a table, LZ4 (quicker to read than zstd, a quarter larger).

    Columns with few values, and identifiers, are dictionary-encoded.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(
            path,
            schema,
            compression="lz4",
            use_dictionary=True,
            dictionary_pagesize_limit=DICTIONARY_BYTES,
        )

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table, row_group_size=len(table))

    def close(self) -> None:
        self._writer.close()

    def abandon(self) -> None:
        with suppress(OSError, pa.ArrowException):
            self._writer.close()


class CsvSink:
    """UTF-8 with a header line, dates as 2017-04-28, times as 09:30:00, prices with two decimals."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._empty = True

    def write(self, table: pa.Table) -> None:
        frame = pl.DataFrame(pl.from_arrow(table))
        frame.write_csv(
            self._file, include_header=self._empty, float_precision=2, date_format="%Y-%m-%d", time_format="%H:%M:%S"
        )
        self._empty = False

    def close(self) -> None:
        self._file.close()

    def abandon(self) -> None:
        self._file.close()


class XlsxSink:
    """One sheet with a frozen header; codes as text, dates and times as such, prices with two decimals."""

    CREATED = dt.datetime(2020, 1, 1)  # noqa: DTZ001 - the format has no time zone; fixed, so the bytes are the same

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
        self._book.set_properties({"created": self.CREATED})
        self._sheet = self._book.add_worksheet("trades")
        formats = {
            "date": self._book.add_format({"num_format": "yyyy-mm-dd"}),
            "time": self._book.add_format({"num_format": "hh:mm:ss"}),
            "price": self._book.add_format({"num_format": "0.00"}),
        }
        bold = self._book.add_format({"bold": True})
        self._formats = [formats.get(name) for name in schema.names]
        self._next = 1
        self._sheet.freeze_panes(1, 0)
        for column, name in enumerate(schema.names):
            self._sheet.set_column(column, column, WIDTHS.get(name, 10))
            self._sheet.write_string(0, column, name, bold)

    def write(self, table: pa.Table) -> None:
        for batch in table.to_batches(max_chunksize=10_000):
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                for column, value in enumerate(values):
                    self._write_cell(column, value)
                self._next += 1

    def _write_cell(self, column: int, value: object) -> None:
        style = self._formats[column]
        if isinstance(value, str):
            self._sheet.write_string(self._next, column, value, style)
        elif isinstance(value, dt.date | dt.time):
            self._sheet.write_datetime(self._next, column, value, style)
        else:
            self._sheet.write_number(self._next, column, value, style)

    def close(self) -> None:
        self._book.close()

    def abandon(self) -> None:
        """Nothing is open before `close` but temporary files, which lie beside the file and go with it."""
