"""The fast twin of recorded fees: all investors of a block, in integers; see `recorded_fees` for what is added up.

A purchase or a sale that counts in part leaves a fraction of 1/10000 yuan. Whole numbers are added exactly; the few
fractions of an investor are added in floating point, and a rounding that they leave open is left to exact arithmetic,
as is whatever does not fit into 64 bits.
"""

from __future__ import annotations

from typing import Any

from numba import types

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernel_layout import (
    F_COMMISSION,
    F_STAMP_DUTY,
    FEE_BASE,
    FEE_BENCHMARK,
    FEE_DAYS,
    FEE_HALF_UP,
    FEE_HAS_COMMISSION,
    FEE_HAS_KIND,
    FEE_HAS_SEQUENCE,
    FEE_HAS_STAMP_DUTY,
    FEE_HAS_TIME,
    FEE_INTEREST_DEN,
    FEE_KEEP_DEN,
    FEE_KEEP_NUM,
    FEE_LARGEST_FACTOR,
    FEE_OWN_FIRST,
    FEE_OWN_LAST,
    FEE_T1,
    G_EXACT,
    R_AWARD,
    R_COMMISSION,
    R_DIFFERENCE,
    R_FLAGS,
    R_INTEREST,
    R_STAMP_DUTY,
    R_TOTAL,
    X_COMMISSION,
    X_EXITED,
    X_FIRST,
    X_GONE,
    X_LAST,
    X_PARTS,
    X_SCOPE,
    X_STAMP_DUTY,
)
from fengqiao.engine.loss.rows import BUY, OPENING, TRADE

Pointer = Any
I8, I32, I64, F64 = (types.CPointer(kind) for kind in (types.int8, types.int32, types.int64, types.float64))
# investors, starts; date, time, sequence, side, kind, quantity, price, commission, stamp duty; order, parameters, day
# table, state, fractions, investors left, results
FEES = types.int64(
    types.int64, I64, I32, I64, I64, I8, I8, I64, I64, I64, I64, I64, I64, I64, I64, F64, I64, I64,
)  # fmt: skip

LARGEST_SUM = 1 << 60  # of shares and of fees
LARGEST_FEE = 1 << 50
LARGEST_PRODUCT = 2.0**61
LARGEST_TOTAL = 10**18  # as in `recorded_fees`
MOST_PARTS = 16
MARGIN = 1e-12  # far more than the relative error of MOST_PARTS floating-point operations
MOST_MOVES = 32  # of a row towards the front; records in less order than that are sorted elsewhere


@kernel
def stands_before(q: int, r: int, date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer,
                  quantity: Pointer, price: Pointer, commission: Pointer, duty: Pointer,
                  p: Pointer) -> bool:  # fmt: skip
    """True if row q may stand before row r by `trade.execution_order`, rows being market trades or openings."""
    if p[FEE_HAS_KIND] and kind[q] != kind[r]:
        return bool(kind[q] == OPENING)
    if date[q] != date[r]:
        return bool(date[q] < date[r])
    if p[FEE_HAS_TIME] and time[q] != time[r]:
        return bool(time[q] < time[r])
    if p[FEE_HAS_SEQUENCE] and sequence[q] != sequence[r]:
        return bool(sequence[q] < sequence[r])
    if side[q] != side[r]:
        return bool(side[q] < side[r])
    if price[q] != price[r]:
        return bool(price[q] < price[r])
    if quantity[q] != quantity[r]:
        return bool(quantity[q] < quantity[r])
    if p[FEE_HAS_COMMISSION] and commission[q] != commission[r]:
        return bool(commission[q] < commission[r])
    return bool(not p[FEE_HAS_STAMP_DUTY] or duty[q] <= duty[r])


