"""Writes the tables of these tests as real files, and reads sources back as plain Python rows."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from fengqiao.engine.loss.reading import open_trades, rows_explained
from fengqiao.engine.loss.rows import ABSENT, TRADE, Chunk, Loaded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fengqiao.engine.findings import DataFinding

Row = dict[str, str]

NAMES = ["investor", "account", "security", "date", "time", "sequence", "side", "quantity", "price", "commission",
         "stamp_duty", "kind"]  # fmt: skip


def good_row(**cells: str) -> Row:
    """A row without fault, with some cells replaced."""
    row = {
        "investor": "A1", "account": "Z1", "security": "600074", "date": "2016-12-01", "time": "09:30:15",
        "sequence": "7", "side": "buy", "quantity": "100", "price": "12.34", "commission": "5.00",
        "stamp_duty": "0", "kind": "trade",
    }  # fmt: skip
    return row | cells


def csv_bytes(
    rows: Sequence[Row], *, names: Sequence[str] | None = None, encoding: str = "utf-8", delimiter: str = ",",
    end: str = "\r\n", header: Sequence[str] | None = None,
) -> bytes:  # fmt: skip
    """A CSV text; `header` writes other names over the columns `names`."""
    names = names or list(rows[0])
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end)
    writer.writerow(header or names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return stream.getvalue().encode(encoding)


def write_csv(path: Path, rows: Sequence[Row], **options: Any) -> Path:
    path.write_bytes(csv_bytes(rows, **options))
    return path


def write_parquet(path: Path, rows: Sequence[Row], names: Sequence[str] | None = None, group: int = 1 << 20) -> Path:
    """All columns as text, "" as null."""
    names = names or list(rows[0])
    table = pa.table({name: pa.array([row.get(name) or None for row in rows], pa.string()) for name in names})
    pq.write_table(table, path, row_group_size=group)
    return path


def write_xlsx(path: Path, sheets: dict[str, Sequence[Sequence[Any]]]) -> Path:
    """Sheets of rows of typed cells; texts stay texts."""
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write(number, column, cell)
    book.close()
    return path


def clean_table(rows: int, seed: int, investors: int = 50) -> pa.Table:
    """Random trades as a registration company would export them, sorted by investor."""
    rng = np.random.default_rng(seed)
    return pa.table({
        "investor": pa.array([f"A{number:06d}" for number in np.sort(rng.integers(0, investors, rows))]),
        "account": pa.array([f"Z{number}" for number in rng.integers(0, 3, rows)]),
        "security": pa.array(["600074"] * rows),
        "date": pa.array(rng.integers(14_000, 20_000, rows).astype(np.int32)).cast(pa.date32()),
        "time": pa.array(rng.integers(0, 86_400, rows).astype(np.int32)).cast(pa.time32("s")),
        "sequence": pa.array(rng.integers(0, 2**40, rows)),
        "side": pa.array([("sell", "买入", "B")[number] for number in rng.integers(0, 3, rows)]),
        "quantity": pa.array(rng.integers(1, 10**6, rows)),
        "price": pa.array(np.round(rng.uniform(0.01, 1000, rows), rng.integers(2, 5))),
        "commission": pa.array(np.round(rng.uniform(0, 100, rows), 2)),
        "stamp_duty": pa.array(np.zeros(rows)),
        "kind": pa.array([("trade", "block", "转出", "opening", "rights")[n] for n in rng.integers(0, 5, rows)]),
    })  # fmt: skip


def sheet_of(rows: Sequence[Row], names: Sequence[str] | None = None) -> list[list[str]]:
    names = names or list(rows[0])
    return [list(names), *([row.get(name, "") for name in names] for row in rows)]


def tuples(chunk: Chunk) -> list[tuple[Any, ...]]:
    """Rows of a chunk: row, investor, date, side, quantity, price, time, sequence, kind, commission, stamp_duty."""

    def column(values: Any, nothing: int) -> list[int]:
        return [nothing] * len(chunk) if values is None else [int(value) for value in values]

    return list(
        zip(
            chunk.row_numbers().tolist(), chunk.investor.to_pylist(), chunk.date.tolist(), chunk.side.tolist(),
            chunk.quantity.tolist(), chunk.price.tolist(), column(chunk.time, ABSENT), column(chunk.sequence, ABSENT),
            column(chunk.kind, TRADE), column(chunk.commission, ABSENT), column(chunk.stamp_duty, ABSENT), strict=True,
        )
    )  # fmt: skip


def check_shape(loaded: Loaded) -> None:
    """What every part promises: one length, the dtypes of rows.Chunk, and every row used or explained."""
    chunk = loaded.chunk
    dtypes = {
        "date": np.int32, "side": np.int8, "quantity": np.int64, "price": np.int64, "time": np.int64,
        "sequence": np.int64, "kind": np.int8, "commission": np.int64, "stamp_duty": np.int64, "account": np.int32,
        "row": np.int64,
    }  # fmt: skip
    for name, dtype in dtypes.items():
        values = getattr(chunk, name)
        if values is not None:
            assert values.dtype == dtype, name
            assert values.shape == (len(chunk),), name
    assert len(chunk.investor) == len(chunk)
    assert chunk.investor.null_count == 0
    chunk.investor.validate(full=True)
    assert loaded.rows_read == len(chunk) + rows_explained(loaded)


def read_all(*paths: Path, security: str | None = "600074") -> tuple[list[tuple[Any, ...]], list[DataFinding]]:
    """Rows and findings of all parts."""
    source = open_trades(paths, security)
    rows: list[tuple[Any, ...]] = []
    findings: list[DataFinding] = []
    for part in range(source.parts):
        loaded = source.load(part)
        check_shape(loaded)
        rows += tuples(loaded.chunk)
        findings += loaded.findings
    return rows, findings
