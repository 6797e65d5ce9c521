"""The kernels against the plain twin, bit for bit, over random cases; and how seldom they leave an investor to it."""

from __future__ import annotations

import datetime as dt
import random
from fractions import Fraction

import numpy as np
import pytest

from fengqiao.engine.dates import trading_calendar
from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.block import counted_rows, measure_block
from fengqiao.engine.loss.case_file import parse_case
from fengqiao.engine.loss.exact import walk
from fengqiao.engine.loss.kernel_plan import kernel_plan
from fengqiao.engine.loss.market import CorporateAction, Series, ordinal
from fengqiao.engine.loss.plan import prepare
from fengqiao.engine.loss.rows import BUY, SELL
from fengqiao.engine.loss.settle import settle
from fengqiao.engine.loss.tests.invented_case import (
    ACTIONS,
    BASE,
    MOODS,
    by_kernel,
    by_twin,
    checks_of,
    market,
    plan_of,
    random_records,
    random_settings,
)
from fengqiao.engine.loss.tests.worked_case import rows_of, units
from fengqiao.engine.loss.trade import Trade

INVESTORS = 50


def compare(seed: int, mood: str, investors: int = INVESTORS) -> tuple[int, int]:
    """(investors compared, investors the kernel left to exact arithmetic); all others must be equal to the bit."""
    rng = random.Random(f"{mood} {seed}")
    settings = random_settings(rng)
    whole = plan_of(settings, rng.choice(ACTIONS))
    rows, starts = rows_of(random_records(rng, mood, rng.random() < 0.4, investors))
    left = 0
    for plan in whole.segments:
        fast, exact = by_kernel(rows, starts, plan, whole), by_twin(rows, starts, plan, whole)
        open_ = (fast[k.R_FLAGS] & k.G_EXACT) != 0
        left += int(open_.sum())
        different = np.flatnonzero((fast != exact).any(axis=0) & ~open_)
        if len(different):
            i = int(different[0])
            fields = [(int(f), int(fast[f, i]), int(exact[f, i])) for f in np.flatnonzero(fast[:, i] != exact[:, i])]
            trades = rows.trades(int(starts[i]), int(starts[i + 1]))
            pytest.fail(f"{settings}\n{whole.actions}\n(field, kernel, twin): {fields}\n{trades}")
    return investors * len(whole.segments), left


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("seed", range(8))
def test_equal_to_the_bit(seed: int, mood: str) -> None:
    compare(seed, mood, 25 if mood == "heavy" else INVESTORS)


@pytest.mark.long
@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("seed", range(8, 200))
def test_equal_to_the_bit_far_and_wide(seed: int, mood: str) -> None:
    compare(seed, mood, 25 if mood == "heavy" else 2 * INVESTORS)


@pytest.mark.parametrize("averaging", ["moving_weighted", "fifo_weighted", "weighted", "actual_cost"])
@pytest.mark.parametrize("risk", ["none", "synchronised_index"])
def test_ordinary_records_are_proven_by_the_kernel(averaging: str, risk: str) -> None:
    """Of ordinary records at most one investor in a hundred may be left to exact arithmetic."""
    settings = {
        "case": {"name": "样本", "security": "600000", "rules": "cn2022", "direction": "inducing_purchase"},
        "dates": {"implementation": "2022-03-01", "revelation": "2023-07-20"},
        "method": {"averaging": averaging},
        "deduction": {"market_risk": risk} | ({"indices": ["000001", "000300", "000905"]} if risk != "none" else {}),
    }
    whole = plan_of(settings)
    rows, starts = rows_of(random_records(random.Random(3), "ordinary", False, 2_000))
    found = by_kernel(rows, starts, whole.segments[0], whole)
    left = int(((found[k.R_FLAGS] & k.G_EXACT) != 0).sum())
    assert left <= 20
    assert int((found[k.R_SCOPE] > 0).sum()) > 800


@pytest.mark.parametrize("rounding", ["half_up", "truncate"])
@pytest.mark.parametrize("averaging", ["moving_weighted", "weighted"])
def test_structural_ties(rounding: str, averaging: str) -> None:
    """Losses that end in exactly half a fen: many of them, equal to the twin, and most of them proven by the kernel."""
    settings = {
        "case": {"name": "样本", "security": "600000", "rules": "cn2022", "direction": "inducing_purchase"},
        "dates": {"implementation": "2022-03-01", "revelation": "2023-07-20", "benchmark": "2023-08-31"},
        "method": {"averaging": averaging, "rounding": rounding},
        "deduction": {"market_risk": "fixed", "ratio": "0.5", "reason": "甲"},
    }
    settings["dates"]["benchmark_price"] = "3.0050"
    whole = plan_of(settings)
    plan = whole.segments[0]
    groups = random_records(random.Random(9), "ties", False, 1_500)
    rows, starts = rows_of(groups)
    fast, exact = by_kernel(rows, starts, plan, whole), by_twin(rows, starts, plan, whole)
    open_ = (fast[k.R_FLAGS] & k.G_EXACT) != 0
    assert (fast == exact)[:, ~open_].all()
    ties = proven = 0
    for i, group in enumerate(groups):
        outcome = settle(walk(counted_rows(group, plan), plan), plan, whole)
        for amount in (outcome.difference, outcome.award):
            if (amount * 100).denominator == 2:
                ties += 1
                proven += not open_[i]
    assert ties > 100
    assert proven > ties * 0.9


