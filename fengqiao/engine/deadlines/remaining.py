"""How much is left, in the rule's own unit and in natural days; what is near or late is for others to judge."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine.deadlines.periods import LABELS, MONTHS_IN_A_YEAR, corresponding_day

if TYPE_CHECKING:
    from fengqiao.engine.deadlines.periods import Unit
    from fengqiao.engine.deadlines.result import Due

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Remaining:
    """What is left on a day until the last day, that day counted, today not: 0 on the last day itself.

    unit, units: whole units of the rule (years and months: whole ones); days: natural days besides, for months and
    years. natural_days: all of it in natural days. Once the last day is over, `overdue` is True and the numbers say by
    how much. elapsed_days, total_days: natural days from the start event to the day, and to the last day; both 0 for a
    period that is counted backwards.
    """

    unit: Unit
    units: int
    days: int
    natural_days: int
    overdue: bool
    elapsed_days: int
    total_days: int

    def __str__(self) -> str:
        if self.natural_days == 0:
            return "今日届满"
        amount = f"{self.units}{LABELS[self.unit]}" if self.units or not self.days else ""
        if self.days:
            amount += f"{'零' if amount else ''}{self.days}日"
        return f"已逾期{amount}" if self.overdue else f"还剩{amount}"


def remaining(found: Due, as_of: dt.date) -> Remaining | None:
    """What is left of a period on a day; None while its last day is not fixed.

    Working and trading days are counted with the calendars of the result; beyond what they know, they refuse.

    >>> from datetime import date
    >>> from fengqiao.engine.deadlines import due, known_calendars
    >>> found = due("mediation.appoint_days", date(2026, 2, 12), as_of=date(2026, 2, 12), calendars=known_calendars())
    >>> found.day, str(remaining(found, date(2026, 2, 13)))
    (datetime.date(2026, 2, 24), '还剩2个工作日')
    """
    if found.day is None:
        return None
    overdue = as_of > found.day
    first, last = (found.day, as_of) if overdue else (as_of, found.day)
    unit: Unit = found.period.unit if found.period is not None else "CD"
    natural = (last - first).days
    units, days = natural, 0
    if unit in ("WD", "TD"):
        units = sum(found.calendars.is_open(unit, first + n * ONE_DAY) for n in range(1, natural + 1))
    elif unit in ("M", "Y"):
        units, days = _months(first, last, MONTHS_IN_A_YEAR if unit == "Y" else 1)
    total = (found.day - found.started_on).days
    elapsed = (as_of - found.started_on).days
    if total < 0:
        elapsed, total = 0, 0
    return Remaining(unit, units, days, natural, overdue, elapsed, total)


def _months(first: dt.date, last: dt.date, step: int) -> tuple[int, int]:
    whole = ((last.year - first.year) * MONTHS_IN_A_YEAR + last.month - first.month) // step
    if corresponding_day(first, whole * step) > last:
        whole -= 1
    return whole, (last - corresponding_day(first, whole * step)).days
