"""What the command is held against: DuckDB, Polars, and the method written plainly in pandas."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.material import Material

DUCKDB = """
import duckdb, sys
duckdb.sql(f"SELECT investor, count(*), sum(quantity), sum(quantity*price), min(date), max(date) "
           f"FROM '{sys.argv[1]}' GROUP BY investor").write_parquet(sys.argv[2])
"""
POLARS = """
import polars, sys
print(polars.read_parquet(sys.argv[1]).height)
"""


@dataclass(frozen=True)
class PandasRun:
    """Seconds and rows of the pandas peer, and how many investors agreed with the command to the fen."""

    seconds: float
    rows: int
    investors: int
    agreed: int


@dataclass(frozen=True)
class Peers:
    """Commands of the peers over the same files."""

    material: Material

    def duckdb(self, trades: Path) -> list[str]:
        """DuckDB's process: one aggregation over four columns, written as Parquet."""
        return [sys.executable, "-c", DUCKDB, str(trades), str(self.material.directory / "duckdb.parquet")]

    def polars_read(self, trades: Path) -> list[str]:
        """Polars' process: reading the file, nothing else."""
        return [sys.executable, "-c", POLARS, str(trades)]

    def pandas_seconds(self) -> PandasRun:
        """Reading a tenth of the records and groupby-apply of the same method (moving_weighted, no deduction)."""
        import json

        import pyarrow.parquet as pq

        file = pq.ParquetFile(self.material.by_investor)
        groups = range(max(file.num_row_groups // 10, 1))
        columns = ["investor", "date", "time", "sequence", "side", "quantity", "price"]
        record = json.loads((self.material.directory / "out" / "run.json").read_text(encoding="utf-8"))
        segment = record["segments"][0]
        start = time.perf_counter()
        frame = file.read_row_groups(list(groups), columns=columns).to_pandas()
        losses = _pandas_losses(frame, segment)
        seconds = time.perf_counter() - start
        return PandasRun(seconds, len(frame), len(losses), self._agreed(losses))

    def _agreed(self, losses: Any) -> int:
        """How many of the peer's losses equal those of the command, to the fen."""
        import pyarrow.parquet as pq

        table = pq.read_table(
            self.material.directory / "out" / "results.parquet", columns=["investor", "difference_loss"]
        ).to_pandas()
        exact = table.set_index("investor")["difference_loss"].astype(float)
        return int(((losses - exact.reindex(losses.index)).abs() < 0.0051).sum())


def _pandas_losses(frame: Any, segment: dict[str, Any]) -> Any:
    import datetime as dt
    from fractions import Fraction

    first = dt.date.fromisoformat(segment["implementation_date"])
    t1, benchmark = (dt.date.fromisoformat(segment[name]) for name in ("t1", "benchmark_date"))
    price = float(Fraction(segment["benchmark_price_exact"]))

    def loss(group: Any) -> float:
        group = group.sort_values(["date", "time", "sequence"])
        before = scope = cost = sold = proceeds = 0.0
        for day, side, quantity, paid in zip(
            group["date"], group["side"], group["quantity"], group["price"], strict=True
        ):
            if day > benchmark:
                break
            if side == "buy":
                if day < first:
                    before += quantity
                elif day < t1:
                    scope += quantity
                    cost += quantity * paid
                continue
            part = min(quantity, before)
            before -= part
            left = quantity - part
            if day < t1:
                part = min(left, scope)
                if part:
                    cost *= (scope - part) / scope
                    scope -= part
            else:
                part = min(left, scope - sold)
                sold, proceeds = sold + part, proceeds + part * paid
        if not scope:
            return 0.0
        return max(cost - proceeds - (scope - sold) * price, 0.0)

    return frame.groupby("investor").apply(loss, include_groups=False)
