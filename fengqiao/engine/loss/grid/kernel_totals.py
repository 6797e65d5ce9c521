"""The totals of one investor under all scenarios of a branch, in plain floats with proven rounding.

Every float operation has a relative error of at most u = 2**-53. A cost, an exit value and a held value take at most
eight of them, a fall on a series twelve; `ROUNDING` = 2**-48 = 32 u bounds each of these with room to spare, relative
to the sum of the magnitudes that are subtracted. The moving cost brings the bound of its walk. What stays open by these
bounds, or is out of the ordinary, is `LEFT_OPEN`: the single run's kernel takes it up, and then exact arithmetic. The
steps are those of `kernel_award`, where each is explained.
"""

from __future__ import annotations

from typing import Any

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.grid.layout import *  # noqa: F403 - positions only
from fengqiao.engine.loss.grid.pointers import shifted
from fengqiao.engine.loss.kernel_award import stamp_duty
from fengqiao.engine.loss.kernel_layout import *  # noqa: F403 - positions only, a hundred of them
from fengqiao.engine.loss.kernel_settle import INTEGER_LIMIT, UNKNOWN, rounded

Pointer = Any
ROUNDING = 2.0**-48
FAR = 1.0e9  # falls beyond this are no ordinary record
OPEN_VALUE = -1.0
NO_COST = -2.0  # the cost on a series is certainly not positive: nothing to compare with
# places in g: the fall and its error on each series, then the state of the present averaging
E_COST, E_RELATIVE, E_DENOMINATOR = 2 * MAX_SERIES, 2 * MAX_SERIES + 1, 2 * MAX_SERIES + 2


@kernel
def totals(i: int, stride: int, branch: int, d: Pointer, e: Pointer, t: Pointer, w: Pointer, f: Pointer, g: Pointer,
           out: Pointer) -> None:  # fmt: skip
    """Fill the totals of investor i for every settlement of a branch; w and f hold the state of the branch."""
    n = d[branch + B_SETTLEMENT]
    for _ in range(d[branch + B_SETTLEMENTS]):
        total = 0
        if w[W_SCOPE]:
            if d[n + N_ANEW]:
                costs(d[n + N_AVERAGING], w, f, g)
                if d[n + N_ANEW] == 2:
                    falls(branch, d[n + N_AVERAGING], d, e, w, f, g)
            total = total_of(branch, n, d, e, t, w, f, g)
        out[d[n + N_OUT] * stride + i] = total
        n += SETTLEMENT_FIELDS


@kernel
def costs(averaging: int, w: Pointer, f: Pointer, g: Pointer) -> None:
    """Cost of the in-scope shares by an averaging method, the bound of its relative error and of its denominator."""
    g[E_RELATIVE], g[E_DENOMINATOR] = 0.0, 1.0
    if averaging == 1:
        g[E_COST] = float(w[W_FIFO_VALUE])
    elif averaging == 3:
        g[E_COST] = float(w[W_ENTERED_VALUE] - w[W_LEFT_VALUE])
    elif averaging == 2:
        g[E_COST] = float(w[W_ENTERED_VALUE])
        if w[W_SCOPE] != w[W_ENTERED]:
            entered = float(w[W_ENTERED])
            g[E_COST], g[E_DENOMINATOR] = g[E_COST] * float(w[W_SCOPE]) / entered, entered
    else:
        g[E_COST] = f[F_HI] + float(w[W_COST])
        if w[W_SHRINKS]:
            g[E_RELATIVE], g[E_DENOMINATOR] = f[F_ERROR], UNKNOWN


@kernel
def series_cost(j: int, averaging: int, w: Pointer, f: Pointer) -> float:
    """The same cost on replay series j."""
    s = W_SERIES + S_FIELDS * j
    if averaging == 1:
        return float(w[s + S_FIFO])
    if averaging == 3:
        return float(w[s + S_ENTERED] - w[s + S_LEFT])
    if averaging == 2:
        return float(w[s + S_ENTERED]) * float(w[W_SCOPE]) / float(w[W_ENTERED])
    return float(f[F_SERIES + 2 * j]) + float(w[s + S_COST])


@kernel
def falls(branch: int, averaging: int, d: Pointer, e: Pointer, w: Pointer, f: Pointer, g: Pointer) -> None:
    """Fall on each series and the bound of its error; instead of the bound NO_COST, or OPEN_VALUE for an immense fall.

    Costs are sums of whole numbers but for the moving one, which is positive unless all prices are 0.
    """
    relative = g[E_RELATIVE] + ROUNDING
    held, first = float(w[W_SCOPE] - w[W_EXITED]), d[branch + B_HELD]
    for j in range(d[first]):
        cost = series_cost(j, averaging, w, f)
        g[2 * j], g[2 * j + 1] = 0.0, NO_COST if cost <= 0.0 and averaging else OPEN_VALUE
        if cost > 0.0:
            share = (held * e[d[first + 1] + j] + float(w[W_SERIES + S_FIELDS * j + S_EXIT])) / cost
            if share < FAR:
                g[2 * j] = 1.0 - share if d[branch + B_PURCHASES] else share - 1.0
                g[2 * j + 1] = relative * (1.0 + share)


