"""The daily table of a price model: every observation with its window, returns, errors, cumulated returns and flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.model.normal import over_long

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.model.estimate import Estimate


@dataclass(frozen=True)
class Cumulated:
    """Abnormal returns added up from the first day of the conduct window: places of the observations, the sums, their
    standard errors (estimates counted in), and buy-and-hold abnormal returns."""

    places: NDArray[np.int64]
    sums: NDArray[np.float64]
    errors: NDArray[np.float64]
    held: NDArray[np.float64]


def half_width(found: Estimate) -> float:
    """Student's t for the case's confidence level: how many standard errors a band has on each side."""
    from scipy import special

    return float(special.stdtrit(found.model.fit.freedom, 0.5 + found.settings.level / 2))


def cumulated(found: Estimate, start: int, stop: int) -> Cumulated:
    """Cumulated abnormal returns of the observations start..stop - 1, as the path takes them (see `over_long`)."""
    model, observed = found.model, found.model.observed
    places = np.arange(start, stop)
    all_expected, all_rows = over_long(model, found.settings)
    values, expected = observed.value[places], all_expected[places]
    spans = np.cumsum(observed.span[places].astype(np.float64))
    rows = np.cumsum(all_rows[places], axis=0)
    extra = np.einsum("ij,jk,ik->i", rows, model.fit.covariance, rows) if rows.shape[1] else np.zeros(len(places))
    errors = np.sqrt(model.fit.s**2 * spans + extra)
    if observed.log:
        held = np.exp(np.cumsum(values)) - np.exp(np.cumsum(expected))
    else:
        held = np.cumprod(1 + values) - np.cumprod(1 + expected)
    return Cumulated(places, np.cumsum(values - expected), errors, held)


def conduct_places(found: Estimate) -> tuple[int, int]:
    """First place and end of the observations in the conduct window."""
    first, last = (ordinal(day) for day in found.windows.conduct)
    days = found.model.observed.day
    return int(np.searchsorted(days, first)), int(np.searchsorted(days, last, side="right"))


def window_names(found: Estimate) -> list[str]:
    """For each observation: estimation, conduct (W), period (P), or outside."""
    observed = found.model.observed
    first, last = (ordinal(day) for day in found.windows.conduct)
    t1 = min(ordinal(part.t1) for part in found.material.plan.segments)
    start, end = (ordinal(day) for day in found.windows.estimation)
    out = []
    for day in observed.day.tolist():
        if first <= day <= last:
            out.append("period" if day >= t1 else "conduct")
        elif start <= day <= end:
            out.append("estimation")
        else:
            out.append("outside")
    return out
