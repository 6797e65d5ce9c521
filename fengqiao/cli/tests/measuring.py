"""Input files for the command, and the command itself as a second process."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from fengqiao.engine.loss.market import NO_PRICE, day_of
from fengqiao.engine.loss.rows import KINDS, SIDES
from fengqiao.engine.loss.tests.invented_case import INDICES, market, random_records, series

COMMAND = (sys.executable, "-c", "from fengqiao.cli.main import entry; entry()")
CASE = """\
[case]
name = "样本"
security = "600000"
rules = "cn2022"
direction = "inducing_purchase"
[dates]
implementation = "2022-03-01"
revelation = "2023-07-20"
"""


# A busy machine makes nothing slower but the clock on the wall: what must not hang is given so much of a processor.
PROCESSOR_SECONDS = 300
ASLEEP = 3600  # on the wall, for what waits for ever without using a processor


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """`fengqiao ...` to its end; killed beyond PROCESSOR_SECONDS."""
    process = start(*arguments, cwd=cwd)
    said, error = process.communicate(timeout=ASLEEP)
    return subprocess.CompletedProcess(process.args, process.returncode, said, error)


def start(*arguments: str | Path, cwd: Path) -> subprocess.Popen[str]:
    """`fengqiao ...` as a process that goes on; killed beyond PROCESSOR_SECONDS."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    resource.prlimit(process.pid, resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    return process


def wait_until(come: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait for something that a running process does."""
    until = time.monotonic() + ASLEEP
    while not come():
        assert process.poll() is None and time.monotonic() < until, process.communicate()
        time.sleep(0.01)


def environment() -> dict[str, str]:
    """The environment, with this checkout first on the path."""
    root = str(Path(__file__).parents[3])
    return os.environ | {"PYTHONPATH": root, "PYTHONUTF8": "1"}


def market_rows() -> list[dict[str, str]]:
    """The invented market as rows of market.csv."""
    found = market()
    return [
        {
            "date": day_of(day).isoformat(), "close": "" if close == NO_PRICE else f"{close / 10_000:.4f}",
            "volume": str(volume), "float_shares": str(shares),
        }
        for day, close, volume, shares in zip(found.date, found.close, found.volume, found.float_shares, strict=True)
    ]  # fmt: skip


def index_rows(names: Sequence[str] = INDICES) -> list[dict[str, str]]:
    """Invented indices as rows of indices.csv."""
    return [
        {"date": day_of(day).isoformat(), "index": name, "close": f"{close / 10_000:.4f}"}
        for name in names
        for day, close in zip(series(name).date, series(name).close, strict=True)
    ]


def trade_rows(investors: int, seed: int = 1, kinds: bool = True) -> list[dict[str, str]]:
    """Records of invented investors, by investor; some of them odd."""
    rng = random.Random(seed)
    out = []
    for number, group in enumerate(random_records(rng, "ordinary", kinds, investors)):
        for trade in group:
            clock = "" if trade.time < 0 else str(dt.timedelta(microseconds=trade.time)).zfill(8)
            out.append(
                {
                    "investor": f"A{number:06d}", "account": f"{number}-{trade.account}", "security": "600000",
                    "date": day_of(trade.date).isoformat(), "time": clock,
                    "sequence": str(trade.sequence) if trade.sequence >= 0 else "", "side": SIDES[trade.side],
                    "quantity": str(trade.quantity), "price": f"{trade.price / 10_000:.4f}", "kind": KINDS[trade.kind],
                }
            )  # fmt: skip
    return out


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    """Rows as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def frame(rows: Sequence[dict[str, str]]) -> pl.DataFrame:
    """Rows with the types that a database would give."""
    table = pl.DataFrame(list(rows))
    return table.with_columns(
        pl.col("date").str.to_date(), pl.col("time").replace("", None).str.to_time("%H:%M:%S"),
        pl.col("sequence").replace("", None).cast(pl.Int64), pl.col("quantity").cast(pl.Int64),
        pl.col("price").cast(pl.Float64),
    )  # fmt: skip


def write_inputs(directory: Path, case: str = CASE) -> dict[str, Path]:
    """CASE.toml, market.csv, indices.csv."""
    (directory / "CASE.toml").write_text(case, encoding="utf-8")
    return {
        "case": directory / "CASE.toml",
        "market": write_csv(directory / "market.csv", market_rows()),
        "indices": write_csv(directory / "indices.csv", index_rows()),
    }


def digests(directory: Path) -> dict[str, str]:
    """Every file under a directory with the digest of its bytes."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
