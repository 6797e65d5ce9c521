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

Pointer = Any


@kernel
def clear(p: Pointer, w: Pointer, f: Pointer) -> None:
    """Reset the walk state."""
    series = p[P_SERIES]
    for k in range(W_SERIES + S_FIELDS * series):
        w[k] = 0
    w[W_FIRST] = w[W_LAST] = -1
    f[F_HI] = f[F_LO] = 0.0
    f[F_DENOMINATOR] = 1.0
    for k in range(F_SERIES, F_SERIES + 2 * series):
        f[k] = 0.0


@kernel
def in_order(r: int, date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer,
             quantity: Pointer, price: Pointer, p: Pointer, q: int) -> bool:  # fmt: skip
    """True if row q may stand before row r by `exact.execution_order`."""
    if p[P_HAS_KIND] and (kind[q] == OPENING) != (kind[r] == OPENING):
        return bool(kind[q] == OPENING)
    if date[q] != date[r]:
        return bool(date[q] < date[r])
    if p[P_HAS_TIME] and time[q] != time[r]:
        return bool(time[q] < time[r])
    if p[P_HAS_SEQUENCE] and sequence[q] != sequence[r]:
        return bool(sequence[q] < sequence[r])
    if p[P_HAS_KIND]:
        plain_q, plain_r = is_plain(kind[q]), is_plain(kind[r])
        if plain_q != plain_r:
            return bool(plain_r)
    if side[q] != side[r]:
        return bool(side[q] < side[r])
    if price[q] != price[r]:
        return bool(price[q] < price[r])
    if quantity[q] != quantity[r]:
        return bool(quantity[q] < quantity[r])
    return bool(not p[P_HAS_KIND] or kind[q] <= kind[r])


@kernel
def is_plain(kind: int) -> bool:
    """True for market and block trades."""
    return bool(kind == TRADE or kind == BLOCK)  # noqa: PLR1714 - a tuple would cost a loop


@kernel
def operation(r: int, kind: Pointer, price: Pointer, p: Pointer) -> int:
    """What to do with a row: KIND_PLAIN, out of scope (KIND_OUT, KIND_OTHER: for want of a cost), skip, leave to exact."""
    if not p[P_HAS_KIND]:
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
    status = t[day + D_STATUS]
    if status == NOT_TRADING:
        flags |= G_NON_TRADING
    elif status == SUSPENDED:
        flags |= G_SUSPENDED
    elif status == TRADED and (price[r] < t[day + D_LOW] or price[r] > t[day + D_HIGH]):
        flags |= G_PRICE_RANGE
    q = r - 1
    if q < start or date[q] != date[r] or (p[P_HAS_ACCOUNT] and account[q] != account[r]):
        return flags
    if p[P_HAS_TIME] and p[P_HAS_SEQUENCE] and time[q] < time[r] and time[q] >= 0 and sequence[r] >= 0:
        if sequence[q] > sequence[r]:
            flags |= G_SEQUENCE
    if side[q] != side[r] or quantity[q] != quantity[r] or price[q] != price[r]:
        return flags
    same_time = not p[P_HAS_TIME] or time[q] == time[r]
    same_sequence = not p[P_HAS_SEQUENCE] or sequence[q] == sequence[r]
    if same_time and same_sequence:
        flags |= G_DUPLICATE
    return flags


@kernel
def enter(day: int, date: int, quantity: int, unit: int, p: Pointer, t: Pointer, w: Pointer, f: Pointer) -> bool:
    """In-scope shares come in. False when an amount grows beyond what integers hold."""
    if float(quantity) * float(unit) > ROW_LIMIT or quantity > p[P_REPLAY_LIMIT]:
        return False
    value = quantity * unit
    if w[W_SCOPE] == 0:
        w[W_FIRST] = date
    w[W_SCOPE] += quantity
    w[W_COST] += value
    w[W_ENTERED] += quantity
    w[W_ENTERED_VALUE] += value
    w[W_FIFO_VALUE] += value
    w[W_ENTRY_DUTY] += quantity * t[day + D_DUTY]
    for j in range(p[P_SERIES]):
        s = W_SERIES + S_FIELDS * j
        amount = quantity * t[day + D_SERIES + j]
        w[s + S_COST] += amount
        w[s + S_ENTERED] += amount
        w[s + S_FIFO] += amount
        if w[s + S_ENTERED] > SUM_LIMIT:
            return False
    return bool(w[W_ENTERED_VALUE] < SUM_LIMIT)


