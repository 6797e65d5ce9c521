"""Recorded fees (fees.mode = "recorded") of investors whose other figures the kernel has proven.

`kernel_fees` adds them up for all investors at once; those for whom it leaves a rounding open are added up here. The
plain twin adds up fees lot by lot (`exact.Walk.fee_parts`). All shares of one window go out first in, first out:
what came before it, then what was bought in it, then the rest. So of the purchases in the window those that are left at
T1 are the last ones, and counters do. Only a purchase or a sale that counts in part leaves a fraction. No rounding
happens before the fen, so nothing has to be bounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.native import address, kernels
from fengqiao.engine.loss.rows import ABSENT, BUY, OPENING, TRADE
from fengqiao.engine.loss.ruleset import interest_factor
from fengqiao.engine.money import FEN_PER_YUAN, PRICE_UNITS_PER_YUAN, round_fraction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from fengqiao.engine.money import Rounding

LARGEST_TOTAL = 10**18  # fen; what goes beyond is for exact arithmetic, as are records of other kinds
PER_FEN = PRICE_UNITS_PER_YUAN // FEN_PER_YUAN
Row = tuple[bool, int, int, int, int, int, int, int, int]


@dataclass(frozen=True)
class FeePlan:
    """What recorded fees of a segment depend on, besides the rows.

    keep: the share of the difference that is awarded. each_part: parts below zero count as zero. own_first, own_last:
    the days of the window, all of them in scope. days: quantity factor of each day from `base` on, and interest
    accumulated until it. interest: the denominator of the latter, 0 without interest on the award. largest: the largest
    quantity that the kernel takes.
    """

    keep: Fraction
    each_part: bool
    own_first: int
    own_last: int
    t1: int
    benchmark: int
    base: int
    days: NDArray[np.int64]
    interest: int
    largest: int
    rounding: Rounding

    def parameters(self, rows: Any) -> NDArray[np.int64]:
        """The plan as the kernel takes it, for rows that have certain columns."""
        p = np.zeros(k.FEE_PARAMETERS, dtype=np.int64)
        p[k.FEE_OWN_FIRST], p[k.FEE_OWN_LAST], p[k.FEE_T1] = self.own_first, self.own_last, self.t1
        p[k.FEE_BENCHMARK], p[k.FEE_BASE], p[k.FEE_LARGEST_FACTOR] = self.benchmark, self.base, self.largest
        p[k.FEE_KEEP_NUM], p[k.FEE_KEEP_DEN] = self.keep.numerator, self.keep.denominator * PER_FEN
        p[k.FEE_HALF_UP], p[k.FEE_INTEREST_DEN] = self.rounding == "half_up", self.interest
        for flag, column in (
            (k.FEE_HAS_TIME, rows.time), (k.FEE_HAS_SEQUENCE, rows.sequence), (k.FEE_HAS_KIND, rows.kind),
            (k.FEE_HAS_COMMISSION, rows.commission), (k.FEE_HAS_STAMP_DUTY, rows.stamp_duty),
        ):  # fmt: skip
            p[flag] = column is not None
        return p


@dataclass
class Fees:
    """Recorded fees of one investor in 1/10000 yuan, with the shares they belong to, in the kernel's units."""

    commission: Fraction = Fraction(0)
    stamp_duty: Fraction = Fraction(0)
    scope: int = 0
    exited: int = 0
    first_entry: int = ABSENT
    last_exit: int = ABSENT


def add_recorded_fees(
    rows: Any, starts: NDArray[np.int64], plan: FeePlan, out: NDArray[np.int64], progress: Callable[[int], None] | None
) -> None:
    """Put commission, stamp duty, interest and total of every investor into kernel results.

    rows: `block.Rows`. Investors whose rows need the plain twin get the flag G_EXACT.
    """
    open_ = (out[k.R_FLAGS] & k.G_EXACT) != 0
    # less than half a fen shows as no difference, but carries its fees: no loss must be certain
    none = (out[k.R_SCOPE] == 0) | ((out[k.R_STOCK_DROP] < 0) & (out[k.R_STOCK_DROP] != k.NONE) & (not plan.each_part))
    out[k.R_FLAGS, (out[k.R_DIFFERENCE] == 0) & ~none & ~open_] |= k.G_EXACT
    for field in (k.R_COMMISSION, k.R_STAMP_DUTY, k.R_INTEREST):
        out[field] = 0
    out[k.R_TOTAL] = out[k.R_AWARD]
    fees_one_by_one(rows, starts, plan, out, fees_by_kernel(rows, starts, plan, out), progress)