@kernel
def put_in_order(start: int, end: int, date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer,
                 quantity: Pointer, price: Pointer, commission: Pointer, duty: Pointer, order: Pointer,
                 p: Pointer) -> bool:  # fmt: skip
    """Rows start..end in execution order into `order`, by insertion; False when they are far from it, or of another
    kind than market trades and openings."""
    moves = MOST_MOVES * (end - start)
    for r in range(start, end):
        if p[FEE_HAS_KIND] and kind[r] != TRADE and kind[r] != OPENING:
            return False
        at = r - start
        while at > 0 and not stands_before(
            order[at - 1], r, date, time, sequence, side, kind, quantity, price, commission, duty, p
        ):
            order[at] = order[at - 1]
            at -= 1
            moves -= 1
        order[at] = r
        if moves < 0:
            return False
    return True


@kernel
def share(fee: int, part: int, amount: int, field: int, x: Pointer, f: Pointer) -> bool:
    """Add part/amount of a fee to a sum. False when it does not fit."""
    if fee <= 0:
        return True
    if fee > LARGEST_FEE or x[field] > LARGEST_SUM:
        return False
    if part == amount:
        x[field] += fee
        return True
    if float(fee) * float(part) > LARGEST_PRODUCT:
        return False
    product = fee * part
    x[field] += product // amount
    rest = product % amount
    if rest:
        f[F_STAMP_DUTY if field == X_STAMP_DUTY else F_COMMISSION] += float(rest) / float(amount)
        x[X_PARTS] += 1
    return True


@kernel
def replay(rows: int, date: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, commission: Pointer,
           duty: Pointer, order: Pointer, p: Pointer, t: Pointer, x: Pointer, f: Pointer) -> bool:  # fmt: skip
    """All shares of the window go out first in, first out: what is left of it at T1, when it left, fees of exits."""
    before = after = entered = gone = exited = 0
    first, last = -1, -1
    for at in range(rows):
        r = order[at]
        traded = not p[FEE_HAS_KIND] or kind[r] != OPENING
        if traded and date[r] > p[FEE_BENCHMARK]:
            break
        if quantity[r] > p[FEE_LARGEST_FACTOR] or before > LARGEST_SUM or entered > LARGEST_SUM or after > LARGEST_SUM:
            return False
        amount = quantity[r] * t[(date[r] - p[FEE_BASE]) * FEE_DAYS]
        if side[r] == BUY:
            if not traded or date[r] < p[FEE_OWN_FIRST]:
                before += amount
            elif date[r] > p[FEE_OWN_LAST]:
                after += amount
            else:
                first = date[r] if entered == gone else first
                entered += amount
            continue
        part = min(amount, before)
        before, left = before - part, amount - part
        part = min(left, entered - gone - exited)
        left -= part
        after -= min(left, after)
        if part and date[r] >= p[FEE_T1]:
            exited, last = exited + part, date[r]
            if p[FEE_HAS_COMMISSION] and not share(commission[r], part, amount, X_COMMISSION, x, f):
                return False
            if p[FEE_HAS_STAMP_DUTY] and not share(duty[r], part, amount, X_STAMP_DUTY, x, f):
                return False
        else:
            gone += part
    x[X_SCOPE], x[X_GONE], x[X_EXITED], x[X_FIRST], x[X_LAST] = entered - gone, gone, exited, first, last
    return True


@kernel
def entries(rows: int, date: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, commission: Pointer,
            duty: Pointer, order: Pointer, p: Pointer, t: Pointer, x: Pointer, f: Pointer) -> bool:  # fmt: skip
    """Fees of the purchases in the window, for the shares of them that are left at T1: the last ones."""
    gone = x[X_GONE]
    for at in range(rows):
        r = order[at]
        if (p[FEE_HAS_KIND] and kind[r] == OPENING) or side[r] != BUY or date[r] < p[FEE_OWN_FIRST]:
            continue
        if date[r] > p[FEE_OWN_LAST]:
            break
        amount = quantity[r] * t[(date[r] - p[FEE_BASE]) * FEE_DAYS]
        if gone >= amount:
            gone -= amount
            continue
        if p[FEE_HAS_COMMISSION] and not share(commission[r], amount - gone, amount, X_COMMISSION, x, f):
            return False
        if p[FEE_HAS_STAMP_DUTY] and not share(duty[r], amount - gone, amount, X_STAMP_DUTY, x, f):
            return False
        gone = 0
    return True


