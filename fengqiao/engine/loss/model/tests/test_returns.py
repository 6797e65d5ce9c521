"""Returns over gaps, across ex-rights days and at price limits, worked by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
import pytest

from fengqiao.engine.dates import trading_calendar
from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.market import NO_PRICE, CorporateAction, Market, ordinal
from fengqiao.engine.loss.model.factor_file import Factor
from fengqiao.engine.loss.model.limits import at_limit, limit_on
from fengqiao.engine.loss.model.returns import Observations, observe, pool_limit_runs
from fengqiao.engine.loss.model.settings import ModelSettings, parse_model

DAYS = trading_calendar().between(dt.date(2019, 3, 4), dt.date(2019, 3, 15))  # ten trading days, two weeks
WANTED = parse_model({"kind": "market", "market": "MKT"})


def market(closes: list[float], previous: list[float] | None = None, security: str = "600000") -> Market:
    """Closes in yuan of DAYS; 0 is a day without trading."""
    units = np.array([round(close * 10_000) or NO_PRICE for close in closes], np.int64)
    before = [NO_PRICE] * len(closes) if previous is None else [round(p * 10_000) or NO_PRICE for p in previous]
    traded = units != NO_PRICE
    return Market(
        security, np.array([ordinal(day) for day in DAYS[: len(closes)]], np.int32), units,
        np.where(traded, 1000, 0), np.zeros(len(closes), np.int64), np.array(before, np.int64), "market.csv",
    )  # fmt: skip


def factor(values: list[float], level: bool = False) -> Factor:
    days = np.array([ordinal(day) for day in DAYS[: len(values)]], np.int32)
    return Factor("MKT", days, np.array(values), level, "factors.csv")


def seen(closes: list[float], values: list[float] | None = None, *, level: bool = False, log: bool = False,
         actions: tuple[CorporateAction, ...] = (), previous: list[float] | None = None) -> Observations:  # fmt: skip
    wanted = parse_model({"kind": "market", "market": "MKT", "returns": "log" if log else "simple"})
    values = [0.01] * len(closes) if values is None else values
    return observe(market(closes, previous), [factor(values, level)], None, wanted, trading_calendar(), actions)


def test_a_suspension_is_one_return_over_all_its_days_matched_with_the_market() -> None:
    found = seen([10.0, 0, 0, 11.0, 11.0], [0.0, 0.01, -0.02, 0.03, 0.01])
    assert found.span.tolist() == [3, 1]
    np.testing.assert_allclose(found.value, [0.1, 0.0], atol=1e-15)
    np.testing.assert_allclose(found.factors[:, 0], [1.01 * 0.98 * 1.03 - 1, 0.01], rtol=1e-12)


def test_index_levels_need_only_the_days_with_trading() -> None:
    days = [DAYS[0], DAYS[3], DAYS[4]]
    levels = Factor("MKT", np.array([ordinal(day) for day in days], np.int32), np.array([100.0, 103.0, 103.0]), True)
    found = observe(market([10.0, 0, 0, 11.0, 11.0]), [levels], None, WANTED, trading_calendar())
    np.testing.assert_allclose(found.factors[:, 0], [0.03, 0.0], atol=1e-15)


def test_log_returns_add_up_over_the_gap() -> None:
    found = seen([10.0, 0, 12.1], [0.0, 0.1, 0.1], log=True)
    np.testing.assert_allclose([found.value[0], found.factors[0, 0]], [np.log(1.21), 2 * np.log(1.1)], rtol=1e-12)


def test_ex_rights_and_dividends_are_no_loss() -> None:
    # 10转10派2元: reference price (10.00 - 0.20) / 2 = 4.90
    action = CorporateAction(DAYS[1], bonus_ratio=Fraction(1), cash_per_share=Fraction(1, 5))
    found = seen([10.0, 4.9, 5.39], actions=(action,))
    np.testing.assert_allclose(found.value, [0.0, 0.1], atol=1e-14)
    assert found.limit.tolist() == [0, 1]
    rights = CorporateAction(DAYS[1], rights_ratio=Fraction(3, 10), rights_price=Fraction(7, 2))
    np.testing.assert_allclose(seen([10.0, (10 + 1.05) / 1.3], actions=(rights,)).value, [0.0], atol=1e-6)


def test_without_actions_the_exchanges_reference_price_counts_and_is_reported() -> None:
    found = seen([10.0, 5.5, 5.5], previous=[0, 5.0, 5.5])
    np.testing.assert_allclose(found.value, [0.1, 0.0], atol=1e-15)
    assert found.notes == ("2019-03-05的前收盘价与上一收盘价不同而没有相应的权益分派，按前收盘价（除权参考价）计算。",)


def test_price_limits_of_the_boards() -> None:
    main, star = (
        ModelSettings(),
        parse_model({"kind": "constant_mean", "special_treatment": [["2019-01-01", "2019-12-31"]]}),
    )
    day = dt.date(2019, 9, 2)
    assert limit_on("600000", day, main) == Fraction(1, 10)
    assert limit_on("600000", day, star) == Fraction(1, 20)
    assert limit_on("688001", day, star) == Fraction(1, 5)
    assert limit_on("300001", dt.date(2020, 8, 21), main) == Fraction(1, 10)
    assert limit_on("300001", dt.date(2020, 8, 24), main) == Fraction(1, 5)
    assert limit_on("600000", dt.date(1995, 1, 4), main) is None
    assert limit_on("600000", day, parse_model({"kind": "constant_mean", "price_limit": "0.3"})) == Fraction(3, 10)
    # 13.97 * 0.9 = 12.573 -> 12.57 (half up to the fen); 1.15 * 1.1 = 1.265 -> 1.27
    assert at_limit(125_700, Fraction(139_700), Fraction(1, 10)) == -1
    assert at_limit(12_700, Fraction(11_500), Fraction(1, 10)) == 1
    assert at_limit(12_600, Fraction(11_500), Fraction(1, 10)) == 0


def test_a_run_of_limit_days_is_joined_with_the_day_that_ends_it() -> None:
    closes = [10.0, 9.0, 8.1, 7.5, 7.5, 8.25, 8.0]  # two days at -10%, then -7.4%; later one day at +10%, then -3%
    market_returns = [0.0, 0.01, 0.02, 0.03, 0.0, 0.01, 0.01]
    found = seen(closes, market_returns)
    assert found.limit.tolist() == [-1, -1, 0, 0, 1, 0]
    joined = pool_limit_runs(found)
    assert joined.joined.tolist() == [3, 1, 2]
    assert joined.span.tolist() == [3, 1, 2]
    np.testing.assert_allclose(joined.value, [-0.25, 0.0, 8.0 / 7.5 - 1], atol=1e-14)
    np.testing.assert_allclose(joined.factors[0, 0], 1.01 * 1.02 * 1.03 - 1, rtol=1e-12)
    assert pool_limit_runs(joined.only(np.array([False, True, False]))) is not None


def test_a_run_in_the_other_direction_begins_a_new_one() -> None:
    found = pool_limit_runs(seen([10.0, 9.0, 9.9, 9.9]))
    assert found.joined.tolist() == [1, 2]


def test_days_that_the_factors_lack_are_named() -> None:
    days = np.array([ordinal(day) for day in DAYS if day != DAYS[2]], np.int32)
    holey = Factor("SMB", days, np.zeros(len(days)), False, "factors.csv")
    with pytest.raises(InputError, match=r"factors.csv: The factor SMB has no value on 1 trading day .*2019-03-06"):
        observe(market([10.0] * 10), [holey], None, WANTED, trading_calendar())
    short = Factor("SMB", days[:3], np.zeros(3), False, "factors.csv")
    with pytest.raises(InputError, match=r"7 trading days .*2019-03-06, 2019-03-08, 2019-03-11 and 4 more"):
        observe(market([10.0] * 10), [short], None, WANTED, trading_calendar())


def test_a_row_on_a_holiday_is_refused() -> None:
    bad = market([10.0, 10.0])
    bad.date[1] = ordinal(dt.date(2019, 3, 9))
    with pytest.raises(InputError, match=r"2019-03-09 is no trading day"):
        observe(bad, [factor([0.0] * 10)], None, WANTED, trading_calendar())
