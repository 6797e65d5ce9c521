"""Days that come round by the calendar: a day of each month, a month's first week, a quarter's last week, year end."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from typing import TYPE_CHECKING

from fengqiao.engine.deadlines.counting import rolled
from fengqiao.engine.deadlines.periods import MONTHS_IN_A_YEAR, corresponding_day
from fengqiao.engine.deadlines.wording import plain, rest_days, written
from fengqiao.engine.errors import InputError

if TYPE_CHECKING:
    from fengqiao.engine.deadlines.question import Question
    from fengqiao.engine.deadlines.result import Due
    from fengqiao.engine.deadlines.settings import Settings

ONE_DAY, WEEK = dt.timedelta(days=1), 7
MONTHS_IN_A_QUARTER = 3


def month_end(day: dt.date) -> dt.date:
    """The last day of the day's month.

    >>> month_end(dt.date(2028, 2, 3))
    datetime.date(2028, 2, 29)
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


def week_of(settings: Settings, edge: dt.date, *, first: bool) -> tuple[dt.date, dt.date]:
    """First and last day of a month's first or last week, given the month's first or last day.

    >>> from fengqiao.engine.deadlines.settings import Settings
    >>> week_of(Settings(), dt.date(2026, 12, 31), first=False)
    (datetime.date(2026, 12, 25), datetime.date(2026, 12, 31))
    >>> week_of(Settings(week="calendar_week"), dt.date(2026, 12, 31), first=False)  # a Thursday
    (datetime.date(2026, 12, 28), datetime.date(2026, 12, 31))
    """
    if settings.week == "seven_days":
        away = (WEEK - 1) * ONE_DAY
    elif first:
        away = (WEEK - 1 - edge.weekday()) * ONE_DAY
    else:
        away = edge.weekday() * ONE_DAY
    return (edge, edge + away) if first else (edge - away, edge)


def fixed_day(question: Question) -> Due:
    """The next such day on or after the day asked about."""
    rule, asked = question.rule, question.started_on
    if question.suspensions or question.interruptions or question.extensions or question.given:
        raise InputError(f"{rule.id}（{rule.title}） is a day of the calendar; nothing suspends or extends it")
    dated = question.rests_on(rule.length)
    for parameter in rule.basis:
        question.cites(parameter)
    opens, day = _next(question, asked, dated.value)
    question.step("fixed", f"{rule.title}：{dated.label()}；{plain(asked)}起的下一次是{written(day)}", opens, day)
    if rule.shape in ("month_day", "month_end"):
        side = "包括当日" if question.settings.before_includes_day else "不包括当日"
        question.notes.append(f"“某日前”依设置{side}")
    elif rule.shape in ("first_week", "quarter_last_week"):
        week = "七日" if question.settings.week == "seven_days" else "周一至周日的自然周"
        question.notes.append(f"“第一周”“最后一周”依设置为{week}")
    due = day
    if question.settings.internal_roll == "roll":
        moved, passed = rolled(day, question.calendars)
        due = moved or day
        if passed:
            text = f"{written(day)}是休假日（{rest_days(passed)}），依设置顺延至{written(due)}"
            question.step("rolled", text, day, due)
    consulted = question.settings.internal_roll == "roll"
    return question.answer(due, state=question.state_on(due), counted_on=day, opens=opens, consulted=consulted)


def _next(question: Question, asked: dt.date, value: object) -> tuple[dt.date | None, dt.date]:
    """First day (for a week) and last day of the next one that does not end before the day asked about."""
    month = asked.replace(day=1)
    while True:
        opens, day = _of_month(question, month, value)
        if day is not None and day >= asked:
            return opens, day
        month = corresponding_day(month, 1)


def _of_month(question: Question, month: dt.date, value: object) -> tuple[dt.date | None, dt.date | None]:
    shape, settings, end = question.rule.shape, question.settings, month_end(month)
    before = 0 if settings.before_includes_day else 1
    if shape == "month_day":
        if not isinstance(value, int):
            raise InputError(f"{question.rule.length} is not a day of the month", why=str(value))
        return None, month.replace(day=min(value, end.day)) - before * ONE_DAY
    if shape == "month_end":
        return None, end - before * ONE_DAY
    if shape == "first_week":
        return week_of(settings, month, first=True)
    if shape == "quarter_last_week":
        return week_of(settings, end, first=False) if month.month % MONTHS_IN_A_QUARTER == 0 else (None, None)
    return None, end if month.month == MONTHS_IN_A_YEAR else None
