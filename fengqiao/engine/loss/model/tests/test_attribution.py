"""Whom a day's move harmed, worked by hand; what is proposed and what is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fengqiao.engine.errors import CannotComputeError
from fengqiao.engine.loss.market import Market, day_of
from fengqiao.engine.loss.model.attribution import Attribution, attribute, holding_weights
from fengqiao.engine.loss.model.estimate import Estimate
from fengqiao.engine.loss.model.tests.invented_company import CASE, REVELATION, Company, modelled, settings
from fengqiao.engine.loss.model.warnings import warnings_of

OWN = {"benchmark": dt.date(2020, 11, 27), "benchmark_price": "10", "benchmark_reason": "样本"}


def found_with(effects: dict[dt.date, float], events: list[dict[str, Any]], **more: Any) -> Estimate:
    company = Company(seed=8, noise=0.006, effects=effects)
    return modelled(company.market(), company.factors(), settings(events=events, **more))


def one(found: Estimate) -> Attribution:
    return found.attributions[0]


def test_weights_are_the_share_of_buyers_who_hold_through_a_day() -> None:
    case = {**CASE, "dates": {"implementation": dt.date(2020, 11, 11), "revelation": REVELATION, **OWN}}
    company = Company(seed=2)
    market = company.market()
    volumes = {dt.date(2020, 11, 11): 100, dt.date(2020, 11, 12): 300, dt.date(2020, 11, 13): 600}
    given = np.array([volumes.get(day_of(day), 1000) for day in market.date], np.int64)
    market = Market(market.security, market.date, market.close, given, market.float_shares, market.previous_close)
    found = modelled(market, company.factors(), settings(), case=case)
    plan = found.material.plan
    weights = dict(
        zip(
            (day_of(day) for day in found.model.observed.day),
            holding_weights(plan.segments[0], plan, market, found.model.observed),
            strict=True,
        )
    )
    # bought: 10% on the 11th, 30% on the 12th, 60% on the 13th; nobody holds through the 11th, 10% through the 12th,
    # 40% through the 13th, all through T1 (the 16th). P has ten days, so a tenth leaves at each close from T1 on.
    expected = {
        dt.date(2020, 11, 10): 0.0, dt.date(2020, 11, 11): 0.0, dt.date(2020, 11, 12): 0.1, dt.date(2020, 11, 13): 0.4,
        dt.date(2020, 11, 16): 1.0, dt.date(2020, 11, 17): 0.9, dt.date(2020, 11, 26): 0.2, dt.date(2020, 11, 27): 0.1,
        dt.date(2020, 11, 30): 0.0,
    }  # fmt: skip
    assert {day: weights[day] for day in expected} == pytest.approx(expected)


def test_the_decline_is_that_of_the_volume_weighted_buyer() -> None:
    found = found_with({REVELATION: -0.1}, [])
    part, market, path = found.material.plan.segments[0], found.material.market, found.path
    logs = {day_of(day): np.log(int(close)) for day, close in zip(path.date, path.close, strict=True)}
    volume = {day_of(day): int(v) for day, v in zip(market.date, market.volume, strict=True)}
    bought = [day for day in logs if part.segment.implementation <= day < part.t1]
    left = [day for day in logs if part.t1 <= day <= part.benchmark]
    entry = sum(volume[day] * logs[day] for day in bought) / sum(volume[day] for day in bought)
    assert one(found).decline == pytest.approx(entry - sum(logs[day] for day in left) / len(left), abs=1e-12)


def test_a_day_that_is_expected_to_take_the_whole_price(recwarn: pytest.WarningsRecorder) -> None:
    """Such a return has no logarithm: refused where the day is one of an event, no matter anywhere else."""
    found = found_with({REVELATION: -0.1}, [])
    plan, observed = found.material.plan, found.model.observed
    event, outside = int(found.revelations[0].window.places[0]), 0

    def split(place: int) -> Attribution:
        expected = found.model.expected.copy()
        expected[place] = -1.5
        model = replace(found.model, expected=expected)
        return attribute(plan.segments[0], plan, found.material.market, model, found.events, found.settings)

    assert split(outside) == one(found)
    with pytest.raises(CannotComputeError, match=f"-100% or less on {day_of(observed.day[event])}"):
        split(event)
    assert not recwarn.list


def test_what_the_statistics_do_not_bear_is_not_proposed() -> None:
    quiet = {"name": "传闻", "date": "2020-09-03", "window": [0, 0], "cause": "environment"}
    loud = {"name": "亏损公告", "date": "2020-11-19", "window": [0, 0], "cause": "operations"}
    helpful = {"name": "利好", "date": "2020-10-12", "window": [0, 0], "cause": "other"}
    effects = {REVELATION: -0.45, dt.date(2020, 11, 19): -0.07, dt.date(2020, 10, 12): 0.06}
    found = one(found_with(effects, [quiet, loud, helpful]))
    parts = {part.name: part for part in found.parts}
    assert [name for name, part in parts.items() if part.bears] == ["亏损公告"]
    harm = sum(part.amount for part in found.parts if part.amount > 0)
    assert found.other_ratio_borne == pytest.approx(parts["亏损公告"].amount / harm)
    assert parts["利好"].harm == 0.0
    assert sum(part.harm or 0 for part in found.parts) == pytest.approx(1.0)
    assert found.other_ratio_all is not None
    assert found.other_ratio_all >= (found.other_ratio_borne or 0)
    market = found.market_share or 0.0
    assert found.other_ratio_borne_multiply == pytest.approx(min((found.other_ratio_borne or 0) / (1 - market), 1.0))


def test_a_day_shared_with_the_revelation_belongs_to_the_misstatement() -> None:
    event = {"name": "同日公告", "date": "2020-11-16", "window": [0, 2], "cause": "operations"}
    found = found_with({REVELATION: -0.15}, [event])
    parts = {part.name: part for part in one(found).parts}
    assert parts["同日公告"].days == 0
    assert parts["同日公告"].amount == 0.0
    assert not parts["同日公告"].bears
    assert parts["揭露日"].days == 3
    assert any("同日公告" in said and "重叠" in said for said in warnings_of(found))


def test_an_event_of_the_misstatement_itself_is_never_proposed() -> None:
    event = {"name": "第二次揭露", "date": "2020-11-24", "window": [0, 0], "cause": "misstatement"}
    found = found_with({REVELATION: -0.1, dt.date(2020, 11, 24): -0.1}, [event], path="remove_events")
    assert one(found).other_ratio_all == 0.0
    place = int(np.flatnonzero(found.path.date == (dt.date(2020, 11, 24) - dt.date(1970, 1, 1)).days)[0])
    assert found.path.replaced[place]


def test_without_a_decline_nothing_is_proposed() -> None:
    found = found_with({REVELATION: 0.5}, [{"name": "公告", "date": "2020-11-19"}])
    assert one(found).decline < 0
    assert one(found).other_ratio_all is None
    assert any("没有发生价格损失" in said for said in warnings_of(found))


def test_few_events_of_one_company_are_said_to_bear_little() -> None:
    events = [{"name": "甲", "date": "2020-06-01"}, {"name": "乙", "date": "2020-07-01"}]
    found = found_with({}, events)
    assert found.joint is not None
    assert found.joint.count == 2
    assert any("公司事件只有 2 个" in said for said in warnings_of(found))


def test_what_disturbs_the_estimation_window_is_said() -> None:
    events = [{"name": "旧公告", "date": "2019-09-03"}]
    found = found_with({dt.date(2019, 10, 15): 0.09}, events)
    said = warnings_of(found)
    assert any("旧公告" in text and "估计窗口内" in text for text in said)
    assert any("2019-10-15" in text and "没有列明的公司事件" in text for text in said)
    assert one(found).other_ratio_all in (None, 0.0)


def test_removing_the_windows_alone_keeps_every_other_move() -> None:
    found = found_with({REVELATION: -0.2}, [], path="remove_events", inducing_window=[0, 0], revelation_window=[0, 0])
    path, model = found.path, found.model
    place = int(np.flatnonzero(path.date == (REVELATION - dt.date(1970, 1, 1)).days)[0])
    assert np.flatnonzero(path.replaced).tolist() == [1, place]
    ratio = path.simulated / path.close
    # after the implementation day the path runs beside the price; at the revelation it does not fall with it
    np.testing.assert_allclose(ratio[1:place], ratio[1], rtol=1e-4)
    np.testing.assert_allclose(ratio[place:], ratio[place], rtol=1e-4)
    day = found.revelations[0].window.places[0]
    expected = model.fit.coefficient[1] * model.observed.factors[day, 0]
    lifted = (1 + expected) / (1 + model.observed.value[day])
    assert ratio[place] / ratio[place - 1] == pytest.approx(lifted, rel=1e-4)
