"""The scenarios of a grid: their names, their cases, and for those that cannot be computed the reason."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.engine.errors import FengqiaoError, InputError, Place, unknown_name
from fengqiao.engine.loss.case import Case, Deduction, Fees, Method, Segment
from fengqiao.engine.loss.case_file import DATE_KEYS, SECTIONS, parse_case
from fengqiao.engine.loss.grid.spec import NOT_GIVEN, SEGMENTS, Alternative, Exclusion, Spec

if TYPE_CHECKING:
    from fengqiao.engine.loss.plan import CasePlan

MOST_SCENARIOS = 500
MOST_COMBINATIONS = 50_000  # before exclusions
OF_RISK = {"fixed": ("ratio", "reason"), "synchronised_index": ("indices",), "simulated_price": ("path",)}
DEFAULTS = {"method": Method, "deduction": Deduction, "fees": Fees, "dates": Segment, "case": Case}


@dataclass(frozen=True)
class Scenario:
    """One combination of settings. labels: the alternative taken on each axis, () for one named beside the product.

    case None: it cannot be computed for the reason given. base: what the others are compared with.
    """

    id: str
    name: str
    labels: tuple[str, ...]
    case: Case | None
    reason: str = ""
    base: bool = False
    plan: CasePlan | None = None

    @property
    def computed(self) -> bool:
        """True if there are figures for it."""
        return self.plan is not None


def scenarios_of(spec: Spec, data: Mapping[str, Any], folder: Path, file: str = "") -> list[Scenario]:
    """All scenarios of a grid over the tables of a CASE.toml, the base marked.

    The base is the scenario that the specification names, else the case as it stands, else the first that can be
    computed. Errors: InputError when there are too many, when two have one name, when an exclusion fits nothing.
    """
    found = list(_combinations(spec, data, folder))
    if len(found) > MOST_SCENARIOS:
        raise too_many(len(found), spec.file)
    names = [name for name, _, _ in found]
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise InputError(f'Two scenarios have the name "{twice}"', place=Place(spec.file), todo="Rename one of them")
    digits = max(2, len(str(len(found))))
    made = []
    for number, (name, labels, tables) in enumerate(found, start=1):
        try:
            case, reason = parse_case(tables, base=folder, file=file), ""
        except FengqiaoError as error:
            case, reason = None, reason_of(error)
        made.append(Scenario(f"s{number:0{digits}d}", name, labels, case, reason))
    return with_base(made, spec, data, folder, file)


def too_many(count: int, file: str) -> InputError:
    """The sentence on a grid that is too large."""
    return InputError(
        f"The specification asks for {count:,} scenarios, more than {MOST_SCENARIOS}",
        why="the product of all alternatives grows quickly",
        todo="Leave out alternatives, exclude combinations, or split the grid into several",
        place=Place(file),
    )


def reason_of(error: FengqiaoError) -> str:
    """Why a scenario cannot be computed, in one sentence."""
    return " ".join(str(error).split())


def with_base(made: Sequence[Scenario], spec: Spec, data: Mapping[str, Any], folder: Path, file: str) -> list[Scenario]:
    """The scenarios with the one marked that the others are compared with."""
    chosen = None
    if spec.base:
        chosen = find(made, spec.base, Place(spec.file))
    else:
        try:
            own = parse_case(data, base=folder, file=file)
        except FengqiaoError:
            own = None
        able = [item for item in made if item.case is not None]
        chosen = next((item for item in able if item.case == own), able[0] if able else None)
    return [replace(item, base=item is chosen) for item in made]


def find(made: Sequence[Scenario], name: str, place: Place | None = None) -> Scenario:
    """A scenario by its id or its name. Errors: InputError with the nearest names."""
    found = next((item for item in made if name in (item.id, item.name)), None)
    if found is None:
        raise unknown_name("scenario", name, [item.name for item in made][:40], place)
    return found


def _combinations(
    spec: Spec, data: Mapping[str, Any], folder: Path
) -> Iterator[tuple[str, tuple[str, ...], dict[str, Any]]]:
    """(name, labels, tables of the case) of every scenario."""
    count = prod(len(axis.alternatives) for axis in spec.axes)
    if count > MOST_COMBINATIONS:
        raise too_many(count, spec.file)
    used = [False] * len(spec.exclusions)
    several = [len(axis.alternatives) > 1 for axis in spec.axes]
    for chosen in product(*(axis.alternatives for axis in spec.axes)) if spec.axes else ():
        labels = tuple(item.name for item in chosen)
        tables = changed(data, chosen)
        out = False
        for place, exclusion in enumerate(spec.exclusions):
            if matches(exclusion, labels, tables, folder):
                used[place] = out = True
        if not out:
            parts = [label for label, more in zip(labels, several, strict=True) if more] or list(labels)
            yield " · ".join(parts), labels, tables
    for place, was in enumerate(used):
        if not was:
            raise InputError(
                f"[[exclude]] number {place + 1} fits no scenario", place=Place(spec.file), todo="Check its values"
            )
    for item in spec.named:
        yield item.name, (), changed(data, [item])


def changed(data: Mapping[str, Any], chosen: Sequence[Alternative]) -> dict[str, Any]:
    """The tables of a CASE.toml with the values of some alternatives in the place of their own.

    Keys that belong to another kind of market risk than the one chosen (its ratio, indices, path) are taken away.
    Errors: InputError when a segment that is varied is not there.

    >>> tables = {"deduction": {"market_risk": "synchronised_index", "indices": ["000300"]}}
    >>> changed(tables, [Alternative("不扣", {"deduction.market_risk": "none"})])
    {'deduction': {'market_risk': 'none'}}
    """
    out: dict[str, Any] = copy.deepcopy(dict(data))
    values = {key: value for item in chosen for key, value in item.values.items()}
    for key, value in values.items():
        section, _, rest = key.partition(".")
        table, name = (_segment(out, rest), rest.rpartition(".")[2]) if section == SEGMENTS else (
            out.setdefault(section, {}), rest)  # fmt: skip
        if value == NOT_GIVEN:
            table.pop(name, None)
        else:
            table[name] = value
    if "deduction.market_risk" in values:
        for kind, keys in OF_RISK.items():
            for name in keys if kind != values["deduction.market_risk"] else ():
                if f"deduction.{name}" not in values:
                    out["deduction"].pop(name, None)
    return out


def _segment(data: Mapping[str, Any], rest: str) -> dict[str, Any]:
    name = rest.rpartition(".")[0]
    listed = data.get(SEGMENTS) or []
    names = [str(table.get("name", number)) for number, table in enumerate(listed, start=1)]
    if name not in names:
        raise unknown_name("segment", name, names)
    found: dict[str, Any] = listed[names.index(name)]
    return found


def matches(exclusion: Exclusion, labels: Sequence[str], tables: Mapping[str, Any], folder: Path) -> bool:
    """True if a combination is one of those that are left out."""
    if any(name not in labels for name in exclusion.alternatives):
        return False
    return all(effective(tables, key, folder) in wanted for key, wanted in exclusion.values.items())


def effective(tables: Mapping[str, Any], key: str, folder: Path) -> Any:
    """The value that a key has in the tables of a case, parsed; its default where it is not given.

    >>> effective({}, "method.averaging", Path())
    'moving_weighted'
    """
    section, _, name = key.partition(".")
    if section == SEGMENTS:
        table, name, keys = _segment(tables, name), name.rpartition(".")[2], DATE_KEYS
    else:
        table, keys = tables.get(section, {}), SECTIONS[section]
    if name in table:
        return keys[name](table[name], key, folder)
    group = Segment if section == SEGMENTS else DEFAULTS[section]
    default = next(item.default for item in fields(group) if item.name == name)
    return None if default is MISSING else default


def planned(made: Sequence[Scenario], plan: Callable[[Case], CasePlan]) -> list[Scenario]:
    """The scenarios with their plans; those whose plan cannot be made get the reason.

    Errors: InputError when none can be made.
    """
    out = []
    for item in made:
        if item.case is not None:
            try:
                item = replace(item, plan=plan(item.case))  # noqa: PLW2901 - the same scenario, planned
            except FengqiaoError as error:
                item = replace(item, reason=reason_of(error))  # noqa: PLW2901
        out.append(item)
    if not any(item.computed for item in out):
        raise InputError("None of the scenarios can be computed", why=out[0].reason)
    if not any(item.base and item.computed for item in out):
        first = next(place for place, item in enumerate(out) if item.computed)
        out = [replace(item, base=place == first) for place, item in enumerate(out)]
    return out
