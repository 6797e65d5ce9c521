"""The kernels of a grid: totals of all investors of a block under all scenarios, ranges over scenarios, pairs."""

from __future__ import annotations

from typing import Any

from numba import types

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.grid.kernel_totals import totals
from fengqiao.engine.loss.grid.kernel_trunk import trunk
from fengqiao.engine.loss.grid.layout import *  # noqa: F403 - positions only
from fengqiao.engine.loss.grid.pointers import shifted
from fengqiao.engine.loss.kernel_layout import WALKED
from fengqiao.engine.loss.kernel_walk import in_order, walk
from fengqiao.engine.loss.kernels import F64, I64, ROW_POINTERS, gather

Pointer = Any
GRID = types.int64(types.int64, I64, *ROW_POINTERS, I64, *ROW_POINTERS, I64, F64, I64, I64, F64, F64, I64, I64)
RANGES = types.int64(types.int64, I64, I64, I64, I64)
PAIRS = types.int64(types.int64, I64, I64, I64)
VALUE_LIMIT, COUNT_LIMIT = 2.0**56, 2.0**46
BLOCK = 512


@kernel
def bounds(start: int, end: int, quantity: Pointer, price: Pointer) -> tuple[float, float, float]:
    """(sum of the quantities, highest, lowest price) of some rows."""
    total, high, low = 0.0, 0, price[start] if start < end else 0
    for r in range(start, end):
        total += float(quantity[r])
        high, low = max(high, price[r]), min(low, price[r])
    return total, float(high), float(low)


@kernel
def ordinary(group: int, total: float, high: float, low: float, d: Pointer, e: Pointer) -> bool:
    """True if no amount of these rows can come near what integers and floats hold."""
    at = d[group + G_LIMITS]
    count = total * e[at + L_FACTOR]
    unit = high * e[at + L_A] + e[at + L_B]
    value = max(unit, e[at + L_VALUE], e[at + L_DUTY])
    return bool(
        low * e[at + L_LOW_A] + e[at + L_LOW_B] >= 0.0 and count < COUNT_LIMIT and count * e[at + L_M] < 2.0**60
        and count * value < VALUE_LIMIT
    )  # fmt: skip


@kernel
def leave(i: int, stride: int, group: int, d: Pointer, out: Pointer) -> None:
    """Leave an investor open under all scenarios of a group."""
    for k in range(d[group + G_BRANCHES]):
        branch = d[group + G_BRANCH] + k * BRANCH_FIELDS
        for m in range(d[branch + B_SETTLEMENTS]):
            out[d[d[branch + B_SETTLEMENT] + m * SETTLEMENT_FIELDS + N_OUT] * stride + i] = LEFT_OPEN


@kernel
def one(
    i: int, stride: int, start: int, end: int,
    date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer,
    account: Pointer, d: Pointer, e: Pointer, t: Pointer, w: Pointer, f: Pointer, g: Pointer, out: Pointer,
) -> None:  # fmt: skip
    """All groups over the rows of one investor, which stand in order."""
    total, high, low = bounds(start, end, quantity, price)
    for k in range(d[H_GROUPS]):
        group = H_FIRST + k * GROUP_FIELDS
        if not ordinary(group, total, high, low, d, e):
            leave(i, stride, group, d, out)
        elif d[group + G_MODE] == TRUNK:
            trunk(i, stride, start, end, group, date, side, quantity, price, d, e, t, w, f, g, out)
        else:
            code = walk(start, end, 0, d[H_HAS_KIND], d[group + G_SERIES], date, time, sequence, side, kind, quantity,
                        price, account, shifted(d, d[group + G_PARAMETERS]), shifted(t, d[group + G_TABLE]), w,
                        f)  # fmt: skip
            if code == WALKED:
                totals(i, stride, d[group + G_BRANCH], d, e, t, w, f, g, out)
            else:
                leave(i, stride, group, d, out)


@kernel
def measure_grid(
    investors: int, starts: Pointer,
    date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer,
    account: Pointer,
    order: Pointer, date_: Pointer, time_: Pointer, sequence_: Pointer, side_: Pointer, kind_: Pointer,
    quantity_: Pointer, price_: Pointer, account_: Pointer,
    d: Pointer, e: Pointer, t: Pointer, w: Pointer, f: Pointer, g: Pointer, p: Pointer, out: Pointer,
) -> int:  # fmt: skip
    """Totals of `investors` groups of rows under all scenarios: out holds one row of investors a scenario.

    p says which columns exist. Columns with _ and `order` are scratch for the largest group.
    """
    for i in range(investors):
        start, end, sorted_ = starts[i], starts[i + 1], True
        for r in range(start + 1, end):
            if not in_order(r, date, time, sequence, side, kind, quantity, price, account, d[H_HAS_KIND], p, r - 1):
                sorted_ = False
                break
        if sorted_:
            one(i, investors, start, end, date, time, sequence, side, kind, quantity, price, account, d, e, t, w, f, g,
                out)  # fmt: skip
        else:
            gather(start, end, order, date, time, sequence, side, kind, quantity, price, account, p,
                   date_, time_, sequence_, side_, kind_, quantity_, price_, account_)  # fmt: skip
            one(i, investors, 0, end - start, date_, time_, sequence_, side_, kind_, quantity_, price_, account_, d, e,
                t, w, f, g, out)  # fmt: skip
    return investors


@kernel
def sort_few(n: int, values: Pointer) -> None:
    """Ascending, in place (Shell's method)."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap:
        for k in range(gap, n):
            value, at = values[k], k
            while at >= gap and values[at - gap] > value:
                values[at] = values[at - gap]
                at -= gap
            values[at] = value
        gap //= 3


@kernel
def ranges(investors: int, size: Pointer, totals_: Pointer, spare: Pointer, out: Pointer) -> int:
    """Lowest and highest total of each investor, the first scenario that gives it, the median, how many are zero."""
    scenarios = size[0]
    for i in range(investors):
        low_at = high_at = zeros = 0
        low = high = totals_[i]
        for s in range(scenarios):
            value = totals_[s * investors + i]
            spare[s] = value
            zeros += 1 if value == 0 else 0
            if value < low:
                low, low_at = value, s
            if value > high:
                high, high_at = value, s
        median = low
        if low != high:
            sort_few(scenarios, spare)
            median = (spare[(scenarios - 1) // 2] + spare[scenarios // 2] + 1) // 2
        out[LOWEST * investors + i], out[LOWEST_AT * investors + i] = low, low_at
        out[HIGHEST * investors + i], out[HIGHEST_AT * investors + i] = high, high_at
        out[MEDIAN * investors + i], out[ZEROS * investors + i] = median, zeros
    return investors


@kernel
def pairs(investors: int, size: Pointer, totals_: Pointer, out: Pointer) -> int:
    """For every two scenarios a < b how many get more and less under b than under a, and how much; added to out."""
    scenarios = size[0]
    for first in range(0, investors, BLOCK):
        last, at = min(first + BLOCK, investors), 0
        for a in range(scenarios):
            for b in range(a + 1, scenarios):
                more = less = up = change = 0
                for i in range(first, last):
                    difference = totals_[b * investors + i] - totals_[a * investors + i]
                    more += 1 if difference > 0 else 0
                    less += 1 if difference < 0 else 0
                    up += difference if difference > 0 else 0
                    change += difference
                out[at + GAIN] += more
                out[at + LOSE] += less
                out[at + GAINED] += up
                out[at + LOST] += up - change
                at += PAIR_FIELDS
    return investors
