"""Rows of statements as the canonical table of trades, and findings as a table for people."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from fengqiao.engine.loss.broker.entries import Entry
from fengqiao.engine.loss.outputs.shown import neutral
from fengqiao.engine.loss.rows import COLUMNS
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN

if TYPE_CHECKING:
    from pathlib import Path

    from fengqiao.engine.findings import DataFinding

FINDING_COLUMNS = ("file", "sheet", "row", "investor", "code", "reason", "used")
SCHEMA = pa.schema([
    pa.field("investor", pa.string(), nullable=False), pa.field("account", pa.string()),
    pa.field("security", pa.string(), nullable=False), pa.field("date", pa.date32(), nullable=False),
    pa.field("time", pa.time64("us")), pa.field("sequence", pa.int64(), nullable=False),
    pa.field("side", pa.string(), nullable=False), pa.field("quantity", pa.int64(), nullable=False),
    pa.field("price", pa.float64(), nullable=False), pa.field("commission", pa.float64()),
    pa.field("stamp_duty", pa.float64()), pa.field("kind", pa.string(), nullable=False),
])  # fmt: skip


def canonical_table(rows: Sequence[Entry]) -> pa.Table:
    """Rows as the canonical table: prices and fees in yuan, sequence the order of an investor's rows from 1 on.

    rows: in the order in which they are to stand. Columns that no row fills are left out.
    """
    sequence, number, before = [], 0, ""
    for entry in rows:
        number = 1 if entry.investor != before else number + 1
        before = entry.investor
        sequence.append(number)
    columns: dict[str, Sequence[object]] = {
        "investor": [entry.investor for entry in rows],
        "account": [entry.account or None for entry in rows],
        "security": [entry.security for entry in rows],
        "date": [entry.date for entry in rows],
        "time": [entry.time if entry.time >= 0 else None for entry in rows],
        "sequence": sequence,
        "side": [entry.side for entry in rows],
        "quantity": [abs(entry.quantity) for entry in rows],
        "price": [max(entry.price, 0) / PRICE_UNITS_PER_YUAN for entry in rows],
        "commission": _yuan([entry.commission for entry in rows]),
        "stamp_duty": _yuan([entry.stamp_duty for entry in rows]),
        "kind": [entry.kind for entry in rows],
    }
    arrays = {name: _array(values, SCHEMA.field(name).type) for name, values in columns.items()}
    kept = [
        name for name in COLUMNS
        if not SCHEMA.field(name).nullable or (len(rows) and arrays[name].null_count < len(rows))
    ]  # fmt: skip
    return pa.table([arrays[name] for name in kept], schema=pa.schema([SCHEMA.field(name) for name in kept]))


def _array(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    if pa.types.is_date32(kind):
        return pa.array(values, pa.int32()).cast(kind)
    if pa.types.is_time64(kind):
        return pa.array(values, pa.int64()).cast(kind)
    return pa.array(values, kind)


def _yuan(units: Sequence[int]) -> Sequence[float | None]:
    """Fees in yuan, None where they are not given."""
    return [one / PRICE_UNITS_PER_YUAN if one >= 0 else None for one in units]


def write_trades(rows: Sequence[Entry], path: Path) -> None:
    """Write the canonical table as Parquet, or as CSV when the name ends in .csv."""
    table = canonical_table(rows)
    if path.suffix.lower() == ".csv":
        import polars as pl

        pl.DataFrame(pl.from_arrow(table)).write_csv(path, date_format="%Y-%m-%d", time_format="%H:%M:%S%.6f")
    else:
        pq.write_table(table, path, compression="zstd", row_group_size=1 << 18)


def write_findings(findings: Iterable[DataFinding], path: Path) -> None:
    """Write findings as CSV in UTF-8 with a mark, so that spreadsheets show Chinese; no cell is taken for a formula."""
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FINDING_COLUMNS)
        for one in findings:
            row = one.row or ""
            texts = (neutral(text) for text in (one.file, one.sheet))
            used = "true" if one.used else "false"
            writer.writerow([*texts, row, neutral(one.investor), one.code, neutral(one.reason), used])
