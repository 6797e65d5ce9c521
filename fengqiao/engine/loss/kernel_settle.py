"""From the fast walk to rounded results: double-double arithmetic with proven rounding. The plain twin is `settle`."""

from __future__ import annotations

from typing import Any

from fengqiao.engine.loss import ddouble as dd
from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernel_layout import *  # noqa: F403 - positions only, a hundred of them

Pointer = Any
MICRO = 1_000_000.0
INTEGER_LIMIT = 2.0**61
UNKNOWN = float("inf")


@kernel
def rounded(numerator: int, denominator: int, half_up: int) -> int:
    """A quotient of non-negative integers as an integer."""
    if half_up:
        return (2 * numerator + denominator) // (2 * denominator)
    return numerator // denominator


@kernel
def quantity_out(units: int, p: Pointer) -> int:
    """Units of 1/L share as 1/10000 share."""
    return rounded(units * 10_000, p[P_L], 1)


@kernel
def cost_at_t1(p: Pointer, w: Pointer, f: Pointer) -> tuple[float, float, float]:
    """Cost of the in-scope shares by the averaging method: (hi, lo, bound of its denominator)."""
    averaging = p[P_AVERAGING]
    if averaging == 1:
        hi, lo = dd.of_int(w[W_FIFO_VALUE])
        return hi, lo, 1.0
    if averaging == 3:
        hi, lo = dd.of_int(w[W_ENTERED_VALUE] - w[W_LEFT_VALUE])
        return hi, lo, 1.0
    if averaging == 2:
        vh, vl = dd.of_int(w[W_ENTERED_VALUE])
        sh, sl = dd.of_int(w[W_SCOPE])
        eh, el = dd.of_int(w[W_ENTERED])
        hi, lo = dd.mul(vh, vl, sh, sl)
        hi, lo = dd.div(hi, lo, eh, el)
        return hi, lo, 1.0 if w[W_SCOPE] == w[W_ENTERED] else eh
    ch, cl = dd.of_int(w[W_COST])
    hi, lo = dd.add(f[F_HI], f[F_LO], ch, cl)
    denominator = 1.0
    if w[W_SHRINKS]:
        denominator = f[F_DENOMINATOR]
    return hi, lo, denominator


@kernel
def series_cost(j: int, p: Pointer, w: Pointer, f: Pointer) -> tuple[float, float]:
    """The same on replay series j."""
    s, b = W_SERIES + S_FIELDS * j, F_SERIES + 2 * j
    averaging = p[P_AVERAGING]
    if averaging == 1:
        return dd.of_int(w[s + S_FIFO])
    if averaging == 3:
        return dd.of_int(w[s + S_ENTERED] - w[s + S_LEFT])
    if averaging == 2:
        vh, vl = dd.of_int(w[s + S_ENTERED])
        sh, sl = dd.of_int(w[W_SCOPE])
        eh, el = dd.of_int(w[W_ENTERED])
        vh, vl = dd.mul(vh, vl, sh, sl)
        return dd.div(vh, vl, eh, el)
    ch, cl = dd.of_int(w[s + S_COST])
    return dd.add(f[b], f[b + 1], ch, cl)


@kernel
def at_price(quantity: int, numerator: int, denominator: int) -> tuple[float, float]:
    """quantity * numerator / denominator."""
    qh, ql = dd.of_int(quantity)
    nh, nl = dd.of_int(numerator)
    qh, ql = dd.mul(qh, ql, nh, nl)
    if denominator == 1:
        return qh, ql
    h, l = dd.of_int(denominator)
    return dd.div(qh, ql, h, l)


@kernel
def parts(p: Pointer, w: Pointer, ch: float, cl: float) -> tuple[float, float, float, float]:
    """(exited part, held part) of the difference in amount units, each as hi, lo; ch, cl is the cost."""
    held = w[W_SCOPE] - w[W_EXITED]
    sh, sl = dd.of_int(w[W_SCOPE])
    bh, bl = at_price(held, p[P_PRICE_NUM], p[P_PRICE_DEN])
    xh, xl = dd.of_int(w[W_EXIT_VALUE])
    if w[W_EXITED] == 0:
        eh, el, hh, hl = 0.0, 0.0, ch, cl
    elif held == 0:
        eh, el, hh, hl = ch, cl, 0.0, 0.0
    else:
        qh, ql = dd.of_int(w[W_EXITED])
        eh, el = dd.mul(ch, cl, qh, ql)
        eh, el = dd.div(eh, el, sh, sl)
        qh, ql = dd.of_int(held)
        hh, hl = dd.mul(ch, cl, qh, ql)
        hh, hl = dd.div(hh, hl, sh, sl)
    eh, el = dd.add(eh, el, -xh, -xl)
    hh, hl = dd.add(hh, hl, -bh, -bl)
    if not p[P_PURCHASES]:
        return -eh, -el, -hh, -hl
    return eh, el, hh, hl


