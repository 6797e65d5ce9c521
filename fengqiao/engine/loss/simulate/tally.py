"""Counting what is written, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.simulate.records import is_buy, is_trade
from fengqiao.engine.loss.simulate.spec import FAULTS, SimulationSummary

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from fengqiao.engine.loss.simulate.population import Investors
    from fengqiao.engine.loss.simulate.spec import SimulationSpec
    from fengqiao.engine.loss.simulate.tape import Tape


class Tally:
    """Running totals of the second pass."""

    def __init__(self) -> None:
        self.rows = self.buys = self.trades = self.opening = self.two = 0
        self.faults = np.zeros(len(FAULTS) + 1, dtype=np.int64)
        self.first, self.last = np.iinfo(np.int32).max, -1

    def add(self, rows: NDArray[np.void], people: Investors) -> None:
        """Count the rows (dtype records.ROW) of some investors."""
        self.rows += len(rows)
        self.trades += int(is_trade(rows).sum())
        self.buys += int(is_buy(rows).sum())
        self.opening += int(people.opening.sum())
        self.two += int(people.two.sum())
        self.faults += np.bincount(people.fault, minlength=len(self.faults))
        self.first = min(self.first, int(rows["axis"].min()))
        self.last = max(self.last, int(rows["axis"].max()))

    def summary(self, spec: SimulationSpec, path: Path, tape: Tape) -> SimulationSummary:
        """What was written, all parts together."""
        opening_rows = self.rows - self.trades
        return SimulationSummary(
            path=path,
            rows=self.rows,
            investors=spec.investors,
            buys=self.buys,
            sells=self.trades - self.buys,
            opening_rows=opening_rows,
            opening_investors=opening_rows if tape.opening_axis >= 0 else self.opening,
            two_account_investors=self.two,
            faults={name: int(self.faults[code]) for code, name in enumerate(FAULTS, start=1)},
            first=day_of(tape.dates[self.first]),
            last=day_of(tape.dates[self.last]),
        )
