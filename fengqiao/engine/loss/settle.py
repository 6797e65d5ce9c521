"""From what the walk found to the award, in exact fractions: difference, deductions, fees, interest, rounding.

Sections 4 to 7 of the method. This is the plain twin of the settling part of the kernels.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from fengqiao.engine.loss.market import day_of, ordinal
from fengqiao.engine.loss.ruleset import interest_factor
from fengqiao.engine.money import FEN_PER_YUAN, round_digits, round_fraction

if TYPE_CHECKING:
    from fengqiao.engine.loss.exact import Tally
    from fengqiao.engine.loss.plan import CasePlan, SegmentPlan

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All figures of one investor and segment, exact, and the rounded amounts in fen.

    entry_average, exit_average: prices of what came into scope and what left it in P (诱空: sale and buy-back).
    drops: the relative fall (诱空: rise) on each replay series, stock_drop that of the stock itself.
    ratio: market-risk ratio R that was applied. keep: what remains of 1 yuan after all deductions.
    """

    scope: Fraction = ZERO
    exited: Fraction = ZERO
    held: Fraction = ZERO
    entry_average: Fraction | None = None
    exit_average: Fraction | None = None
    exited_part: Fraction = ZERO
    held_part: Fraction = ZERO
    dividends: Fraction = ZERO
    difference: Fraction = ZERO
    stock_drop: Fraction | None = None
    drops: tuple[Fraction, ...] = ()
    ratio: Fraction = ZERO
    award: Fraction = ZERO
    difference_fen: int = 0
    award_fen: int = 0
    commission_fen: int = 0
    stamp_duty_fen: int = 0
    interest_fen: int = 0
    duty_rate: Fraction = ZERO
    commission_base: Fraction = ZERO
    stamp_duty_base: Fraction = ZERO
    interest_factor: Fraction = ZERO
    interest_from: dt.date | None = None
    interest_to: dt.date | None = None
    marks: frozenset[str] = frozenset()

    @property
    def total_fen(self) -> int:
        """Sum of the rounded items."""
        return self.award_fen + self.commission_fen + self.stamp_duty_fen + self.interest_fen


@dataclass(slots=True)
class _Part:
    """One part of the loss (sold, held, or both together) with what the risk comparison needs."""

    loss: Fraction
    cost: Fraction
    drops: tuple[Fraction | None, ...]


def settle(tally: Tally, plan: SegmentPlan, whole: CasePlan) -> Outcome:
    """The award of one investor and segment.

    difference = (average - exit average) * exited + (average - benchmark price) * held, mirrored for 诱空 (cn2022
    arts. 27, 28; cn2003 arts. 31, 32); award = difference less other causes (art. 31; art. 19(4)).
    """
    marks = frozenset(tally.marks)
    if tally.scope == 0:
        return Outcome(marks=marks, drops=(ZERO,) * len(plan.replay))
    sign = 1 if plan.purchases else -1
    average, held = tally.cost / tally.scope, tally.held
    exited_part = sign * (average * tally.exited - tally.exit_value)
    held_part = sign * (average - plan.price) * held
    raw = exited_part + held_part - tally.dividends
    if plan.method.floor == "each_part":
        difference = max(max(exited_part, ZERO) + max(held_part, ZERO) - tally.dividends, ZERO)
    else:
        difference = max(raw, ZERO)
    award, ratio, comparable, drops = _deduct(tally, plan, whole, difference, (exited_part, held_part))
    if not comparable:
        marks |= {"index_not_comparable"}
    rounding = plan.method.rounding
    award_fen = round_fraction(award * FEN_PER_YUAN, rounding)
    outcome = Outcome(
        scope=tally.scope, exited=tally.exited, held=held,
        entry_average=average, exit_average=tally.exit_value / tally.exited if tally.exited else None,
        exited_part=exited_part, held_part=held_part, dividends=tally.dividends, difference=difference,
        stock_drop=(exited_part + held_part) / tally.cost if tally.cost > 0 else None,
        drops=drops, ratio=ratio, award=award, marks=marks,
        difference_fen=round_fraction(difference * FEN_PER_YUAN, rounding), award_fen=award_fen,
    )  # fmt: skip
    return _with_fees(outcome, tally, plan, whole)


# -- other causes


def _deduct(
    tally: Tally, plan: SegmentPlan, whole: CasePlan, difference: Fraction, parts: tuple[Fraction, Fraction]
) -> tuple[Fraction, Fraction, bool, tuple[Fraction, ...]]:
    """(award, R, whether the comparison could be made, fall on each series)."""
    deduction = whole.case.deduction
    other = deduction.other_ratio or ZERO
    kind = deduction.market_risk
    if kind == "none":
        return _keep(whole, ZERO, other) * difference, ZERO, True, ()
    if kind == "fixed":
        ratio = _digits(deduction.ratio or ZERO, whole)
        return _keep(whole, ratio, other) * difference, ratio, True, ()
    whole_part = _combined(tally, plan, parts)
    drops = tuple(drop if drop is not None else ZERO for drop in whole_part.drops)
    if kind == "simulated_price":
        ratio = _digits(min(max(_simulated(tally, plan), ZERO) / difference, ONE), whole) if difference else ZERO
        return _keep(whole, ratio, other) * difference, ratio, True, drops
    if deduction.parts == "separate":
        return (*_separate(tally, plan, whole, difference, parts), drops)
    found = _index_ratio(whole_part, whole)
    ratio = _digits(found or ZERO, whole)
    return _keep(whole, ratio, other) * difference, ratio, found is not None, drops