@kernel
def falls(p: Pointer, w: Pointer, f: Pointer, g: Pointer, held: int) -> float:
    """Fall on each series into g[2j], g[2j + 1]; a bound of their errors, or -1 when one has no positive cost.

    On an index the fall is 0 where the cost is certainly not positive: a whole number, as all but the moving cost are.
    """
    relative = f[F_ERROR] + 20.0 * 2.0**-101
    worst = 0.0
    for j in range(p[P_SERIES]):
        ch, cl = series_cost(j, p, w, f)
        if not ch > 0.0:
            if p[P_RISK] != RISK_INDEX or p[P_AVERAGING] == 0:
                return -1.0
            g[2 * j] = g[2 * j + 1] = 0.0
            continue
        lh, ll = at_price(held, p[P_HELD + 2 * j], p[P_HELD + 2 * j + 1])
        xh, xl = dd.of_int(w[W_SERIES + S_FIELDS * j + S_EXIT])
        lh, ll = dd.add(lh, ll, xh, xl)
        qh, ql = dd.div(lh, ll, ch, cl)
        if p[P_PURCHASES]:
            g[2 * j], g[2 * j + 1] = dd.add(1.0, 0.0, -qh, -ql)
        else:
            g[2 * j], g[2 * j + 1] = dd.add(qh, ql, -1.0, 0.0)
        worst = max(worst, relative * (1.0 + abs(qh)))
    return worst


@kernel
def without_cost(p: Pointer, w: Pointer, f: Pointer) -> bool:
    """True if there is a series on which the shares cost nothing or less: no comparison can be made."""
    for j in range(p[P_SERIES]):
        ch, _ = series_cost(j, p, w, f)
        if not ch > 0.0:
            return True
    return False


@kernel
def mean_fall(p: Pointer, g: Pointer, error: float) -> tuple[float, float, bool]:
    """Mean over the series, floored at 0 after the mean or each on its own (`index_floor`): (hi, lo, whether what was
    floored is certain). error bounds that of each fall."""
    mh, ml, certain = 0.0, 0.0, True
    for j in range(p[P_SERIES]):
        h, l = g[2 * j], g[2 * j + 1]
        if p[P_INDEX_EACH]:
            certain &= abs(h) > error
            if h < 0.0:
                h, l = 0.0, 0.0
        mh, ml = dd.add(mh, ml, h, l)
    if not p[P_INDEX_EACH]:
        certain = abs(mh) > 2.0 * float(p[P_SERIES]) * error
    if mh <= 0.0:
        return 0.0, 0.0, certain
    mh, ml = dd.div(mh, ml, float(p[P_SERIES]), 0.0)
    return mh, ml, certain


@kernel
def path_loss(p: Pointer, w: Pointer, f: Pointer, error: float) -> tuple[float, float, bool]:
    """The loss of the same trades on the price path of series 0, in amount units: (hi, lo, whether the signs of its
    parts are certain). error bounds that of the parts."""
    ch, cl = series_cost(0, p, w, f)
    held = w[W_SCOPE] - w[W_EXITED]
    xh, xl = dd.of_int(w[W_SERIES + S_EXIT])
    bh, bl = at_price(held, p[P_HELD], p[P_HELD + 1])
    sh, sl = dd.of_int(w[W_SCOPE])
    qh, ql = dd.of_int(w[W_EXITED])
    eh, el = dd.mul(ch, cl, qh, ql)
    eh, el = dd.div(eh, el, sh, sl)
    qh, ql = dd.of_int(held)
    hh, hl = dd.mul(ch, cl, qh, ql)
    hh, hl = dd.div(hh, hl, sh, sl)
    eh, el = dd.add(eh, el, -xh, -xl)
    hh, hl = dd.add(hh, hl, -bh, -bl)
    if not p[P_PURCHASES]:
        eh, el, hh, hl = -eh, -el, -hh, -hl
    certain = True
    if p[P_EACH_PART]:
        certain = (w[W_EXITED] == 0 or abs(eh) > error) and (held == 0 or abs(hh) > error)
        if eh < 0.0:
            eh, el = 0.0, 0.0
        if hh < 0.0:
            hh, hl = 0.0, 0.0
    eh, el = dd.add(eh, el, hh, hl)
    return eh, el, certain and (p[P_EACH_PART] != 0 or abs(eh) > error)


@kernel
def keep(rh: float, rl: float, p: Pointer) -> tuple[float, float]:
    """What remains of 1 after the market-risk ratio and the other causes."""
    oh, ol = dd.of_int(p[P_OTHER_NUM])
    qh, ql = dd.of_int(p[P_OTHER_DEN])
    oh, ol = dd.div(oh, ol, qh, ql)
    if p[P_ADD]:
        rh, rl = dd.add(rh, rl, oh, ol)
        rh, rl = dd.add(1.0, 0.0, -rh, -rl)
        if rh < 0.0:
            return 0.0, 0.0
        return rh, rl
    rh, rl = dd.add(1.0, 0.0, -rh, -rl)
    oh, ol = dd.add(1.0, 0.0, -oh, -ol)
    return dd.mul(rh, rl, oh, ol)
