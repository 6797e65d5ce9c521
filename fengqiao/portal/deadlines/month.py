"""A month as a table of weeks: which days are worked, what is due on them; and the calendar file of a person."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import icalendar
from django.conf import settings
from django.urls import reverse

from fengqiao.engine.deadlines import rule
from fengqiao.engine.errors import OutOfKnownDatesError
from fengqiao.portal.deadlines import hours
from fengqiao.portal.deadlines.models import ONE_SECOND, Deadline

YEARS = (2000, 2100)
ONE_DAY = dt.timedelta(days=1)
OUTLINE = "期限"


@dataclass(frozen=True)
class Item:
    """A deadline on its day."""

    deadline: Deadline
    sign: str
    word: str


@dataclass(frozen=True)
class Day:
    """One day of the table."""

    day: dt.date
    inside: bool
    today: bool
    note: str
    rest: bool
    items: list[Item]


def month_of(text: str, today: dt.date) -> dt.date:
    """The first day of the month an address asks for; what cannot be read is this month."""
    try:
        found = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return found if YEARS[0] <= found.year <= YEARS[1] else today.replace(day=1)


def note_of(day: dt.date) -> tuple[str, bool]:
    """What the day is called when it is no plain weekday, and whether it is a rest day."""
    try:
        status = hours.calendars().status("WD", day)
    except OutOfKnownDatesError:
        return "", False
    plain = status.name in ("工作日", "周末") and not status.provisional
    guessed = "（暂算）" if status.provisional else ""
    name = "" if plain or (status.provisional and status.name in ("工作日", "周末")) else f"{status.name}{guessed}"
    return name, not status.is_open


def weeks_of(first: dt.date, rows: Iterable[Deadline], now: dt.datetime, today: dt.date) -> list[list[Day]]:
    """The weeks of a month, Monday first, with what is due."""
    by_day: dict[dt.date, list[Item]] = {}
    for row in rows:
        if row.due_on:
            by_day.setdefault(row.due_on, []).append(Item(row, *row.light(now)))
    return [
        [Day(day, day.month == first.month, day == today, *note_of(day), by_day.get(day, [])) for day in week]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]


def shown_days(first: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of the table."""
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return weeks[0][0], weeks[-1][-1]


def feed_file(rows: Iterable[Deadline], now: dt.datetime) -> bytes:
    """The calendar file: rule, case number and a link, no names and nothing that people wrote."""
    found = icalendar.Calendar()
    found.add("prodid", "-//Fengqiao//deadlines//ZH")
    found.add("version", "2.0")
    found.add("x-wr-calname", "枫桥：我的期限")
    for row in rows:
        if row.due_on is None:
            continue
        event = icalendar.Event()
        name = rule(row.rule).title if row.rule else OUTLINE
        event.add("uid", f"deadline-{row.pk}@{settings.ENVIRONMENT.hosts[0]}")
        event.add("sequence", row.version)
        event.add("dtstamp", now.astimezone(dt.UTC))
        if row.starts_at is not None and row.due_at is not None:
            event.add("dtstart", (row.due_at + ONE_SECOND).astimezone(dt.UTC))
        else:
            event.add("dtstart", row.due_on)
            event.add("dtend", row.due_on + ONE_DAY)
        event.add(
            "summary", f"到期：{name}{f'（{row.case}）' if row.case else ''}{f' {row.flags}' if row.flags else ''}"
        )
        address = f"{settings.ENVIRONMENT.public_url}{reverse('deadlines:deadline', args=(row.pk,))}"
        event.add("url", address)
        event.add("transp", "TRANSPARENT")
        found.add_component(event)
    return bytes(found.to_ical())
