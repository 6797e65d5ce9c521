"""The fast walk: one investor's rows, one segment, in integers. The plain twin is `exact.walk`.

Arguments that are pointers: date (int32), time, sequence, quantity, price (int64), side, kind (int8), account (int32)
are columns of rows; p parameters, t the day table, w and f the walk state (see `kernel_layout`).
"""

from __future__ import annotations

from typing import Any

from fengqiao.engine.loss import ddouble as dd
from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernel_layout import *  # noqa: F403 - positions only, a hundred of them
from fengqiao.engine.loss.rows import BLOCK, BUY, DIVIDEND, OPENING, TRADE

# amounts stay below 2**62: one row below ROW_LIMIT, the sum checked at every entry
ROW_LIMIT = 2.0**56
SUM_LIMIT = 1 << 61
UNBOUNDED = float("inf")
USE, USE_OPENING, PASS, EXACT, UNORDERED = range(5)

Pointer = Any


@kernel
def clear(series: int, w: Pointer, f: Pointer) -> None:
    """Reset what the walk adds up on the series, and what `consume` takes off."""
    w[W_ENTRY_DUTY] = 0
    for k in range(W_SERIES, W_SERIES + S_FIELDS * series):
        w[k] = 0
    for k in range(F_SERIES, F_SERIES + 2 * series):
        f[k] = 0.0


@kernel
def in_order(r: int, date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer,
             quantity: Pointer, price: Pointer, account: Pointer, has_kind: int, p: Pointer,
             q: int) -> bool:  # fmt: skip
    """True if row q may stand before row r by `trade.record_order`."""
    if has_kind and (kind[q] == OPENING) != (kind[r] == OPENING):
        return bool(kind[q] == OPENING)
    if date[q] != date[r]:
        return bool(date[q] < date[r])
    if p[P_HAS_TIME] and time[q] != time[r]:
        return bool(time[q] < time[r])
    if p[P_HAS_SEQUENCE] and sequence[q] != sequence[r]:
        return bool(sequence[q] < sequence[r])
    if has_kind:
        plain_q, plain_r = is_plain(kind[q]), is_plain(kind[r])
        if plain_q != plain_r:
            return bool(plain_r)
    if side[q] != side[r]:
        return bool(side[q] < side[r])
    if price[q] != price[r]:
        return bool(price[q] < price[r])
    if quantity[q] != quantity[r]:
        return bool(quantity[q] < quantity[r])
    if has_kind and kind[q] != kind[r]:
        return bool(kind[q] < kind[r])
    return bool(not p[P_HAS_ACCOUNT] or account[q] <= account[r])


@kernel
def is_plain(kind: int) -> bool:
    """True for market and block trades."""
    return bool(kind == TRADE or kind == BLOCK)  # noqa: PLR1714, SIM109 - a tuple would cost a loop


@kernel
def operation(r: int, has_kind: int, kind: Pointer, price: Pointer, p: Pointer) -> int:
    """What to do with a row: KIND_PLAIN, out of scope (KIND_OUT, KIND_OTHER for want of a cost), skip, exact."""
    if not has_kind:
        return KIND_PLAIN
    what = p[P_KINDS + kind[r]]
    if what == KIND_PRICED:
        return KIND_PLAIN if price[r] > 0 else KIND_OTHER
    return int(what)


@kernel
def check_row(r: int, start: int, day: int, date: Pointer, time: Pointer, sequence: Pointer, side: Pointer,
              quantity: Pointer, price: Pointer, account: Pointer, p: Pointer, t: Pointer) -> int:  # fmt: skip
    """Flags of what is odd about one market trade, compared with the day and with the row before it."""
    flags = 0
    if price[r] < t[day + D_LOW] or price[r] > t[day + D_HIGH]:
        status = t[day + D_STATUS]
        flags = G_NON_TRADING if status == NOT_TRADING else G_SUSPENDED if status == SUSPENDED else G_PRICE_RANGE
    q = r - 1
    if q < start or date[q] != date[r] or (p[P_HAS_ACCOUNT] and account[q] != account[r]):
        return flags
    ordered = p[P_HAS_TIME] and p[P_HAS_SEQUENCE] and 0 <= time[q] < time[r] and sequence[r] >= 0
    if ordered and sequence[q] > sequence[r]:
        flags |= G_SEQUENCE
    if side[q] != side[r] or quantity[q] != quantity[r] or price[q] != price[r]:
        return flags
    same_time = not p[P_HAS_TIME] or time[q] == time[r]
    same_sequence = not p[P_HAS_SEQUENCE] or sequence[q] == sequence[r]
    if same_time and same_sequence:
        flags |= G_DUPLICATE
    return flags