@kernel
def greatest_divisor(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


@kernel
def shrink(part: int, exactly: int, p: Pointer, w: Pointer, f: Pointer) -> None:
    """In-scope shares go out before T1: the moving cost keeps its average (section 3, moving_weighted)."""
    before = w[W_SCOPE]
    left = before - part
    w[W_SCOPE] = left
    series = p[P_SERIES]
    if left == 0:
        w[W_COST] = 0
        w[W_SHRINKS] = 0
        f[F_HI] = f[F_LO] = 0.0
        f[F_DENOMINATOR] = 1.0
        for j in range(series):
            w[W_SERIES + S_FIELDS * j + S_COST] = 0
            f[F_SERIES + 2 * j] = f[F_SERIES + 2 * j + 1] = 0.0
        return
    if p[P_AVERAGING] != 0:
        return
    if exactly:
        f[F_DENOMINATOR] *= float(before // greatest_divisor(before, left))
    w[W_SHRINKS] += 1
    lh, ll = dd.of_int(left)
    bh, bl = dd.of_int(before)
    rh, rl = dd.div(lh, ll, bh, bl)
    ch, cl = dd.of_int(w[W_COST])
    ch, cl = dd.add(f[F_HI], f[F_LO], ch, cl)
    f[F_HI], f[F_LO] = dd.mul(ch, cl, rh, rl)
    w[W_COST] = 0
    for j in range(series):
        s, b = W_SERIES + S_FIELDS * j + S_COST, F_SERIES + 2 * j
        ch, cl = dd.of_int(w[s])
        ch, cl = dd.add(f[b], f[b + 1], ch, cl)
        f[b], f[b + 1] = dd.mul(ch, cl, rh, rl)
        w[s] = 0


@kernel
def consume(r: int, head: int, head_left: int, wanted: int, frozen: int, date: Pointer, side: Pointer, kind: Pointer,
            quantity: Pointer, price: Pointer, p: Pointer, t: Pointer, w: Pointer) -> tuple[int, int, int]:  # fmt: skip
    """Take shares first in, first out: (next head row, what is left of it or -1, in-scope shares taken)."""
    taken = 0
    enter_side = BUY if p[P_PURCHASES] else 1 - BUY
    while wanted > 0 and head < r:
        day = (date[head] - p[P_BASE]) * p[P_WIDTH]
        if head_left < 0:
            what = operation(head, kind, price, p)
            lot = side[head] == enter_side and what != KIND_SKIP
            if lot and not p[P_PURCHASES]:
                lot = what == KIND_PLAIN and t[day + D_ANY] != 0
            if not lot:
                head += 1
                continue
            head_left = quantity[head] * t[day + D_FACTOR]
        part = min(wanted, head_left)
        wanted -= part
        head_left -= part
        if t[day + D_SCOPE] and operation(head, kind, price, p) == KIND_PLAIN:
            taken += part
            if not frozen:
                w[W_FIFO_VALUE] -= part * (price[head] * t[day + D_A] + t[day + D_B])
                for j in range(p[P_SERIES]):
                    w[W_SERIES + S_FIELDS * j + S_FIFO] -= part * t[day + D_SERIES + j]
        if head_left == 0:
            head += 1
            head_left = -1
    return head, head_left, taken


@kernel
def leave(day: int, date: int, taken: int, unit: int, frozen: int, exactly: int, p: Pointer, t: Pointer, w: Pointer,
          f: Pointer) -> bool:  # fmt: skip
    """In-scope shares went out: before T1 the pool shrinks, from T1 on they count as sold (bought back)."""
    if float(taken) * float(unit) > ROW_LIMIT:
        return False
    field = S_EXIT if frozen else S_LEFT
    for j in range(p[P_SERIES]):
        w[W_SERIES + S_FIELDS * j + field] += taken * t[day + D_SERIES + j]
    if frozen:
        w[W_EXITED] += taken
        w[W_EXIT_VALUE] += taken * unit
        w[W_DUTY] += taken * t[day + D_DUTY]
        w[W_LAST] = date
        return bool(w[W_EXIT_VALUE] < SUM_LIMIT)
    w[W_LEFT] += taken
    w[W_LEFT_VALUE] += taken * unit
    shrink(taken, exactly, p, w, f)
    return bool(w[W_LEFT_VALUE] < SUM_LIMIT)


@kernel
def walk(start: int, end: int, exactly: int, date: Pointer, time: Pointer, sequence: Pointer, side: Pointer,
         kind: Pointer, quantity: Pointer, price: Pointer, account: Pointer, p: Pointer, t: Pointer, w: Pointer,
         f: Pointer) -> int:  # fmt: skip
    """Rows start..end of one investor: WALKED, NOT_IN_ORDER or NEEDS_EXACT. exactly: also bound the denominator."""
    clear(p, w, f)
    head, head_left, holding, frozen, flags = start, -1, 0, 0, 0
    enter_side = BUY if p[P_PURCHASES] else 1 - BUY
    for r in range(start, end):
        if r > start and not in_order(r, date, time, sequence, side, kind, quantity, price, p, r - 1):
            return NOT_IN_ORDER
        what = operation(r, kind, price, p)
        opening = p[P_HAS_KIND] and kind[r] == OPENING
        if date[r] > p[P_BENCHMARK] and not opening:
            continue
        if what == KIND_EXACT:
            return NEEDS_EXACT
        if (p[P_HAS_KIND] and kind[r] == DIVIDEND) or what == KIND_SKIP:
            continue
        if date[r] >= p[P_T1] and not opening:
            frozen = 1
        day = (date[r] - p[P_BASE]) * p[P_WIDTH]
        if what == KIND_OTHER:
            flags |= G_NO_COST
        if not p[P_HAS_KIND] or is_plain(kind[r]):
            flags |= check_row(r, start, day, date, time, sequence, side, quantity, price, account, p, t)
            if p[P_HAS_KIND] and kind[r] != 0:
                flags |= G_BLOCK
        if quantity[r] > p[P_LARGEST_FACTOR]:
            return NEEDS_EXACT
        amount = quantity[r] * t[day + D_FACTOR]
        unit = price[r] * t[day + D_A] + t[day + D_B]
        if side[r] == enter_side:
            plain = what == KIND_PLAIN
            if plain and t[day + D_SCOPE] and not enter(day, date[r], amount, unit, p, t, w, f):
                return NEEDS_EXACT
        elif what == KIND_PLAIN or p[P_PURCHASES]:
            head, head_left, taken = consume(
                r, head, head_left, amount, frozen, date, side, kind, quantity, price, p, t, w
            )
            if taken and not leave(day, date[r], taken, unit, frozen, exactly, p, t, w, f):
                return NEEDS_EXACT
        if side[r] == BUY:
            holding += amount
        else:
            w[W_OVERSOLD] += max(amount - holding, 0)
            holding = max(holding - amount, 0)
    if w[W_OVERSOLD] >= p[P_L]:
        flags |= G_OVERSOLD
    if p[P_DROP_DUPLICATES] and flags & G_DUPLICATE:
        return NEEDS_EXACT
    w[W_FLAGS] = flags
    if w[W_SHRINKS] and not exactly:
        f[F_DENOMINATOR] = UNBOUNDED
    return WALKED