@kernel
def total_of(branch: int, n: int, d: Pointer, e: Pointer, t: Pointer, w: Pointer, f: Pointer, g: Pointer) -> int:
    """The total of one settlement in fen, or LEFT_OPEN."""
    q = d[n + N_PARAMETERS]
    scope, exited, cost = float(w[W_SCOPE]), float(w[W_EXITED]), g[E_COST]
    held, sold, price = scope - exited, float(w[W_EXIT_VALUE]), float(d[q + P_PRICE_NUM]) / float(d[q + P_PRICE_DEN])
    error = (g[E_RELATIVE] + ROUNDING) * (abs(cost) + sold + held * (price + 1.0))
    loss = cost - sold - held * price
    if not d[q + P_PURCHASES]:
        loss = -loss
    whole, sign = g[E_DENOMINATOR] * float(d[q + P_PRICE_DEN]), 0
    if abs(loss) > error:
        sign = 1 if loss > 0.0 else -1
    elif error * whole >= 0.5:
        return LEFT_OPEN
    difference = loss if sign > 0 else 0.0
    if d[q + P_EACH_PART]:
        whole *= scope
        first, second = cost * exited / scope - sold, cost * held / scope - held * price
        if not d[q + P_PURCHASES]:
            first, second = -first, -second
        near = (exited > 0.0 and abs(first) <= error) or (held > 0.0 and abs(second) <= error)
        if near and error * whole >= 0.5:
            return LEFT_OPEN
        difference = max(first, 0.0) + max(second, 0.0)
    if difference == 0.0:
        return 0
    if cost > 0.0 and abs(loss) > FAR * cost:
        return LEFT_OPEN
    if d[q + P_RISK] == RISK_RATIO:
        keep = float(d[q + P_KEEP_NUM]) / float(d[q + P_KEEP_DEN])
        return in_fen(difference * keep, 2.0 * error, whole * float(d[q + P_KEEP_DEN]), q, d, t, w)
    other = float(d[q + P_OTHER_DEN] - d[q + P_OTHER_NUM]) / float(d[q + P_OTHER_DEN])
    rest = whole * float(d[q + P_OTHER_DEN])
    state = comparable(n, d, g)
    if state == OPEN_VALUE or (state == NO_COST and d[q + P_RISK] != RISK_INDEX):
        return LEFT_OPEN
    if d[q + P_RISK] == RISK_INDEX:
        if state == NO_COST or sign <= 0 or not cost > 0.0:
            return in_fen(difference * other, 2.0 * error, rest, q, d, t, w)
        mean, worst = mean_fall(n, d, g)
        if worst < 0.0:
            return LEFT_OPEN
        ratio = mean * cost / loss
        ratio_error = 4.0 * (worst * cost + abs(ratio) * error) / loss
    else:
        fall, size = path_loss(branch, n, d, e, w, f, g)
        if size < 0.0:
            return LEFT_OPEN
        ratio = fall / difference
        ratio_error = 4.0 * (size + abs(ratio) * error) / difference
    return after_ratio(ratio, ratio_error, difference, error, whole, rest, other, q, d, t, w)


@kernel
def comparable(n: int, d: Pointer, g: Pointer) -> float:
    """OPEN_VALUE if a fall on a series of a settlement is open, else NO_COST if one has no positive cost, else 0."""
    state = 0.0
    for k in range(d[n + N_SERIES]):
        error = g[2 * d[d[n + N_MAP] + k] + 1]
        if error == OPEN_VALUE:
            return OPEN_VALUE
        if error == NO_COST:
            state = NO_COST
    return state


@kernel
def after_ratio(ratio: float, ratio_error: float, difference: float, error: float, whole: float, rest: float,
                other: float, q: int, d: Pointer, t: Pointer, w: Pointer) -> int:  # fmt: skip
    """The total when R was computed: certainly zero, certainly one, rounded to digits, or somewhere between."""
    if (abs(ratio) <= ratio_error and ratio != 0.0) or abs(ratio - 1.0) <= ratio_error:
        return LEFT_OPEN
    if ratio >= 1.0:
        return 0
    if ratio <= 0.0:
        return in_fen(difference * other, 2.0 * error, rest, q, d, t, w)
    bound = UNKNOWN
    if d[q + P_RATIO_SCALE]:
        scale = float(d[q + P_RATIO_SCALE])
        steps = settled(ratio * scale, ratio_error * scale, UNKNOWN, 1)
        if steps < 0:
            return LEFT_OPEN
        ratio, ratio_error, bound = float(steps) / scale, 2.0**-52, rest * scale
    taken = 1.0 - other
    keep = max(1.0 - ratio - taken, 0.0) if d[q + P_ADD] else (1.0 - ratio) * other
    if d[q + P_ADD] and abs(1.0 - ratio - taken) <= ratio_error + 2.0**-51 and d[q + P_OTHER_NUM]:
        return LEFT_OPEN
    return in_fen(difference * keep, 4.0 * (error + difference * ratio_error), bound, q, d, t, w)


