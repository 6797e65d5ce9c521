"""The award of one investor from the walk state: every integer proven, or the investor is left to exact arithmetic."""

from __future__ import annotations

from typing import Any

from fengqiao.engine.loss import ddouble as dd
from fengqiao.engine.loss.ddouble import OPEN, kernel
from fengqiao.engine.loss.kernel_layout import *  # noqa: F403 - positions only, a hundred of them
from fengqiao.engine.loss.kernel_settle import (
    INTEGER_LIMIT,
    MICRO,
    UNKNOWN,
    cost_at_t1,
    falls,
    keep,
    mean_fall,
    parts,
    path_loss,
    quantity_out,
    rounded,
    without_cost,
)  # fmt: skip

Pointer = Any
# places in the work area g after the 2 * MAX_SERIES falls
C_HI, C_LO, L_HI, L_LO, RATIO_HI, RATIO_LO, AWARD_HI, AWARD_LO = range(8)
WORK = 2 * 16
DONE, EXACT = 0, 1


@kernel
def award(column: int, stride: int, p: Pointer, t: Pointer, w: Pointer, f: Pointer, g: Pointer, out: Pointer) -> int:
    """Fill one investor's results: DONE, or EXACT when something cannot be proven here."""
    for field in range(R_DROPS + p[P_SERIES]):
        out[field * stride + column] = 0
    out[R_ENTRY_AVERAGE * stride + column] = out[R_EXIT_AVERAGE * stride + column] = NONE
    out[R_STOCK_DROP * stride + column] = NONE
    if max(w[W_ENTERED], w[W_OVERSOLD]) > 1 << 48 or float(w[W_SCOPE]) * float(p[P_M]) > INTEGER_LIMIT:
        return EXACT
    out[R_BOUGHT * stride + column] = quantity_out(w[W_ENTERED], p)
    out[R_LEFT * stride + column] = quantity_out(w[W_LEFT], p)
    out[R_OVERSOLD * stride + column] = quantity_out(w[W_OVERSOLD], p)
    out[R_FLAGS * stride + column] = w[W_FLAGS]
    if w[W_SCOPE] == 0:
        return DONE
    held = w[W_SCOPE] - w[W_EXITED]
    out[R_SCOPE * stride + column] = quantity_out(w[W_SCOPE], p)
    out[R_EXITED * stride + column] = quantity_out(w[W_EXITED], p)
    out[R_HELD * stride + column] = quantity_out(held, p)
    ch, cl, denominator = cost_at_t1(p, w, f)
    c = WORK
    g[c + C_HI], g[c + C_LO] = ch, cl
    relative = f[F_ERROR] + 40.0 * 2.0**-100
    magnitude = abs(ch) + float(w[W_EXIT_VALUE]) + float(held) * (float(p[P_PRICE_NUM]) / float(p[P_PRICE_DEN]) + 1.0)
    if averages(column, stride, relative, denominator, p, w, g, out):
        return EXACT
    return amounts(column, stride, relative * magnitude, denominator, p, t, w, f, g, out)


@kernel
def averages(column: int, stride: int, relative: float, denominator: float, p: Pointer, w: Pointer, g: Pointer,
             out: Pointer) -> int:  # fmt: skip
    """Average prices in 1/10000 yuan, rounded half up for show."""
    qh, ql = dd.of_int(w[W_SCOPE] * p[P_M])
    h, l = dd.div(g[WORK + C_HI], g[WORK + C_LO], qh, ql)
    value, state = dd.settle(h, l, relative * abs(h), denominator * qh, 1)
    if state == OPEN:
        return EXACT
    out[R_ENTRY_AVERAGE * stride + column] = value
    if w[W_EXITED]:
        qh, ql = dd.of_int(w[W_EXITED] * p[P_M])
        h, l = dd.of_int(w[W_EXIT_VALUE])
        h, l = dd.div(h, l, qh, ql)
        value, state = dd.settle(h, l, relative * abs(h), qh, 1)
        if state == OPEN:
            return EXACT
        out[R_EXIT_AVERAGE * stride + column] = value
    return DONE


