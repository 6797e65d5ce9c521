"""Dates and rest days in Chinese, as they stand in an explanation."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from fengqiao.engine.dates import DayStatus

WEEKDAYS = "一二三四五六日"


def written(day: date) -> str:
    """A day with its weekday.

    >>> from datetime import date
    >>> written(date(2026, 2, 24))
    '2026年2月24日（星期二）'
    """
    return f"{plain(day)}（星期{WEEKDAYS[day.weekday()]}）"


def plain(day: date) -> str:
    """A day without its weekday.

    >>> from datetime import date
    >>> plain(date(2026, 2, 24))
    '2026年2月24日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def span(first: date, last: date) -> str:
    """The days from first to last.

    >>> from datetime import date
    >>> span(date(2026, 2, 18), date(2026, 2, 23))
    '2026年2月18日至2026年2月23日'
    """
    return plain(first) if first == last else f"{plain(first)}至{plain(last)}"


def rest_days(passed: Iterable[tuple[date, DayStatus]]) -> str:
    """Rest days that a last day moved over, those of one name together, each with the notice it rests on.

    >>> from datetime import date
    >>> from fengqiao.engine import dates
    >>> calendar = dates.working_calendar()
    >>> rest_days((day, calendar.status(day)) for day in [date(2026, 2, 22), date(2026, 2, 23)])
    '2026年2月22日至2026年2月23日春节，国办发明电〔2025〕7号'
    """
    parts = []
    for (name, source), days in groupby(passed, key=lambda item: (item[1].name, item[1].source)):
        inside = [day for day, _ in days]
        parts.append(f"{span(inside[0], inside[-1])}{name}" + (f"，{source}" if source else ""))
    return "；".join(parts)
