"""Groups, branches and settlements as the three arrays that `measure_grid` reads (positions in `layout`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.grid import layout as g
from fengqiao.engine.loss.grid.sharing import BASE, Branch, Group, Prepared, own_last

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEEDS_FALLS = (k.RISK_INDEX, k.RISK_PATH)


@dataclass(frozen=True)
class Description:
    """Integers, floats and tables for `measure_grid`; copies: (row, row that is the same) of units that are equal."""

    integers: NDArray[np.int64]
    floats: NDArray[np.float64]
    tables: NDArray[np.int64]
    copies: tuple[tuple[int, int], ...]


class Writer:
    """Puts the pieces one after the other and remembers where they begin."""

    def __init__(self) -> None:
        self.integers: list[int] = []
        self.floats: list[float] = []
        self.tables: list[NDArray[np.int64]] = []
        self.length = 0
        self.tables_at: dict[int, int] = {}
        self.copies: list[tuple[int, int]] = []

    def fields(self, count: int) -> int:
        """Room for some integers."""
        self.integers += [0] * count
        return len(self.integers) - count

    def table(self, table: NDArray[np.int64]) -> int:
        """Where a table stands; the same array is written once."""
        if id(table) not in self.tables_at:
            self.tables_at[id(table)] = self.length
            self.tables.append(table)
            self.length += table.size
        return self.tables_at[id(table)]

    def numbers(self, values: Sequence[float]) -> int:
        """Where some floats stand."""
        self.floats += values
        return len(self.floats) - len(values)

    def done(self) -> Description:
        tables = np.concatenate([table.ravel() for table in self.tables]) if self.tables else np.zeros(1, np.int64)
        return Description(
            np.array(self.integers, dtype=np.int64), np.array([*self.floats, 0.0]), tables, tuple(self.copies)
        )


def describe(groups: Sequence[Group], *, kinds: bool) -> Description:
    """The description of all groups. kinds: records have a column of kinds of rows."""
    writer = Writer()
    writer.fields(g.H_FIRST + len(groups) * g.GROUP_FIELDS)
    writer.integers[g.H_GROUPS], writer.integers[g.H_HAS_KIND], writer.integers[g.H_BASE] = len(groups), kinds, BASE
    interest = [item for group in groups for item in _units(group) if item.parameters[k.P_INTEREST]]
    if interest:
        writer.integers[g.H_INTEREST] = writer.table(interest[0].days[k.D_INTEREST])
    for number, group in enumerate(groups):
        _group(writer, g.H_FIRST + number * g.GROUP_FIELDS, group)
    return writer.done()


def _units(group: Group) -> list[Prepared]:
    return [item for branches in group.branches.values() for branch in branches for item in branch.units]


def _group(writer: Writer, at: int, group: Group) -> None:
    item, units = group.any_unit, _units(group)
    factor, a, b = (item.days[place] for place in (k.D_FACTOR, k.D_A, k.D_B))
    plain = bool((factor == 1).all() and (a == 1).all() and (b == 0).all())
    if group.mode == g.TRUNK:
        table = np.column_stack([factor, a, b, *group.series])
        values = {g.G_TABLE: writer.table(table), g.G_WIDTH: table.shape[1]}
    else:
        values = _by_lots(writer, group)
    branches = sorted(
        ((key, branch) for key, found in group.branches.items() for branch in found), key=lambda pair: pair[0]
    )
    duties = [branch.duty for _, branch in branches if branch.duty is not None]
    largest = max([1, *(int(column.max()) for column in group.series)])
    values |= {
        g.G_MODE: group.mode, g.G_SERIES: len(group.series), g.G_OWN_FIRST: int(item.parameters[k.P_OWN_FIRST]),
        g.G_OWN_LAST: own_last(item), g.G_PLAIN: plain, g.G_BRANCHES: len(branches),
        g.G_MOVING: any(unit.parameters[k.P_AVERAGING] == 0 for unit in units),
        g.G_LIMITS: writer.numbers([
            float(factor.max()), float(a.max()), float(np.abs(b).max()), float(a.min()), float(b.min()),
            float(largest), float(max([0, *(int(duty.max()) for duty in duties)])), float(item.parameters[k.P_M]),
        ]),
        g.G_BRANCH: writer.fields(len(branches) * g.BRANCH_FIELDS),
    }  # fmt: skip
    for field, value in values.items():
        writer.integers[at + field] = value
    for number, (key, branch) in enumerate(branches):
        _branch(writer, values[g.G_BRANCH] + number * g.BRANCH_FIELDS, key, branch, group)


def _by_lots(writer: Writer, group: Group) -> dict[int, int]:
    """Parameters and day table of the plan that walks for the group: its own, with the series of all units."""
    item = group.any_unit
    branch = next(iter(group.branches.values()))[0]
    days = list(item.days[: k.D_SHORT])
    if branch.duty is not None:
        days[k.D_DUTY] = branch.duty
    days += [np.zeros_like(days[0])] * (k.D_SERIES - k.D_SHORT)
    table = np.column_stack([*days, *group.series])
    parameters = item.parameters.copy()
    parameters[k.P_AVERAGING], parameters[k.P_SERIES], parameters[k.P_WIDTH] = 0, len(group.series), table.shape[1]
    largest = max([1, *(int(column.max()) for column in group.series)])
    parameters[k.P_REPLAY_LIMIT] = (1 << 56) // largest
    at = writer.fields(len(parameters))
    writer.integers[at : at + len(parameters)] = parameters.tolist()
    return {g.G_TABLE: writer.table(table), g.G_WIDTH: table.shape[1], g.G_PARAMETERS: at}


def _branch(writer: Writer, at: int, key: tuple[int, int], branch: Branch, group: Group) -> None:
    units = sorted(branch.units, key=lambda item: (int(item.parameters[k.P_AVERAGING]), item.unit.row))
    distinct: dict[tuple[bytes, tuple[int, ...]], Prepared] = {}
    for item in units:
        same = (item.parameters.tobytes(), tuple(id(column) for column in item.series))
        first = distinct.setdefault(same, item)
        if first is not item:
            writer.copies.append((item.unit.row, first.unit.row))
    settled = list(distinct.values())
    held = [0.0] * len(group.series)
    for item in settled:
        for place, column in enumerate(item.series):
            held[group.place(column)] = item.held(place)
    pair = writer.fields(2)
    writer.integers[pair], writer.integers[pair + 1] = len(group.series), writer.numbers(held)
    first_at = writer.fields(len(settled) * g.SETTLEMENT_FIELDS)
    duty = -1 if branch.duty is None else writer.table(branch.duty)
    averagings = [int(item.parameters[k.P_AVERAGING]) for item in settled]
    fields = {
        g.B_T1: key[0], g.B_BENCHMARK: key[1], g.B_DUTY: duty, g.B_FIFO: 1 in averagings, g.B_HELD: pair,
        g.B_SETTLEMENTS: len(settled), g.B_SETTLEMENT: first_at,
        g.B_PURCHASES: int(settled[0].parameters[k.P_PURCHASES]),
    }  # fmt: skip
    for field, value in fields.items():
        writer.integers[at + field] = value
    for number, item in enumerate(settled):
        anew = number == 0 or averagings[number - 1] != averagings[number]
        falls = any(
            other.parameters[k.P_RISK] in NEEDS_FALLS
            for other, averaging in zip(settled, averagings, strict=True)
            if averaging == averagings[number]
        )
        _settlement(writer, first_at + number * g.SETTLEMENT_FIELDS, item, group, (1 + falls) * anew)


def _settlement(writer: Writer, at: int, item: Prepared, group: Group, anew: int) -> None:
    parameters = writer.fields(len(item.parameters))
    writer.integers[parameters : parameters + len(item.parameters)] = item.parameters.tolist()
    places = writer.fields(len(item.series))
    for number, column in enumerate(item.series):
        writer.integers[places + number] = group.place(column)
    fields = {
        g.N_OUT: item.unit.row, g.N_AVERAGING: int(item.parameters[k.P_AVERAGING]), g.N_ANEW: anew,
        g.N_PARAMETERS: parameters, g.N_SERIES: len(item.series), g.N_MAP: places,
    }  # fmt: skip
    for field, value in fields.items():
        writer.integers[at + field] = value
