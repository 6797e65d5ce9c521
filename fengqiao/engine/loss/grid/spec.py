"""Read and check a SPEC.toml: which settings of a case take which alternatives, and which combinations are meant."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fengqiao.engine.errors import InputError, Place, unknown_name
from fengqiao.engine.loss.case_file import CASE_KEYS, DATE_KEYS, SECTIONS
from fengqiao.engine.loss.case_values import LARGEST_CASE_FILE, Parser
from fengqiao.engine.loss.grid.words import key_name, value_text

NOT_GIVEN = ""  # as a value: the key of the case file is taken away, so that the default holds
FIXED = ("security",)
NEEDED = ("case.name", "case.rules", "case.direction", "implementation", "revelation")
TOP = ("base", "vary", "axis", "scenario", "exclude")
SEGMENTS = "segments"


@dataclass(frozen=True)
class Alternative:
    """One choice on an axis: what it is called, and which keys ("section.key") take which values (as in TOML)."""

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Axis:
    """Alternatives of which each scenario takes one."""

    name: str
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class Exclusion:
    """Scenarios that are left out: all conditions hold. alternatives: names; values: key -> any of these values."""

    alternatives: tuple[str, ...] = ()
    values: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Spec:
    """A grid: the product of the axes without the exclusions, then the scenarios named beside it."""

    axes: tuple[Axis, ...]
    named: tuple[Alternative, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    base: str = ""
    file: str = ""


def load_spec(path: Path) -> Spec:
    """Read a SPEC.toml. Paths inside it are taken relative to it.

    Errors: InputError naming the file, the table and the key; unknown keys name the nearest known one.
    """
    place = Place(file=path.name)
    try:
        if path.stat().st_size > LARGEST_CASE_FILE:
            raise InputError("The specification is larger than 1 MiB", why="it is probably another file", place=place)
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError("The specification cannot be read", why=why, place=place) from error
    except UnicodeDecodeError as error:
        raise InputError("The specification is not UTF-8 text", why=str(error.reason), place=place) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError("The specification is not valid TOML", why=str(error), place=place) from error
    try:
        return parse_spec(data, base=path.parent, file=path.name)
    except InputError as error:
        if error.place is None:
            error.place = place
        raise


def parse_spec(data: Mapping[str, Any], *, base: Path = Path(), file: str = "") -> Spec:
    """A grid from the tables of a SPEC.toml (as `tomllib` gives them).

    >>> spec = parse_spec({"vary": {"method": {"averaging": ["weighted", "actual_cost"]}}})
    >>> [alternative.name for alternative in spec.axes[0].alternatives]
    ['综合加权平均', '实际成本']
    """
    for name in data:
        if name not in TOP:
            raise unknown_name("table", name, TOP)
    vary = _table(data.get("vary", {}), "[vary]")
    axes = [*_varied(vary, base), *(_axis(item, n, base) for n, item in _listed(data, "axis"))]
    named = tuple(_named(item, f"[[scenario]] number {n}", base) for n, item in _listed(data, "scenario"))
    exclusions = tuple(_exclusion(item, n, base, axes) for n, item in _listed(data, "exclude"))
    if not axes and not named:
        raise InputError(
            "The specification names no alternatives",
            todo="Add [vary.method] averaging = [...], [[axis]] or [[scenario]]",
        )
    _no_key_twice(axes)
    chosen = data.get("base", "")
    if not isinstance(chosen, str):
        raise InputError("base must be the name of a scenario", why=f"{chosen!r} was given")
    return Spec(tuple(axes), named, exclusions, chosen, file)


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{where} must be a table", why=f"{value!r} was given")
    return value


def _listed(data: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    found = data.get(name, [])
    if not isinstance(found, list):
        raise InputError(f"[[{name}]] must be a list of tables", why=f"[{name}] was given", todo=f"Write [[{name}]]")
    for number, item in enumerate(found, start=1):
        yield number, _table(item, f"[[{name}]] number {number}")


# -- keys


def keys_of(data: Mapping[str, Any], where: str) -> Iterator[tuple[str, Parser, Any]]:
    """("section.key", its parser, what is given) of the sections of a table; keys of [case] may stand without it.

    Errors: InputError for a section or key that a CASE.toml does not know.
    """
    for name, value in data.items():
        if name == SEGMENTS:
            for segment, table in _table(value, f"{where} segments").items():
                for key, given in _table(table, f"{where} segments.{segment}").items():
                    yield f"{SEGMENTS}.{segment}.{key}", _known(DATE_KEYS, key, f"{where} segments"), given
        elif name in SECTIONS:
            for key, given in _table(value, f"{where} {name}").items():
                yield f"{name}.{key}", _known(SECTIONS[name], key, f"{where} {name}"), given
        elif name in CASE_KEYS:
            yield f"case.{name}", CASE_KEYS[name], value
        else:
            raise unknown_name(f"key in {where}", name, [*SECTIONS, SEGMENTS, *CASE_KEYS])


def _known(keys: Mapping[str, Parser], key: str, where: str) -> Parser:
    if key not in keys:
        raise unknown_name(f"key in {where}", key, keys)
    return keys[key]


def _checked(key: str, parser: Parser, value: Any, where: str, base: Path) -> Any:
    """The value as it goes into the tables of a case, once its parser has accepted it."""
    what = f"{where} {key}"
    if key.rpartition(".")[2] in FIXED:
        raise InputError(f"{what} cannot be varied", why="records and market data are those of one security")
    if value == NOT_GIVEN:
        if key in NEEDED or key.rpartition(".")[2] in NEEDED:
            raise InputError(f"{what} cannot be left empty", why="every case has it")
        return NOT_GIVEN
    parsed = parser(value, what, base)
    return str(parsed) if isinstance(parsed, Path) else value


def _values(item: Mapping[str, Any], where: str, base: Path) -> dict[str, Any]:
    return {key: _checked(key, parser, given, where, base) for key, parser, given in keys_of(item, where)}


# -- axes


def _varied(vary: Mapping[str, Any], base: Path) -> Iterator[Axis]:
    """One axis for each key in [vary]: its list of values, each a value or a table with value and name."""
    for key, parser, given in keys_of(vary, "[vary]"):
        if not isinstance(given, list) or not given:
            raise InputError(f"[vary] {key} must be a list of values", why=f"{given!r} was given", todo="Put it in [ ]")
        alternatives = []
        for item in given:
            value, name = item, ""
            if isinstance(item, Mapping):
                for part in item:
                    if part not in ("value", "name"):
                        raise unknown_name(f"key in [vary] {key}", part, ("value", "name"))
                if "value" not in item:
                    raise InputError(
                        f"[vary] {key} has an entry without a value", why=f"{item!r}", todo="Add value = ..."
                    )
                value, name = item["value"], _name(item, f"[vary] {key}", needed=False)
            value = _checked(key, parser, value, "[vary]", base)
            alternatives.append(Alternative(name or value_text(key, value), {key: value}))
        yield Axis(key_name(key), _distinct(alternatives, f"[vary] {key}"))


def _axis(item: Mapping[str, Any], number: int, base: Path) -> Axis:
    """An axis whose alternatives set several keys at once."""
    where = f"[[axis]] number {number}"
    for part in item:
        if part not in ("name", "alternative"):
            raise unknown_name(f"key in {where}", part, ("name", "alternative"))
    listed = list(_listed(item, "alternative"))
    if not listed:
        raise InputError(f"{where} has no alternatives", todo="Add [[axis.alternative]] tables under it")
    found = [_named(table, f"{where}, alternative number {n}", base, empty=True) for n, table in listed]
    return Axis(_name(item, where), _distinct(found, where))


def _named(item: Mapping[str, Any], where: str, base: Path, *, empty: bool = False) -> Alternative:
    rest = {key: value for key, value in item.items() if key != "name"}
    values = _values(rest, where, base)
    if not values and not empty and not rest == {}:
        raise InputError(f"{where} changes nothing")
    return Alternative(_name(item, where), values)


def _name(item: Mapping[str, Any], where: str, *, needed: bool = True) -> str:
    name = item.get("name", "")
    if not isinstance(name, str) or (needed and not name.strip()):
        raise InputError(f"{where} needs a name", why=f"{name!r} was given" if name else "", todo='Add name = "…"')
    return " ".join(name.split())


def _distinct(alternatives: Sequence[Alternative], where: str) -> tuple[Alternative, ...]:
    names = [item.name for item in alternatives]
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise InputError(f'{where} names "{twice}" twice', todo="Give each alternative once, under its own name")
    return tuple(alternatives)


def _no_key_twice(axes: Sequence[Axis]) -> None:
    """Each key belongs to one axis; otherwise the later axis would silently win."""
    owner: dict[str, str] = {}
    for axis in axes:
        for key in {key for item in axis.alternatives for key in item.values}:
            if owner.setdefault(key, axis.name) != axis.name:
                raise InputError(
                    f'{key} is set by two axes, "{owner[key]}" and "{axis.name}"', todo="Put it into one of them"
                )
    names = [axis.name for axis in axes]
    if len(set(names)) != len(names):
        raise InputError("Two axes have the same name", why=", ".join(names))


def _exclusion(item: Mapping[str, Any], number: int, base: Path, axes: Sequence[Axis]) -> Exclusion:
    where = f"[[exclude]] number {number}"
    names = item.get("alternatives", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(f"{where} alternatives must be a list of names", why=f"{names!r} was given")
    known = [alternative.name for axis in axes for alternative in axis.alternatives]
    for name in names:
        if name not in known:
            raise unknown_name(f"alternative in {where}", name, known)
    rest = {key: value for key, value in item.items() if key != "alternatives"}
    values: dict[str, tuple[Any, ...]] = {}
    for key, parser, given in keys_of(rest, where):
        several = given if isinstance(given, list) and key != "deduction.indices" else [given]
        values[key] = tuple(_parsed(parser, value, f"{where} {key}", base) for value in several)
    if not names and not values:
        raise InputError(f"{where} would leave out every scenario", todo="Say which ones")
    return Exclusion(tuple(names), values)


def _parsed(parser: Parser, value: Any, what: str, base: Path) -> Any:
    return None if value == NOT_GIVEN else parser(value, what, base)
