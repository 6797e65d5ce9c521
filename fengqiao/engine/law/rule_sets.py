"""The two rule sets on misrepresentation (cn2003, cn2022) and which of them governs a case."""

from __future__ import annotations

import dataclasses
import datetime
from functools import cache
from typing import TYPE_CHECKING, cast

from fengqiao.engine.errors import InputError, OutOfKnownDatesError, Place, unknown_name
from fengqiao.engine.law.lookup import DATA, instrument
from fengqiao.engine.law.model import Mark, RuleSet, Switch, Value
from fengqiao.engine.law.toml_table import Table, read_toml

if TYPE_CHECKING:
    from pathlib import Path

RULE_SETS = ("cn2003", "cn2022")
MARKS = ("law", "court", "ours")
SWITCH_KEYS = ("value", "absent", "options", "source", "mark", "note")


@cache
def rule_set(id: str) -> RuleSet:
    """A rule set by id: "cn2022" (法释〔2022〕2号) or "cn2003" (法释〔2003〕2号). Another id is an InputError.

    >>> rule_set("cn2003").switch("max_trading_days").value is None
    True
    """
    if id not in RULE_SETS:
        raise unknown_name("rule set", id, RULE_SETS)
    return read_rule_set(DATA / "rule_sets" / f"{id}.toml")


def rule_sets() -> tuple[RuleSet, ...]:
    """All rule sets, oldest first.

    >>> [found.id for found in rule_sets()]
    ['cn2003', 'cn2022']
    """
    return tuple(rule_set(id) for id in RULE_SETS)


def rule_set_for(final_decision: datetime.date | None) -> RuleSet:
    """The rule set for a case by the day of its final decision (终审), None while there is none; `reason` says why.

    法释〔2022〕2号第35条: cases not finally decided when it took effect on 2022-01-22 follow it, whatever the date
    of the conduct; cases finally decided before that day stay under the text of 2003, also in retrial. A final decision
    before the text of 2003 took effect is refused with OutOfKnownDatesError.

    >>> rule_set_for(None).id, rule_set_for(datetime.date(2022, 1, 21)).id, rule_set_for(datetime.date(2022, 1, 22)).id
    ('cn2022', 'cn2003', 'cn2022')
    """
    if isinstance(final_decision, datetime.datetime):
        raise InputError("final_decision must be a date", why=f"{final_decision!r} was given")
    new, old = rule_set("cn2022"), rule_set("cn2003")
    start = f"{new.in_force_from.year}年{new.in_force_from.month}月{new.in_force_from.day}日"
    if final_decision is None:
        reason = f"案件尚未终审，依{new.legal_basis('rule_choice')}适用{new.title}（{start}起施行）"
        return dataclasses.replace(new, reason=reason)
    if final_decision >= new.in_force_from:
        reason = f"案件于{final_decision}终审，在{start}时尚未终审，依{new.legal_basis('rule_choice')}适用{new.title}"
        return dataclasses.replace(new, reason=reason)
    if final_decision < old.in_force_from:
        raise OutOfKnownDatesError(
            f"No rule set is known for a case finally decided on {final_decision}",
            why=f"{old.title} took effect on {old.in_force_from}",
            todo="Check the date of the final decision",
        )
    reason = (
        f"案件于{final_decision}终审，早于{start}，依{new.legal_basis('rule_choice')}不适用新规定"
        f"（再审亦同），适用{old.title}"
    )
    return dataclasses.replace(old, reason=reason)


def read_rule_set(path: Path) -> RuleSet:
    """A rule set from its file. Errors (InputError naming file and key): unknown keys, a switch without source, mark or
    note, a default that is not among the options, a value together with `absent`."""
    whole = Table(path.name, path.stem, read_toml(path))
    whole.only(("title", "instrument", "switches", "basis"))
    rests_on = instrument(whole.text("instrument"))
    switches = Table.of(path.name, "switches", whole.content.get("switches"))
    basis = Table.of(path.name, "basis", whole.content.get("basis"))
    return RuleSet(
        id=path.stem,
        title=whole.text("title"),
        instrument=rests_on.key,
        in_force_from=rests_on.in_force_from,
        in_force_to=rests_on.in_force_to,
        entries=tuple(
            _switch(name, Table.of(path.name, f"switches.{name}", content))
            for name, content in switches.content.items()
        ),
        basis_entries=tuple((figure, basis.text(figure)) for figure in basis.content),
    )


def _switch(name: str, table: Table) -> Switch:
    table.only(SWITCH_KEYS)
    absent = table.content.get("absent", False)
    if absent not in (True, False) or ("value" in table.content) == absent:
        raise table.problem('exactly one of "value" and "absent = true" must be given')
    value = table.content.get("value")
    if value is not None and not isinstance(value, str | int | bool):
        raise InputError(
            f"{table.key}: the value must be a text, a whole number, true or false",
            todo='Write numbers with decimals as text, such as "0.03%"',
            place=Place(table.file),
        )
    options = table.texts("options")
    if options and value is not None and value not in options:
        raise unknown_name(f"default of {table.key}", str(value), options, Place(table.file))
    return Switch(
        name=name,
        value=cast("Value | None", value),
        source=table.text("source"),
        mark=cast("Mark", table.choice("mark", MARKS)),
        note=table.text("note"),
        options=options,
    )
