"""A segment plan as the integers the kernels read; says so when a plan needs exact arithmetic for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine import law
from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.checks import day_checks
from fengqiao.engine.loss.market import day_of, ordinal
from fengqiao.engine.loss.recorded_fees import FeePlan
from fengqiao.engine.loss.rows import BLOCK, BONUS, DIVIDEND, KINDS, OPENING, RIGHTS, TRANSFER_IN, TRANSFER_OUT
from fengqiao.engine.loss.ruleset import day_count_basis, rate_table
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN, round_digits, round_fraction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.plan import CasePlan, Replay, SegmentPlan

FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
LARGEST_UNIT = 10**6
LARGEST_RATIO = 10**12
QUANTITY_BITS = 44
NO_PRICE_FITS = 1 << 62  # on days without trading every price is odd; the status then says why


@dataclass(frozen=True)
class KernelPlan:
    """Parameters and day table of one segment for the kernels; width is the number of columns of the table.

    fees: what recorded fees need, which are added to what the kernels give (`recorded_fees`); None for flat ones.
    """

    parameters: NDArray[np.int64]
    days: NDArray[np.int64]
    series: int
    fees: FeePlan | None = None


def kernel_plan(plan: SegmentPlan, whole: CasePlan) -> KernelPlan | str:
    """The plan as integers, or a sentence saying why every investor of it needs exact arithmetic.

    Recorded fees beside a comparison or with 诱空, dividends to deduct and the comparison in separate parts are left to
    exact arithmetic, as are ratios and adjustments whose common denominators are too large for 64-bit integers.
    """
    case = whole.case
    if plan.dividend_days or case.method.dividends == "deduct":
        return "dividends to be deducted (method.dividends)"
    if case.deduction.parts == "separate" and case.deduction.market_risk == "synchronised_index":
        return "a comparison in separate parts (deduction.parts)"
    if len(plan.replay) > k.MAX_SERIES:
        return f"more than {k.MAX_SERIES} series"
    try:
        return _build(plan, whole) if case.fees.mode == "flat" else _with_recorded_fees(plan, whole)
    except OverflowError as error:
        return str(error)


def _small(value: int, limit: int, what: str) -> int:
    if abs(value) > limit:
        raise OverflowError(f"{what} too fine for 64-bit integers")
    return value


def _build(plan: SegmentPlan, whole: CasePlan) -> KernelPlan:
    bases = [*plan.adjustment.bases]
    shares = lcm(*(basis.shares.denominator for basis in bases)) if bases else 1
    units = lcm(*(part.denominator for basis in bases for part in (basis.scale, basis.shift * PRICE_UNITS_PER_YUAN))) \
        if bases else 1  # fmt: skip
    _small(shares, LARGEST_UNIT, "bonus ratios"), _small(units, LARGEST_UNIT, "ex-rights prices")
    p = np.zeros(k.PARAMETERS, dtype=np.int64)
    _core_parameters(p, plan, whole, shares, units)
    _ratio_parameters(p, plan, whole)
    short = not plan.replay and whole.case.fees.interest == "none"
    width = k.D_SHORT if short else k.D_SERIES + len(plan.replay)
    days = np.zeros(((LAST_DAY - FIRST_DAY).days + 1, width), dtype=np.int64)
    _fill_days(days, p, plan, whole, shares, units)
    own = np.flatnonzero(days[:, k.D_SCOPE] & k.OWN_SCOPE) + ordinal(FIRST_DAY)
    if len(own) and own[-1] - own[0] == len(own) - 1:
        p[k.P_COUNTED] = plan.purchases and plan.method.averaging != "fifo_weighted"
        p[k.P_OWN_FIRST], p[k.P_OWN_LAST] = own[0], own[-1]
    p[k.P_BASE], p[k.P_WIDTH] = ordinal(FIRST_DAY), days.shape[1]
    for j, series in enumerate(plan.replay):
        held = series.held * PRICE_UNITS_PER_YUAN * (units if series.price_like else 1)
        p[k.P_HELD + 2 * j] = _small(held.numerator, 1 << 60, series.name)
        p[k.P_HELD + 2 * j + 1] = _small(held.denominator, LARGEST_RATIO, series.name)
    largest = int(days[:, k.D_FACTOR].max())
    p[k.P_LARGEST_FACTOR] = (1 << QUANTITY_BITS) // largest
    value = int(days[:, k.D_SERIES :].max()) if plan.replay else 1
    p[k.P_REPLAY_LIMIT] = (1 << 56) // max(value, 1)
    return KernelPlan(p, np.ascontiguousarray(days), len(plan.replay))


def _with_recorded_fees(plan: SegmentPlan, whole: CasePlan) -> KernelPlan | str:
    """The plan without fees and interest, and what is needed to add those that were recorded."""
    fees, method = whole.case.fees, plan.method
    if not plan.purchases or plan.replay:
        return "recorded fees beside a comparison or with an inducing sale (fees.mode)"
    built = _build(plan, replace(whole, case=replace(whole.case, fees=replace(fees, mode="flat", interest="none"))))
    own = np.flatnonzero(built.days[:, k.D_SCOPE] & k.OWN_SCOPE) + ordinal(FIRST_DAY)
    if not len(own) or own[-1] - own[0] != len(own) - 1:
        return "recorded fees where segments overlap (fees.mode)"
    p = built.parameters
    keep = Fraction(int(p[k.P_KEEP_NUM]), int(p[k.P_KEEP_DEN]))
    days = np.zeros((len(built.days), k.FEE_DAYS), dtype=np.int64)
    days[:, 0] = built.days[:, k.D_FACTOR]
    per_day = 0
    if fees.interest != "none":
        days[:, 1], per_day = _interest_days(int(p[k.P_BASE]), len(days))
    recorded = FeePlan(
        keep, method.floor == "each_part", int(own[0]), int(own[-1]), int(p[k.P_T1]), int(p[k.P_BENCHMARK]),
        int(p[k.P_BASE]), days, per_day, int(p[k.P_LARGEST_FACTOR]), method.rounding,
    )  # fmt: skip
    return replace(built, fees=recorded)


def _core_parameters(p: NDArray[np.int64], plan: SegmentPlan, whole: CasePlan, shares: int, units: int) -> None:
    method = plan.method
    price = plan.price * PRICE_UNITS_PER_YUAN * units
    p[k.P_PURCHASES], p[k.P_T1], p[k.P_BENCHMARK] = plan.purchases, ordinal(plan.t1), ordinal(plan.benchmark)
    p[k.P_SERIES], p[k.P_AVERAGING] = len(plan.replay), k.AVERAGING_CODES[method.averaging]
    p[k.P_EACH_PART], p[k.P_HALF_UP] = method.floor == "each_part", method.rounding == "half_up"
    p[k.P_L], p[k.P_M] = shares, units
    p[k.P_PRICE_NUM] = _small(price.numerator, 1 << 50, "the benchmark price")
    p[k.P_PRICE_DEN] = _small(price.denominator, LARGEST_RATIO, "the benchmark price")
    p[k.P_DROP_DUPLICATES] = method.duplicates == "drop"
    for kind in range(len(KINDS)):
        p[k.P_KINDS + kind] = _operation(kind, plan)


def _operation(kind: int, plan: SegmentPlan) -> int:
    """What the kernels do with a kind of row; see `exact.Walk` for the meaning."""
    if kind in (TRANSFER_OUT, BONUS):
        return k.KIND_EXACT
    if kind == DIVIDEND:
        return k.KIND_SKIP
    if kind == OPENING:
        return k.KIND_OUT
    if kind == BLOCK:
        return k.KIND_PLAIN if plan.method.block_trades == "count" else k.KIND_OUT
    if kind == TRANSFER_IN:
        return k.KIND_PRICED if plan.purchases else k.KIND_OUT
    if kind == RIGHTS:
        if plan.method.rights == "adjust" and any(action.rights_ratio for action in plan.adjustment.actions):
            return k.KIND_EXACT
        return k.KIND_PLAIN if plan.purchases else k.KIND_OUT
    return k.KIND_PLAIN


def _ratio_parameters(p: NDArray[np.int64], plan: SegmentPlan, whole: CasePlan) -> None:
    deduction, method = whole.case.deduction, whole.case.method
    risks = {"synchronised_index": k.RISK_INDEX, "simulated_price": k.RISK_PATH}
    other = deduction.other_ratio or Fraction(0)
    ratio = (deduction.ratio or Fraction(0)) if deduction.market_risk == "fixed" else Fraction(0)
    if method.ratio_digits is not None:
        ratio = round_digits(ratio, method.ratio_digits)
        p[k.P_RATIO_SCALE] = 10**method.ratio_digits
    kept = (1 - ratio) * (1 - other) if deduction.combination == "multiply" else max(1 - ratio - other, Fraction(0))
    p[k.P_RISK] = risks.get(deduction.market_risk, k.RISK_RATIO)
    p[k.P_INDEX_EACH], p[k.P_ADD] = deduction.index_floor == "each", deduction.combination == "add"
    p[k.P_KEEP_NUM] = kept.numerator
    p[k.P_KEEP_DEN] = _small(kept.denominator, LARGEST_RATIO, "the ratios")
    p[k.P_OTHER_NUM] = other.numerator
    p[k.P_OTHER_DEN] = _small(other.denominator, LARGEST_RATIO, "other_ratio")
    p[k.P_RATIO_FIXED_MICRO] = round_fraction(ratio * 10**6)
    p[k.P_COMMISSION_NUM] = whole.commission.numerator
    p[k.P_COMMISSION_DEN] = _small(whole.commission.denominator, LARGEST_RATIO, "commission_rate")


def _fill_days(
    days: NDArray[np.int64], p: NDArray[np.int64], plan: SegmentPlan, whole: CasePlan, shares: int, units: int
) -> None:
    base = ordinal(FIRST_DAY)
    for start, end in plan.windows:
        for number in range(ordinal(start), ordinal(end)):
            day = day_of(number)
            own, every = plan.in_scope(day), plan.in_any_window(day)
            days[number - base, k.D_SCOPE] = k.OWN_SCOPE * own + k.ANY_SCOPE * every
    ends = [ordinal(day) - base for day in plan.adjustment.ex_dates]
    first = 0
    for stop, basis in zip([*ends, len(days)], [*plan.adjustment.bases, None], strict=True):
        days[first:stop, k.D_FACTOR] = (basis.shares * shares).numerator if basis else shares
        days[first:stop, k.D_A] = (basis.scale * units).numerator if basis else units
        days[first:stop, k.D_B] = (basis.shift * PRICE_UNITS_PER_YUAN * units).numerator if basis else 0
        first = stop
    _fill_duty(days, p, plan, base)
    if whole.case.fees.interest == "demand_deposit":
        p[k.P_INTEREST] = 1
        days[:, k.D_INTEREST], p[k.P_INTEREST_DEN] = _interest_days(base, len(days))
    status, low, high = day_checks(whole, base, len(days))
    low[(status == k.NOT_TRADING) | (status == k.SUSPENDED)] = NO_PRICE_FITS
    days[:, k.D_STATUS], days[:, k.D_LOW], days[:, k.D_HIGH] = status, low, high
    for j, series in enumerate(plan.replay):
        days[:, k.D_SERIES + j] = _series_days(series, base, len(days), units)


def _fill_duty(days: NDArray[np.int64], p: NDArray[np.int64], plan: SegmentPlan, base: int) -> None:
    """Rates of the days on which an in-scope sale can happen; a date without a known rate is refused."""
    if plan.purchases:
        span = range(ordinal(plan.t1), ordinal(plan.benchmark) + 1)
    else:
        start, end = plan.windows[plan.place]
        span = range(ordinal(start), ordinal(end))
    rates = {number: plan.duty_on(number) for number in span}
    denominator = lcm(*(rate.denominator for rate in rates.values()))
    p[k.P_DUTY_DEN] = _small(denominator, LARGEST_RATIO, "stamp_duty_rate")
    for number, rate in rates.items():
        days[number - base, k.D_DUTY] = int(rate * denominator)
    last = rates[span[-1]]
    p[k.P_DUTY_BENCHMARK] = int(last * denominator)
    p[k.P_DUTY_UNIFORM] = all(rate == last for rate in rates.values())


def _interest_days(base: int, length: int) -> tuple[NDArray[np.int64], int]:
    """Interest on 1 yuan accumulated until each day, -1 before it is known, and its denominator."""
    table = rate_table("interest.demand_deposit")
    denominator = lcm(*(Fraction(step.value).denominator for step in law.history("interest.demand_deposit")))  # type: ignore[arg-type]
    start = ordinal(table.starts[0])
    accumulated = np.full(length, -1, dtype=np.int64)
    daily = np.zeros(length, dtype=np.int64)
    bounds = [ordinal(day) - base for day in table.starts] + [length]
    for step, first, end in zip(table.steps, bounds[:-1], bounds[1:], strict=True):
        daily[first:end] = int(Fraction(step.value) * denominator)  # type: ignore[arg-type]
    accumulated[start - base :] = np.concatenate(([0], np.cumsum(daily[start - base : -1])))
    return accumulated, denominator * day_count_basis()


def _series_days(series: Replay, base: int, length: int, units: int) -> NDArray[np.int64]:
    """Value of every day, carried forward over days without one."""
    source = series.series
    places = np.searchsorted(source.date, np.arange(base, base + length, dtype=np.int64), side="right") - 1
    values = source.close[np.maximum(places, 0)].astype(np.int64)
    if series.adjustment is None:
        return values
    out = np.empty(length, dtype=np.int64)
    ends = [ordinal(day) - base for day in series.adjustment.ex_dates]
    first = 0
    for end, basis in zip([*ends, length], [*series.adjustment.bases, None], strict=True):
        a = int(basis.scale * units) if basis else units
        b = int(basis.shift * PRICE_UNITS_PER_YUAN * units) if basis else 0
        out[first:end] = values[first:end] * a + b
        first = end
    return out


def kernel_plans(whole: CasePlan) -> tuple[list[KernelPlan | None], list[str]]:
    """One kernel plan a segment, None where it needs exact arithmetic; and the reasons for the latter."""
    found = [kernel_plan(plan, whole) for plan in whole.segments]
    reasons = _distinct(item for item in found if isinstance(item, str))
    return [None if isinstance(item, str) else item for item in found], reasons


def _distinct(reasons: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(reasons))