@kernel
def mean_fall(n: int, d: Pointer, g: Pointer) -> tuple[float, float]:
    """Mean over the series of a settlement, floored at 0 as it says, and the bound of its error (-1: not certain)."""
    q, series, place = d[n + N_PARAMETERS], d[n + N_SERIES], d[n + N_MAP]
    mean = worst = 0.0
    for k in range(series):
        j = d[place + k]
        fall, error = g[2 * j], g[2 * j + 1]
        if d[q + P_INDEX_EACH] and abs(fall) <= error:
            return 0.0, OPEN_VALUE
        worst = max(worst, error)
        if d[q + P_INDEX_EACH]:
            fall = max(fall, 0.0)
        mean += fall
    if not d[q + P_INDEX_EACH] and abs(mean) <= 2.0 * float(series) * worst:
        return 0.0, OPEN_VALUE
    return max(mean, 0.0) / float(series), 2.0 * worst


@kernel
def path_loss(branch: int, n: int, d: Pointer, e: Pointer, w: Pointer, f: Pointer, g: Pointer) -> tuple[float, float]:
    """The loss of the same trades on the simulated price path, and the bound of its error (-1: signs not certain)."""
    q, j = d[n + N_PARAMETERS], d[d[n + N_MAP]]
    s, price = W_SERIES + S_FIELDS * j, e[d[d[branch + B_HELD] + 1] + j]
    scope, exited = float(w[W_SCOPE]), float(w[W_EXITED])
    held, cost, sold = scope - exited, series_cost(j, d[n + N_AVERAGING], w, f), float(w[s + S_EXIT])
    entered = float(w[s + S_ENTERED]) + float(w[s + S_LEFT]) + sold
    size = (g[E_RELATIVE] + ROUNDING) * (entered + price * scope + 1.0)
    first, second = cost * exited / scope - sold, cost * held / scope - held * price
    if not d[q + P_PURCHASES]:
        first, second = -first, -second
    if d[q + P_EACH_PART]:
        if (exited > 0.0 and abs(first) <= size) or (held > 0.0 and abs(second) <= size):
            return 0.0, OPEN_VALUE
        return max(first, 0.0) + max(second, 0.0), size
    if abs(first + second) <= size:
        return 0.0, OPEN_VALUE
    return first + second, size


@kernel
def settled(value: float, error: float, denominator: float, half_up: int) -> int:
    """A value that is not negative as an integer, or LEFT_OPEN; as `ddouble.settle`, with one float."""
    if half_up:
        value += 0.5
    if not value < 2.0**50:
        return LEFT_OPEN
    whole = int(value)
    below = value - float(whole)
    margin = error + 2.0**-51 * (value + 1.0)
    if below <= margin or 1.0 - below <= margin:
        if not margin * 4.0 * denominator < 1.0:
            return LEFT_OPEN
        if 1.0 - below <= margin:
            whole += 1
    return whole


@kernel
def in_fen(amount: float, error: float, whole: float, q: int, d: Pointer, t: Pointer, w: Pointer) -> int:
    """Round the award to the fen, add fees and interest on it (`kernel_award.amount_to_fen`)."""
    if amount == 0.0:
        return 0
    half_up, per_fen = d[q + P_HALF_UP], float(100 * d[q + P_L] * d[q + P_M])
    fen = settled(amount / per_fen, error / per_fen, whole * per_fen, half_up)
    if fen <= 0:
        return fen
    if float(fen) * float(d[q + P_COMMISSION_NUM]) > INTEGER_LIMIT / 2.0:
        return LEFT_OPEN
    base = fen + rounded(fen * d[q + P_COMMISSION_NUM], d[q + P_COMMISSION_DEN], half_up)
    duty, state = stamp_duty(fen, shifted(d, q), w)
    if state:
        return LEFT_OPEN
    base += duty
    if d[q + P_INTEREST]:
        table = d[H_INTEREST] - d[H_BASE]
        until = d[q + P_BENCHMARK] if w[W_EXITED] < w[W_SCOPE] else w[W_LAST]
        since = t[table + w[W_FIRST]]
        grown = t[table + until] - since
        if since < 0 or float(base) * float(grown) > INTEGER_LIMIT / 2.0:
            return LEFT_OPEN
        base += rounded(base * grown, d[q + P_INTEREST_DEN], half_up)
    return base
