"""What is written: the same bytes from the same spec, whole files only, every kind of file with the same records."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fengqiao.engine.errors import CannotComputeError, InputError
from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.simulate import simulate_to_file
from fengqiao.engine.loss.simulate.population import BLOCK, build_population
from fengqiao.engine.loss.simulate.tape import build_tape
from fengqiao.engine.loss.simulate.walk import walk_investors


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("order", ["investor", "date"])
def test_same_bytes_however_the_work_is_cut(spec_of, tmp_path, order):
    spec = spec_of(order=order, faults=0.01)
    simulate_to_file(spec, tmp_path / "one.parquet")
    simulate_to_file(spec, tmp_path / "two.parquet", part_rows=7_000, workers=1)
    simulate_to_file(spec, tmp_path / "three.parquet", part_rows=1, workers=3)
    assert digest(tmp_path / "one.parquet") == digest(tmp_path / "two.parquet") == digest(tmp_path / "three.parquet")
    simulate_to_file(replace(spec, seed=12), tmp_path / "other.parquet")
    assert digest(tmp_path / "one.parquet") != digest(tmp_path / "other.parquet")


@pytest.fixture(scope="module")
def large(spec_of, tmp_path_factory) -> tuple[Path, Path]:
    """More than two row groups, in both orders."""
    folder = tmp_path_factory.mktemp("large")
    spec = spec_of(investors=55_000)
    simulate_to_file(spec, folder / "investor.parquet", part_rows=300_000)
    simulate_to_file(replace(spec, order="date"), folder / "date.parquet", part_rows=300_000)
    return folder / "investor.parquet", folder / "date.parquet"


def test_both_orders_hold_the_same_rows(large):
    by_investor, by_date = (pl.read_parquet(path) for path in large)
    assert len(by_investor) > 2_000_000
    assert by_investor.sort("date", "time", "sequence").equals(by_date)
    assert by_date.sort("investor", "date", "time", "sequence").equals(by_investor)


def test_row_groups(large):
    by_investor, by_date = (pq.ParquetFile(path) for path in large)
    for file in (by_investor, by_date):
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        assert all(1_000_000 <= size < 1_010_000 for size in sizes[:-1]), sizes
        assert len(sizes) == 3
        column = file.metadata.row_group(0).column(0)
        assert (column.path_in_schema, column.compression, column.has_dictionary_page) == ("investor", "LZ4", True)
    edges = [by_investor.metadata.row_group(i).column(0).statistics for i in range(3)]
    assert all(before.max < after.min for before, after in pairwise(edges))


def test_the_large_files_do_not_depend_on_the_parts(large, spec_of, tmp_path):
    simulate_to_file(spec_of(investors=55_000), tmp_path / "again.parquet", part_rows=2_500_000, workers=1)
    assert digest(tmp_path / "again.parquet") == digest(large[0])


@pytest.mark.parametrize("edge", [1, 777, BLOCK - 1, BLOCK, BLOCK + 1])
def test_an_investor_does_not_depend_on_the_others(spec_of, edge):
    spec = spec_of(investors=BLOCK + 50, trades_per_investor=4.0, faults=0.1)
    tape, population = build_tape(spec), build_population(spec)
    whole = walk_investors(tape, population.draw(0, spec.investors))
    head, tail = (
        walk_investors(tape, population.draw(*part)) for part in ((0, edge), (edge, spec.investors))
    )  # fmt: skip
    for name, column in whole._asdict().items():
        assert np.array_equal(column, np.concatenate([getattr(head, name), getattr(tail, name)])), name


def test_columns_and_types(spec_of, tmp_path):
    simulate_to_file(spec_of(), tmp_path / "t.parquet")
    table = pq.read_table(tmp_path / "t.parquet")
    assert {field.name: field.type for field in table.schema} == {
        "investor": pa.string(), "account": pa.string(), "security": pa.string(), "date": pa.date32(),
        "time": pa.time32("ms"), "sequence": pa.int64(), "side": pa.string(), "quantity": pa.int64(),
        "price": pa.float64(),
    }  # fmt: skip
    assert sum(column.null_count for column in table.columns) == 0
    table.validate(full=True)


def test_csv_and_xlsx_hold_the_records_of_parquet(spec_of, tmp_path):
    spec = spec_of(investors=60, trades_per_investor=8.0)
    paths = [tmp_path / f"t{suffix}" for suffix in (".parquet", ".csv", ".xlsx")]
    for path in paths:
        simulate_to_file(spec, path)
    parquet = pl.read_parquet(paths[0])
    text = pl.read_csv(paths[1], infer_schema=False)
    assert text.columns == parquet.columns
    assert text["price"].str.contains(r"^\d+\.\d\d$").all()
    assert [float(price) for price in text["price"]] == parquet["price"].to_list()
    assert [Decimal(price) for price in text["price"]] == [Decimal(repr(price)) for price in parquet["price"]]
    same = text.with_columns(
        pl.col("date").str.to_date(), pl.col("time").str.to_time(),
        pl.col("sequence", "quantity").cast(pl.Int64), pl.col("price").cast(pl.Float64),
    )  # fmt: skip
    assert same.equals(parquet)
    sheet = openpyxl.load_workbook(paths[2])["trades"]
    header, *rows = sheet.iter_rows(values_only=True)
    assert list(header) == parquet.columns
    assert [(*row[:3], row[3].date(), *row[4:]) for row in rows] == parquet.rows()


def test_workbook_bytes_and_times(spec_of, tmp_path):
    spec = spec_of(investors=20, trades_per_investor=3.0)
    simulate_to_file(spec, tmp_path / "a.xlsx")
    simulate_to_file(spec, tmp_path / "b.xlsx")
    assert digest(tmp_path / "a.xlsx") == digest(tmp_path / "b.xlsx")
    simulate_to_file(spec, tmp_path / "a.parquet")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["trades"]
    times = [row[4] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert times == pl.read_parquet(tmp_path / "a.parquet")["time"].to_list()


def test_a_workbook_that_would_be_too_long_is_refused(spec_of, tmp_path):
    with pytest.raises(InputError, match=r"do not fit into a workbook: a sheet holds 1,048,575"):
        simulate_to_file(spec_of(investors=60_000), tmp_path / "t.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".xlsx"])
@pytest.mark.parametrize("order", ["investor", "date"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_an_interrupt_leaves_nothing(spec_of, tmp_path, suffix, order, share):
    def interrupt(done: int, total: int) -> None:
        if done > share * total:
            raise KeyboardInterrupt

    spec = spec_of(investors=300, trades_per_investor=5.0, order=order)
    with pytest.raises(KeyboardInterrupt):
        simulate_to_file(spec, tmp_path / f"t{suffix}", interrupt, part_rows=100)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_the_earlier_file(spec_of, tmp_path):
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "t.csv"
    out.write_text("earlier")
    with pytest.raises(KeyboardInterrupt):
        simulate_to_file(spec_of(), out, interrupt)
    assert out.read_text() == "earlier"
    simulate_to_file(spec_of(investors=2), out)
    assert out.read_text().startswith("investor,account,security,date,")
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("order", ["investor", "date"])
def test_progress_rises_to_the_total(spec_of, tmp_path, order):
    seen: list[tuple[int, int]] = []
    simulate_to_file(
        spec_of(order=order), tmp_path / "t.parquet", lambda done, total: seen.append((done, total)), part_rows=20_000
    )
    assert len(seen) > 8
    assert all(before[0] < after[0] and before[1] == after[1] for before, after in pairwise(seen))
    assert seen[-1][0] == seen[-1][1]


def test_the_summary_is_that_of_the_file(spec_of, tmp_path):
    spec = spec_of(faults=0.02)
    summary = simulate_to_file(spec, tmp_path / "t.parquet", part_rows=9_000)
    trades = pl.read_parquet(tmp_path / "t.parquet")
    sides = dict(trades["side"].value_counts().iter_rows())
    two = trades.group_by("investor").agg(pl.col("account").n_unique())["account"]
    early = trades.filter(pl.col("date") < spec.window_from)["investor"].n_unique()
    assert summary.path == tmp_path / "t.parquet"
    assert (summary.rows, summary.investors) == (len(trades), trades["investor"].n_unique()) == (len(trades), 3_000)
    assert (summary.buys, summary.sells, summary.opening_rows) == (sides["buy"], sides["sell"], 0)
    assert (summary.first, summary.last) == (trades["date"].min(), trades["date"].max())
    assert abs(summary.opening_investors - early) <= 2  # a fault may move an investor's only trade to a later day
    assert 0 < (two == 2).sum() <= summary.two_account_investors < 300
    assert sum(summary.faults.values()) == pytest.approx(60, abs=25)


def test_identifiers_have_one_width_and_rise(spec_of, tmp_path):
    simulate_to_file(spec_of(investors=120), tmp_path / "t.parquet")
    names = pl.read_parquet(tmp_path / "t.parquet")["investor"].unique(maintain_order=True).to_list()
    assert names == [f"A{number:09d}" for number in range(1, 121)]


def test_one_investor_with_one_trade(spec_of, tmp_path):
    summary = simulate_to_file(spec_of(investors=1, trades_per_investor=1.0, opening_share=0.0), tmp_path / "t.parquet")
    assert (summary.rows, summary.buys) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"investors": 0}, r"number of investors must be a whole number from 1 to 999,999,999: it is 0"),
        ({"investors": 2.5}, r"whole number .* it is 2\.5"),
        ({"seed": -1}, r"The seed must be a whole number"),
        ({"trades_per_investor": 0.5}, r"must lie between 1 and 2000: it is 0\.5"),
        ({"trades_per_investor": float("nan")}, r"must lie between 1 and 2000: it is nan"),
        ({"order": "dates"}, r'Unknown order "dates": did you mean "date"'),
        ({"opening_share": 1.5}, r"opening_share must be a share between 0 and 1: it is 1\.5"),
        ({"faults": -0.1}, r"faults must be a share"),
        ({"price_limit": Fraction(1)}, r"price limit must lie between 0 and 1"),
        ({"security": " "}, r"security code is empty"),
        ({"security": "600000"}, r'market data are those of "999001": the case is about "600000"'),
        ({"days_after": -1}, r"days after the benchmark date must be a whole number"),
        ({"window_from": dt.date(2019, 5, 17)}, r"dates are out of order"),
        ({"benchmark": dt.date(2019, 5, 16)}, r"dates are out of order"),
    ],
)
def test_bad_specs_are_refused_in_a_sentence(spec_of, tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        simulate_to_file(spec_of(**changes), tmp_path / "t.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"window_from": dt.date(2015, 12, 31)}, r"do not cover the window: they run from 2016-01-04 to 2019-12-31"),
        ({"benchmark": dt.date(2020, 1, 2)}, r"do not cover the window"),
        ({"window_from": dt.date(2017, 9, 11), "window_to": dt.date(2017, 10, 19)}, r"No trading day lies between the"),
        ({"window_to": dt.date(2018, 6, 4), "benchmark": dt.date(2018, 6, 8)}, r"revelation and the benchmark date"),
    ],
)
def test_windows_without_market_data_are_refused(spec_of, tmp_path, changes, message):
    with pytest.raises(CannotComputeError, match=message):
        simulate_to_file(spec_of(**changes), tmp_path / "t.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_market_without_trading_is_refused(spec_of, market, tmp_path):
    silent = replace(market, volume=np.zeros_like(market.volume))
    with pytest.raises(CannotComputeError, match="no day with trading"):
        simulate_to_file(spec_of(market=silent), tmp_path / "t.parquet")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("t.xls", r'"\.xls" is not known\. End the name with one of \.parquet, \.csv, \.xlsx'),
        ("absent/t.csv", r"does not exist\. Create it first"),
        ("folder.csv", r"is a directory"),
    ],
)
def test_places_that_cannot_be_written_are_refused(spec_of, tmp_path, name, message):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=message):
        simulate_to_file(spec_of(), tmp_path / name)


def test_market_data_that_end_with_the_benchmark_date(spec_of, market, tmp_path):
    spec = spec_of()
    keep = market.date <= (spec.benchmark - dt.date(1970, 1, 1)).days
    short = replace(
        market,
        **{name: getattr(market, name)[keep] for name in ("date", "close", "volume", "float_shares", "previous_close")},
    )
    simulate_to_file(replace(spec, market=short), tmp_path / "t.parquet")
    trades = pl.read_parquet(tmp_path / "t.parquet")
    assert trades["date"].max() == day_of(short.date[-1]) == spec.benchmark
    last = trades.filter((pl.col("date") == spec.benchmark) & (pl.col("time") == dt.time(15)))
    assert len(last) < 0.01 * len(trades)
