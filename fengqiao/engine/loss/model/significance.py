"""Tests of abnormal returns: of one event (t, rank, sign, empirical) and of several events together.

All take plain arrays, so that they can be checked on published figures. p values are two-sided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Test:
    """A statistic with its two-sided p value; both None where the test cannot be made, and why."""

    statistic: float | None
    p: float | None
    why_not: str = ""

    __test__ = False


def normal_test(z: float) -> Test:
    """A statistic that is standard normal without an effect.

    >>> round(normal_test(1.959963984540054).p, 6)
    0.05
    """
    from scipy import special

    return Test(float(z), float(2 * special.ndtr(-abs(z)))) if np.isfinite(z) else Test(None, None, "没有可比较的波动")


def t_test(effect: float, error: float, freedom: int) -> Test:
    """An effect over its standard error, against Student's t.

    >>> t_test(2.0, 1.0, 4)
    Test(statistic=2.0, p=0.11611652351681556, why_not='')
    """
    from scipy import special

    if not error > 0:
        return Test(None, None, "没有可比较的波动")
    t = effect / error
    return Test(float(t), float(2 * special.stdtr(freedom, -abs(t))))


def buy_and_hold(returns: NDArray[np.float64], expected: NDArray[np.float64], *, log: bool) -> NDArray[np.float64]:
    """Buy-and-hold abnormal returns up to each day: compounded return less compounded expected return
    (Barber and Lyon 1997).

    >>> buy_and_hold(np.array([0.1, 0.1]), np.array([0.0, 0.1]), log=False).round(4).tolist()
    [0.1, 0.11]
    """
    if log:
        return np.exp(np.cumsum(returns)) - np.exp(np.cumsum(expected))
    out: NDArray[np.float64] = np.cumprod(1 + returns) - np.cumprod(1 + expected)
    return out


def patell(standardised: NDArray[np.float64], freedom: Sequence[int]) -> tuple[NDArray[np.float64], float]:
    """Patell's (1976) Z of N events: daily, and cumulated over all days.

    standardised: float64[N, L], abnormal returns over their prediction standard errors. freedom: degrees of freedom of
    each event's model; the variance of each is freedom / (freedom - 2).
    """
    variance = np.array([value / (value - 2) for value in freedom])
    daily = standardised.sum(axis=0) / np.sqrt(variance.sum())
    days = standardised.shape[1]
    cumulated = float(np.sum(standardised.sum(axis=1) / np.sqrt(days * variance)) / np.sqrt(len(variance)))
    return daily, cumulated


def cross_section(values: NDArray[np.float64]) -> Test:
    """sqrt(N) times mean over standard deviation of N events' figures, against Student's t with N - 1.

    On standardised abnormal returns this is the test of Boehmer, Musumeci and Poulsen (1991), which bears a variance
    that the events themselves raise; on plain ones the cross-sectional t of Brown and Warner (1985).

    >>> cross_section(np.array([1.0, 2.0, 3.0])).statistic.__round__(6)
    3.464102
    """
    count = len(values)
    if count < 2:
        return Test(None, None, "只有一个事件")
    spread = float(np.std(values, ddof=1))
    return t_test(float(np.mean(values)), spread / np.sqrt(count), count - 1)


def centred_ranks(estimation: NDArray[np.float64], event: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corrado's (1989) ranks K = rank / (T + 1) - 1/2 of each event over estimation and event days together.

    estimation: float64[N, E]; event: float64[N, L]; out float64[N, E + L]. Equal values share their mean rank.
    """
    from scipy import stats

    together = np.hstack([estimation, event])
    ranks: NDArray[np.float64] = stats.rankdata(together, axis=1) / (together.shape[1] + 1) - 0.5
    return ranks


def rank_test(estimation: NDArray[np.float64], event: NDArray[np.float64]) -> tuple[NDArray[np.float64], Test]:
    """Corrado's rank test of N events: Z of each event day, and of all event days together (Cowan 1992).

    The standard deviation is that of the mean rank over all T days about its mean 0, with divisor T.
    """
    mean = centred_ranks(estimation, event).mean(axis=0)
    spread = float(np.sqrt(np.mean(mean**2)))
    days = event.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        daily = mean[-days:] / spread
    return daily, normal_test(float(np.sum(mean[-days:]) / (np.sqrt(days) * spread)) if spread > 0 else float("nan"))


def sign_test(positive: int, count: int, share: float) -> Test:
    """The generalised sign test (Cowan 1992): how many of `count` are positive, against the share that normally are.

    >>> sign_test(3, 3, 0.5).statistic.__round__(6)
    1.732051
    """
    if not 0 < share < 1 or count == 0:
        return Test(None, None, "估计窗口内的异常收益率全部同号")
    return normal_test((positive - count * share) / float(np.sqrt(count * share * (1 - share))))


def empirical_test(effect: float, residual: NDArray[np.float64], days: int) -> Test:
    """How often sums of `days` successive residuals of the estimation window were at least as far from 0.

    The sample quantile test for one firm and one event (Gelbach, Helland and Klick 2013): it assumes no distribution.
    The event itself counts, so that p is never 0. statistic: the number of sums as large.

    >>> empirical_test(3.0, np.array([1.0, -2.0, 4.0]), 1)
    Test(statistic=1.0, p=0.5, why_not='')
    """
    sums = np.convolve(residual, np.ones(days), "valid") if days <= len(residual) else np.empty(0)
    if len(sums) == 0:
        return Test(None, None, "事件窗口长于估计窗口")
    as_large = int(np.sum(np.abs(sums) >= abs(effect)))
    return Test(float(as_large), (as_large + 1) / (len(sums) + 1))


def holm(values: Sequence[float | None]) -> list[float | None]:
    """p values of several tests adjusted so that together they are wrong as seldom as one (Holm 1979).

    >>> holm([0.01, 0.04, None])
    [0.02, 0.04, None]
    """
    order = sorted((p, place) for place, p in enumerate(values) if p is not None)
    out: list[float | None] = [None] * len(values)
    so_far = 0.0
    for number, (p, place) in enumerate(order):
        so_far = max(so_far, min(p * (len(order) - number), 1.0))
        out[place] = so_far
    return out
