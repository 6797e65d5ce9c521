"""Totals of a block of investors under all scenarios: shared walks first, single runs for what they leave open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.block import COLUMNS, DTYPES, DayChecks, Rows, measure_block
from fengqiao.engine.loss.grid.description import Description, describe
from fengqiao.engine.loss.grid.layout import LEFT_OPEN, PAIR_FIELDS, RANGE_FIELDS
from fengqiao.engine.loss.grid.sharing import Columns, Prepared, Unit, Unshared, as_integers, grouped
from fengqiao.engine.loss.kernel_plan import KernelPlan, kernel_plan
from fengqiao.engine.loss.native import address, kernels
from fengqiao.engine.loss.rows import TRADE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.plan import CasePlan

    Matrix = NDArray[np.int64]

KEPT_PLANS = 40
LARGEST_SUM = 2.0**62


@dataclass(frozen=True)
class Counted:
    """How the totals of a block came about: by exact arithmetic, by the single run's kernel, by shared walks."""

    exact: int = 0
    alone: int = 0


class Computing:
    """Everything that is shared by the blocks of a run over planned scenarios. Safe to use from several threads."""

    def __init__(self, plans: Sequence[CasePlan], checks: DayChecks, base: int, known: int | None = None) -> None:
        """known: the scenario whose totals the caller has anyway; they stay 0."""
        self.plans, self.checks, self.base = plans, checks, base
        every = [(place, whole, plan) for place, whole in enumerate(plans) for plan in whole.segments]
        self.rows = len(every)
        self.units = [Unit(row, plan, whole) for row, (place, whole, plan) in enumerate(every) if place != known]
        columns = Columns()
        found = [as_integers(unit, columns) for unit in self.units]
        self.prepared = [item for item in found if isinstance(item, Prepared)]
        self.unshared = {
            unit.row: item for unit, item in zip(self.units, found, strict=True) if isinstance(item, Unshared)
        }
        self._alone: dict[int, KernelPlan | None] = {}
        self._lock = Lock()

    @cached_property
    def plain(self) -> Description:
        """For records without a column of kinds of rows."""
        return describe(grouped(self.prepared, kinds=False), kinds=False)

    @cached_property
    def with_kinds(self) -> Description:
        """For records with one."""
        return describe(grouped(self.prepared, kinds=True), kinds=True)

    def walks(self) -> int:
        """How many distinct walks records without a column of kinds need."""
        return len(grouped(self.prepared, kinds=False))

    def totals(
        self, rows: Rows, starts: NDArray[np.int64], go_on: Callable[[int], None] | None = None
    ) -> tuple[Matrix, Counted]:
        """Total of every investor under every scenario in fen: int64[scenarios, investors], and how it came about."""
        investors = len(starts) - 1
        found = np.zeros((self.rows, max(investors, 1)), dtype=np.int64)[:, :investors]
        if investors == 0:
            return found[: len(self.plans)], Counted()
        if self.prepared:
            self._shared(rows, starts, found)
        exact = alone = 0
        for unit in self.units:
            if go_on is not None:
                go_on(0)
            place = np.arange(investors) if unit.row in self.unshared else np.flatnonzero(found[unit.row] == LEFT_OPEN)
            if len(place):
                exact += self._single(unit, rows, starts, place, found[unit.row], go_on)
                alone += len(place)
        for row, same in self.plain.copies:
            found[row] = found[same]
        return self._by_scenario(found), Counted(exact, alone - exact)

    def _shared(self, rows: Rows, starts: NDArray[np.int64], found: Matrix) -> None:
        """The shared walks: by counters wherever an investor has nothing but trades, whatever others have."""
        run_grid(replace(rows, kind=None), starts, self.plain, found)
        if rows.kind is None:
            return
        before = np.concatenate(([0], np.cumsum(rows.kind != TRADE)))
        other = np.flatnonzero(before[starts[1:]] > before[starts[:-1]])
        if len(other):
            taken, bounds = rows_of(rows, starts, other)
            part = np.zeros((len(found), len(other)), dtype=np.int64)
            run_grid(taken, bounds, self.with_kinds, part)
            for row, same in self.with_kinds.copies:
                part[row] = part[same]
            found[:, other] = part

    def _by_scenario(self, found: Matrix) -> Matrix:
        if self.rows == len(self.plans):
            return found
        first = np.cumsum([0, *(len(whole.segments) for whole in self.plans)])[:-1]
        summed: Matrix = np.add.reduceat(found, first, axis=0)
        return summed

    def _single(
        self, unit: Unit, rows: Rows, starts: NDArray[np.int64], place: NDArray[np.int64], totals: NDArray[np.int64],
        go_on: Callable[[int], None] | None,
    ) -> int:  # fmt: skip
        """Totals of some investors as a single run computes them."""
        taken, bounds = rows_of(rows, starts, place)
        out, exact = measure_block(
            taken, bounds, unit.plan, unit.whole, self._kernel(unit), self.checks, self.base, go_on
        )
        totals[place] = out[k.R_TOTAL]
        return exact

    def _kernel(self, unit: Unit) -> KernelPlan | None:
        with self._lock:
            if unit.row not in self._alone:
                if len(self._alone) >= KEPT_PLANS:
                    self._alone.pop(next(iter(self._alone)))
                found = kernel_plan(unit.plan, unit.whole)
                self._alone[unit.row] = None if isinstance(found, str) else found
            return self._alone[unit.row]