def fees_one_by_one(
    rows: Any, starts: NDArray[np.int64], plan: FeePlan, out: NDArray[np.int64], investors: Iterable[int],
    progress: Callable[[int], None] | None,
) -> None:  # fmt: skip
    """Add up the fees of some investors in fractions."""
    for done, i in enumerate(investors):
        fees = _fees_of(rows, int(starts[i]), int(starts[i + 1]), plan)
        if fees is None or not _settled(fees, plan, out[:, i]):
            out[k.R_FLAGS, i] |= k.G_EXACT
        if progress is not None and done % 1000 == 999:
            progress(1000)


def fees_by_kernel(rows: Any, starts: NDArray[np.int64], plan: FeePlan, out: NDArray[np.int64]) -> list[int]:
    """Let the kernel add up the fees of everybody; returns those whom it leaves to fractions."""
    investors = len(starts) - 1
    if investors == 0 or not 0 <= plan.keep <= 1:
        return list(map(int, np.flatnonzero((out[k.R_DIFFERENCE] > 0) & ((out[k.R_FLAGS] & k.G_EXACT) == 0))))
    columns = [
        np.zeros(1, dtype=kind) if column is None else column
        for column, kind in (
            (rows.date, np.int32), (rows.time, np.int64), (rows.sequence, np.int64), (rows.side, np.int8),
            (rows.kind, np.int8), (rows.quantity, np.int64), (rows.price, np.int64), (rows.commission, np.int64),
            (rows.stamp_duty, np.int64),
        )
    ]  # fmt: skip
    order, left = np.empty(int(np.diff(starts).max()), dtype=np.int64), np.empty(investors, dtype=np.int64)
    state, fractions = np.zeros(k.FEE_STATE, dtype=np.int64), np.zeros(k.FEE_FRACTIONS)
    arrays = [starts, *columns, order, plan.parameters(rows), plan.days, state, fractions, left, out]
    count = kernels()["recorded_fees"](investors, *(address(array) for array in arrays))
    return list(map(int, left[:count]))


def _settled(fees: Fees, plan: FeePlan, out: NDArray[np.int64]) -> bool:
    """Round the fees of one investor into a column of results; False when they do not fit."""
    award = int(out[k.R_AWARD])
    commission = round_fraction(fees.commission * plan.keep / PER_FEN, plan.rounding)
    duty = round_fraction(fees.stamp_duty * plan.keep / PER_FEN, plan.rounding)
    base, interest = award + commission + duty, 0
    if plan.interest and base:
        end = plan.benchmark if fees.exited < fees.scope else fees.last_exit
        interest = round_fraction(base * interest_factor(day_of(fees.first_entry), day_of(end)), plan.rounding)
    if base + interest >= LARGEST_TOTAL:
        return False
    out[k.R_COMMISSION], out[k.R_STAMP_DUTY] = commission, duty
    out[k.R_INTEREST], out[k.R_TOTAL] = interest, base + interest
    return True


def _fees_of(rows: Any, start: int, end: int, plan: FeePlan) -> Fees | None:
    """The recorded fees of the shares in scope at T1; None when rows are not market trades and opening positions."""
    if rows.kind is not None and not np.isin(rows.kind[start:end], (TRADE, OPENING)).all():
        return None
    n = end - start
    opening = [False] * n if rows.kind is None else (rows.kind[start:end] == OPENING).tolist()
    columns = [
        [ABSENT] * n if column is None else column[start:end].tolist()
        for column in (
            rows.date, rows.time, rows.sequence, rows.side, rows.price, rows.quantity, rows.commission, rows.stamp_duty,
        )
    ]  # fmt: skip
    # the order of `trade.execution_order`, fees included
    return _walked(sorted(zip([not one for one in opening], *columns, strict=True)), plan)


def _walked(rows: Iterable[Row], plan: FeePlan) -> Fees:
    before = after = entered = gone = 0
    lots: list[tuple[int, int, int]] = []
    fees = Fees()
    for traded, date, _, _, side, _, quantity, commission, duty in rows:
        if traded and date > plan.benchmark:
            break
        amount = quantity * int(plan.days[date - plan.base, 0])
        if side == BUY:
            if not traded or date < plan.own_first:
                before += amount
            elif date > plan.own_last:
                after += amount
            else:
                if entered == gone:
                    fees.first_entry = date
                entered += amount
                lots.append((amount, max(commission, 0), max(duty, 0)))
            continue
        part = min(amount, before)
        before, left = before - part, amount - part
        part = min(left, entered - gone - fees.exited)
        left -= part
        after -= min(left, after)
        if part and date >= plan.t1:
            fees.exited, fees.last_exit = fees.exited + part, date
            fees.commission += Fraction(max(commission, 0) * part, amount)
            fees.stamp_duty += Fraction(max(duty, 0) * part, amount)
        else:
            gone += part
    fees.scope = entered - gone
    for amount, commission, duty in lots:
        if gone >= amount:
            gone -= amount
            continue
        fees.commission += Fraction(commission * (amount - gone), amount)
        fees.stamp_duty += Fraction(duty * (amount - gone), amount)
        gone = 0
    return fees
