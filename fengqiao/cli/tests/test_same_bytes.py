"""The same inputs give the same bytes: whatever the number of threads, the order of rows, the kind of file."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from fengqiao.cli.tests.measuring import CASE, digests, frame, run, trade_rows, write_csv, write_inputs
from fengqiao.engine.loss.tests.invented_case import market

INDEXED = CASE + '[deduction]\nmarket_risk = "synchronised_index"\nindices = ["000001", "000300", "000905"]\n'
ROWS = trade_rows(800)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("inputs")
    write_inputs(directory, INDEXED)
    return directory


def measure(inputs: Path, out: Path, *trades: Path, jobs: int = 2, formats: str = "parquet") -> bytes:
    """The bytes of results.parquet."""
    done = run(
        "loss", "measure", "CASE.toml", "--trades", *trades, "--market", "market.csv", "--indices", "indices.csv",
        "--out", out, "--jobs", str(jobs), "--formats", formats, cwd=inputs,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return (out / "results.parquet").read_bytes()


@pytest.fixture(scope="module")
def wanted(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = inputs / "by_investor.parquet"
    frame(ROWS).write_parquet(path)
    out = tmp_path_factory.mktemp("wanted") / "out"
    found = measure(inputs, out, path)
    table = pq.read_table(out / "results.parquet")
    assert table.num_rows == 800
    assert sum(value > 0 for value in table["total"].to_pylist()) > 200
    return found


def test_any_number_of_jobs(inputs: Path, tmp_path: Path) -> None:
    path = inputs / "groups.parquet"
    frame(ROWS).write_parquet(path, row_group_size=3000)
    for formats in ("parquet", "parquet,csv,xlsx,svg"):
        found = []
        for jobs in (1, 2, 5):
            measure(inputs, tmp_path / f"{formats}{jobs}", path, jobs=jobs, formats=formats)
            found.append(digests(tmp_path / f"{formats}{jobs}"))
        assert found[0] == found[1] == found[2]
        assert {"results.parquet", "findings.csv", "run.json"} <= set(found[0])
    again = tmp_path / "again"
    measure(inputs, again, path, jobs=2, formats="parquet,csv,xlsx,svg")
    assert digests(again) == found[0]


@pytest.mark.parametrize("order", ["shuffled", "by_date", "reversed"])
def test_any_order_of_rows(order: str, inputs: Path, wanted: bytes, tmp_path: Path) -> None:
    rows = list(ROWS)
    if order == "shuffled":
        random.Random(4).shuffle(rows)
    elif order == "by_date":
        rows.sort(key=lambda row: row["date"])
    else:
        rows.reverse()
    path = tmp_path / "trades.parquet"
    frame(rows).write_parquet(path, row_group_size=5000)
    assert measure(inputs, tmp_path / "out", path) == wanted


@pytest.mark.parametrize("size", [400, 1000])
def test_investors_torn_over_row_groups(size: int, inputs: Path, wanted: bytes, tmp_path: Path) -> None:
    path = tmp_path / "trades.parquet"
    frame(ROWS).write_parquet(path, row_group_size=size)
    parts = pq.ParquetFile(path).num_row_groups
    assert parts >= len(ROWS) // size
    for jobs in (1, 3):
        assert measure(inputs, tmp_path / "out", path, jobs=jobs) == wanted


def test_one_investor_over_many_row_groups(inputs: Path, tmp_path: Path) -> None:
    rows = [{**row, "investor": "A000001"} for row in ROWS[:700]]
    rows = [{**ROWS[0], "investor": "A000000"}, *rows, {**ROWS[0], "investor": "A000002"}]
    for name, size in (("torn", 50), ("whole", 10_000)):
        frame(rows).write_parquet(tmp_path / f"{name}.parquet", row_group_size=size)
    torn = measure(inputs, tmp_path / "a", tmp_path / "torn.parquet", jobs=4)
    assert torn == measure(inputs, tmp_path / "b", tmp_path / "whole.parquet")
    assert (tmp_path / "a" / "findings.csv").read_text(encoding="utf-8").replace("torn", "whole") == (
        tmp_path / "b" / "findings.csv"
    ).read_text(encoding="utf-8")


def test_csv_and_workbook_give_what_parquet_gives(inputs: Path, wanted: bytes, tmp_path: Path) -> None:
    write_csv(tmp_path / "trades.csv", ROWS)
    assert measure(inputs, tmp_path / "csv", tmp_path / "trades.csv") == wanted
    frame(ROWS).write_excel(tmp_path / "trades.xlsx")
    assert measure(inputs, tmp_path / "xlsx", tmp_path / "trades.xlsx") == wanted


def test_several_files_at_once(inputs: Path, wanted: bytes, tmp_path: Path) -> None:
    third = len(ROWS) // 3
    pieces = [ROWS[:third], ROWS[third : 2 * third], ROWS[2 * third :]]
    frame(pieces[0]).write_parquet(tmp_path / "1.parquet")
    write_csv(tmp_path / "2.csv", pieces[1])
    frame(pieces[2]).write_excel(tmp_path / "3.xlsx")
    mixed = [tmp_path / "1.parquet", tmp_path / "2.csv", tmp_path / "3.xlsx"]
    assert measure(inputs, tmp_path / "a", *mixed) == wanted
    assert measure(inputs, tmp_path / "b", *mixed[::-1]) == wanted
    for place in range(3):  # every third row: each investor stands in all files
        frame(ROWS[place::3]).write_parquet(tmp_path / f"part{place}.parquet")
    assert measure(inputs, tmp_path / "c", *(tmp_path / f"part{place}.parquet" for place in range(3))) == wanted


def test_more_investors_than_a_slice_and_a_row_group_hold(inputs: Path, tmp_path: Path) -> None:
    """110,000 investors: read in order or grouped, the row groups of the results have the same bytes."""
    rng = np.random.default_rng(2)
    count = 330_000
    traded = market().traded
    days, closes = market().date[traded], market().close[traded]
    place = rng.integers(20, len(days), count)
    table = pl.DataFrame(
        {
            "investor": [f"K{number:07d}" for number in np.sort(rng.integers(0, 110_000, count))],
            "date": pl.Series(days[place]).cast(pl.Date),
            "side": np.where(rng.random(count) < 0.02, "sell", "buy"),
            "quantity": rng.integers(1, 50, count) * 100,
            "price": closes[place] / 10_000,
        }
    )
    table.write_parquet(tmp_path / "by_investor.parquet", row_group_size=40_000)
    table.sort("date", maintain_order=True).write_parquet(tmp_path / "by_date.parquet", row_group_size=60_000)
    ordered = measure(inputs, tmp_path / "a", tmp_path / "by_investor.parquet", jobs=2)
    assert pq.ParquetFile(tmp_path / "a" / "results.parquet").num_row_groups == 2
    assert measure(inputs, tmp_path / "b", tmp_path / "by_investor.parquet", jobs=5) == ordered
    assert measure(inputs, tmp_path / "c", tmp_path / "by_date.parquet", jobs=3) == ordered
