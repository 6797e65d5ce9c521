"""What the scenarios of a grid share: distinct walks, branches of one walk, and what each scenario makes of them.

Two plans share a walk when every share, lot and amount in it is the same: the same windows, adjustments and treatment
of rows. By counters (see `kernel_trunk`) they share it up to the earlier T1 also when T1 or the benchmark date differ.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.grid import layout as g
from fengqiao.engine.loss.kernel_plan import FIRST_DAY, kernel_plan
from fengqiao.engine.loss.market import ordinal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.plan import CasePlan, SegmentPlan

    Column = NDArray[np.int64]

BASE = ordinal(FIRST_DAY)
WALK_PARAMETERS = (
    k.P_PURCHASES, k.P_T1, k.P_BENCHMARK, k.P_L, k.P_M, k.P_DROP_DUPLICATES, *range(k.P_KINDS, k.P_KINDS + 8),
)  # fmt: skip
TRUNK_PARAMETERS = (k.P_L, k.P_M, k.P_OWN_FIRST)
NO_LIMIT = 1 << 40


@dataclass(frozen=True)
class Unit:
    """One segment of one scenario: `row` of the totals that it fills, its plan, and the scenario's whole plan."""

    row: int
    plan: SegmentPlan
    whole: CasePlan


class Columns:
    """Columns of day tables, each kept once however many plans have it."""

    def __init__(self) -> None:
        self.known: dict[bytes, Column] = {}

    def one(self, column: Column) -> Column:
        """The column itself, or the equal one that was there before."""
        return self.known.setdefault(column.tobytes(), np.ascontiguousarray(column))


@dataclass(frozen=True)
class Prepared:
    """A unit with its plan as integers: parameters, columns of the day table (see `kernel_layout`), series."""

    unit: Unit
    parameters: Column
    days: tuple[Column, ...]
    series: tuple[Column, ...]

    @property
    def uniform_duty(self) -> bool:
        return bool(self.parameters[k.P_DUTY_UNIFORM])

    def held(self, place: int) -> float:
        """Held value of a series as the kernels take it."""
        numerator, denominator = self.parameters[k.P_HELD + 2 * place : k.P_HELD + 2 * place + 2].tolist()
        return float(numerator) / float(denominator)


@dataclass(frozen=True)
class Unshared:
    """Why no shared walk serves a unit. exact: everybody needs exact arithmetic; else the single run's kernel does."""

    reason: str
    exact: bool


@dataclass
class Branch:
    """Units with one T1, one benchmark date and one duty column (None while only uniform rates are there)."""

    duty: Column | None = None
    units: list[Prepared] = field(default_factory=list)

    def takes(self, item: Prepared) -> bool:
        """True if a unit can be settled from this branch's state."""
        return item.uniform_duty or self.duty is None or self.duty is item.days[k.D_DUTY]

    def add(self, item: Prepared) -> None:
        if not item.uniform_duty:
            self.duty = item.days[k.D_DUTY]
        self.units.append(item)


@dataclass
class Group:
    """Units that one walk serves, with the series that any of them replays."""

    mode: int
    series: list[Column] = field(default_factory=list)
    branches: dict[tuple[int, int], list[Branch]] = field(default_factory=dict)

    def takes(self, item: Prepared) -> bool:
        """True if the series of a unit still fit."""
        new = sum(1 for column in item.series if all(column is not known for known in self.series))
        if len(self.series) + new > k.MAX_SERIES:
            return False
        return self.mode == g.TRUNK or all(
            branch.takes(item) for branches in self.branches.values() for branch in branches
        )

    def add(self, item: Prepared) -> None:
        self.series += [column for column in item.series if all(column is not known for known in self.series)]
        key = int(item.parameters[k.P_T1]), int(item.parameters[k.P_BENCHMARK])
        branches = self.branches.setdefault(key, [])
        branch = next((branch for branch in branches if branch.takes(item)), None)
        if branch is None:
            branches.append(branch := Branch())
        branch.add(item)

    def place(self, column: Column) -> int:
        """Where a series stands among those of the group."""
        return next(place for place, known in enumerate(self.series) if known is column)

    @property
    def any_unit(self) -> Prepared:
        return next(iter(self.branches.values()))[0].units[0]


def as_integers(unit: Unit, columns: Columns) -> Prepared | Unshared:
    """A unit's plan for the shared walks, or why none serves it."""
    found = kernel_plan(unit.plan, unit.whole)
    if isinstance(found, str):
        return Unshared(found, exact=True)
    if found.fees is not None:
        return Unshared("recorded fees (fees.mode)", exact=False)
    days = [columns.one(found.days[:, place]) for place in range(min(k.D_SERIES, found.days.shape[1]))]
    series = tuple(columns.one(found.days[:, k.D_SERIES + place]) for place in range(found.series))
    return Prepared(unit, found.parameters, tuple(days), series)


def grouped(units: Sequence[Prepared], *, kinds: bool) -> list[Group]:
    """The walks that serve all units. kinds: for records with a column of kinds, which counters cannot serve."""
    groups: dict[Hashable, list[Group]] = {}
    for item in units:
        mode = g.TRUNK if not kinds and counted(item.parameters) else g.LOTS
        key = (mode, trunk_key(item) if mode == g.TRUNK else walk_key(item))
        there = groups.setdefault(key, [])
        group = next((group for group in there if group.takes(item)), None)
        if group is None:
            there.append(group := Group(mode))
        group.add(item)
    return [group for there in groups.values() for group in there]


def counted(parameters: Column) -> bool:
    """True if counters serve a plan: purchases only, one unbroken window, no repeated records to be dropped."""
    return bool(parameters[k.P_PURCHASES] and parameters[k.P_OWN_FIRST] and not parameters[k.P_DROP_DUPLICATES])


def trunk_key(item: Prepared) -> Hashable:
    """What the walk up to T1 depends on: adjustments, units, where the window begins; its end unless that is T1."""
    p = item.parameters
    columns = tuple(id(item.days[place]) for place in (k.D_FACTOR, k.D_A, k.D_B))
    return columns, *(int(p[place]) for place in TRUNK_PARAMETERS), own_last(item)


def own_last(item: Prepared) -> int:
    """Last day of the window, or a day that never comes where the window runs up to T1."""
    last = int(item.parameters[k.P_OWN_LAST])
    return NO_LIMIT if last == int(item.parameters[k.P_T1]) - 1 else last


def walk_key(item: Prepared) -> Hashable:
    """What a walk by lots depends on."""
    columns = tuple(id(item.days[place]) for place in (k.D_SCOPE, k.D_FACTOR, k.D_A, k.D_B))
    return columns, *(int(item.parameters[place]) for place in WALK_PARAMETERS)
