"""The kernel: all investors of a block of rows, one after the other, without a Python object."""

from __future__ import annotations

from typing import Any

from numba import types

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernel_award import DONE, award
from fengqiao.engine.loss.kernel_counted import counted_walk
from fengqiao.engine.loss.kernel_layout import (
    G_EXACT,
    NOT_IN_ORDER,
    P_COUNTED,
    P_HAS_ACCOUNT,
    P_HAS_KIND,
    P_HAS_SEQUENCE,
    P_HAS_TIME,
    P_SERIES,
    R_FLAGS,
    W_SHRINKS,
    WALKED,
)  # fmt: skip
from fengqiao.engine.loss.kernel_walk import in_order, walk

Pointer = Any
I8, I32, I64, F64 = (types.CPointer(kind) for kind in (types.int8, types.int32, types.int64, types.float64))

# columns of rows as the kernel takes them: date, time, sequence, side, kind, quantity, price, account
ROW_POINTERS = (I32, I64, I64, I8, I8, I64, I64, I32)
MEASURE = types.int64(types.int64, I64, *ROW_POINTERS, I64, *ROW_POINTERS, I64, I64, I64, F64, F64, I64)


@kernel
def gather(
    start: int, end: int, order: Pointer,
    date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer,
    account: Pointer, p: Pointer,
    date_: Pointer, time_: Pointer, sequence_: Pointer, side_: Pointer, kind_: Pointer, quantity_: Pointer,
    price_: Pointer, account_: Pointer,
) -> None:  # fmt: skip
    """Put rows start..end into execution order: a merge sort of positions, then a copy into the columns with _."""
    n = end - start
    for k in range(n):
        order[k] = start + k
    width, source, target = 1, 0, n
    while width < n:
        left = 0
        while left < n:
            middle, right = min(left + width, n), min(left + 2 * width, n)
            a, b = left, middle
            for k in range(left, right):
                take_left = a < middle and (
                    b >= right
                    or in_order(
                        order[source + b],
                        date,
                        time,
                        sequence,
                        side,
                        kind,
                        quantity,
                        price,
                        account,
                        p[P_HAS_KIND],
                        p,
                        order[source + a],
                    )
                )
                if take_left:
                    order[target + k] = order[source + a]
                    a += 1
                else:
                    order[target + k] = order[source + b]
                    b += 1
            left += 2 * width
        source, target = target, source
        width *= 2
    for k in range(n):
        r = order[source + k]
        date_[k], side_[k], quantity_[k], price_[k] = date[r], side[r], quantity[r], price[r]
        if p[P_HAS_TIME]:
            time_[k] = time[r]
        if p[P_HAS_SEQUENCE]:
            sequence_[k] = sequence[r]
        if p[P_HAS_KIND]:
            kind_[k] = kind[r]
        if p[P_HAS_ACCOUNT]:
            account_[k] = account[r]


@kernel
def either(
    plain: bool, start: int, end: int,
    date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer,
    account: Pointer, p: Pointer, t: Pointer, w: Pointer, f: Pointer,
) -> int:  # fmt: skip
    """The walk that suits: by counters where that is enough, compiled on its own for cases without series."""
    if plain:
        if p[P_SERIES] == 0:
            return counted_walk(
                start, end, 0, 0, date, time, sequence, side, kind, quantity, price, account, p, t, w, f
            )
        return counted_walk(
            start, end, 0, p[P_SERIES], date, time, sequence, side, kind, quantity, price, account, p, t, w, f
        )
    return walk(start, end, 0, p[P_HAS_KIND], p[P_SERIES], date, time, sequence, side, kind, quantity, price, account,
                p, t, w, f)  # fmt: skip


@kernel
def measure(
    investors: int, starts: Pointer,
    date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer,
    account: Pointer,
    order: Pointer, date_: Pointer, time_: Pointer, sequence_: Pointer, side_: Pointer, kind_: Pointer,
    quantity_: Pointer, price_: Pointer, account_: Pointer,
    p: Pointer, t: Pointer, w: Pointer, f: Pointer, g: Pointer, out: Pointer,
) -> int:  # fmt: skip
    """Measure `investors` groups of rows; rows starts[i]..starts[i + 1] belong to investor i.

    Columns with _ and `order` are scratch for the largest group. out holds one column of investors a result.
    Returns how many investors were left to exact arithmetic (flag G_EXACT in their R_FLAGS).
    """
    left = 0
    plain = p[P_COUNTED] != 0 and p[P_HAS_KIND] == 0
    for i in range(investors):
        start, end = starts[i], starts[i + 1]
        sorted_copy = False
        code = either(plain, start, end, date, time, sequence, side, kind, quantity, price, account, p, t, w, f)
        if code == NOT_IN_ORDER:
            gather(start, end, order, date, time, sequence, side, kind, quantity, price, account, p,
                   date_, time_, sequence_, side_, kind_, quantity_, price_, account_)  # fmt: skip
            sorted_copy = True
            code = walk(0, end - start, 0, p[P_HAS_KIND], p[P_SERIES], date_, time_, sequence_, side_, kind_,
                        quantity_, price_, account_, p, t, w, f)  # fmt: skip
        done = code == WALKED
        if done:
            done = award(i, investors, p, t, w, f, g, out) == DONE
        if code == WALKED and not done and w[W_SHRINKS]:
            if sorted_copy:
                walk(0, end - start, 1, p[P_HAS_KIND], p[P_SERIES], date_, time_, sequence_, side_, kind_, quantity_,
                     price_, account_, p, t, w, f)  # fmt: skip
            else:
                walk(start, end, 1, p[P_HAS_KIND], p[P_SERIES], date, time, sequence, side, kind, quantity, price,
                     account, p, t, w, f)  # fmt: skip
            done = award(i, investors, p, t, w, f, g, out) == DONE
        if not done:
            out[R_FLAGS * investors + i] = G_EXACT
            left += 1
    return left