@kernel
def in_fen(whole: int, rest: float, parts: int, p: Pointer) -> int:
    """The awarded share of (whole + rest) / 10000 yuan in fen; -1 where the rounding is not certain.

    rest: the sum of at most `parts` fractions below 1: with MOST_PARTS of them it is less than a fifth of a fen.
    """
    scale = 2 if p[FEE_HALF_UP] else 1
    factor, denominator = scale * p[FEE_KEEP_NUM], scale * p[FEE_KEEP_DEN]
    if parts > MOST_PARTS or float(factor) * float(whole) > LARGEST_PRODUCT:
        return -1
    numerator = factor * whole + (p[FEE_KEEP_DEN] if p[FEE_HALF_UP] else 0)
    fen = numerator // denominator
    if rest == 0.0:
        return int(fen)
    more, gap = float(factor) * rest, float(denominator - numerator % denominator)
    if abs(more - gap) <= MARGIN * (more + gap):
        return -1
    return int(fen + 1) if more > gap else int(fen)


@kernel
def settle_fees(column: int, stride: int, p: Pointer, t: Pointer, x: Pointer, f: Pointer, out: Pointer) -> bool:
    """Fees of one investor in fen, interest on the award and them, and the total. False when any is not certain."""
    commission = in_fen(x[X_COMMISSION], f[F_COMMISSION], x[X_PARTS], p)
    duty = in_fen(x[X_STAMP_DUTY], f[F_STAMP_DUTY], x[X_PARTS], p)
    if commission < 0 or duty < 0 or commission > LARGEST_TOTAL or duty > LARGEST_TOTAL:
        return False
    base, interest = out[R_AWARD * stride + column] + commission + duty, 0
    if p[FEE_INTEREST_DEN] and base:
        end = p[FEE_BENCHMARK] if x[X_EXITED] < x[X_SCOPE] else x[X_LAST]
        begun = t[(x[X_FIRST] - p[FEE_BASE]) * FEE_DAYS + 1]
        grown = t[(end - p[FEE_BASE]) * FEE_DAYS + 1] - begun
        if begun < 0 or grown < 0 or float(base) * float(grown) > LARGEST_PRODUCT / 2.0:
            return False
        if p[FEE_HALF_UP]:
            interest = (2 * base * grown + p[FEE_INTEREST_DEN]) // (2 * p[FEE_INTEREST_DEN])
        else:
            interest = base * grown // p[FEE_INTEREST_DEN]
    if base + interest >= LARGEST_TOTAL:
        return False
    out[R_COMMISSION * stride + column], out[R_STAMP_DUTY * stride + column] = commission, duty
    out[R_INTEREST * stride + column], out[R_TOTAL * stride + column] = interest, base + interest
    return True


@kernel
def recorded_fees(
    investors: int, starts: Pointer, date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer,
    quantity: Pointer, price: Pointer, commission: Pointer, duty: Pointer, order: Pointer, p: Pointer, t: Pointer,
    x: Pointer, f: Pointer, left: Pointer, out: Pointer,
) -> int:  # fmt: skip
    """Fees, interest and total of all investors with a difference; `order`, x and f are scratch.

    Returns how many were left to exact arithmetic; `left` says which.
    """
    count = 0
    for i in range(investors):
        if out[R_DIFFERENCE * investors + i] <= 0 or out[R_FLAGS * investors + i] & G_EXACT:
            continue
        start, end = starts[i], starts[i + 1]
        x[X_COMMISSION] = x[X_STAMP_DUTY] = x[X_PARTS] = 0
        f[F_COMMISSION] = f[F_STAMP_DUTY] = 0.0
        if not (
            put_in_order(start, end, date, time, sequence, side, kind, quantity, price, commission, duty, order, p)
            and replay(end - start, date, side, kind, quantity, commission, duty, order, p, t, x, f)
            and entries(end - start, date, side, kind, quantity, commission, duty, order, p, t, x, f)
            and settle_fees(i, investors, p, t, x, f, out)
        ):
            left[count] = i
            count += 1
    return count
