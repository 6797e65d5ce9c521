"""One investor's statement from a prepared case, against reading the same rows from CSV, in one process."""

from __future__ import annotations

import datetime as dt
import io
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from fengqiao.engine.loss import prepare

TRADES = 96
ROUNDS = 50
CASE = {
    "case": {"name": "样本", "security": "600000", "rules": "cn2022", "direction": "inducing_purchase"},
    "dates": {
        "implementation": "2022-03-01", "revelation": "2023-07-20", "benchmark": "2023-09-01",
        "benchmark_price": "8.50",
    },
}  # fmt: skip


@dataclass(frozen=True)
class StatementTimes:
    """Processor seconds, the median of some rounds: of the statement, and of reading its rows from CSV."""

    statement: float
    csv: float


def statement_times() -> StatementTimes:
    """Measure both by turns, after a first round of each."""
    made = random.Random(7)
    trades = pl.DataFrame({
        "investor": ["I0001"] * TRADES,
        "date": [dt.date(2022, 3, 1) + dt.timedelta(made.randint(0, 540)) for _ in range(TRADES)],
        "side": [made.choice(("buy", "sell")) for _ in range(TRADES)],
        "quantity": [made.randint(1, 50) * 100 for _ in range(TRADES)],
        "price": [f"{made.uniform(8, 12):.2f}" for _ in range(TRADES)],
    })  # fmt: skip
    prepared, text = prepare(CASE), trades.write_csv().encode()
    ways: tuple[Callable[[], object], ...] = (
        lambda: prepared.statement(trades),
        lambda: pl.read_csv(io.BytesIO(text), try_parse_dates=True),
    )
    taken: list[list[float]] = [[], []]
    for _ in range(ROUNDS + 1):
        for way, times in zip(ways, taken, strict=True):
            start = time.process_time()
            way()
            times.append(time.process_time() - start)
    statement, csv = (sorted(times[1:])[ROUNDS // 2] for times in taken)
    return StatementTimes(statement, csv)
