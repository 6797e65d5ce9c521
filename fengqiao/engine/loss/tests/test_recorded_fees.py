"""Recorded fees added to what the kernel proves, against the plain twin and the slow way, bit for bit."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import numpy as np
import pytest

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.block import Rows, measure_block, run_kernel
from fengqiao.engine.loss.kernel_plan import KernelPlan, kernel_plan
from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.recorded_fees import fees_by_kernel, fees_one_by_one
from fengqiao.engine.loss.rows import BUY, OPENING, SELL, TRANSFER_IN
from fengqiao.engine.loss.tests.invented_case import (
    ACTIONS,
    BASE,
    MOODS,
    by_twin,
    checks_of,
    plan_of,
    random_records,
    random_settings,
)
from fengqiao.engine.loss.tests.worked_case import rows_of
from fengqiao.engine.loss.trade import Trade


def settings_of(rng: random.Random) -> dict[str, Any]:
    """Any settings under which recorded fees are fast."""
    while True:
        settings = random_settings(rng)
        settings["fees"] = {"mode": "recorded"}
        if settings["deduction"]["market_risk"] in ("none", "fixed") and (
            settings["case"]["direction"] == "inducing_purchase" and settings["method"]["dividends"] != "deduct"
        ):
            return settings


def with_fees(rng: random.Random, groups: list[list[Trade]]) -> list[list[Trade]]:
    """Records with fees, of which some are missing; rows that are equal but for their fees are among them."""
    fees = [-1, 0, 50_000, 50_001, 123_457, 7]
    return [
        [
            trade._replace(commission=rng.choice(fees), stamp_duty=rng.choice(fees))
            for trade in [*group, *group[: rng.choice([0, 0, 1])]]
        ]
        for group in groups
    ]


def compare(seed: int, mood: str, investors: int) -> tuple[int, int]:
    """(investors compared, those left to the twin); all must be equal to the bit."""
    rng = random.Random(f"fees {mood} {seed}")
    whole = plan_of(settings_of(rng), rng.choice(ACTIONS))
    rows, starts = rows_of(with_fees(rng, random_records(rng, mood, rng.random() < 0.4, investors)))
    compared = left = 0
    for plan in whole.segments:
        compiled = kernel_plan(plan, whole)
        if isinstance(compiled, str):
            assert "overlap" in compiled
            continue
        assert compiled.fees is not None
        found, exact = measure_block(rows, starts, plan, whole, compiled, checks_of(whole), BASE)
        assert (found == by_twin(rows, starts, plan, whole)).all()
        compared, left = compared + len(starts) - 1, left + exact
    return compared, left


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("seed", range(6))
def test_equal_to_the_twin(seed: int, mood: str) -> None:
    compare(seed, mood, 10 if mood == "heavy" else 30)


@pytest.mark.long
@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("seed", range(6, 100))
def test_equal_to_the_twin_far_and_wide(seed: int, mood: str) -> None:
    compare(seed, mood, 20 if mood == "heavy" else 100)


def case_with_fees(rules: str = "cn2022", rounding: str = "half_up", ratio: str = "0.3") -> dict[str, Any]:
    return {
        "case": {"name": "样本", "security": "600000", "rules": rules, "direction": "inducing_purchase"},
        "dates": {"implementation": "2022-03-01", "revelation": "2023-07-20"},
        "method": {"rounding": rounding} | ({"not_reached": "thirtieth_day"} if rules == "cn2003" else {}),
        "deduction": {"market_risk": "fixed", "ratio": ratio, "reason": "甲"},
        "fees": {"mode": "recorded"},
    }  # fmt: skip


def kernel_of(settings: dict[str, Any]) -> KernelPlan:
    whole = plan_of(settings)
    compiled = kernel_plan(whole.segments[0], whole)
    assert not isinstance(compiled, str)
    return compiled


def both_ways(rows: Rows, starts: np.ndarray[Any, Any], compiled: KernelPlan) -> tuple[list[int], int]:
    """The investors whom the kernel leaves to the slow way, and how many have fees; both ways must agree."""
    assert compiled.fees is not None
    fast = run_kernel(rows, starts, compiled)
    wanted = np.flatnonzero((fast[k.R_DIFFERENCE] > 0) & ((fast[k.R_FLAGS] & k.G_EXACT) == 0)).tolist()
    fast[k.R_TOTAL] = fast[k.R_AWARD]
    slow = fast.copy()
    left = fees_by_kernel(rows, starts, compiled.fees, fast)
    assert set(left) <= set(wanted)
    fees_one_by_one(rows, starts, compiled.fees, fast, left, None)
    fees_one_by_one(rows, starts, compiled.fees, slow, wanted, None)
    assert (fast == slow).all()
    return left, len(wanted)


@pytest.mark.parametrize("rounding", ["half_up", "truncate"])
@pytest.mark.parametrize("rules", ["cn2022", "cn2003"])
@pytest.mark.parametrize("mood", MOODS)
def test_the_kernel_and_the_slow_way_agree(mood: str, rules: str, rounding: str) -> None:
    """Whatever the ratio; and hardly anybody whose rows are trades and openings is left to the slow way."""
    left = wanted = 0
    for seed in range(3):
        rng = random.Random(f"ways {mood} {seed}")
        compiled = kernel_of(case_with_fees(rules, rounding, rng.choice(["0.3", "0", "0.3333", "1", "0.0001"])))
        rows, starts = rows_of(with_fees(rng, random_records(rng, mood, False, 10 if mood == "heavy" else 60)))
        found, all_ = both_ways(rows, starts, compiled)
        left, wanted = left + len(found), wanted + all_
    assert wanted
    if mood == "ordinary":
        assert left <= wanted // 50


def some(*changes: dict[str, int]) -> list[Trade]:
    """A purchase in the window, and sales of some of it after the revelation; then what is changed."""
    first, after = ordinal(dt.date(2022, 5, 10)), ordinal(dt.date(2023, 8, 1))
    rows = [Trade(first, BUY, 900, 100_000, commission=50_000), Trade(after, SELL, 300, 50_000, commission=50_001)]
    return [row._replace(**change) for row, change in zip([*rows, *rows], changes, strict=False)]


LEFT_ALONE = {
    "a fee beyond 64 bits": [some({"commission": 1 << 51}, {})],
    "a share of a fee beyond 64 bits": [
        some({"quantity": 10**9}, {"quantity": 10**8, "commission": 1 << 45}, {"kind": OPENING, "quantity": 10**6})
    ],
    "rows in no order": [
        [Trade(ordinal(dt.date(2022, 5, 10)), BUY, 100, 100_000 - n, commission=n) for n in range(400)]
    ],
    "a transfer": [[*some({}, {}), Trade(ordinal(dt.date(2022, 5, 10)), BUY, 5, 9, kind=TRANSFER_IN, commission=3)]],
}
SETTLED = {
    "fees of nothing": [some({"commission": 0}, {"commission": -1})],
    "a third of a fee twice": [some({"commission": 100}, {"quantity": 100, "commission": 100}, {}, {"quantity": 77})],
    "an opening position in front": [some({"kind": OPENING, "quantity": 100}, {}, {}, {"quantity": 500})],
    "equal sales with other fees": [some({}, {"commission": 9}, {}, {"commission": 4, "quantity": 300})],
    "half a fen": [some({"commission": 50, "quantity": 100}, {"commission": 0, "quantity": 100})],
}


@pytest.mark.parametrize("name", [*LEFT_ALONE, *SETTLED])
def test_what_the_kernel_leaves_alone(name: str) -> None:
    """Numbers that do not fit and records that are far from order go the slow way; and no others."""
    groups = (LEFT_ALONE | SETTLED)[name]
    rows, starts = rows_of(groups)
    for rounding in ("half_up", "truncate"):
        compiled = kernel_of(case_with_fees(rounding=rounding, ratio="0"))
        left, wanted = both_ways(rows, starts, compiled)
        assert wanted == 1
        assert len(left) == (name in LEFT_ALONE)


@pytest.mark.parametrize("rules", ["cn2022", "cn2003"])
def test_ordinary_records_need_no_twin(rules: str) -> None:
    """At most one investor in fifty is left to it, and fees are there to be found."""
    settings = case_with_fees(rules)
    settings["deduction"] |= {"other_ratio": "0.05", "other_reason": "乙"}
    whole = plan_of(settings)
    rng = random.Random(5)
    rows, starts = rows_of(with_fees(rng, random_records(rng, "ordinary", False, 600)))
    plan = whole.segments[0]
    compiled = kernel_plan(plan, whole)
    assert not isinstance(compiled, str)
    found, left = measure_block(rows, starts, plan, whole, compiled, checks_of(whole), BASE)
    assert left <= 12
    expected = by_twin(rows, starts, plan, whole)
    assert (found == expected).all()
    assert np.count_nonzero(expected[k.R_COMMISSION]) > 100
    assert (expected[k.R_INTEREST] > 0).any() == (rules == "cn2003")
