"""Recorded fees added to what the kernel proves, against the plain twin, bit for bit."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.block import measure_block
from fengqiao.engine.loss.kernel_plan import kernel_plan
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


@pytest.mark.parametrize("rules", ["cn2022", "cn2003"])
def test_ordinary_records_need_no_twin(rules: str) -> None:
    """At most one investor in fifty is left to it, and fees are there to be found."""
    settings = {
        "case": {"name": "样本", "security": "600000", "rules": rules, "direction": "inducing_purchase"},
        "dates": {"implementation": "2022-03-01", "revelation": "2023-07-20"},
        "method": {"not_reached": "thirtieth_day"} if rules == "cn2003" else {},
        "deduction": {
            "market_risk": "fixed", "ratio": "0.3", "reason": "甲", "other_ratio": "0.05", "other_reason": "乙",
        },
        "fees": {"mode": "recorded"},
    }  # fmt: skip
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
