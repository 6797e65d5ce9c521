"""Questions about parameters and instruments. Files are read on the first question and kept."""

from __future__ import annotations

import datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from fengqiao.engine.errors import InputError, OutOfKnownDatesError, unknown_name
from fengqiao.engine.law.model import Dated, Instrument, Parameter
from fengqiao.engine.law.read import read_instruments, read_parameters

DATA = Path(__file__).parent / "data"
INSTRUMENTS_FILE = "instruments.toml"


def parameter(id: str) -> Parameter:
    """One parameter by its id `<topic>.<name>`, the topic being the name of its data file.

    An unknown id is an InputError that names the nearest ids.

    >>> parameter("mediation.before_filing_days").title
    '立案前在线调解期限'
    """
    topic = id.partition(".")[0]
    known = _topic(topic) if topic in _topics() else {}
    found = known.get(id)
    if found is None:
        names = list(known) or get_close_matches(id, [p.id for p in parameters()], n=5, cutoff=0.4)
        raise unknown_name("law parameter", id, names or [f"{name}.…" for name in _topics()])
    return found


@cache
def parameters() -> tuple[Parameter, ...]:
    """All parameters, sorted by id.

    >>> [p.id for p in parameters() if p.ref == "M1"]
    ['mediation.appoint_days']
    """
    return tuple(sorted((p for topic in _topics() for p in _topic(topic).values()), key=lambda p: p.id))


def history(id: str) -> tuple[Dated, ...]:
    """Every known value of a parameter, earliest first; empty for one that must be imported or configured.

    >>> [str(dated.value) for dated in history("fees.stamp_duty_sell")][-2:]
    ['1/1000', '1/2000']
    """
    return parameter(id).values


def value_on(id: str, as_of: datetime.date) -> Dated:
    """The value in force on a day (first and last day in force included).

    A day before the first or after the last known value, and a parameter without values, are refused with
    OutOfKnownDatesError: nothing is carried over or guessed.

    >>> import datetime
    >>> value_on("mediation.before_filing_days", datetime.date(2024, 5, 1)).value
    30
    >>> value_on("fees.stamp_duty_sell", datetime.date(2023, 8, 27)).value
    Fraction(1, 1000)
    """
    if isinstance(as_of, datetime.datetime) or not isinstance(as_of, datetime.date):
        raise InputError(
            f"{id}: as_of must be a date", why=f"{as_of!r} was given", todo="Pass datetime.date(year, month, day)"
        )
    asked = parameter(id)
    for dated in asked.values:
        if dated.covers(as_of):
            return dated
    raise _outside(asked, as_of)


@cache
def instruments() -> tuple[Instrument, ...]:
    """Every law, interpretation, rule and recorded practice that values rest on, sorted by key.

    >>> [i.key for i in instruments() if i.document_number == "法释〔2022〕2号"]
    ['M22']
    """
    return tuple(sorted(_instruments().values(), key=lambda i: i.key))


def instrument(key: str) -> Instrument:
    """One instrument by its key; an unknown key is an InputError that names the nearest one.

    >>> instrument("M03").in_force_to
    datetime.date(2022, 1, 21)
    """
    found = _instruments().get(key)
    if found is None:
        raise unknown_name("instrument", key, _instruments())
    return found


def _outside(asked: Parameter, as_of: datetime.date) -> OutOfKnownDatesError:
    if not asked.values:
        return OutOfKnownDatesError(
            f"{asked.id}（{asked.title}） has no value on {as_of}",
            why=asked.absent,
            todo="Give the value in the case or in the settings, with its source",
        )
    first, last = asked.values[0].in_force_from, asked.values[-1].in_force_to
    return OutOfKnownDatesError(
        f"{asked.id}（{asked.title}） has no known value on {as_of}",
        why=f"it is known from {first} to {last or 'now'}",
        todo="Check the date; if the law of that day is known, add it with its source to the law data, or give the "
        "value in the case with its reason",
    )


@cache
def _topics() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in DATA.glob("*.toml") if path.name != INSTRUMENTS_FILE))


@cache
def _topic(topic: str) -> dict[str, Parameter]:
    return read_parameters(DATA / f"{topic}.toml", _instruments())


@cache
def _instruments() -> dict[str, Instrument]:
    return read_instruments(DATA / INSTRUMENTS_FILE)
