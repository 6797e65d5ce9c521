"""Whether one model holds throughout the estimation window, and whether its residuals are what the tests assume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.loss.model.significance import Test

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.model.regression import Fit


@dataclass(frozen=True)
class Stability:
    """chow: F test of equal coefficients in the two halves of the estimation window. cusum: largest cumulated
    residual. durbin_watson: near 2 without first-order autocorrelation. jarque_bera: of normal residuals."""

    chow: Test
    cusum: Test
    durbin_watson: float
    jarque_bera: Test
    skewness: float
    kurtosis: float


def stability(y: NDArray[np.float64], x: NDArray[np.float64], fit: Fit) -> Stability:
    """All checks of a fitted regression of y on x."""
    residual = fit.residual - (np.mean(fit.residual) if x.shape[1] == 0 else 0.0)
    if fit.exact:
        none = Test(None, None, "模型没有残差")
        return Stability(none, none, float("nan"), none, float("nan"), float("nan"))
    normality, skewness, kurtosis = jarque_bera(residual)
    return Stability(
        chow(y, x), cusum(residual, x.shape[1]),
        float(np.sum(np.diff(residual) ** 2) / np.sum(residual**2)), normality, skewness, kurtosis,
    )  # fmt: skip


def chow(y: NDArray[np.float64], x: NDArray[np.float64]) -> Test:
    """Chow's (1960) F test at the middle of the estimation window; with no regressor there is nothing to compare."""
    from scipy import special

    count, width = x.shape
    middle = count // 2
    if width == 0 or middle <= width:
        return Test(None, None, "没有估计系数" if width == 0 else "观测太少")
    whole, halves = _remainder(y, x), _remainder(y[:middle], x[:middle]) + _remainder(y[middle:], x[middle:])
    freedom = count - 2 * width
    if halves <= 0:
        return Test(None, None, "模型没有残差")
    f = ((whole - halves) / width) / (halves / freedom)
    return Test(float(f), float(special.fdtrc(width, freedom, max(f, 0.0))))


def _remainder(y: NDArray[np.float64], x: NDArray[np.float64]) -> float:
    solution = np.linalg.lstsq(x, y, rcond=None)[0]
    left = y - x @ solution
    return float(left @ left)


def cusum(residual: NDArray[np.float64], width: int) -> Test:
    """The largest cumulated OLS residual against a Brownian bridge (Ploberger and Krämer 1992)."""
    from scipy import stats

    count = len(residual)
    scale = float(np.sqrt(np.sum(residual**2) / (count - width) * count))
    largest = float(np.max(np.abs(np.cumsum(residual)))) / scale
    return Test(largest, float(stats.kstwobign.sf(largest)))


def jarque_bera(residual: NDArray[np.float64]) -> tuple[Test, float, float]:
    """The test of normal residuals with their skewness and kurtosis (3 where normal)."""
    centred = residual - np.mean(residual)
    variance = float(np.mean(centred**2))
    skewness = float(np.mean(centred**3)) / variance**1.5
    kurtosis = float(np.mean(centred**4)) / variance**2
    value = len(residual) / 6 * (skewness**2 + (kurtosis - 3) ** 2 / 4)
    return Test(value, float(np.exp(-value / 2))), skewness, kurtosis
