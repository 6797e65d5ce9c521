"""What the simulated investors do: nothing that cannot happen on the market, and what real ones do."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fengqiao.engine.loss.market import NO_PRICE, Market, day_of, ordinal
from fengqiao.engine.loss.simulate import SimulationSpec, simulate_to_file

REAL = Path(__file__).parents[5] / "../shared/data/market/600074.csv"


@pytest.fixture(scope="module")
def spec(spec_of) -> SimulationSpec:
    return spec_of()


@pytest.fixture(scope="module")
def trades(spec, tmp_path_factory) -> pl.DataFrame:
    out = tmp_path_factory.mktemp("behaviour") / "trades.parquet"
    simulate_to_file(spec, out)
    return pl.read_parquet(out)


def least_sellable(trades: pl.DataFrame) -> pl.DataFrame:
    """By account and day: shares bought before that day less all sold up to and on it."""
    signed = pl.when(pl.col("side") == "buy").then(pl.col("quantity")).otherwise(0)
    daily = trades.group_by("account", "date").agg(bought=signed.sum(), total=pl.col("quantity").sum())
    daily = daily.sort("account", "date").with_columns(sold=pl.col("total") - pl.col("bought"))
    left = (pl.col("bought").cum_sum() - pl.col("bought") - pl.col("sold").cum_sum()).over("account")
    return daily.with_columns(left=left)


def assert_prices_possible(trades: pl.DataFrame, market: Market) -> None:
    """Every price has two decimals, lies within the daily limit and near the two closes of its day."""
    days = trades.group_by("date").agg(low=pl.col("price").min(), high=pl.col("price").max())
    cent = Decimal("0.01")
    for date, low, high in days.iter_rows():
        row = int(np.searchsorted(market.date, ordinal(date)))
        assert market.date[row] == ordinal(date)
        close, previous = (Decimal(int(column[row])) / 10_000 for column in (market.close, market.previous_close))
        least = (previous * Decimal("0.9")).quantize(cent, ROUND_HALF_UP)
        most = (previous * Decimal("1.1")).quantize(cent, ROUND_HALF_UP)
        if not least <= close <= most:
            least, most = close * Decimal("0.9"), close * Decimal("1.1")
            previous = close
        assert least <= Decimal(repr(low)), date
        assert Decimal(repr(high)) <= most, date
        assert Decimal(repr(low)) >= min(close, previous) - close * Decimal("0.012") - cent, date
        assert Decimal(repr(high)) <= max(close, previous) + close * Decimal("0.012") + cent, date
    assert (trades["price"] == trades["price"].round(2)).all()


def test_shares_bought_today_are_not_sold_today_and_no_account_sells_more_than_it_holds(trades):
    assert least_sellable(trades)["left"].min() == 0  # some account sells all it has, none sells more


def test_prices_lie_within_the_day(trades, market):
    assert_prices_possible(trades, market)


def test_trades_fall_on_days_with_trading_only(trades, market):
    open_days = {day_of(day) for day in market.date[market.traded]}
    assert set(trades["date"].unique().to_list()) <= open_days
    assert trades["date"].n_unique() > 600


def test_trades_fall_into_sessions(trades):
    time = pl.col("time")
    morning = time.is_between(dt.time(9, 30), dt.time(11, 30))
    afternoon = time.is_between(dt.time(13), dt.time(15))
    auction = time == dt.time(9, 25)
    assert trades.select((morning | afternoon | auction).all()).item()
    counts = trades.select(morning.sum().alias("m"), afternoon.sum().alias("a"), auction.sum().alias("o")).row(0)
    assert min(counts) > 500


def test_sequence_numbers_count_each_day_in_order_of_time(trades):
    by_day = trades.sort("date", "sequence")
    rank = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("date")
    assert by_day.select((pl.col("sequence") == rank).all()).item()
    assert by_day.select((pl.col("time").cast(pl.Int64).diff().fill_null(0) >= 0).over("date").all()).item()


def test_purchases_are_whole_lots_and_some_sales_are_not(trades):
    odd = trades.with_columns(odd=pl.col("quantity") % 100 != 0).group_by("side").agg(pl.col("odd").sum())
    counts = dict(odd.iter_rows())
    assert counts["buy"] == 0
    assert counts["sell"] > 50
    assert trades["quantity"].min() > 0


def test_few_trade_very_much_and_many_very_little(trades):
    counts = trades.group_by("investor").len()["len"]
    assert len(counts) == 3_000
    assert (counts <= 5).mean() > 0.3
    assert counts.max() > 1_000
    assert counts.mean() == pytest.approx(40, rel=0.15)
    assert counts.sort(descending=True)[:300].sum() > 0.5 * counts.sum()


def test_the_default_number_of_trades_gives_five_million_for_52037_investors(spec_of):
    from fengqiao.engine.loss.simulate.population import build_population

    spec = spec_of(investors=52_037, trades_per_investor=SimulationSpec.trades_per_investor)
    assert 4_500_000 < build_population(spec).records().sum() < 5_500_000


def test_all_stages_of_the_case_see_trades(trades, spec):
    date = pl.col("date")
    stages = {
        "before": date < spec.window_from,
        "window": (date >= spec.window_from) & (date < spec.window_to),
        "after": (date >= spec.window_to) & (date <= spec.benchmark),
        "beyond": date > spec.benchmark,
    }
    for name, stage in stages.items():
        sides = dict(trades.filter(stage)["side"].value_counts().iter_rows())
        assert min(sides["buy"], sides["sell"]) > 300, name


def test_the_opening_share_holds_shares_from_earlier_trades(trades, spec):
    assert "kind" not in trades.columns
    early = trades.filter(pl.col("date") < spec.window_from)["investor"].n_unique()
    assert early / 3_000 == pytest.approx(spec.opening_share, abs=0.02)


def test_two_accounts_keep_their_holdings_apart(spec_of, tmp_path, read):
    summary = simulate_to_file(spec_of(two_accounts=1.0), tmp_path / "two.parquet")
    trades = read(tmp_path / "two.parquet")
    assert summary.two_account_investors == 3_000
    assert set(trades["account"].str.tail(2).unique()) == {"-1", "-2"}
    assert (trades["account"].str.head(10) == trades["investor"]).all()
    assert least_sellable(trades)["left"].min() == 0


def test_opening_rows_where_market_data_begin_too_late(spec_of, market, tmp_path, read):
    start = int(np.searchsorted(market.date, ordinal(spec_of().window_from)))
    late = Market(
        market.security, *(getattr(market, name)[start:] for name in
        ("date", "close", "volume", "float_shares", "previous_close")),
    )  # fmt: skip
    spec = spec_of(market=late, opening_share=0.3)
    summary = simulate_to_file(spec, tmp_path / "opening.parquet")
    trades = read(tmp_path / "opening.parquet")
    opening = trades.filter(pl.col("kind") == "opening")
    assert summary.opening_rows == summary.opening_investors == len(opening)
    assert len(opening) / 3_000 == pytest.approx(0.3, abs=0.03)
    assert opening["date"].unique().to_list() == [spec.window_from - dt.timedelta(days=1)]
    assert opening["investor"].n_unique() == len(opening)
    assert set(opening["side"]) == {"buy"}
    assert trades.filter(pl.col("kind") != "opening")["date"].min() >= spec.window_from
    assert least_sellable(trades)["left"].min() == 0


def test_no_kind_column_where_nobody_held_shares_before(spec_of, market, tmp_path, read):
    simulate_to_file(spec_of(opening_share=0.0, days_before=0), tmp_path / "none.parquet")
    trades = read(tmp_path / "none.parquet")
    assert "kind" not in trades.columns
    assert trades["date"].min() >= spec_of().window_from


def test_every_fault_is_there_as_often_as_the_summary_says(spec_of, market, tmp_path, read):
    spec = spec_of(investors=800, faults=1.0, trades_per_investor=12.0)
    summary = simulate_to_file(spec, tmp_path / "faults.parquet")
    trades = read(tmp_path / "faults.parquet")
    assert sum(summary.faults.values()) == 800
    assert min(summary.faults.values()) > 120

    assert trades.is_duplicated().sum() == 2 * summary.faults["duplicate"]
    closes = pl.DataFrame(
        {"date": [day_of(day) for day in market.date[market.traded]], "close": market.close[market.traded] / 10_000}
    )
    joined = trades.join(closes, on="date", how="left")
    assert joined["close"].null_count() == summary.faults["closed_day"]
    far = (pl.col("price") / pl.col("close") - 1).abs() > 0.15
    assert joined.filter(far)["investor"].n_unique() == len(joined.filter(far)) == summary.faults["price_off"]
    once = trades.unique()
    signed = pl.when(pl.col("side") == "buy").then(pl.col("quantity")).otherwise(-pl.col("quantity"))
    short = once.group_by("account").agg(left=signed.sum()).filter(pl.col("left") < 0)
    assert len(short) == summary.faults["oversold"]


def test_faults_touch_the_share_of_investors_asked_for(spec_of, tmp_path):
    summary = simulate_to_file(
        spec_of(investors=20_000, faults=0.05, trades_per_investor=2.0), tmp_path / "share.parquet"
    )
    assert sum(summary.faults.values()) == pytest.approx(1_000, rel=0.15)


@pytest.mark.skipif(not REAL.exists(), reason="the real closes of 600074 are not beside the repository")
def test_on_real_closes(tmp_path, read):
    with REAL.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def units(text: str) -> int:
        return int(Decimal(text) * 10_000) if text else NO_PRICE

    market = Market(
        security="600074",
        date=np.array([ordinal(dt.date.fromisoformat(row["date"])) for row in rows], dtype=np.int32),
        close=np.array([units(row["close"]) for row in rows]),
        volume=np.array([int(row["volume"]) for row in rows]),
        float_shares=np.array([int(row["float_shares"]) for row in rows]),
        previous_close=np.array([units(row["previous_close"]) for row in rows]),
    )
    spec = SimulationSpec(
        "600074", market, dt.date(2014, 10, 30), dt.date(2016, 12, 29), dt.date(2017, 3, 1), 2_000, 3, faults=0.0
    )
    summary = simulate_to_file(spec, tmp_path / "real.parquet")
    trades = read(tmp_path / "real.parquet")
    assert summary.rows == len(trades) > 100_000
    assert least_sellable(trades)["left"].min() == 0
    open_days = {day_of(day) for day in market.date[market.traded]}
    assert set(trades["date"].unique().to_list()) <= open_days
    assert_prices_possible(trades, market)