@kernel
def row_flags(r: int, start: int, day: int, what: int, has_kind: int, date: Pointer, time: Pointer, sequence: Pointer,
              side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer, account: Pointer, p: Pointer,
              t: Pointer) -> int:  # fmt: skip
    """Flags of one row, whatever its kind."""
    flags = G_NO_COST if what == KIND_OTHER else 0
    if has_kind and not is_plain(kind[r]):
        return flags
    if has_kind and kind[r] == BLOCK:
        flags |= G_BLOCK
    flags |= check_row(r, start, day, date, time, sequence, side, quantity, price, account, p, t)
    if has_kind and r > start and kind[r - 1] != kind[r]:
        flags &= ~G_DUPLICATE
    return flags


@kernel
def enter_series(day: int, quantity: int, series: int, t: Pointer, w: Pointer) -> bool:
    """In-scope shares come in on every replay series. False when a sum grows beyond what integers hold."""
    for j in range(series):
        s = W_SERIES + S_FIELDS * j
        amount = quantity * t[day + D_SERIES + j]
        w[s + S_COST] += amount
        w[s + S_ENTERED] += amount
        w[s + S_FIFO] += amount
        if w[s + S_ENTERED] > SUM_LIMIT:
            return False
    return True


@kernel
def leave_series(day: int, taken: int, frozen: int, series: int, t: Pointer, w: Pointer) -> bool:
    """In-scope shares go out on every replay series. False when a sum grows beyond what integers hold."""
    field = S_EXIT if frozen else S_LEFT
    for j in range(series):
        s, value = W_SERIES + S_FIELDS * j + field, t[day + D_SERIES + j]
        if float(taken) * float(value) > ROW_LIMIT or w[s] > SUM_LIMIT:
            return False
        w[s] += taken * value
    return True


@kernel
def greatest_divisor(a: int, b: int) -> int:
    """The greatest common divisor of two positive integers."""
    while b:
        a, b = b, a % b
    return a


@kernel
def shrink(before: int, left: int, cost: int, hi: float, series: int, w: Pointer, f: Pointer) -> float:
    """In-scope shares go out before T1 at an unchanged average (moving_weighted): the new cost, in plain floats.

    Four roundings, so a relative error of at most 4 * 2**-53 each time; where that leaves a rounding open, the
    investor is walked again with `shrink_exactly`.
    """
    ratio = float(left) / float(before)
    for j in range(series):
        s, b = W_SERIES + S_FIELDS * j + S_COST, F_SERIES + 2 * j
        f[b] = (f[b] + float(w[s])) * ratio
        w[s] = 0
    return (hi + float(cost)) * ratio


@kernel
def shrink_exactly(before: int, left: int, cost: int, hi: float, lo: float, series: int, w: Pointer,
                   f: Pointer) -> tuple[float, float]:  # fmt: skip
    """The same in double-double arithmetic."""
    lh, ll = dd.of_int(left)
    bh, bl = dd.of_int(before)
    rh, rl = dd.div(lh, ll, bh, bl)
    ch, cl = dd.of_int(cost)
    ch, cl = dd.add(hi, lo, ch, cl)
    hi, lo = dd.mul(ch, cl, rh, rl)
    for j in range(series):
        s, b = W_SERIES + S_FIELDS * j + S_COST, F_SERIES + 2 * j
        ch, cl = dd.of_int(w[s])
        ch, cl = dd.add(f[b], f[b + 1], ch, cl)
        f[b], f[b + 1] = dd.mul(ch, cl, rh, rl)
        w[s] = 0
    return hi, lo


@kernel
def empty_series(series: int, w: Pointer, f: Pointer) -> None:
    """No in-scope share is left: the costs restart at 0."""
    for j in range(series):
        w[W_SERIES + S_FIELDS * j + S_COST] = 0
        f[F_SERIES + 2 * j] = f[F_SERIES + 2 * j + 1] = 0.0


