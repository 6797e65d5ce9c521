"""The walk without lots, for what is common: purchases only, in one unbroken window, and an average that needs no lots.

What was bought before the window goes out first, then what was bought in it, then the rest; so three counters do.
"""

from __future__ import annotations

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernel_layout import *  # noqa: F403 - positions only, a hundred of them
from fengqiao.engine.loss.kernel_walk import (
    ROW_LIMIT, SUM_LIMIT, UNBOUNDED, Pointer, check_row, clear, empty_series, enter_series, greatest_divisor, in_order,
    leave_series, shrink, shrink_exactly,
)  # fmt: skip
from fengqiao.engine.loss.rows import BUY


@kernel
def counted_walk(start: int, end: int, exactly: int, series: int, date: Pointer, time: Pointer, sequence: Pointer,
                 side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer, account: Pointer, p: Pointer,
                 t: Pointer, w: Pointer, f: Pointer) -> int:  # fmt: skip
    """As `kernel_walk.walk`, for records without a column of kinds where P_COUNTED is set."""
    base, width, t1, benchmark, limit = p[P_BASE], p[P_WIDTH], p[P_T1], p[P_BENCHMARK], p[P_LARGEST_FACTOR]
    own_first, own_last, replay_limit, moving = p[P_OWN_FIRST], p[P_OWN_LAST], p[P_REPLAY_LIMIT], p[P_AVERAGING] == 0
    before = after = oversold = flags = scope = cost = shrinks = entered = entered_value = gone = gone_value = 0
    exited = exit_value = exit_duty = 0
    first = last = -1
    hi, lo, denominator = 0.0, 0.0, 1.0
    clear(series, w, f)
    for r in range(start, end):
        if r > start and not in_order(r, date, time, sequence, side, kind, quantity, price, account, 0, p, r - 1):
            return NOT_IN_ORDER
        if date[r] > benchmark:
            continue
        day = (date[r] - base) * width
        flags |= check_row(r, start, day, date, time, sequence, side, quantity, price, account, p, t)
        amount = quantity[r] * t[day + D_FACTOR]
        unit = price[r] * t[day + D_A] + t[day + D_B]
        if quantity[r] > limit or unit < 0 or float(amount) * float(unit) > ROW_LIMIT:
            return NEEDS_EXACT
        if exit_value + gone_value > SUM_LIMIT:
            return NEEDS_EXACT
        value = amount * unit
        if side[r] == BUY:
            if date[r] < own_first:
                before += amount
            elif date[r] > own_last:
                after += amount
            else:
                if amount > replay_limit or entered_value > SUM_LIMIT:
                    return NEEDS_EXACT
                first = date[r] if scope == 0 else first
                scope, cost = scope + amount, cost + value
                entered, entered_value = entered + amount, entered_value + value
                if not enter_series(day, amount, series, t, w):
                    return NEEDS_EXACT
            continue
        part = min(amount, before)
        before, amount = before - part, amount - part
        if date[r] >= t1:
            part = min(amount, scope - exited)
            exited, exit_value = exited + part, exit_value + part * unit
            exit_duty += part * t[day + D_DUTY]
            last = date[r] if part else last
            if not leave_series(day, part, 1, series, t, w):
                return NEEDS_EXACT
        else:
            part = min(amount, scope)
            if part:
                gone, gone_value = gone + part, gone_value + part * unit
                if not leave_series(day, part, 0, series, t, w):
                    return NEEDS_EXACT
                whole, scope = scope, scope - part
                if scope == 0:
                    cost, shrinks, hi, lo, denominator = 0, 0, 0.0, 0.0, 1.0
                    empty_series(series, w, f)
                elif moving:
                    if exactly:
                        denominator *= float(whole // greatest_divisor(whole, scope))
                        hi, lo = shrink_exactly(whole, scope, cost, hi, lo, series, w, f)
                    else:
                        hi = shrink(whole, scope, cost, hi, series, w, f)
                    cost, shrinks = 0, shrinks + 1
        amount -= part
        part = min(amount, after)
        after, oversold = after - part, oversold + amount - part
    if oversold >= p[P_L]:
        flags |= G_OVERSOLD
    if p[P_DROP_DUPLICATES] and flags & G_DUPLICATE:
        return NEEDS_EXACT
    w[W_SCOPE], w[W_COST], w[W_SHRINKS], w[W_FIRST], w[W_LAST] = scope, cost, shrinks, first, last
    w[W_ENTERED], w[W_ENTERED_VALUE], w[W_ENTRY_DUTY] = entered, entered_value, 0
    w[W_LEFT], w[W_LEFT_VALUE], w[W_FIFO_VALUE] = gone, gone_value, 0
    w[W_EXITED], w[W_EXIT_VALUE], w[W_DUTY] = exited, exit_value, exit_duty
    w[W_OVERSOLD], w[W_FLAGS] = oversold, flags
    f[F_HI], f[F_LO], f[F_DENOMINATOR] = hi, lo, denominator if exactly or not shrinks else UNBOUNDED
    f[F_ERROR] = float(shrinks) * (2.0**-99 if exactly else 2.0**-50)
    return WALKED
