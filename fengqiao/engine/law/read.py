"""From TOML to instruments and parameters, checking everything that can be wrong with dated data."""

from __future__ import annotations

import datetime
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from fengqiao.engine.errors import InputError, Place, unknown_name
from fengqiao.engine.law.model import UNITS, UNVERIFIED, Dated, Instrument, Kind, Parameter, Roll, Status, Value
from fengqiao.engine.law.toml_table import Table, read_toml
from fengqiao.engine.money import exact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

STATUSES = ("verified", UNVERIFIED)
ROLLS = ("R", "W", "S", "none")
PERIOD_UNITS = ("CD", "WD", "TD", "M", "Y")

INSTRUMENT_KEYS = ("title", "document_number", "from", "to", "status", "missing", "note")
PARAMETER_KEYS = ("ref", "title", "kind", "unit", "start_event", "roll", "absent", "requirements", "values")
VALUE_KEYS = ("value", "from", "to", "source", "instrument", "status", "missing", "note")

# kind -> the types its values may have
VALUE_TYPES: dict[str, tuple[type, ...]] = {
    "period": (int,),
    "threshold": (int,),
    "amount": (int,),
    "rate": (Fraction,),
    "schedule": (int, str, tuple),
    "definition": (str, bool, int, tuple),
    "rule": (str, bool, tuple),
}


def read_instruments(path: Path) -> dict[str, Instrument]:
    """All instruments of the file by key. Errors: unknown keys, a missing title or date, 待核 without `missing`."""
    found = {}
    for key, content in read_toml(path).items():
        table = Table.of(path.name, key, content)
        table.only(INSTRUMENT_KEYS)
        status, missing = _status(table)
        found[key] = Instrument(
            key=key,
            title=table.text("title"),
            document_number=table.text("document_number", ""),
            in_force_from=table.day("from"),
            in_force_to=table.day_or_none("to"),
            status=status,
            missing=missing,
            note=table.text("note", ""),
        )
        _ordered(table, found[key].in_force_from, found[key].in_force_to)
    return found


def read_parameters(path: Path, instruments: Mapping[str, Instrument]) -> dict[str, Parameter]:
    """All parameters of one topic by id; the id is `<file name>.<table name>`.

    Errors (InputError naming file and key): unknown keys, kinds, units or instruments; a missing source; 待核 without
    `missing`; a number that is not exact; days without a value or with two; a value outside its instrument's days.
    """
    found = {}
    for name, content in read_toml(path).items():
        table = Table.of(path.name, name, content)
        table.only(PARAMETER_KEYS)
        parameter = _parameter(table, f"{path.stem}.{name}", instruments)
        found[parameter.id] = parameter
    return found


def check_coverage(values: Sequence[Dated], key: str, file: str) -> None:
    """Refuse values that leave a day without a rule or give a day two: each must begin the day after the last ended."""
    for before, after in pairwise(values):
        if before.in_force_to is None or after.in_force_from <= before.in_force_to:
            raise InputError(
                f"{key}: two values are in force on {after.in_force_from}",
                todo=f"End the earlier one with to = {after.in_force_from - datetime.timedelta(days=1)}",
                place=Place(file),
            )
        if after.in_force_from - before.in_force_to != datetime.timedelta(days=1):
            raise InputError(
                f"{key}: no value is in force between {before.in_force_to} and {after.in_force_from}",
                todo="Fill the gap, or keep only the part without a gap",
                place=Place(file),
            )


def _parameter(table: Table, parameter_id: str, instruments: Mapping[str, Instrument]) -> Parameter:
    kind = cast("Kind", table.choice("kind", VALUE_TYPES))
    unit = table.choice("unit", UNITS, "none")
    rows = table.content.get("values", [])
    if not isinstance(rows, list):
        raise table.problem('"values" must be a list of tables', f"Write [[{table.key}.values]]")
    values = tuple(
        _dated(Table.of(table.file, f"{table.key}, value {number}", row), kind, unit, instruments)
        for number, row in enumerate(rows, start=1)
    )
    check_coverage(values, table.key, table.file)
    absent = table.text("absent", "")
    if bool(values) == bool(absent):
        raise table.problem('exactly one of "values" and "absent" must be given', "Say in absent why there is no value")
    roll = cast("Roll", table.choice("roll", ROLLS, "none"))
    if kind == "period":
        _check_period(table, unit, roll)
    return Parameter(
        id=parameter_id,
        ref=table.text("ref"),
        title=table.text("title"),
        kind=kind,
        unit=unit,
        start_event=table.text("start_event", ""),
        roll=roll,
        values=values,
        absent=absent,
        requirements=table.texts("requirements"),
    )


def _check_period(table: Table, unit: str, roll: Roll) -> None:
    if unit not in PERIOD_UNITS:
        raise table.problem(f'a period cannot run in "{unit}"', f"Use one of {', '.join(PERIOD_UNITS)}")
    if (unit in ("WD", "TD")) != (roll == "W"):
        raise table.problem('roll = "W" belongs to periods in working or trading days, and only to them')
    table.text("start_event")


def _dated(table: Table, kind: Kind, unit: str, instruments: Mapping[str, Instrument]) -> Dated:
    table.only(VALUE_KEYS)
    status, missing = _status(table)
    key = table.text("instrument")
    if key not in instruments:
        raise unknown_name(f"instrument in {table.key}", key, instruments, Place(table.file))
    first, last = table.day("from"), table.day_or_none("to")
    _ordered(table, first, last)
    _within(table, first, last, instruments[key])
    return Dated(
        value=_value(table, kind),
        in_force_from=first,
        in_force_to=last,
        source=table.text("source"),
        instrument=key,
        status=status,
        unit=unit,
        missing=missing,
        note=table.text("note", ""),
    )


def _value(table: Table, kind: Kind) -> Value:
    if "value" not in table.content:
        raise table.problem('"value" is missing')
    raw = table.content["value"]
    value: object = raw
    if isinstance(raw, list):
        value = table.texts("value")
    elif kind == "rate":
        try:
            value = exact(raw, f"{table.key}: value")
        except InputError as error:
            raise InputError(error.what, why=error.why, todo=error.todo, place=Place(table.file)) from error
    allowed = VALUE_TYPES[kind]
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        raise table.problem(f'the value {raw!r} does not suit the kind "{kind}"')
    if isinstance(value, int | Fraction) and value < 0:
        raise table.problem(f"the value {raw!r} is negative")
    if isinstance(value, str | tuple) and not value:
        raise table.problem("the value is empty")
    return cast("Value", value)


def _status(table: Table) -> tuple[Status, str]:
    status = table.choice("status", STATUSES)
    missing = table.text("missing", "")
    if (status == UNVERIFIED) != bool(missing):
        raise table.problem(
            'a 待核 entry must say in "missing" what is missing, and a verified one must not',
            'Add missing = "…" or correct status',
        )
    return cast("Status", status), missing


def _ordered(table: Table, first: datetime.date, last: datetime.date | None) -> None:
    if last is not None and last < first:
        raise table.problem(f"it ends on {last}, before it begins on {first}")


def _within(table: Table, first: datetime.date, last: datetime.date | None, instrument: Instrument) -> None:
    early = first < instrument.in_force_from
    late = instrument.in_force_to is not None and (last is None or last > instrument.in_force_to)
    if early or late:
        raise table.problem(
            f"it is in force outside the days of {instrument.key} "
            f"({instrument.in_force_from} to {instrument.in_force_to or 'today'})",
            "Correct the dates or the instrument",
        )
