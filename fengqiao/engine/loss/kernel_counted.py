"""The walk without lots, for what is common: purchases only, in one unbroken window, and an average that needs no lots.

What was bought before the window goes out first, then what was bought in it, then the rest; so three counters do.
"""

from __future__ import annotations

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernel_layout import *  # noqa: F403 - positions only, a hundred of them
from fengqiao.engine.loss.kernel_walk import (
    ROW_LIMIT,
    SUM_LIMIT,
    Pointer,
    check_row,
    clear,
    enter_series,
    finish,
    in_order,
    leave_series,
    pool_out,
)  # fmt: skip
from fengqiao.engine.loss.rows import BUY

SMALL = 1 << 28  # the product of two such is below ROW_LIMIT
LONG_AGO = -(1 << 40)


@kernel
def too_large(quantity: int, amount: int, unit: int, limit: int) -> bool:
    """Whether a row is beyond what integers of 64 bits add up."""
    if quantity > limit:
        return True
    if 0 <= amount < SMALL and 0 <= unit < SMALL:
        return False
    return bool(unit < 0 or float(amount) * float(unit) > ROW_LIMIT)


@kernel
def comes_after(time: int, sequence: int, clock: int, order: int) -> bool:
    """Whether a row of the same day comes after one with the time `clock` and the number `order` beyond doubt: it is
    in order then, repeats nothing, and its number does not run against its time. All of it without a branch."""
    return bool(((time > clock) & (sequence >= order)) | ((time == clock) & (sequence > order)))


@kernel
def counted_walk(start: int, end: int, exactly: int, series: int, date: Pointer, time: Pointer, sequence: Pointer,
                 side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer, account: Pointer, p: Pointer,
                 t: Pointer, w: Pointer, f: Pointer) -> int:  # fmt: skip
    """As `kernel_walk.walk`, for records without a column of kinds where P_COUNTED is set."""
    base, width, t1, benchmark, limit = p[P_BASE], p[P_WIDTH], p[P_T1], p[P_BENCHMARK], p[P_LARGEST_FACTOR]
    own_first, own_last, replay_limit, moving = p[P_OWN_FIRST], p[P_OWN_LAST], p[P_REPLAY_LIMIT], p[P_AVERAGING] == 0
    before = after = oversold = flags = scope = cost = shrinks = entered = entered_value = gone = gone_value = 0
    exited, exit_value, exit_duty, first, last, hi, lo, denominator = 0, 0, 0, -1, -1, 0.0, 0.0, 1.0
    timed, number, clock, order = p[P_HAS_TIME] != 0 and p[P_HAS_SEQUENCE] != 0, LONG_AGO, 0, 0
    clear(series, w, f)
    for r in range(start, end):
        later = date[r] > number
        if timed:
            later |= (date[r] == number) & comes_after(time[r], sequence[r], clock, order)
            clock, order = time[r], sequence[r]
        if not later and not in_order(r, date, time, sequence, side, kind, quantity, price, account, 0, p, r - 1):
            return NOT_IN_ORDER
        number = date[r]
        if number > benchmark:
            continue
        day = (number - base) * width
        if not later or price[r] < t[day + D_LOW] or price[r] > t[day + D_HIGH]:
            flags |= check_row(r, start, day, date, time, sequence, side, quantity, price, account, p, t)
        amount = quantity[r] * t[day + D_FACTOR]
        unit = price[r] * t[day + D_A] + t[day + D_B]
        if too_large(quantity[r], amount, unit, limit) or exit_value + gone_value > SUM_LIMIT:
            return NEEDS_EXACT
        if side[r] == BUY:
            if date[r] < own_first:
                before += amount
            elif date[r] > own_last:
                after += amount
            else:
                if amount > replay_limit or entered_value > SUM_LIMIT or not enter_series(day, amount, series, t, w):
                    return NEEDS_EXACT
                first = date[r] if scope == 0 else first
                scope, cost = scope + amount, cost + amount * unit
                entered, entered_value = entered + amount, entered_value + amount * unit
            continue
        part = min(amount, before)
        before, amount = before - part, amount - part
        frozen, part = date[r] >= t1, min(amount, scope - exited)
        if part and not leave_series(day, part, frozen, series, t, w):
            return NEEDS_EXACT
        if part and frozen:
            exited, exit_value, last = exited + part, exit_value + part * unit, date[r]
            exit_duty += part * t[day + D_DUTY]
        elif part:
            gone, gone_value = gone + part, gone_value + part * unit
            scope, cost, shrinks, hi, lo, denominator = pool_out(
                scope, part, cost, shrinks, hi, lo, denominator, moving, exactly, series, w, f
            )
        amount -= part
        part = min(amount, after)
        after, oversold = after - part, oversold + amount - part
    w[W_ENTRY_DUTY] = 0
    return finish(
        exactly, flags, oversold, scope, cost, shrinks, first, last, entered, entered_value, gone, gone_value, 0,
        exited, exit_value, exit_duty, hi, lo, denominator, p, w, f,
    )  # fmt: skip
