"""Every legal value has its source, and no day has two rules or, between the first and the last, none."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from fengqiao.engine import law
from tests.guards.tree import say

ONE_DAY = dt.timedelta(days=1)


def faults_in_time(values: Any) -> list[str]:
    """Gaps and overlaps between values in the order of their first days."""
    found = []
    for before, after in pairwise(values):
        end = before.in_force_to
        if end is None or after.in_force_from <= end:
            found.append(f"two values are in force on {after.in_force_from}")
        elif after.in_force_from - end != ONE_DAY:
            found.append(f"no value is in force from {end + ONE_DAY} to {after.in_force_from - ONE_DAY}")
    return found


def test_every_value_has_a_source() -> None:
    problems = [
        f"{parameter.id} from {value.in_force_from}"
        for parameter in law.parameters()
        for value in parameter.values
        if not value.source.strip() or not law.instrument(value.instrument).title
    ]
    assert law.parameters()
    assert not problems, say(problems, "name the instrument and the article in engine/law/data.")


def test_a_value_is_in_force_once() -> None:
    problems = [f"{item.id}: {found}" for item in law.parameters() for found in faults_in_time(item.values)]
    assert not problems, say(problems, "set `from` and `to` in engine/law/data so that one follows the other.")


def test_every_rule_set_can_be_read_and_names_its_articles() -> None:
    for rules in ("cn2022", "cn2003"):
        found = law.rule_set(rules)
        assert found.legal_basis("benchmark_date").strip(), f"{rules}: name the article of the benchmark date."


def test_this_guard_can_fail() -> None:
    def value(start: str, end: str | None) -> SimpleNamespace:
        return SimpleNamespace(
            in_force_from=dt.date.fromisoformat(start), in_force_to=dt.date.fromisoformat(end) if end else None
        )

    assert faults_in_time([value("2001-01-01", "2001-12-31"), value("2002-01-02", None)])
    assert faults_in_time([value("2001-01-01", "2002-01-01"), value("2002-01-01", None)])
    assert faults_in_time([value("2001-01-01", None), value("2002-01-01", None)])
    assert not faults_in_time([value("2001-01-01", "2001-12-31"), value("2002-01-01", None)])
