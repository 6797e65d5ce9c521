"""What is normal: the regression over the estimation window, and expected and abnormal returns of every day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.errors import CannotComputeError, InputError, Place
from fengqiao.engine.loss.model.regression import Fit, automatic_lags, least_squares
from fengqiao.engine.loss.model.returns import Observations, pool_limit_runs
from fengqiao.engine.loss.model.windows import in_estimation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.model.settings import ModelSettings
    from fengqiao.engine.loss.model.windows import Windows

INTERCEPT = "intercept"
STILL = 1e-12


@dataclass(frozen=True)
class Normal:
    """A model of normal returns and what it says of every observation.

    used: bool[n], observations it was estimated on. rows: float64[n, k], regressors (the intercept's entry is the
    span). expected, abnormal, error: float64[n]; error is the prediction standard error of the abnormal return.
    """

    observed: Observations
    used: NDArray[np.bool_]
    rows: NDArray[np.float64]
    fit: Fit
    expected: NDArray[np.float64]
    abnormal: NDArray[np.float64]
    error: NDArray[np.float64]
    y: NDArray[np.float64]
    x: NDArray[np.float64]

    @property
    def residual(self) -> NDArray[np.float64]:
        """Abnormal returns of the estimation window, each over the square root of its span, about their mean."""
        return self.fit.residual - (np.mean(self.fit.residual) if self.rows.shape[1] == 0 else 0.0)


def regressors(found: Observations, settings: ModelSettings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(offset, rows): the return expected without any estimate, and the regressors, intercept first.

    Market models take market and security in excess of the risk-free rate where one is named; other factor columns
    are taken as they are (those of Fama and French are excess returns or differences already).
    """
    offset = found.risk_free.copy()
    if settings.kind == "market_adjusted":
        return found.factors[:, 0].copy(), np.empty((len(found), 0))
    columns = [found.span.astype(np.float64)]
    for place, name in enumerate(found.names):
        column = found.factors[:, place]
        columns.append(column - found.risk_free if name == settings.market else column)
    return offset, np.column_stack(columns)


def estimate_normal(
    found: Observations, windows: Windows, settings: ModelSettings, calendar: TradingCalendar
) -> Normal:  # fmt: skip
    """Fit the model on the estimation window and apply it to every observation.

    Returns over several days enter with the square root of their length as weight (Maynes and Rumsey 1993), or are
    left out (suspended = "drop"). Days at a price limit are kept, left out or joined, as `limit_days` says.
    Errors: CannotComputeError for too few observations, InputError for returns that do not vary or collinear factors.
    """
    observed = pool_limit_runs(found) if settings.limit_days == "pool" else found
    inside = in_estimation(observed, windows, calendar)
    used = inside.copy()
    if settings.suspended == "drop":
        used &= observed.span == observed.joined
    if settings.limit_days == "drop":
        used &= observed.limit == 0
    _enough(int(used.sum()), int(inside.sum()), windows, settings)
    values = observed.value[used]
    if float(np.ptp(values)) <= STILL:
        raise InputError(
            "The returns of the security do not vary in the estimation window (收益率不变)",
            why=f"all {len(values)} equal {values[0]:.6g} from {windows.estimation[0]} to {windows.estimation[1]}",
            todo="Check the closes: a price that stands still has no model",
        )  # fmt: skip
    offset, rows = regressors(observed, settings)
    weight = 1 / np.sqrt(observed.span[used].astype(np.float64))
    y, x = (observed.value - offset)[used] * weight, rows[used] * weight[:, None]
    names = [] if rows.shape[1] == 0 else [INTERCEPT, *(observed.names if settings.kind != "constant_mean" else ())]
    lags = None
    if settings.errors == "hac":
        lags = automatic_lags(len(y)) if settings.hac_lags is None else settings.hac_lags
    fit = least_squares(y, x, names, lags=lags)
    expected = offset + (rows @ fit.coefficient if names else 0.0)
    variance = [fit.variance(row, float(span)) for row, span in zip(rows, observed.span, strict=True)]
    abnormal = observed.value - expected
    return Normal(observed, used, rows, fit, expected, abnormal, np.sqrt(np.array(variance)), y, x)


def _enough(count: int, inside: int, windows: Windows, settings: ModelSettings) -> None:
    if count >= settings.minimum_observations:
        return
    left_out = f"; {inside - count} more were left out by suspended or limit_days" if inside > count else ""
    nothing = "no return at all (没有收益率)" if inside == 0 else f"only {count} returns (观测太少){left_out}"
    raise CannotComputeError(
        f"The estimation window (估计窗口) {windows.estimation[0]} to {windows.estimation[1]} holds {nothing}",
        why=f"at least {settings.minimum_observations} are needed",
        todo="Lengthen the window (length, estimation_from), move it (side, gap), or add market data",
        place=Place(),
    )


def over_long(model: Normal, settings: ModelSettings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(expected returns, regressor rows) for adding up over the whole conduct window, as the price path does.

    Without the intercept where the path leaves it out: what it adds in a day is nothing, over years it is everything.
    """
    if settings.intercept_on_path == "estimated" or not model.rows.shape[1]:
        return model.expected, model.rows
    rows = model.rows.copy()
    rows[:, 0] = 0.0
    return model.expected - model.rows[:, 0] * model.fit.coefficient[0], rows


def apply_normal(model: Normal, found: Observations, settings: ModelSettings) -> tuple[
    NDArray[np.float64], NDArray[np.float64]
]:  # fmt: skip
    """(expected returns, regressor rows) of other observations by a model already fitted."""
    offset, rows = regressors(found, settings)
    return offset + (rows @ model.fit.coefficient if rows.shape[1] else 0.0), rows