@kernel
def pool_out(before: int, part: int, cost: int, shrinks: int, hi: float, lo: float, denominator: float, moving: bool,
             exactly: int, series: int, w: Pointer,
             f: Pointer) -> tuple[int, int, int, float, float, float]:  # fmt: skip
    """In-scope shares go out before T1: the new (quantity, cost since, times shrunk, cost base hi, lo, denominator)."""
    scope = before - part
    if scope == 0:
        empty_series(series, w, f)
        return 0, 0, 0, 0.0, 0.0, 1.0
    if not moving:
        return scope, cost, shrinks, hi, lo, denominator
    if exactly:
        denominator *= float(before // greatest_divisor(before, scope))
        hi, lo = shrink_exactly(before, scope, cost, hi, lo, series, w, f)
    else:
        hi = shrink(before, scope, cost, hi, series, w, f)
    return scope, 0, shrinks + 1, hi, lo, denominator


@kernel
def finish(exactly: int, flags: int, oversold: int, scope: int, cost: int, shrinks: int, first: int, last: int,
           entered: int, entered_value: int, gone: int, gone_value: int, fifo: int, exited: int, exit_value: int,
           exit_duty: int, hi: float, lo: float, denominator: float, p: Pointer, w: Pointer,
           f: Pointer) -> int:  # fmt: skip
    """Put down what one investor's rows added up to: WALKED, or NEEDS_EXACT when repeated records are to be dropped."""
    if oversold >= p[P_L]:
        flags |= G_OVERSOLD
    if p[P_DROP_DUPLICATES] and flags & G_DUPLICATE:
        return NEEDS_EXACT
    w[W_SCOPE], w[W_COST], w[W_SHRINKS], w[W_FIRST], w[W_LAST] = scope, cost, shrinks, first, last
    w[W_ENTERED], w[W_ENTERED_VALUE] = entered, entered_value
    w[W_LEFT], w[W_LEFT_VALUE], w[W_FIFO_VALUE] = gone, gone_value, entered_value - fifo
    w[W_EXITED], w[W_EXIT_VALUE], w[W_DUTY] = exited, exit_value, exit_duty
    w[W_OVERSOLD], w[W_FLAGS] = oversold, flags
    f[F_HI], f[F_LO], f[F_DENOMINATOR] = hi, lo, denominator if exactly or not shrinks else UNBOUNDED
    f[F_ERROR] = float(shrinks) * (2.0**-99 if exactly else 2.0**-50)
    return WALKED


@kernel
def consume(r: int, head: int, head_left: int, wanted: int, frozen: int, has_kind: int, series: int, date: Pointer,
            side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer, p: Pointer, t: Pointer,
            w: Pointer) -> tuple[int, int, int, int]:  # fmt: skip
    """Take shares first in, first out: (next head row, what is left of it or -1, in-scope shares taken, their cost)."""
    taken = value = 0
    purchases, base, width = p[P_PURCHASES], p[P_BASE], p[P_WIDTH]
    enter_side = BUY if purchases else 1 - BUY
    while wanted > 0 and head < r:
        day = (date[head] - base) * width
        if head_left < 0:
            what = operation(head, has_kind, kind, price, p)
            lot = side[head] == enter_side and what != KIND_SKIP
            if lot and not purchases:
                lot = what == KIND_PLAIN and t[day + D_SCOPE] & ANY_SCOPE != 0
            if not lot:
                head += 1
                continue
            head_left = quantity[head] * t[day + D_FACTOR]
        part = min(wanted, head_left)
        wanted -= part
        head_left -= part
        if t[day + D_SCOPE] & OWN_SCOPE and operation(head, has_kind, kind, price, p) == KIND_PLAIN:
            taken += part
            if not frozen:
                value += part * (price[head] * t[day + D_A] + t[day + D_B])
                if not purchases:
                    w[W_ENTRY_DUTY] -= part * t[day + D_DUTY]
                for j in range(series):
                    w[W_SERIES + S_FIELDS * j + S_FIFO] -= part * t[day + D_SERIES + j]
        if head_left == 0:
            head += 1
            head_left = -1
    return head, head_left, taken, value


@kernel
def admit(r: int, start: int, what: int, has_kind: int, date: Pointer, time: Pointer, sequence: Pointer, side: Pointer,
          kind: Pointer, quantity: Pointer, price: Pointer, account: Pointer, p: Pointer) -> int:  # fmt: skip
    """What to do with a row: USE it, PASS over it; or rows are UNORDERED, or it needs EXACT arithmetic."""
    if r > start and not in_order(r, date, time, sequence, side, kind, quantity, price, account, has_kind, p, r - 1):
        return UNORDERED
    opening = has_kind and kind[r] == OPENING
    if date[r] > p[P_BENCHMARK] and not opening:
        return PASS
    if what == KIND_EXACT or quantity[r] > p[P_LARGEST_FACTOR]:
        return EXACT
    if what == KIND_SKIP or (has_kind and kind[r] == DIVIDEND):
        return PASS
    return USE_OPENING if opening else USE


@kernel
def walk(start: int, end: int, exactly: int, has_kind: int, series: int, date: Pointer, time: Pointer,
         sequence: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer, account: Pointer,
         p: Pointer, t: Pointer, w: Pointer, f: Pointer) -> int:  # fmt: skip
    """Rows start..end of one investor: WALKED, NOT_IN_ORDER or NEEDS_EXACT. exactly: also bound the denominator."""
    purchases, base, width, t1 = p[P_PURCHASES], p[P_BASE], p[P_WIDTH], p[P_T1]
    replay_limit, moving, enter_side = p[P_REPLAY_LIMIT], p[P_AVERAGING] == 0, BUY if purchases else 1 - BUY
    head, head_left, holding, frozen, flags, oversold = start, -1, 0, 0, 0, 0
    scope = cost = shrinks = entered = entered_value = entry_duty = gone = gone_value = fifo = 0
    exited, exit_value, exit_duty, first, last, hi, lo, denominator = 0, 0, 0, -1, -1, 0.0, 0.0, 1.0
    clear(series, w, f)
    for r in range(start, end):
        what = operation(r, has_kind, kind, price, p)
        use = admit(r, start, what, has_kind, date, time, sequence, side, kind, quantity, price, account, p)
        if use == PASS:
            continue
        if use >= EXACT:
            return NEEDS_EXACT if use == EXACT else NOT_IN_ORDER
        frozen = 1 if date[r] >= t1 and use == USE else frozen
        day = (date[r] - base) * width
        flags |= row_flags(
            r, start, day, what, has_kind, date, time, sequence, side, kind, quantity, price, account, p, t
        )
        amount = quantity[r] * t[day + D_FACTOR]
        unit = price[r] * t[day + D_A] + t[day + D_B]
        too_large = unit < 0 or float(amount) * float(unit) > ROW_LIMIT
        if side[r] == enter_side:
            if what == KIND_PLAIN and t[day + D_SCOPE] & OWN_SCOPE:
                too_large |= amount > replay_limit or entered_value > SUM_LIMIT
                if too_large or not enter_series(day, amount, series, t, w):
                    return NEEDS_EXACT
                first = date[r] if scope == 0 else first
                scope, cost, entered = scope + amount, cost + amount * unit, entered + amount
                entered_value += amount * unit
                entry_duty += amount * t[day + D_DUTY]
        elif what == KIND_PLAIN or purchases:
            head, head_left, taken, value = consume(
                r, head, head_left, amount, frozen, has_kind, series, date, side, kind, quantity, price, p, t, w
            )
            if taken:
                too_large |= exit_value > SUM_LIMIT or gone_value > SUM_LIMIT
                if too_large or not leave_series(day, taken, frozen, series, t, w):
                    return NEEDS_EXACT
                if frozen:
                    exited, exit_value = exited + taken, exit_value + taken * unit
                    exit_duty, last = exit_duty + taken * t[day + D_DUTY], date[r]
                else:
                    gone, gone_value, fifo = gone + taken, gone_value + taken * unit, fifo + value
                    scope, cost, shrinks, hi, lo, denominator = pool_out(
                        scope, taken, cost, shrinks, hi, lo, denominator, moving, exactly, series, w, f
                    )
        if side[r] == BUY:
            holding += amount
        else:
            oversold += max(amount - holding, 0)
            holding = max(holding - amount, 0)
    w[W_ENTRY_DUTY] += entry_duty
    return finish(
        exactly, flags, oversold, scope, cost, shrinks, first, last, entered, entered_value, gone, gone_value, fifo,
        exited, exit_value, exit_duty, hi, lo, denominator, p, w, f,
    )  # fmt: skip
