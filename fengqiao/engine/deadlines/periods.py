"""A length of time as laws state it, and the day it ends on when nothing intervenes (民法典 arts. 200 to 204)."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast

from fengqiao.engine.errors import InputError, OutOfKnownDatesError

Unit = Literal["CD", "WD", "TD", "M", "Y", "H"]
LABELS: dict[Unit, str] = {"CD": "日", "WD": "个工作日", "TD": "个交易日", "M": "个月", "Y": "年", "H": "小时"}
OPEN_DAY_UNITS = ("WD", "TD")
MONTHS_IN_A_YEAR = 12


@dataclass(frozen=True)
class Period:
    """A number of natural days (CD), working days (WD), trading days (TD), months (M), years (Y) or hours (H).

    The number is a whole number of at least 1; anything else is an InputError.

    >>> str(Period(3, "WD")), str(Period(6, "M"))
    ('3个工作日', '6个月')
    """

    number: int
    unit: Unit

    def __post_init__(self) -> None:
        if type(self.number) is not int or self.number < 1:
            raise InputError("A period (期间) is a whole number of at least 1", why=f"{self.number!r} was given")
        if self.unit not in LABELS:
            todo = f"Use one of {', '.join(LABELS)}"
            raise InputError("A period (期间) has no such unit", why=f"{self.unit!r} was given", todo=todo)

    def __str__(self) -> str:
        return f"{self.number}{LABELS[self.unit]}"

    @property
    def in_open_days(self) -> bool:
        """Whether only working or trading days are counted, so that nothing is left to roll over."""
        return self.unit in OPEN_DAY_UNITS


def read_period(text: str) -> Period:
    """A period from a number and a unit, as written on the command line and in worked cases.

    >>> read_period("15CD"), read_period("3 wd")
    (Period(number=15, unit='CD'), Period(number=3, unit='WD'))
    """
    found = re.fullmatch(r"\s*(\d{1,4})\s*([A-Za-z]{1,2})\s*", text)
    if found is None:
        todo = "Write a number and a unit: 15CD (日), 3WD (工作日), 5TD (交易日), 6M (月), 2Y (年), 24H (小时)"
        raise InputError("This is not a period (期间)", why=f"{text!r} was given", todo=todo)
    return Period(int(found[1]), cast("Unit", found[2].upper()))


def corresponding_day(day: date, months: int) -> date:
    """The day of the same number so many months later (negative: earlier), or that month's last day if it has none.

    民法典 art. 202: a period of months or years ends on the corresponding day of the month in which it ends; if there
    is none, on the last day of that month.

    >>> corresponding_day(date(2025, 8, 31), 6), corresponding_day(date(2024, 2, 29), 12)
    (datetime.date(2026, 2, 28), datetime.date(2025, 2, 28))
    >>> corresponding_day(date(2026, 2, 28), -6)
    datetime.date(2025, 8, 28)
    """
    year, month = divmod(day.year * MONTHS_IN_A_YEAR + day.month - 1 + months, MONTHS_IN_A_YEAR)
    if not date.min.year <= year <= date.max.year:
        why = f"{months:+d} months from {day}"
        raise OutOfKnownDatesError("The period ends in a year that no calendar has", why=why, todo="Check the number")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def nominal_last(started_on: date, period: Period) -> date:
    """The last day of a period in natural days, months or years when nothing intervenes, before any roll.

    The day of the start event is not counted (民法典 art. 201, 民事诉讼法 art. 85), so a period of n days ends n days
    later and one of months on the corresponding day. Other units are an InputError.

    >>> nominal_last(date(2026, 1, 30), Period(30, "CD")), nominal_last(date(2026, 1, 30), Period(1, "M"))
    (datetime.date(2026, 3, 1), datetime.date(2026, 2, 28))
    """
    if period.unit == "CD":
        return started_on + timedelta(days=period.number)
    if period.unit in ("M", "Y"):
        months = period.number * (MONTHS_IN_A_YEAR if period.unit == "Y" else 1)
        return corresponding_day(started_on, months)
    raise InputError(f"{period} has no last day without a calendar", todo="Count it with a calendar or by the hour")


def nominal_first(ends_on: date, period: Period) -> date:
    """The day so long before a day, counted backwards; the day itself is not counted.

    >>> nominal_first(date(2026, 3, 1), Period(30, "CD")), nominal_first(date(2026, 3, 31), Period(1, "M"))
    (datetime.date(2026, 1, 30), datetime.date(2026, 2, 28))
    """
    if period.unit == "CD":
        return ends_on - timedelta(days=period.number)
    if period.unit in ("M", "Y"):
        months = period.number * (MONTHS_IN_A_YEAR if period.unit == "Y" else 1)
        return corresponding_day(ends_on, -months)
    raise InputError(f"{period} has no first day without a calendar", todo="Count it with a calendar")
