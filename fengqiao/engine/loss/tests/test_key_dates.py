"""T1, benchmark date and price: made-up windows (cases/key_dates.toml), published vectors on real market data."""

from __future__ import annotations

import datetime as dt
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fengqiao.engine.dates import trading_calendar
from fengqiao.engine.errors import CannotComputeError, FengqiaoError, InputError
from fengqiao.engine.loss.case import Case, Method, Segment
from fengqiao.engine.loss.keydates import KeyDates, derive_key_dates
from fengqiao.engine.loss.market import NO_PRICE, CorporateAction, Market, ordinal
from fengqiao.engine.loss.reading import read_market
from fengqiao.engine.loss.ruleset import check_against_rules
from fengqiao.engine.loss.tests.worked_case import CASES, actions_of, units
from fengqiao.engine.money import round_digits

WINDOWS = tomllib.loads((CASES / "key_dates.toml").read_text(encoding="utf-8"))["window"]
REAL = Path(__file__).parents[5] / "shared" / "data" / "market"
T1 = dt.date(2020, 6, 15)


def made(runs: str, first: dt.date = T1) -> Market:
    """A market from runs "days*close*volume*shares"."""
    rows = []
    for run in runs.split():
        days, close, volume, shares = run.split("*")
        rows += [(NO_PRICE if close == "-" else units(close), int(volume), int(shares))] * int(days)
    days_ = trading_calendar().between(first, dt.date(2021, 12, 31))[: len(rows)]
    close, volume, shares = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    dates = np.array([ordinal(day) for day in days_], dtype=np.int32)
    return Market("600000", dates, close, volume, shares, np.full(len(rows), NO_PRICE, dtype=np.int64), "market.csv")


def derived(
    market: Market, rules: str, revealed: dt.date, actions: tuple[CorporateAction, ...] = (), **given: Any
) -> KeyDates:
    method = Method(**given.pop("method", {}))
    segment = Segment("1", dt.date(2020, 1, 6), revealed, **given)
    check_against_rules(Case("样本", "600000", rules, "inducing_purchase", (segment,), method))  # type: ignore[arg-type]
    return derive_key_dates(rules=rules, segment=segment, method=method, market=market, actions=actions)  # type: ignore[arg-type]


def of_window(window: dict[str, Any]) -> KeyDates:
    day = dt.date.fromisoformat
    given: dict[str, Any] = {
        "method": window.get("method", {}),
        "revelation_after_close": window.get("after_close", False),
    }
    given |= {name: day(window[name]) for name in ("benchmark", "delisting") if name in window}
    market = made(window["runs"], day(window.get("first", T1.isoformat())))
    revealed = day(window.get("revealed", T1.isoformat()))
    return derived(market, window["rules"], revealed, actions_of(window.get("actions", "ex_date")), **given)


@pytest.mark.parametrize("window", WINDOWS, ids=[window["name"] for window in WINDOWS])
def test_window(window: dict[str, Any]) -> None:
    if "error" in window:
        with pytest.raises(FengqiaoError) as caught:
            of_window(window)
        assert window["error"] in str(caught.value)
        assert isinstance(caught.value, InputError | CannotComputeError)
        return
    found, wanted = of_window(window), window["expected"]
    assert found.benchmark_date.isoformat() == wanted["benchmark"]
    if "t1" in wanted:
        assert found.t1.isoformat() == wanted["t1"]
    assert found.trading_day_number == wanted["number"] if "number" in wanted else True
    if "by" in wanted:
        assert found.settled_by == wanted["by"]
    if "price" in wanted:
        assert found.benchmark_price == Fraction(wanted["price"])
    if "turnover" in wanted:
        assert found.cumulative_turnover == Fraction(wanted["turnover"])
    closes = [day.adjusted_close for day in found.days if day.adjusted_close is not None]
    assert found.days[0].date == found.t1 and found.days[-1].date == found.benchmark_date
    assert found.benchmark_price == sum(closes) / len(closes)


