"""When people may be reminded: in office hours of statutory working days, Beijing time."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from fengqiao.engine.deadlines import Calendars, known_calendars

ONE_DAY, ONE_SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)


def calendars() -> Calendars:
    """The calendars, with the years the operator added; days beyond them are guessed and said to be (暂算)."""
    return known_calendars(settings.CALENDAR_OVERRIDES, provisional=True)


def is_working_day(day: dt.date) -> bool:
    """Whether the day is worked; beyond the last announced year by festivals and weekends."""
    return calendars().is_open("WD", day)


def at(day: dt.date, hour: dt.time) -> dt.datetime:
    """A moment in Beijing time."""
    return timezone.make_aware(dt.datetime.combine(day, hour))


def next_working(moment: dt.datetime) -> dt.datetime:
    """The moment itself in office hours, else when they begin next."""
    first, last = settings.WORKING_HOURS
    local = timezone.localtime(moment)
    day = local.date()
    if is_working_day(day):
        if first <= local.time() < last:
            return moment
        if local.time() < first:
            return at(day, first)
    day += ONE_DAY
    while not is_working_day(day):
        day += ONE_DAY
    return at(day, first)


def last_opening(before: dt.datetime) -> dt.datetime:
    """When offices open the last time before a moment."""
    day = timezone.localtime(before - ONE_SECOND).date()
    if not is_working_day(day) or at(day, settings.WORKING_HOURS[0]) >= before:
        day = _one_before(day)
    return at(day, settings.WORKING_HOURS[0])


def working_days_before(day: dt.date, count: int) -> dt.datetime:
    """When offices open on the working day so many before a day; 0: on the day itself, or the last one before it."""
    day = day if is_working_day(day) else _one_before(day)
    for _ in range(count):
        day = _one_before(day)
    return at(day, settings.WORKING_HOURS[0])


def _one_before(day: dt.date) -> dt.date:
    day -= ONE_DAY
    while not is_working_day(day):
        day -= ONE_DAY
    return day