def tied_groups(count: int) -> list[list[Trade]]:
    """Shares bought at one price and sold off in parts that no binary fraction holds; the rest is held.

    The averages stay 4.0050 and, on the index, 1,000, however the arithmetic on the way is rounded.
    """
    rng = random.Random(17)
    first, out = ordinal(dt.date(2022, 3, 2)), []
    for _ in range(count):
        left = 10 * rng.choice([3, 7, 9, 11, 13, 21, 33, 57, 101, 997])
        group = [Trade(first, BUY, left, 40_050)]
        for place in range(rng.randint(1, 6)):
            part = 10 * rng.randint(1, max(left // 30, 1))
            if part >= left:
                break
            left -= part
            group.append(Trade(first + 20 + place, SELL, part, 41_000))
        out.append(group)
    return out


@pytest.mark.parametrize("rounding", ["half_up", "truncate"])
@pytest.mark.parametrize(("after", "tie"), [("900", "award"), ("999.9995", "drop")])
def test_structural_ties_after_sales_with_an_index(rounding: str, after: str, tie: str) -> None:
    """The award a share is 2.0050 - 0.1 * 4.0050 = 1.6045, so that amounts often end in half a fen; or the index falls
    by half a millionth. The kernel reaches both over costs that were rounded on the way, and may not be misled."""
    settings = _plain() | {
        "method": {"rounding": rounding},
        "deduction": {"market_risk": "synchronised_index", "indices": ["000300"]},
    }
    settings["dates"] |= {"benchmark": "2023-08-31", "benchmark_price": "2.0000"}
    days = trading_calendar().between(dt.date(2022, 1, 4), dt.date(2023, 12, 29))
    close = [units("1000") if day < dt.date(2023, 7, 20) else units(after) for day in days]
    index = Series("000300", np.array([ordinal(day) for day in days], np.int32), np.array(close, np.int64))
    whole = prepare(parse_case(settings), market=market(), indices=[index])
    plan, groups = whole.segments[0], tied_groups(600)
    rows, starts = rows_of(groups)
    fast, exact = by_kernel(rows, starts, plan, whole), by_twin(rows, starts, plan, whole)
    open_ = (fast[k.R_FLAGS] & k.G_EXACT) != 0
    assert (fast == exact)[:, ~open_].all()
    outcomes = [settle(walk(group, plan), plan, whole) for group in groups]
    if tie == "award":
        assert sum((outcome.award * 100).denominator == 2 for outcome in outcomes) > 50
        assert not open_.all()
    else:
        assert all(outcome.drops == (Fraction(1, 2_000_000),) for outcome in outcomes)


def test_measure_block_recomputes_what_the_kernel_leaves_open() -> None:
    rng = random.Random(21)
    whole = plan_of(_plain())
    rows, starts = rows_of(random_records(rng, "ordinary", True, 200))
    plan = whole.segments[0]
    compiled = kernel_plan(plan, whole)
    assert not isinstance(compiled, str)
    out, recomputed = measure_block(rows, starts, plan, whole, compiled, checks_of(whole), BASE)
    fast = by_kernel(rows, starts, plan, whole)
    assert recomputed == int(((fast[k.R_FLAGS] & k.G_EXACT) != 0).sum()) > 0
    assert (out == by_twin(rows, starts, plan, whole)).all()
    assert not (out[k.R_FLAGS] & k.G_EXACT).any()
    every, all_of_them = measure_block(rows, starts, plan, whole, None, checks_of(whole), BASE)
    assert all_of_them == 200
    assert (every == out).all()


def _plain() -> dict[str, dict[str, str]]:
    return {
        "case": {"name": "样本", "security": "600000", "rules": "cn2022", "direction": "inducing_purchase"},
        "dates": {"implementation": "2022-03-01", "revelation": "2023-07-20"},
    }


@pytest.mark.parametrize("part", ["recorded", "deduct", "separate"])
def test_what_is_always_exact_says_so(part: str) -> None:
    settings = _plain()
    if part == "recorded":
        settings["fees"] = {"mode": "recorded"}
        settings["deduction"] = {"market_risk": "synchronised_index", "indices": ["000300"]}  # type: ignore[dict-item]
    elif part == "deduct":
        settings["method"] = {"dividends": "deduct"}
    else:
        settings["deduction"] = {"market_risk": "synchronised_index", "indices": ["000300"], "parts": "separate"}  # type: ignore[dict-item]
    whole = plan_of(settings)
    reason = kernel_plan(whole.segments[0], whole)
    assert isinstance(reason, str)
    assert {"recorded": "recorded fees", "deduct": "dividends", "separate": "separate parts"}[part] in reason


def test_ratios_too_fine_for_integers_go_to_exact_arithmetic() -> None:
    action = CorporateAction(dt.date(2022, 6, 1), bonus_ratio=Fraction(1, 10_000_019))
    whole = plan_of(_plain(), (action,))
    reason = kernel_plan(whole.segments[0], whole)
    assert isinstance(reason, str) and "too fine" in reason