def run_grid(rows: Rows, starts: NDArray[np.int64], description: Description, out: Matrix) -> None:
    """Fill out, int64[units, investors], by the shared walks; LEFT_OPEN stands where they prove nothing."""
    parameters = np.zeros(k.PARAMETERS, dtype=np.int64)
    for flag, column in ((k.P_HAS_TIME, rows.time), (k.P_HAS_SEQUENCE, rows.sequence), (k.P_HAS_KIND, rows.kind),
                         (k.P_HAS_ACCOUNT, rows.account)):  # fmt: skip
        parameters[flag] = column is not None
    integers = description.integers.copy()
    flag_walks(integers, parameters)
    largest = max(int(np.diff(starts).max()), 1)
    columns = [getattr(rows, name) for name in COLUMNS]
    nothing = [np.zeros(1, dtype=kind) for kind in DTYPES]
    given = [spare if column is None else column for column, spare in zip(columns, nothing, strict=True)]
    scratch = [np.empty(largest if column is not None else 1, dtype=kind)
               for column, kind in zip(columns, DTYPES, strict=True)]  # fmt: skip
    order = np.empty(2 * largest, dtype=np.int64)
    state, floats = np.zeros(k.WALK_STATE, dtype=np.int64), np.zeros(k.FLOAT_STATE)
    work = np.zeros(2 * k.MAX_SERIES + 8)
    starts = np.ascontiguousarray(starts)
    arrays = [starts, *given, order, *scratch, integers, description.floats, description.tables, state, floats, work,
              parameters, out]  # fmt: skip
    kernels()["measure_grid"](out.shape[1], *(address(array) for array in arrays))


def flag_walks(integers: NDArray[np.int64], parameters: NDArray[np.int64]) -> None:
    """Tell the walks by lots which columns the records have."""
    from fengqiao.engine.loss.grid import layout as g

    for number in range(int(integers[g.H_GROUPS])):
        group = g.H_FIRST + number * g.GROUP_FIELDS
        if integers[group + g.G_MODE] == g.LOTS:
            at = int(integers[group + g.G_PARAMETERS])
            for flag in (k.P_HAS_TIME, k.P_HAS_SEQUENCE, k.P_HAS_KIND, k.P_HAS_ACCOUNT):
                integers[at + flag] = parameters[flag]


def rows_of(rows: Rows, starts: NDArray[np.int64], place: NDArray[np.int64]) -> tuple[Rows, NDArray[np.int64]]:
    """The rows of some investors only, and where each begins."""
    if len(place) == len(starts) - 1:
        return rows, starts
    counts = np.diff(starts)[place]
    bounds = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    where = np.repeat(starts[place] - bounds[:-1], counts) + np.arange(bounds[-1])
    names = (*COLUMNS, "commission", "stamp_duty")
    taken: dict[str, Any] = {
        name: None if getattr(rows, name) is None else getattr(rows, name)[where] for name in names
    }
    origin = where + rows.first if rows.origin is None else rows.origin[where]
    return Rows(**taken, origin=origin), bounds


def ranges_of(totals: Matrix) -> Matrix:
    """What `kernel_grid.ranges` says about each investor, int64[RANGE_FIELDS, investors]."""
    scenarios, investors = totals.shape
    out = np.zeros((RANGE_FIELDS, max(investors, 1)), dtype=np.int64)[:, :investors]
    if investors and scenarios:
        size, spare = np.array([scenarios], dtype=np.int64), np.zeros(scenarios, dtype=np.int64)
        kernels()["ranges"](investors, *(address(array) for array in (size, totals, spare, out)))
    return out


def pairs_of(totals: Matrix) -> NDArray[Any]:
    """Gains and losses between every two scenarios a < b: [pairs, PAIR_FIELDS], b changing fastest."""
    scenarios, investors = totals.shape
    out = np.zeros((scenarios * (scenarios - 1) // 2, PAIR_FIELDS), dtype=np.int64)
    if not investors or not len(out):
        return out
    if float(totals.max()) * investors >= LARGEST_SUM:
        return large_pairs(totals)
    size = np.array([scenarios], dtype=np.int64)
    kernels()["pairs"](investors, *(address(array) for array in (size, np.ascontiguousarray(totals), out)))
    return out


def large_pairs(totals: Matrix) -> NDArray[Any]:
    """The same in integers of any size, for impossible records whose sums do not fit into 64 bits.

    >>> large_pairs(np.array([[5, 1], [2, 4]])).tolist()
    [[1, 1, 3, 3]]
    """
    rows = []
    for a in range(len(totals)):
        for b in range(a + 1, len(totals)):
            change = (totals[b] - totals[a]).tolist()
            rows.append([
                sum(value > 0 for value in change), sum(value < 0 for value in change),
                sum(max(value, 0) for value in change), sum(max(-value, 0) for value in change),
            ])  # fmt: skip
    return np.array(rows, dtype=object)
