"""What is said about each scenario and each pair of scenarios, from the awards that were written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from fengqiao.engine.loss.grid import layout as g
from fengqiao.engine.loss.grid.scenarios import Scenario
from fengqiao.engine.loss.grid.writing import AWARDS
from fengqiao.engine.loss.reading.arrays import numpy_view
from fengqiao.engine.money import round_fraction

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUANTILES = (10, 25, 75, 90)  # percent, beside the median


@dataclass(frozen=True)
class Figures:
    """One scenario's figures, in fen. mean, median, quantiles and highest are of the investors with an award.

    quantiles: by `QUANTILES`, each the smallest award that at least that share of the awards do not exceed.
    """

    scenario: Scenario
    awarded: int = 0
    total: int = 0
    mean: int = 0
    median: int = 0
    quantiles: tuple[int, ...] = (0,) * len(QUANTILES)
    highest: int = 0
    difference: int = 0


@dataclass(frozen=True)
class Pair:
    """How investors fare under scenario b against scenario a: numbers of them, sums in fen."""

    a: Scenario
    b: Scenario
    gain: int
    lose: int
    stay: int
    gained: int
    lost: int

    @property
    def net(self) -> int:
        """How much more all of them together get under b."""
        return self.gained - self.lost


def columns_of(path: Path, names: Sequence[str]) -> Iterator[NDArray[np.int64]]:
    """Columns of awards.parquet one after the other."""
    with pq.ParquetFile(path) as file:
        for name in names:
            yield numpy_view(file.read(columns=[name]).column(0).combine_chunks())


def figures_of(directory: Path, scenarios: Sequence[Scenario]) -> list[Figures]:
    """Figures of all scenarios, of those without a plan empty ones."""
    ids = [item.id for item in scenarios if item.computed]
    found = {
        name: _of_column(next(item for item in scenarios if item.id == name), column)
        for name, column in zip(ids, columns_of(directory / AWARDS, ids), strict=True)
    }
    base = next(found[item.id].total for item in scenarios if item.base)
    return [
        _against(found[item.id], base) if item.computed else Figures(item)
        for item in scenarios
    ]  # fmt: skip


def _of_column(scenario: Scenario, column: NDArray[np.int64]) -> Figures:
    awards = column[column > 0]
    count = len(awards)
    if not count:
        return Figures(scenario)
    places = [max(-(-count * share // 100) - 1, 0) for share in QUANTILES]
    middle = [(count - 1) // 2, count // 2]
    ordered = np.partition(awards, sorted({*places, *middle, count - 1}))
    total = int(awards.sum()) if float(ordered[-1]) * count < 2.0**62 else sum(awards.tolist())
    return Figures(
        scenario, count, total, divided(total, count), divided(int(ordered[middle[0]]) + int(ordered[middle[1]]), 2),
        tuple(int(ordered[place]) for place in places), int(ordered[-1]),
    )  # fmt: skip


def divided(total: int, by: int) -> int:
    """A quotient in fen, rounded half up.

    >>> divided(5, 2)
    3
    """
    return round_fraction(Fraction(total, by))


def _against(found: Figures, base: int) -> Figures:
    return replace(found, difference=found.total - base)


def pairs_between(scenarios: Sequence[Scenario], counts: NDArray[Any], investors: int) -> list[Pair]:
    """Every two computed scenarios, the earlier one as a."""
    computed = [item for item in scenarios if item.computed]
    out = []
    for (a, b), row in zip(combinations(computed, 2), counts, strict=True):
        gain, lose = int(row[g.GAIN]), int(row[g.LOSE])
        out.append(Pair(a, b, gain, lose, investors - gain - lose, int(row[g.GAINED]), int(row[g.LOST])))
    return out


def turned(pair: Pair) -> Pair:
    """The same pair seen from its other end."""
    return Pair(pair.b, pair.a, pair.lose, pair.gain, pair.stay, pair.lost, pair.gained)
