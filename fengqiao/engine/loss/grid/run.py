"""One pass over the records for all scenarios: parts, threads and findings as in a single run of the base."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.grid import layout as g
from fengqiao.engine.loss.grid.computing import Computing, Counted, pairs_of, ranges_of
from fengqiao.engine.loss.grouping import text_array
from fengqiao.engine.loss.pipeline import Emit, OutOfOrderError, Run
from fengqiao.engine.loss.reading.arrays import int32_array, int64_array
from fengqiao.engine.loss.results import decimals
from fengqiao.engine.loss.run_result import AMOUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.findings import DataFinding
    from fengqiao.engine.loss.grid.scenarios import Scenario
    from fengqiao.engine.loss.grouping import Grouped
    from fengqiao.engine.loss.pipeline import Origin, Outs
    from fengqiao.engine.loss.rows import TradeSource

RANGE_COLUMNS = (
    ("lowest", AMOUNT), ("lowest_scenario", pa.dictionary(pa.int32(), pa.string())),
    ("highest", AMOUNT), ("highest_scenario", pa.dictionary(pa.int32(), pa.string())),
    ("median", AMOUNT), ("scenarios_with_zero", pa.int64()),
)  # fmt: skip


def grid_schema(ids: Sequence[str]) -> pa.Schema:
    """Columns of what a grid says about each investor: totals in fen by scenario, then the range over them.

    >>> grid_schema(["s01", "s02"]).names[:4]
    ['investor', 's01', 's02', 'lowest']
    """
    fields = [("investor", pa.string()), *((name, pa.int64()) for name in ids), *RANGE_COLUMNS]
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in fields])


class GridRun(Run):
    """A run over the base scenario that computes the totals of all others from the same rows. Use `run_grid_over`."""

    def __init__(self, scenarios: Sequence[Scenario], jobs: int) -> None:
        self.scenarios = [item for item in scenarios if item.plan is not None]
        plans = [item.plan for item in self.scenarios if item.plan is not None]
        self.first = next(place for place, item in enumerate(self.scenarios) if item.base)
        self.ids = text_array([item.id for item in self.scenarios])
        self.lock = Lock()
        super().__init__(plans[self.first], jobs)
        self.computing = Computing(plans, self.checks, self.base, known=self.first)

    def reset(self) -> None:
        """Forget everything; called before a run and when records turn out not to be in order."""
        super().reset()
        count = len(self.scenarios)
        self.pairs = np.zeros((count * (count - 1) // 2, g.PAIR_FIELDS), dtype=object)
        self.counted = Counted()

    def results(self, grouped: Grouped) -> tuple[Outs, int]:
        """Results of the base as in a single run, then the totals by scenario and the ranges."""
        outs, exact = super().results(grouped)
        totals, counted = self.computing.totals(grouped.rows, grouped.starts, self.go_on)
        totals[self.first] = sum(out[k.R_TOTAL] for out in outs)
        pairs = pairs_of(totals)
        with self.lock:
            self.pairs += pairs
            self.counted = Counted(self.counted.exact + counted.exact, self.counted.alone + counted.alone)
        return [*outs, totals, ranges_of(totals)], exact

    def findings(self, grouped: Grouped, outs: Outs, origins: Origin) -> list[DataFinding]:
        """What is odd about the rows, as the base's single run says it."""
        return super().findings(grouped, outs[:-2], origins)

    def emit(self, ids: pa.Array, outs: Outs, exact: int, found: Sequence[DataFinding], to: Emit) -> None:
        """Pass on totals and ranges as one batch of `grid_schema`."""
        if len(ids):
            self.sums.add(outs[:-2], exact)
            to.batch(self.batch(ids, outs[-2], outs[-1]))
        for finding in found:
            self.sums.count(finding.code)
        if found:
            to.findings(found)

    def batch(self, who: pa.Array, totals: NDArray[np.int64], ranges: NDArray[np.int64]) -> pa.RecordBatch:
        """Totals and ranges of some investors."""

        def named(field: int) -> pa.Array:
            return pa.DictionaryArray.from_arrays(int32_array(ranges[field].astype(np.int32)), self.ids)

        columns = [who, *(int64_array(row) for row in totals)]
        columns += [
            decimals(ranges[g.LOWEST], AMOUNT), named(g.LOWEST_AT), decimals(ranges[g.HIGHEST], AMOUNT),
            named(g.HIGHEST_AT), decimals(ranges[g.MEDIAN], AMOUNT), int64_array(ranges[g.ZEROS]),
        ]  # fmt: skip
        return pa.RecordBatch.from_arrays(columns, schema=grid_schema(self.ids.to_pylist()))


def run_grid_over(run: GridRun, source: TradeSource, to: Emit, restart: Callable[[], None]) -> None:
    """All investors of a source under all scenarios, in ascending order; restart as in `pipeline.run`."""
    if source.disjoint and source.parts:
        try:
            run.ordered(source, to)
        except OutOfOrderError:
            restart()
            run.reset()
            run.grouped(source, to)
    else:
        run.grouped(source, to)
    run.finish(to)
