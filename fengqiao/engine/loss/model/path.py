"""The simulated price path: the price as the model says it would have been without the misstatement.

Section 5 of the method. The path is made in floating point and rounded once, half up, to 1/10000 yuan; everything the
engine does with it from there on is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.errors import CannotComputeError
from fengqiao.engine.loss.market import Series, day_of
from fengqiao.engine.money import round_fraction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.model.normal import Normal
    from fengqiao.engine.loss.model.returns import Observations
    from fengqiao.engine.loss.model.settings import ModelSettings


@dataclass(frozen=True)
class SimulatedPath:
    """A price path by day with trading, from the last day before the conduct window to the last benchmark date.

    date int32[n]; close int64[n], real close; simulated int64[n], 1/10000 yuan. estimation, prediction float64[n]:
    standard deviations of the logarithm of the path, from the estimates alone, and with the noise of the days.
    replaced: bool[n], days whose return is the model's and not the real one.
    """

    date: NDArray[np.int32]
    close: NDArray[np.int64]
    simulated: NDArray[np.int64]
    estimation: NDArray[np.float64]
    prediction: NDArray[np.float64]
    replaced: NDArray[np.bool_]

    def series(self, name: str = "path") -> Series:
        """The path as the engine takes it."""
        return Series(name, self.date, self.simulated)

    def band(self, width: float, kind: str = "estimation") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper limit in yuan, `width` standard deviations either side."""
        deviation = width * (self.estimation if kind == "estimation" else self.prediction)
        yuan = self.simulated / 10_000
        return yuan * np.exp(-deviation), yuan * np.exp(deviation)


def simulate_path(
    found: Observations, model: Normal, expected: NDArray[np.float64], rows: NDArray[np.float64],
    replaced: NDArray[np.bool_], places: NDArray[np.int64], settings: ModelSettings,
) -> SimulatedPath:  # fmt: skip
    """Compound from the close before `places` (consecutive observations of the conduct window).

    On replaced days the simulated return is the expected one, on the others the real one. Corporate actions lower the
    simulated price as they lowered the real one. intercept_on_path = "zero" leaves the estimated intercept out.
    Errors: CannotComputeError where the path would not stay above 0.
    """
    growth = _growth(found, expected, rows, model, settings)
    actual = np.exp(found.value) if found.log else 1 + found.value
    used_rows = rows.copy()
    if settings.intercept_on_path == "zero" and rows.shape[1]:
        used_rows[:, 0] = 0.0
    first = int(places[0])
    opening = _close_before(found, first)
    price, units = float(opening), [opening]
    row, spans = np.zeros(rows.shape[1]), 0.0
    estimation, prediction = [0.0], [0.0]
    for place in places.tolist():
        base = price * found.scale[place] + found.shift[place]
        price = base * (growth[place] if replaced[place] else actual[place])
        if replaced[place]:
            row, spans = row + used_rows[place], spans + float(found.span[place])
        unit = round_fraction(Fraction(price)) if price > 0 and np.isfinite(price) else 0
        if unit <= 0:
            raise CannotComputeError(
                f"The simulated price falls to 0 on {day_of(found.day[place])} (模拟价格不为正)",
                why="the model expects a return of -100% or less",
                todo='Choose another model, or path = "remove_events"',
            )  # fmt: skip
        units.append(unit)
        from_estimates = float(row @ model.fit.covariance @ row) if len(row) else 0.0
        estimation.append(from_estimates**0.5)
        prediction.append((from_estimates + model.fit.s**2 * spans) ** 0.5)
    return SimulatedPath(
        np.concatenate([[found.previous[first]], found.day[places]]).astype(np.int32),
        np.concatenate([[opening], found.close[places]]).astype(np.int64), np.array(units, np.int64),
        np.array(estimation), np.array(prediction), np.concatenate([[False], replaced[places]]),
    )  # fmt: skip


def _close_before(found: Observations, first: int) -> int:
    if first > 0:
        return int(found.close[first - 1])
    ratio = float(np.exp(found.value[0])) if found.log else 1 + float(found.value[0])
    return round_fraction(Fraction((float(found.close[0]) / ratio - found.shift[0]) / found.scale[0]))


def _growth(
    found: Observations, expected: NDArray[np.float64], rows: NDArray[np.float64], model: Normal,
    settings: ModelSettings,
) -> NDArray[np.float64]:  # fmt: skip
    wanted = expected
    if settings.intercept_on_path == "zero" and rows.shape[1]:
        wanted = expected - rows[:, 0] * model.fit.coefficient[0]
    growth: NDArray[np.float64] = np.exp(wanted) if found.log else 1 + wanted
    return growth