@kernel
def amounts(column: int, stride: int, error: float, denominator: float, p: Pointer, t: Pointer, w: Pointer, f: Pointer,
            g: Pointer, out: Pointer) -> int:  # fmt: skip
    """Difference, other causes, award, fees, interest."""
    eh, el, hh, hl = parts(p, w, g[WORK + C_HI], g[WORK + C_LO])
    lh, ll = dd.add(eh, el, hh, hl)
    whole = denominator * float(p[P_PRICE_DEN])
    fall_state = stock_fall(column, stride, lh, ll, error, whole, p, g, out)
    if fall_state == EXACT:
        return EXACT
    sign = fall_state - 10
    if p[P_EACH_PART]:
        whole *= float(w[W_SCOPE])
        exited, held = w[W_EXITED], w[W_SCOPE] - w[W_EXITED]
        if error * whole >= 0.5 and ((exited and abs(eh) <= error) or (held and abs(hh) <= error)):
            return EXACT
        if eh < 0.0:
            eh, el = 0.0, 0.0
        if hh < 0.0:
            hh, hl = 0.0, 0.0
        dh, dl = dd.add(eh, el, hh, hl)
    elif sign <= 0:
        dh, dl = 0.0, 0.0
    else:
        dh, dl = lh, ll
    g[WORK + L_HI], g[WORK + L_LO] = dh, dl
    per_fen = float(100 * p[P_L] * p[P_M])
    if dh > 0.0:
        fh, fl = dd.div(dh, dl, per_fen, 0.0)
        fen, state = dd.settle(fh, fl, error / per_fen, whole * per_fen, p[P_HALF_UP])
        if state == OPEN:
            return EXACT
        out[R_DIFFERENCE * stride + column] = fen
    if dh == 0.0 and p[P_RISK] != RISK_INDEX:
        out[R_RATIO * stride + column] = p[P_RATIO_FIXED_MICRO]
        if p[P_RISK] == RISK_PATH:
            out[R_RATIO * stride + column] = 0
            return show_falls(column, stride, p, w, f, g, out)
        return DONE
    return other_causes(column, stride, lh, ll, error, whole, sign, p, t, w, f, g, out)


@kernel
def stock_fall(column: int, stride: int, lh: float, ll: float, error: float, whole: float, p: Pointer, g: Pointer,
               out: Pointer) -> int:  # fmt: skip
    """Fall of the stock (loss / cost) for show, and the proven sign of the loss: 10 + sign, or EXACT."""
    sign = 0
    if abs(lh) > error:
        sign = 1 if lh > 0.0 else -1
    elif error * whole >= 0.5:
        return EXACT
    ch, cl = g[WORK + C_HI], g[WORK + C_LO]
    if not ch > 0.0:
        return 10 + sign
    if sign == 0:
        out[R_STOCK_DROP * stride + column] = 0
        return 10
    h, l = dd.div(lh, ll, ch, cl)
    g[WORK + RATIO_HI], g[WORK + RATIO_LO] = h, l
    mh, ml = dd.mul(h, l, MICRO, 0.0)
    micro, state = dd.settle(mh, ml, MICRO * 4.0 * error / ch, ch * whole, 1)
    if state == OPEN:
        return EXACT
    out[R_STOCK_DROP * stride + column] = micro
    return 10 + sign


@kernel
def show_falls(column: int, stride: int, p: Pointer, w: Pointer, f: Pointer, g: Pointer, out: Pointer) -> int:
    """Falls of the series for show."""
    held = w[W_SCOPE] - w[W_EXITED]
    worst = falls(p, w, f, g, held)
    if worst < 0.0:
        return EXACT
    for j in range(p[P_SERIES]):
        h, l = dd.mul(g[2 * j], g[2 * j + 1], MICRO, 0.0)
        denominator = UNKNOWN
        if w[W_SHRINKS] == 0 and p[P_AVERAGING] != 2:
            denominator = float(w[W_SERIES + S_FIELDS * j + S_ENTERED]) * float(p[P_HELD + 2 * j + 1])
        micro, state = dd.settle(h, l, MICRO * worst, denominator, 1)
        if state == OPEN:
            return EXACT
        out[(R_DROPS + j) * stride + column] = micro
    return DONE


