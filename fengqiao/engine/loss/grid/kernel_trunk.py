"""One investor's rows walked once for all branches of a group: purchases only, one unbroken window, no kinds of rows.

As in `kernel_counted`, what was bought before the window goes out first and then what was bought in it; so up to T1
the walk does not depend on T1, and branches that differ in T1 or in the benchmark date go on from the same state.
The caller has made sure that rows stand in order and that no amount can grow beyond 2**56.
"""

from __future__ import annotations

from typing import Any

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.grid.kernel_totals import totals
from fengqiao.engine.loss.grid.layout import *  # noqa: F403 - positions only
from fengqiao.engine.loss.kernel_layout import *  # noqa: F403 - positions only, a hundred of them
from fengqiao.engine.loss.rows import BUY

Pointer = Any


@kernel
def trunk(i: int, stride: int, start: int, end: int, group: int, date: Pointer, side: Pointer, quantity: Pointer,
          price: Pointer, d: Pointer, e: Pointer, t: Pointer, w: Pointer, f: Pointer, g: Pointer,
          out: Pointer) -> None:  # fmt: skip
    """Walk rows start..end for a group and settle each of its branches where the walk reaches its T1."""
    series, branches, branch = d[group + G_SERIES], d[group + G_BRANCHES], d[group + G_BRANCH]
    own_first, own_last, plain, moving = (
        d[group + G_OWN_FIRST],
        d[group + G_OWN_LAST],
        d[group + G_PLAIN],
        d[group + G_MOVING],
    )
    table, width, base = d[group + G_TABLE], d[group + G_WIDTH], d[H_BASE]
    before = scope = cost = shrinks = entered = entered_value = gone = gone_value = 0
    first, hi, done = -1, 0.0, 0
    clear_series(series, w, f)
    for r in range(start, end):
        while done < branches and date[r] >= d[branch + B_T1]:
            put(scope, cost, shrinks, first, entered, entered_value, gone, gone_value, hi, w, f)
            finish_branch(i, stride, start, r, end, before, group, branch, date, side, quantity, price, d, e, t, w, f,
                          g, out)  # fmt: skip
            done, branch = done + 1, branch + BRANCH_FIELDS
        if done == branches:
            return
        day = table + (date[r] - base) * width
        amount, unit = quantity[r], price[r]
        if not plain:
            amount, unit = amount * t[day + T_FACTOR], unit * t[day + T_A] + t[day + T_B]
        if side[r] == BUY:
            if date[r] < own_first:
                before += amount
            elif date[r] <= own_last:
                first = date[r] if scope == 0 else first
                value = amount * unit
                scope, cost, entered, entered_value = (
                    scope + amount,
                    cost + value,
                    entered + amount,
                    entered_value + value,
                )
                for j in range(series):
                    s, value = W_SERIES + S_FIELDS * j, amount * t[day + T_SERIES + j]
                    w[s + S_COST] += value
                    w[s + S_ENTERED] += value
            continue
        part = min(amount, before)
        before -= part
        part = min(amount - part, scope)
        if part:
            gone, gone_value = gone + part, gone_value + part * unit
            for j in range(series):
                w[W_SERIES + S_FIELDS * j + S_LEFT] += part * t[day + T_SERIES + j]
            scope, cost, shrinks, hi = go_out(scope, part, cost, shrinks, hi, moving, series, w, f)
    while done < branches:
        put(scope, cost, shrinks, first, entered, entered_value, gone, gone_value, hi, w, f)
        finish_branch(i, stride, start, end, end, before, group, branch, date, side, quantity, price, d, e, t, w, f,
                      g, out)  # fmt: skip
        done, branch = done + 1, branch + BRANCH_FIELDS


@kernel
def clear_series(series: int, w: Pointer, f: Pointer) -> None:
    """Nothing has been added up yet."""
    for j in range(series):
        s = W_SERIES + S_FIELDS * j
        w[s + S_COST] = w[s + S_ENTERED] = w[s + S_LEFT] = 0
        f[F_SERIES + 2 * j] = 0.0


@kernel
def go_out(scope: int, part: int, cost: int, shrinks: int, hi: float, moving: int, series: int, w: Pointer,
           f: Pointer) -> tuple[int, int, int, float]:  # fmt: skip
    """In-scope shares go out before T1: the new (quantity, cost since, times shrunk, cost base).

    The costs restart at 0 when none is left; else the average stays (moving_weighted): four roundings at most, as in
    `kernel_walk.shrink`.
    """
    if part == scope:
        for j in range(series):
            w[W_SERIES + S_FIELDS * j + S_COST] = 0
            f[F_SERIES + 2 * j] = 0.0
        return 0, 0, 0, 0.0
    if not moving:
        return scope - part, cost, shrinks, hi
    ratio = float(scope - part) / float(scope)
    for j in range(series):
        s, b = W_SERIES + S_FIELDS * j + S_COST, F_SERIES + 2 * j
        f[b] = (f[b] + float(w[s])) * ratio
        w[s] = 0
    return scope - part, 0, shrinks + 1, (hi + float(cost)) * ratio


