"""A worked case of `cases/*.toml` as a question."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from fengqiao.engine.deadlines import (
    Due,
    Extension,
    GivenLength,
    Interruption,
    Settings,
    Suspension,
    due,
    known_calendars,
    read_period,
)

KEYS = {
    "rule", "name", "from", "why", "day", "counted_on", "opens", "state", "counted", "left", "refused", "law_on",
    "as_of", "length", "source", "suspend", "interrupt", "extend", "ended_by", "damaged_on", "provisional",
    "is_provisional", "settings",
}  # fmt: skip


def cases() -> list[dict[str, Any]]:
    """All worked cases; a key nobody reads is an error."""
    found = []
    for path in sorted((Path(__file__).parent / "cases").glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            assert set(case) <= KEYS, f"{path.name}, {case['name']}: {set(case) - KEYS}"
            found.append(case)
    return found


def asked(case: dict[str, Any]) -> Due:
    """Ask the question of a case; the day of the question is the start unless it says otherwise."""
    length = GivenLength(read_period(case["length"]), case["source"]) if "length" in case else None
    return due(
        case["rule"],
        case["from"],
        as_of=case.get("as_of", case["from"]),
        calendars=known_calendars(provisional=case.get("provisional", False)),
        suspensions=[
            Suspension(first, last if isinstance(last, dt.date) else None) for first, last in case.get("suspend", [])
        ],
        interruptions=[Interruption(**item) for item in case.get("interrupt", [])],
        extensions=[
            Extension(
                item["agreed"], item["by"], read_period(item["length"]) if "length" in item else None, item.get("until")
            )
            for item in case.get("extend", [])
        ],
        length=length,
        law_on=case.get("law_on"),
        ended_by=case.get("ended_by"),
        damaged_on=case.get("damaged_on"),
        settings=Settings(**case.get("settings", {})),
    )