@kernel
def other_causes(column: int, stride: int, lh: float, ll: float, error: float, whole: float, sign: int, p: Pointer,
                 t: Pointer, w: Pointer, f: Pointer, g: Pointer, out: Pointer) -> int:  # fmt: skip
    """Market risk and other causes, then the award."""
    dh, dl = g[WORK + L_HI], g[WORK + L_LO]
    ch, cl = g[WORK + C_HI], g[WORK + C_LO]
    if p[P_RISK] == RISK_RATIO:
        out[R_RATIO * stride + column] = p[P_RATIO_FIXED_MICRO]
        return fixed_share(column, stride, error, whole, p[P_KEEP_NUM], p[P_KEEP_DEN], p, t, w, g, out)
    if show_falls(column, stride, p, w, f, g, out) == EXACT:
        return EXACT
    worst = falls(p, w, f, g, w[W_SCOPE] - w[W_EXITED])
    if p[P_RISK] == RISK_INDEX:
        if sign <= 0 or not ch > 0.0 or without_cost(p, w, f):
            out[R_FLAGS * stride + column] |= G_INDEX
            return fixed_share(column, stride, error, whole, p[P_OTHER_DEN] - p[P_OTHER_NUM], p[P_OTHER_DEN], p, t, w,
                               g, out)  # fmt: skip
        mh, ml, certain = mean_fall(p, g, worst + 2.0**-98)
        if not certain:
            return EXACT
        rh, rl = dd.mul(mh, ml, ch, cl)
        rh, rl = dd.div(rh, rl, lh, ll)
        ratio_error = 4.0 * ((worst + 2.0**-98) * ch + abs(rh) * error) / lh
    else:
        held = float(p[P_HELD]) / float(p[P_HELD + 1]) * float(w[W_SCOPE])
        entered = float(w[W_SERIES + S_ENTERED]) + float(w[W_SERIES + S_LEFT]) + float(w[W_SERIES + S_EXIT])
        size = (f[F_ERROR] + 40.0 * 2.0**-100) * (entered + held + 1.0)
        rh, rl, certain = path_loss(p, w, f, size)
        if not certain:
            return EXACT
        rh, rl = dd.div(rh, rl, dh, dl)
        ratio_error = 4.0 * (size + abs(rh) * error) / dh
    return with_ratio(column, stride, rh, rl, ratio_error, error, whole, p, t, w, g, out)


@kernel
def with_ratio(column: int, stride: int, rh: float, rl: float, ratio_error: float, error: float, whole: float,
               p: Pointer, t: Pointer, w: Pointer, g: Pointer, out: Pointer) -> int:  # fmt: skip
    """The award when R was computed: certain zero, certain one, rounded to digits, or somewhere between."""
    if (abs(rh) <= ratio_error and rh != 0.0) or abs(rh - 1.0) <= ratio_error:
        return EXACT
    if rh <= 0.0:
        rh, rl = 0.0, 0.0
    if rh >= 1.0:
        rh, rl = 1.0, 0.0
    if p[P_RATIO_SCALE] and 0.0 < rh < 1.0:
        sh, sl = dd.mul(rh, rl, float(p[P_RATIO_SCALE]), 0.0)
        steps, state = dd.settle(sh, sl, ratio_error * float(p[P_RATIO_SCALE]), UNKNOWN, 1)
        if state == OPEN:
            return EXACT
        sh, sl = dd.of_int(steps)
        rh, rl = dd.div(sh, sl, float(p[P_RATIO_SCALE]), 0.0)
        ratio_error = 2.0**-100
    mh, ml = dd.mul(rh, rl, MICRO, 0.0)
    exact_ratio = rh == 0.0 or rh == 1.0  # noqa: PLR1714 - no sets of floats in a kernel
    bound = 1.0 if exact_ratio else UNKNOWN
    if p[P_RATIO_SCALE]:
        bound = float(p[P_RATIO_SCALE])
    micro, state = dd.settle(mh, ml, 0.0 if exact_ratio else MICRO * ratio_error, bound, 1)
    if state == OPEN:
        return EXACT
    out[R_RATIO * stride + column] = micro
    if rh == 0.0:
        return fixed_share(column, stride, error, whole, p[P_OTHER_DEN] - p[P_OTHER_NUM], p[P_OTHER_DEN], p, t, w, g,
                           out)  # fmt: skip
    if rh == 1.0:
        return fixed_share(column, stride, error, whole, 0, 1, p, t, w, g, out)
    kh, kl = keep(rh, rl, p)
    dh, dl = g[WORK + L_HI], g[WORK + L_LO]
    ah, al = dd.mul(dh, dl, kh, kl)
    bound = UNKNOWN
    if p[P_RATIO_SCALE]:
        bound = whole * float(p[P_RATIO_SCALE]) * float(p[P_OTHER_DEN])
    return amount_to_fen(column, stride, ah, al, 4.0 * (error + dh * ratio_error), bound, p, t, w, out)