@kernel
def put(scope: int, cost: int, shrinks: int, first: int, entered: int, entered_value: int, gone: int, gone_value: int,
        hi: float, w: Pointer, f: Pointer) -> None:  # fmt: skip
    """Put down where the walk stands at a T1."""
    w[W_SCOPE], w[W_COST], w[W_SHRINKS], w[W_FIRST] = scope, cost, shrinks, first
    w[W_ENTERED], w[W_ENTERED_VALUE], w[W_LEFT], w[W_LEFT_VALUE] = entered, entered_value, gone, gone_value
    f[F_HI], f[F_ERROR] = hi, float(shrinks) * 2.0**-50


@kernel
def finish_branch(i: int, stride: int, start: int, at: int, end: int, before: int, group: int, branch: int,
                  date: Pointer, side: Pointer, quantity: Pointer, price: Pointer, d: Pointer, e: Pointer, t: Pointer,
                  w: Pointer, f: Pointer, g: Pointer, out: Pointer) -> None:  # fmt: skip
    """From T1 (rows at..end) to the benchmark date, then all settlements of the branch."""
    if w[W_SCOPE]:
        if d[branch + B_FIFO]:
            last_in(start, at, group, date, side, quantity, price, d, t, w)
        sell_on(at, end, before, group, branch, date, side, quantity, price, d, t, w)
    totals(i, stride, branch, d, e, t, w, f, g, out)


@kernel
def last_in(start: int, at: int, group: int, date: Pointer, side: Pointer, quantity: Pointer, price: Pointer,
            d: Pointer, t: Pointer, w: Pointer) -> None:  # fmt: skip
    """What is left when shares went out first in, first out, are those bought last: their cost (fifo_weighted)."""
    series, own_first, own_last, plain = (
        d[group + G_SERIES],
        d[group + G_OWN_FIRST],
        d[group + G_OWN_LAST],
        d[group + G_PLAIN],
    )
    table, width, base = d[group + G_TABLE], d[group + G_WIDTH], d[H_BASE]
    for j in range(series):
        w[W_SERIES + S_FIELDS * j + S_FIFO] = 0
    left, value = w[W_SCOPE], 0
    for back in range(start, at):
        r = at - 1 - (back - start)
        if side[r] != BUY or date[r] > own_last:
            continue
        if left == 0 or date[r] < own_first:
            break
        day = table + (date[r] - base) * width
        amount, unit = quantity[r], price[r]
        if not plain:
            amount, unit = amount * t[day + T_FACTOR], unit * t[day + T_A] + t[day + T_B]
        part = min(amount, left)
        left -= part
        value += part * unit
        for j in range(series):
            w[W_SERIES + S_FIELDS * j + S_FIFO] += part * t[day + T_SERIES + j]
    w[W_FIFO_VALUE] = value


@kernel
def sell_on(at: int, end: int, before: int, group: int, branch: int, date: Pointer, side: Pointer, quantity: Pointer,
            price: Pointer, d: Pointer, t: Pointer, w: Pointer) -> None:  # fmt: skip
    """Sales from T1 to the benchmark date: first of what was held before the window, then of the in-scope shares."""
    series, plain, duty = d[group + G_SERIES], d[group + G_PLAIN], d[branch + B_DUTY]
    table, width, base, benchmark = d[group + G_TABLE], d[group + G_WIDTH], d[H_BASE], d[branch + B_BENCHMARK]
    for j in range(series):
        w[W_SERIES + S_FIELDS * j + S_EXIT] = 0
    left, exit_value, exit_duty, last = w[W_SCOPE], 0, 0, -1
    for r in range(at, end):
        if date[r] > benchmark or left == 0:
            break
        if side[r] == BUY:
            continue
        day = table + (date[r] - base) * width
        amount, unit = quantity[r], price[r]
        if not plain:
            amount, unit = amount * t[day + T_FACTOR], unit * t[day + T_A] + t[day + T_B]
        part = min(amount, before)
        before -= part
        part = min(amount - part, left)
        if part:
            left -= part
            exit_value += part * unit
            last = date[r]
            if duty >= 0:
                exit_duty += part * t[duty + date[r] - base]
            for j in range(series):
                w[W_SERIES + S_FIELDS * j + S_EXIT] += part * t[day + T_SERIES + j]
    w[W_EXITED], w[W_EXIT_VALUE], w[W_DUTY], w[W_LAST] = w[W_SCOPE] - left, exit_value, exit_duty, last