def _combined(tally: Tally, plan: SegmentPlan, parts: tuple[Fraction, Fraction]) -> _Part:
    falls = []
    for cost, left, series in zip(tally.replay_cost, tally.replay_exit, plan.replay, strict=True):
        falls.append(_fall(plan, cost, left + tally.held * series.held))
    return _Part(parts[0] + parts[1], tally.cost, tuple(falls))


def _fall(plan: SegmentPlan, cost: Fraction, left: Fraction) -> Fraction | None:
    if cost <= 0:
        return None
    return (cost - left) / cost if plan.purchases else (left - cost) / cost


def _index_ratio(part: _Part, whole: CasePlan) -> Fraction | None:
    """R = mean fall of the indices / fall of the stock, within [0, 1]; None where no comparison can be made."""
    if part.cost <= 0 or part.loss <= 0 or any(drop is None for drop in part.drops):
        return None
    drops = [drop for drop in part.drops if drop is not None]
    if whole.case.deduction.index_floor == "each":
        drops = [max(drop, ZERO) for drop in drops]
    mean = max(sum(drops, ZERO) / len(drops), ZERO)
    return min(mean / (part.loss / part.cost), ONE)


def _separate(
    tally: Tally, plan: SegmentPlan, whole: CasePlan, difference: Fraction, parts: tuple[Fraction, Fraction]
) -> tuple[Fraction, Fraction, bool]:
    """The comparison made for the sold and for the held part, each on its own (parts = "separate")."""
    other = whole.case.deduction.other_ratio or ZERO
    award, after_risk, comparable = ZERO, ZERO, True
    for quantity, loss, held in ((tally.exited, parts[0], False), (tally.held, parts[1], True)):
        if quantity == 0:
            continue
        share = quantity / tally.scope
        falls = []
        for cost, left, series in zip(tally.replay_cost, tally.replay_exit, plan.replay, strict=True):
            falls.append(_fall(plan, cost * share, quantity * series.held if held else left))
        found = _index_ratio(_Part(loss, tally.cost * share, tuple(falls)), whole)
        comparable &= found is not None
        ratio = _digits(found or ZERO, whole)
        counted = max(loss, ZERO) if plan.method.floor == "each_part" else loss
        award += counted * _keep(whole, ratio, other)
        after_risk += counted * (1 - ratio)
    award = max(award - tally.dividends * _keep(whole, ZERO, other), ZERO)
    after_risk = max(after_risk - tally.dividends, ZERO)
    ratio = min(max(1 - after_risk / difference, ZERO), ONE) if difference else ZERO
    return (award if difference else ZERO), ratio, comparable


def _simulated(tally: Tally, plan: SegmentPlan) -> Fraction:
    """The loss of the same trades on the price path without the misstatement.

    A gain on it counts as no loss, so that the award never exceeds the real loss [ours].
    """
    sign = 1 if plan.purchases else -1
    cost, left, held = tally.replay_cost[0], tally.replay_exit[0], tally.held
    share = tally.exited / tally.scope
    exited_part = sign * (cost * share - left)
    held_part = sign * (cost * (1 - share) - held * plan.replay[0].held)
    if plan.method.floor == "each_part":
        return max(exited_part, ZERO) + max(held_part, ZERO)
    return exited_part + held_part


def _digits(ratio: Fraction, whole: CasePlan) -> Fraction:
    digits = whole.case.method.ratio_digits
    return ratio if digits is None else round_digits(ratio, digits)


def _keep(whole: CasePlan, ratio: Fraction, other: Fraction) -> Fraction:
    if whole.case.deduction.combination == "multiply":
        return (1 - ratio) * (1 - other)
    return max(1 - (ratio + other), ZERO)


# -- fees and interest


def duty_rate(tally: Tally, plan: SegmentPlan) -> Fraction:
    """The stamp duty rate of the award: by the date of the in-scope sales, the benchmark date for shares held, weighted
    by quantity (诱空: by the dates of the sales in W that were open at T1)."""
    if not plan.purchases:
        return tally.entry_duty / tally.scope
    return (tally.exit_duty + tally.held * plan.duty_on(ordinal(plan.benchmark))) / tally.scope


def _with_fees(outcome: Outcome, tally: Tally, plan: SegmentPlan, whole: CasePlan) -> Outcome:
    rounding, award = plan.method.rounding, outcome.award_fen
    rate = duty_rate(tally, plan)
    if whole.case.fees.mode == "recorded":
        scale = outcome.award / outcome.difference if outcome.difference else ZERO
        commission_base, duty_base = tally.commission * scale, tally.stamp_duty * scale
        commission = round_fraction(commission_base * FEN_PER_YUAN, rounding)
        stamp_duty = round_fraction(duty_base * FEN_PER_YUAN, rounding)
    else:
        commission_base, duty_base = whole.commission, rate
        commission = round_fraction(award * whole.commission, rounding)
        stamp_duty = round_fraction(award * rate, rounding)
    outcome = replace(
        outcome, commission_fen=commission, stamp_duty_fen=stamp_duty, duty_rate=rate,
        commission_base=commission_base, stamp_duty_base=duty_base,
    )  # fmt: skip
    base = award + commission + stamp_duty
    if whole.case.fees.interest == "none" or base == 0:
        return outcome
    start = day_of(tally.first_entry)
    end = plan.benchmark if outcome.held else day_of(tally.last_exit)
    factor = interest_factor(start, end)
    return replace(
        outcome, interest_factor=factor, interest_from=start, interest_to=end,
        interest_fen=round_fraction(base * factor, rounding),
    )  # fmt: skip
