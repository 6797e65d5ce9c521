"""A guess for working days of years not yet announced: weekends and the festivals of the law, and no more."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fengqiao.engine.dates.status import DayKind, DayStatus
from fengqiao.engine.errors import OutOfKnownDatesError

if TYPE_CHECKING:
    from collections.abc import Mapping

FESTIVALS = Path(__file__).parent / "data" / "festivals.toml"
NOTE = "暂算:该年度放假通知尚未收入,未计调休"


def guess(day: date, weekly_rest: str) -> DayStatus:
    """What the day will probably be, always flagged provisional and never verified.

    Days moved next to a festival, and the weekend days worked for them, are known only from the notice: a guess calls
    them ordinary. Raises OutOfKnownDatesError beyond the years whose festivals are tabled.

    >>> guess(date(2029, 2, 13), "规定").name, guess(date(2029, 2, 26), "规定").name
    ('春节', '工作日')
    """
    table = tabled_festivals()
    if day.year > table.last_year:
        why = f"the festivals of the lunar calendar are tabled up to {table.last_year}"
        todo = "Extend data/festivals.toml of the calendars, or ask about an earlier day"
        raise OutOfKnownDatesError(f"{day} cannot even be guessed", why=why, todo=todo)
    if day in table.days:
        return DayStatus(DayKind.HOLIDAY, table.days[day], table.source, verified=False, provisional=True, note=NOTE)
    if day.weekday() >= 5:
        return DayStatus(DayKind.WEEKEND, "周末", weekly_rest, verified=False, provisional=True, note=NOTE)
    return DayStatus(DayKind.WORKING, "工作日", table.source, verified=False, provisional=True, note=NOTE)


@dataclass(frozen=True)
class Festivals:
    """The law that gives the days off, the last year tabled, and each day with its festival."""

    source: str
    last_year: int
    days: Mapping[date, str]


@lru_cache(maxsize=1)
def tabled_festivals() -> Festivals:
    """The festivals of the years tabled for guesses, read once. Where two meet, the later in the law's list counts.

    >>> tabled_festivals().days[date(2027, 6, 9)]
    '端午节'
    """
    table = tomllib.loads(FESTIVALS.read_text(encoding="utf-8"))
    days: dict[date, str] = {}
    for year, anchors in table["years"].items():
        for rule in table["festivals"]:
            anchor: date = anchors[rule["anchor"]] if "anchor" in rule else date(int(year), rule["month"], rule["day"])
            for offset in range(rule["from"], rule["to"] + 1):
                days[anchor + timedelta(days=offset)] = rule["name"]
    return Festivals(table["source"], max(int(year) for year in table["years"]), days)