@kernel
def fixed_share(column: int, stride: int, error: float, whole: float, numerator: int, denominator: int, p: Pointer,
                t: Pointer, w: Pointer, g: Pointer, out: Pointer) -> int:  # fmt: skip
    """The award when a known share of the difference remains."""
    dh, dl = g[WORK + L_HI], g[WORK + L_LO]
    if numerator == 0 or dh == 0.0:
        return with_fees(column, stride, 0, p, t, w, out)
    if numerator == denominator:
        return with_fees(column, stride, out[R_DIFFERENCE * stride + column], p, t, w, out)
    nh, nl = dd.of_int(numerator)
    dh, dl = dd.mul(dh, dl, nh, nl)
    nh, nl = dd.of_int(denominator)
    dh, dl = dd.div(dh, dl, nh, nl)
    whole *= nh
    return amount_to_fen(column, stride, dh, dl, 2.0 * error, whole, p, t, w, out)


@kernel
def amount_to_fen(column: int, stride: int, ah: float, al: float, error: float, whole: float, p: Pointer, t: Pointer,
                  w: Pointer, out: Pointer) -> int:  # fmt: skip
    """Round the award to the fen, then as `with_fees`."""
    per_fen = float(100 * p[P_L] * p[P_M])
    fh, fl = dd.div(ah, al, per_fen, 0.0)
    fen, state = dd.settle(fh, fl, error / per_fen, whole * per_fen, p[P_HALF_UP])
    return EXACT if state == OPEN else with_fees(column, stride, fen, p, t, w, out)


@kernel
def with_fees(column: int, stride: int, fen: int, p: Pointer, t: Pointer, w: Pointer, out: Pointer) -> int:
    """An award in fen, and fees and interest on it (sections 6 and 7)."""
    if float(fen) * float(p[P_COMMISSION_NUM]) > INTEGER_LIMIT / 2.0:
        return EXACT
    out[R_AWARD * stride + column] = fen
    commission = rounded(fen * p[P_COMMISSION_NUM], p[P_COMMISSION_DEN], p[P_HALF_UP])
    duty, state = stamp_duty(fen, p, w)
    if state == EXACT:
        return EXACT
    out[R_COMMISSION * stride + column] = commission
    out[R_STAMP_DUTY * stride + column] = duty
    base = fen + commission + duty
    interest = 0
    if p[P_INTEREST] and base > 0:
        first = t[(w[W_FIRST] - p[P_BASE]) * p[P_WIDTH] + D_INTEREST]
        until = p[P_BENCHMARK] if w[W_EXITED] < w[W_SCOPE] else w[W_LAST]
        grown = t[(until - p[P_BASE]) * p[P_WIDTH] + D_INTEREST] - first
        if first < 0 or float(base) * float(grown) > INTEGER_LIMIT / 2.0:
            return EXACT
        interest = rounded(base * grown, p[P_INTEREST_DEN], p[P_HALF_UP])
    out[R_INTEREST * stride + column] = interest
    out[R_TOTAL * stride + column] = base + interest
    return DONE


@kernel
def stamp_duty(fen: int, p: Pointer, w: Pointer) -> tuple[int, int]:
    """Stamp duty on the award, by the dates of the in-scope sales, weighted by quantity."""
    if p[P_DUTY_UNIFORM]:
        if float(fen) * float(p[P_DUTY_BENCHMARK]) > INTEGER_LIMIT / 2.0:
            return 0, EXACT
        return rounded(fen * p[P_DUTY_BENCHMARK], p[P_DUTY_DEN], p[P_HALF_UP]), DONE
    if p[P_PURCHASES]:
        weight, quantity = w[W_DUTY] + (w[W_SCOPE] - w[W_EXITED]) * p[P_DUTY_BENCHMARK], w[W_SCOPE]
    else:
        weight, quantity = w[W_ENTRY_DUTY], w[W_SCOPE]
    if float(fen) * float(weight) > 2.0**100 or float(quantity) * float(p[P_DUTY_DEN]) > INTEGER_LIMIT / 2.0:
        return 0, EXACT
    wh, wl = dd.of_int(weight)
    fh, fl = dd.of_int(fen)
    qh, ql = dd.of_int(quantity * p[P_DUTY_DEN])
    h, l = dd.mul(fh, fl, wh, wl)
    h, l = dd.div(h, l, qh, ql)
    value, state = dd.settle(h, l, 2.0**-98 * h, qh, p[P_HALF_UP])
    return value, EXACT if state == OPEN else DONE
