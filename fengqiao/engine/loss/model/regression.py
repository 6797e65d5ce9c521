"""Ordinary least squares with classical or heteroskedasticity- and autocorrelation-robust (HAC) standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SINGULAR = 1e-10
EXACT = 1e-12


@dataclass(frozen=True)
class Fit:
    """A fitted regression.

    coefficient, error: float64[k], estimates and their standard errors by `covariance` (classical, or HAC with
    `lags`). residual: float64[n]. s: residual standard error, with n - k degrees of freedom. unscaled: (X'X)^-1.
    """

    names: tuple[str, ...]
    coefficient: NDArray[np.float64]
    error: NDArray[np.float64]
    covariance: NDArray[np.float64]
    unscaled: NDArray[np.float64]
    residual: NDArray[np.float64]
    s: float
    r2: float
    lags: int | None = None

    @property
    def observations(self) -> int:
        """Number of observations n."""
        return len(self.residual)

    @property
    def freedom(self) -> int:
        """Degrees of freedom n - k (n - 1 where nothing is estimated: the variance is taken about the mean)."""
        return self.observations - max(len(self.names), 1)

    @property
    def exact(self) -> bool:
        """True where the model explains the returns without remainder: there is no noise to compare anything with."""
        return self.s <= EXACT

    @property
    def adjusted_r2(self) -> float:
        """R² adjusted for the number of regressors."""
        return 1 - (1 - self.r2) * (self.observations - 1) / self.freedom

    def t(self) -> NDArray[np.float64]:
        """t statistics of the coefficients."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.coefficient / self.error

    def p(self) -> NDArray[np.float64]:
        """Two-sided p values from Student's t with n - k degrees of freedom."""
        from scipy import special

        values: NDArray[np.float64] = 2 * special.stdtr(self.freedom, -np.abs(self.t()))
        return values

    def variance(self, row: NDArray[np.float64], spans: float) -> float:
        """Prediction-error variance of a sum of abnormal returns: s² times its days plus what the estimates add.

        row: the sum of the regressors over the days summed. MacKinlay (1997), formulas 8 and 10.
        """
        return self.s**2 * spans + (float(row @ self.covariance @ row) if len(row) else 0.0)


def automatic_lags(observations: int) -> int:
    """Newey-West lags: floor(4 (n/100)^(2/9)) (Newey and West 1994), as common programs take by default.

    >>> automatic_lags(100), automatic_lags(250)
    (4, 4)
    """
    return int(np.floor(4 * (observations / 100) ** (2 / 9)))


def least_squares(
    y: NDArray[np.float64], x: NDArray[np.float64], names: Sequence[str], *, lags: int | None = None
) -> Fit:
    """Regress y (float64[n]) on the columns of x (float64[n, k]).

    lags None: classical standard errors s² (X'X)^-1. lags L: Newey and West (1987), Bartlett weights 1 - l/(L+1),
    times n/(n - k). R² is taken against the first column alone, the intercept. With k = 0 nothing is estimated, and s
    is the sample standard deviation of y.
    Errors: InputError for too few observations, a column of zeros, or collinear columns (it names them).

    >>> import numpy as np
    >>> fit = least_squares(np.array([1.0, 2.0, 4.0]), np.column_stack([np.ones(3), [0.0, 1.0, 2.0]]), ["a", "b"])
    >>> fit.coefficient.round(4).tolist(), round(fit.s, 4)
    ([0.8333, 1.5], 0.4082)
    """
    count, width = x.shape
    if count <= max(width, 1):
        raise InputError(
            f"{count} observations cannot carry {width} coefficients (观测太少)", todo="Lengthen the estimation window"
        )
    if width == 0:
        spread = float(np.std(y, ddof=1))
        nothing = np.empty(0)
        return Fit((), nothing, nothing, np.empty((0, 0)), np.empty((0, 0)), y.copy(), spread, 0.0)
    _check_columns(x, names)
    q, r = np.linalg.qr(x)
    coefficient = np.linalg.solve(r, q.T @ y)
    residual = y - x @ coefficient
    inverse = np.linalg.inv(r)
    unscaled = inverse @ inverse.T
    s2 = float(residual @ residual) / (count - width)
    covariance = s2 * unscaled
    if lags is not None:
        covariance = unscaled @ _meat(x * residual[:, None], lags) @ unscaled * (count / (count - width))
    first = x[:, 0]  # the intercept's column: ones, or square roots of spans
    centred = y - first * float(first @ y) / float(first @ first)
    return Fit(
        tuple(names), coefficient, np.sqrt(np.diag(covariance)), covariance, unscaled, residual, float(np.sqrt(s2)),
        1 - float(residual @ residual) / (float(centred @ centred) or 1.0), lags,
    )  # fmt: skip


def _meat(scores: NDArray[np.float64], lags: int) -> NDArray[np.float64]:
    total: NDArray[np.float64] = scores.T @ scores
    for lag in range(1, min(lags, len(scores) - 1) + 1):
        cross = scores[lag:].T @ scores[:-lag]
        total = total + (1 - lag / (lags + 1)) * (cross + cross.T)
    return total


def _check_columns(x: NDArray[np.float64], names: Sequence[str]) -> None:
    """Refuse columns that are zero or linear combinations of others, by name."""
    size = np.sqrt(np.sum(x * x, axis=0))
    for place, name in enumerate(names):
        if size[place] == 0:
            raise InputError(f"The factor {name} is zero throughout the estimation window (因子不变)",
                             todo="Leave it out, or check the factor file")  # fmt: skip
    _, singular, right = np.linalg.svd(x / size, full_matrices=False)
    if singular[-1] > SINGULAR * singular[0]:
        return
    involved = [name for name, part in zip(names, right[-1], strict=True) if abs(part) > 1e-6]
    raise InputError(
        f"The factors {', '.join(involved)} are collinear (因子共线)",
        why="in the estimation window one is a linear combination of the others, so their effects cannot be told apart",
        todo="Leave one of them out",
    )
