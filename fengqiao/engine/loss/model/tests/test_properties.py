"""What must hold of every price model, whatever the numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from fengqiao.engine.loss.market import NO_PRICE, CorporateAction
from fengqiao.engine.loss.model.settings import parse_model
from fengqiao.engine.loss.model.tests.invented_company import (
    CASE,
    REVELATION,
    Company,
    exact_factor,
    modelled,
    settings,
    trading_days,
)

FEW = profile(max_examples=8, deadline=None)
SEEDS = st.integers(0, 10_000)
GAP = frozenset(day for day in trading_days() if dt.date(2020, 6, 1) <= day <= dt.date(2020, 6, 19))


@FEW
@given(SEEDS, st.floats(0.2, 2.0), st.floats(-0.001, 0.001))
def test_a_series_that_the_factors_explain_has_no_abnormal_returns_and_its_own_price_as_path(
    seed: int, beta: float, alpha: float
) -> None:
    market = Company(seed=seed).market()
    found = modelled(market, [exact_factor(market, alpha, beta)], settings(path_intercept="estimated"))
    np.testing.assert_allclose(found.model.fit.coefficient, [alpha, beta], rtol=1e-9, atol=1e-12)
    assert np.max(np.abs(found.model.abnormal)) < 1e-12
    assert found.path.simulated.tolist() == found.path.close.tolist()
    assert all(abs(item.car) < 1e-11 and abs(item.bhar) < 1e-11 for item in found.events)
    assert all(item.t.statistic is None for item in found.events)  # no noise, nothing to compare with


@FEW
@given(SEEDS)
def test_removing_only_days_without_abnormal_returns_leaves_the_price(seed: int) -> None:
    market = Company(seed=seed, suspended=GAP).market()
    found = modelled(market, [exact_factor(market, 0.0, 1.0)], settings(path="remove_events"))
    own = found.path.replaced
    assert 0 < own.sum() <= 6
    assert found.path.simulated.tolist() == found.path.close.tolist()


@FEW
@given(SEEDS, st.sampled_from(["compound", "remove_events"]), st.sampled_from(["simple", "log"]))
def test_doubling_every_price_doubles_the_path_and_changes_nothing_else(seed: int, path: str, returns: str) -> None:
    company = Company(seed=seed, suspended=GAP)
    market = company.market()
    double = replace(market, close=np.where(market.close == NO_PRICE, NO_PRICE, market.close * 2))
    wanted = settings(path=path, returns=returns)
    one, two = (modelled(item, company.factors(), wanted) for item in (market, double))
    np.testing.assert_allclose(one.model.abnormal, two.model.abnormal, rtol=1e-9, atol=1e-14)
    assert np.max(np.abs(two.path.simulated - 2 * one.path.simulated)) <= 1  # rounded once each
    for first, second in zip(one.attributions, two.attributions, strict=True):
        assert first.decline == pytest.approx(second.decline, rel=1e-9)


@FEW
@given(SEEDS, st.floats(0.1, 5.0), st.floats(-0.002, 0.002))
def test_scaling_and_shifting_a_factor_changes_its_coefficient_alone(seed: int, scale: float, shift: float) -> None:
    company = Company(seed=seed)
    (factor,) = company.factors()
    other = replace(factor, value=factor.value * scale * 0.2 + shift)
    wanted = settings(path_intercept="estimated")
    one, two = (modelled(company.market(), [item], wanted) for item in (factor, other))
    a, b = one.model.fit.coefficient, two.model.fit.coefficient
    np.testing.assert_allclose(b[1] * scale * 0.2, a[1], rtol=1e-8)
    np.testing.assert_allclose(b[0] + b[1] * shift, a[0], rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(one.model.abnormal, two.model.abnormal, atol=1e-12)
    np.testing.assert_allclose(one.model.error, two.model.error, rtol=1e-7)
    assert np.max(np.abs(one.path.simulated - two.path.simulated)) <= 1


@FEW
@given(SEEDS)
def test_the_order_of_factors_does_not_matter(seed: int) -> None:
    company = Company(seed=seed, beta=(1.1, 0.4, -0.2))
    orders = (["MKT", "SMB", "HML"], ["HML", "MKT", "SMB"])
    one, two = (
        modelled(company.market(), company.factors(), parse_model({"kind": "factors", "factors": order}))
        for order in orders
    )
    np.testing.assert_allclose(one.model.abnormal, two.model.abnormal, atol=1e-13)
    np.testing.assert_allclose(one.model.error, two.model.error, rtol=1e-9)
    by_name = [dict(zip(item.model.fit.names, item.model.fit.coefficient, strict=True)) for item in (one, two)]
    assert by_name[0] == pytest.approx(by_name[1], rel=1e-9, abs=1e-12)


@FEW
@given(SEEDS, st.integers(0, 6), st.integers(0, 6))
def test_cumulated_returns_add_up(seed: int, first: int, second: int) -> None:
    company = Company(seed=seed, suspended=GAP)
    parts = [[0, first], [first + 1, first + 1 + second], [0, first + 1 + second]]
    early, late, whole = (
        modelled(company.market(), company.factors(), settings(revelation_window=part)).revelations[0] for part in parts
    )
    assert early.car + late.car == pytest.approx(whole.car, abs=1e-13)
    assert early.actual + late.actual == pytest.approx(whole.actual, abs=1e-13)
    assert whole.error**2 >= early.error**2


@FEW
@given(SEEDS, st.sampled_from(["keep", "pool", "drop"]), st.sampled_from(["trade_to_trade", "drop"]))
def test_the_parts_of_the_decline_add_up(seed: int, limit_days: str, suspended: str) -> None:
    company = Company(seed=seed, effects={REVELATION: -0.09}, suspended=GAP)
    events = [{"name": "甲", "date": "2020-12-01"}, {"name": "乙", "date": "2020-04-10", "window": [0, 3]}]
    wanted = settings(limit_days=limit_days, suspended=suspended, events=events)
    (found,) = modelled(company.market(), company.factors(), wanted).attributions
    assert sum(part.amount for part in found.parts) == pytest.approx(found.decline, abs=1e-12)


def test_a_bonus_issue_halves_the_path_and_changes_no_return() -> None:
    company = Company(seed=3)
    market, day = company.market(), dt.date(2020, 7, 1)
    plain = modelled(market, company.factors(), settings())
    place = trading_days().index(day)
    close = market.close.copy()
    close[place:] = close[place:] // 2
    action = CorporateAction(day, bonus_ratio=Fraction(1))
    split = modelled(replace(market, close=close), company.factors(), settings(), actions=(action,))
    after = split.path.date >= split.path.date[0] + (day - dt.date(2020, 2, 28)).days
    np.testing.assert_allclose(split.path.simulated[after] * 2, plain.path.simulated[after], atol=80)
    np.testing.assert_allclose(split.path.simulated[~after], plain.path.simulated[~after], atol=40)
    np.testing.assert_allclose(split.model.abnormal, plain.model.abnormal, atol=1e-4)


def test_known_coefficients_and_effects_are_found() -> None:
    effects = {REVELATION: -0.12, dt.date(2020, 12, 1): -0.08}
    company = Company(seed=8, noise=0.006, effects=effects)
    wanted = settings(events=[{"name": "业绩预告", "date": "2020-12-01", "window": [0, 0], "cause": "operations"}],
                      revelation_window=[0, 0])  # fmt: skip
    found = modelled(company.market(), company.factors(), wanted, variants=True)
    assert found.model.fit.coefficient[1] == pytest.approx(1.1, abs=4 * found.model.fit.error[1])
    by_name = {item.window.name: item for item in found.events}
    for name, effect in (("揭露日", -0.12), ("业绩预告", -0.08)):
        assert by_name[name].car == pytest.approx(effect, abs=3 * by_name[name].error)
        assert (by_name[name].t.p or 1) < 0.001
    (one,) = found.attributions
    share = next(part for part in one.parts if part.name == "业绩预告")
    assert share.bears
    assert one.other_ratio_borne == pytest.approx(share.harm)
    assert all(not item.why_not for item in found.variants)


def test_a_rise_is_the_harm_of_an_inducing_sale() -> None:
    case = {**CASE, "case": {**CASE["case"], "direction": "inducing_sale"}}
    company = Company(seed=8, noise=0.006, effects={REVELATION: 0.09, dt.date(2020, 12, 1): 0.05})
    wanted = settings(events=[{"name": "公告", "date": "2020-12-01", "window": [0, 0]}])
    sale = modelled(company.market(), company.factors(), wanted, case=case).attributions[0]
    purchase = modelled(company.market(), company.factors(), wanted).attributions[0]
    assert sale.decline == pytest.approx(-purchase.decline)
    assert next(part for part in sale.parts if part.name == "公告").amount > 0


def test_suspended_and_limit_days_are_treated_as_said() -> None:
    days = frozenset(day for day in trading_days() if dt.date(2019, 8, 1) <= day <= dt.date(2019, 8, 14))
    company = Company(seed=4, suspended=days)
    kept, dropped = (
        modelled(company.market(), company.factors(), settings(suspended=value)) for value in ("trade_to_trade", "drop")
    )
    assert kept.model.fit.observations == dropped.model.fit.observations + 1
    place = int(np.flatnonzero(kept.model.observed.span > 1)[0])
    assert kept.model.observed.span[place] == 11
    assert kept.model.error[place] == pytest.approx(kept.model.fit.s * 11**0.5, rel=0.1)
    assert dropped.path.date.tolist() == kept.path.date.tolist()


def test_company_events_can_stay_on_the_path() -> None:
    day = dt.date(2020, 5, 6)
    company = Company(seed=6, effects={day: -0.09})
    events = [{"name": "重大合同终止", "date": "2020-05-06", "window": [0, 0]}]
    gone, kept = (
        modelled(company.market(), company.factors(), settings(events=events, path_events=value))
        for value in ("remove", "keep")
    )
    place = int(np.flatnonzero(gone.path.date == gone.path.date[0] + (day - dt.date(2020, 2, 28)).days)[0])
    before = kept.path.simulated[:place] == gone.path.simulated[:place]
    assert before.all()
    actual = kept.path.close[place] / kept.path.close[place - 1]
    assert kept.path.simulated[place] / kept.path.simulated[place - 1] == pytest.approx(actual, rel=1e-4)
    assert not kept.path.replaced[place]
    assert gone.path.replaced[place]