def test_missing_rows_are_days_without_trading_and_said() -> None:
    market = made("60*10.00*100*1000")
    kept = np.ones(60, dtype=np.bool_)
    kept[[2, 3]] = False
    gappy = Market(
        market.security, market.date[kept], market.close[kept], market.volume[kept], market.float_shares[kept],
        market.previous_close[kept], market.file,
    )  # fmt: skip
    found = derived(gappy, "cn2022", T1)
    assert found.benchmark_date == dt.date(2020, 7, 2)  # two days later than 06-30
    assert len(found.notes) == 1
    assert "2020-06-17、2020-06-18" in found.notes[0] and "2 个交易日" in found.notes[0]
    assert derived(market, "cn2022", T1).notes == ()


def test_shares_of_a_case_of_2011() -> None:
    """Constant tradable shares of 804,003,464, revealed 2011-06-02, cn2003: no cap, however long it takes.

    Published: benchmark date 2012-04-23, when the cumulative volume was 805,807,100. The volumes here are made up so
    that the day before they add up to one share less than the tradable shares.
    """
    days = trading_calendar().between(dt.date(2011, 6, 2), dt.date(2012, 6, 29))
    end = days.index(dt.date(2012, 4, 23))
    shares, last = 804_003_464, 1_803_637
    daily = (shares - 1) // end
    volume = np.array([daily] * end + [last] * (len(days) - end), dtype=np.int64)
    volume[0] += shares - 1 - int(volume[:end].sum())
    count = len(days)
    market = Market(
        "600000", np.array([ordinal(day) for day in days], dtype=np.int32),
        np.full(count, 50_000, dtype=np.int64), volume,
        np.full(count, shares, dtype=np.int64), np.full(count, NO_PRICE, dtype=np.int64),
    )  # fmt: skip
    found = derived(market, "cn2003", dt.date(2011, 6, 2))
    assert found.benchmark_date == dt.date(2012, 4, 23)
    assert found.cumulative_turnover == Fraction(805_807_100, shares)
    assert found.trading_day_number == end + 1


def real(name: str) -> Market:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"real market data are not here ({name} in shared/data/market beside the repository)")
    return read_market(path, None)


@pytest.mark.parametrize(
    ("file", "rules", "revealed", "t1", "benchmark", "number", "turnover", "price"),
    [
        ("600518_20181016.csv", "cn2003", "2018-10-16", "2018-10-16", "2018-12-04", 36, "101.44", "12.6972"),
        ("600518_20181016.csv", "cn2022", "2018-10-16", "2018-10-16", "2018-11-26", 30, None, "13.0240"),
        ("688086_20220212.csv", "cn2022", "2022-02-12", "2022-02-14", "2022-03-15", 22, "102.05", "14.7241"),
    ],
)
def test_published_vectors(
    file: str, rules: str, revealed: str, t1: str, benchmark: str, number: int, turnover: str | None, price: str
) -> None:
    found = derived(real(file), rules, dt.date.fromisoformat(revealed))
    assert (found.t1.isoformat(), found.benchmark_date.isoformat()) == (t1, benchmark)
    assert found.trading_day_number == number
    assert round_digits(found.benchmark_price, 4) == Fraction(price)
    if turnover is not None:
        assert round_digits(found.cumulative_turnover * 100, 2) == Fraction(turnover)


@pytest.mark.parametrize("rules", ["cn2003", "cn2022"])
def test_a_split_anywhere_in_the_market_data_moves_no_key_date(rules: str) -> None:
    plain = made("4*10.00*90*1000 3*9.00*70*1000 2*-*0*1000 60*8.00*60*1000")
    days = [dt.date(1970, 1, 1) + dt.timedelta(days=int(day)) for day in plain.date]
    for turnover in ("daily_float", "float_at_t1"):
        whole = derived(plain, rules, T1, method={"turnover": turnover})
        for place in range(1, 25):
            after = np.arange(len(days)) >= place
            split = Market(
                plain.security, plain.date, np.where(after & (plain.close > 0), plain.close // 2, plain.close),
                plain.volume * (1 + after), plain.float_shares * (1 + after),
                plain.previous_close, plain.file,
            )  # fmt: skip
            action = CorporateAction(days[place], bonus_ratio=Fraction(1))
            found = derived(split, rules, T1, (action,), method={"turnover": turnover})
            assert found.benchmark_date == whole.benchmark_date
            assert found.cumulative_turnover == whole.cumulative_turnover
            applied = 2 if action.ex_date <= found.benchmark_date else 1
            assert found.benchmark_price * applied == whole.benchmark_price
