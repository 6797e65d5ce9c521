"""The arithmetic of counting days: forwards and backwards, over days that do not count, off rest days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeAlias

from fengqiao.engine.deadlines.periods import Period, nominal_first, nominal_last
from fengqiao.engine.errors import InputError, OutOfKnownDatesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fengqiao.engine.dates import DayStatus
    from fengqiao.engine.deadlines.calendars import Calendars
    from fengqiao.engine.deadlines.facts import Suspension

ONE_DAY = timedelta(days=1)
Passed: TypeAlias = "list[tuple[date, DayStatus]]"


@dataclass(frozen=True)
class Gap:
    """Days that do not count, both ends included; `last` is None while nobody knows when it ends."""

    first: date
    last: date | None

    def holds(self, day: date) -> bool:
        """Whether the day lies in it."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Counted:
    """Where a count arrived.

    last: the last counted day; None if a gap without an end comes before it. days: how many days were counted.
    left: how many still have to be. used: the gaps that were passed, cut to what lies within the count.
    """

    last: date | None
    days: int
    left: int
    used: tuple[Gap, ...]


def merged(suspensions: Iterable[Suspension]) -> tuple[Gap, ...]:
    """Suspensions as gaps in order, those that touch or overlap made one, so that no day is left out twice.

    >>> from fengqiao.engine.deadlines.facts import Suspension
    >>> merged([Suspension(date(2026, 3, 4), date(2026, 3, 6)), Suspension(date(2026, 3, 1), date(2026, 3, 4))])
    (Gap(first=datetime.date(2026, 3, 1), last=datetime.date(2026, 3, 6)),)
    """
    gaps: list[Gap] = []
    for item in sorted(suspensions, key=lambda item: item.first):
        before = gaps[-1] if gaps else None
        if before is None or (before.last is not None and item.first > before.last + ONE_DAY):
            gaps.append(Gap(item.first, item.last))
        elif before.last is not None and (item.last is None or item.last > before.last):
            gaps[-1] = Gap(before.first, item.last)
    return tuple(gaps)


def count_forward(started_on: date, period: Period, calendars: Calendars, gaps: Sequence[Gap] = ()) -> Counted:
    """Count a period of days, months or years; the first day is not counted, days in a gap are not counted.

    A period in months or years is as many days long as it would be without gaps (民法典 art. 202), and these days are
    counted. No roll is made here.

    >>> from fengqiao.engine.deadlines.calendars import known_calendars
    >>> gap = Gap(date(2026, 3, 10), date(2026, 3, 12))
    >>> count_forward(date(2026, 3, 2), Period(30, "CD"), known_calendars(), [gap]).last  # 1 April, and three days
    datetime.date(2026, 4, 4)
    """
    if period.in_open_days:
        return _over_open_days(started_on, period, calendars, gaps)
    return _over_natural_days(started_on, (nominal_last(started_on, period) - started_on).days, gaps)


def count_backward(ends_on: date, period: Period, calendars: Calendars) -> date:
    """The day that lies a period before a day; the day itself is not counted, no roll is made.

    >>> from fengqiao.engine.deadlines.calendars import known_calendars
    >>> count_backward(date(2026, 3, 20), Period(3, "CD"), known_calendars())
    datetime.date(2026, 3, 17)
    >>> count_backward(date(2026, 2, 24), Period(2, "WD"), known_calendars())  # over 春节; Saturday the 14th is worked
    datetime.date(2026, 2, 13)
    """
    if not period.in_open_days:
        return nominal_first(ends_on, period)
    day, left = ends_on, period.number
    while left:
        day -= ONE_DAY
        left -= calendars.is_open(period.unit, day)
    return day


def rolled(day: date, calendars: Calendars, gaps: Sequence[Gap] = ()) -> tuple[date | None, Passed]:
    """The first day from `day` on that is worked and not suspended, and the rest days that were passed.

    None if a gap without an end comes first.

    >>> from fengqiao.engine.deadlines.calendars import known_calendars
    >>> day, passed = rolled(date(2026, 2, 18), known_calendars())
    >>> day, len(passed), passed[0][1].name
    (datetime.date(2026, 2, 24), 6, '春节')
    """
    passed: Passed = []
    while True:
        gap = next((gap for gap in gaps if gap.holds(day)), None)
        if gap is not None:
            if gap.last is None:
                return None, passed
            day = gap.last + ONE_DAY
            continue
        status = calendars.status("WD", day)
        if status.is_open:
            return day, passed
        passed.append((day, status))
        day += ONE_DAY


def rolled_back(day: date, calendars: Calendars) -> tuple[date, Passed]:
    """The last worked day up to `day`, and the rest days that were passed.

    >>> from fengqiao.engine.deadlines.calendars import known_calendars
    >>> rolled_back(date(2026, 10, 4), known_calendars())[0]
    datetime.date(2026, 9, 30)
    """
    passed: Passed = []
    while not (status := calendars.status("WD", day)).is_open:
        passed.append((day, status))
        day -= ONE_DAY
    return day, passed[::-1]


def _over_natural_days(started_on: date, days: int, gaps: Sequence[Gap]) -> Counted:
    last, first_day, used = started_on + timedelta(days=days), started_on + ONE_DAY, []
    for gap in gaps:
        if gap.last is not None and gap.last < first_day:
            continue
        first = max(gap.first, first_day)
        if first > last:
            break
        used.append(Gap(first, gap.last))
        if gap.last is None:
            left = (last - first).days + 1
            return Counted(None, days - left, left, tuple(used))
        try:
            last += gap.last - first + ONE_DAY
        except OverflowError:
            raise OutOfKnownDatesError(
                "The period ends in a year that no calendar has", todo="Check the days"
            ) from None
    return Counted(last, days, 0, tuple(used))


def _over_open_days(started_on: date, period: Period, calendars: Calendars, gaps: Sequence[Gap]) -> Counted:
    day, counted, used = started_on, 0, dict[Gap, None]()
    while counted < period.number:
        day += ONE_DAY
        gap = next((gap for gap in gaps if gap.holds(day)), None)
        if gap is not None:
            used[Gap(max(gap.first, started_on + ONE_DAY), gap.last)] = None
            if gap.last is None:
                return Counted(None, counted, period.number - counted, tuple(used))
            day = gap.last
        elif calendars.is_open(period.unit, day):
            counted += 1
    return Counted(day, counted, 0, tuple(used))


def spans(gap: Gap) -> int:
    """How many days a gap with an end holds.

    >>> spans(Gap(date(2026, 3, 10), date(2026, 3, 12)))
    3
    """
    if gap.last is None:
        raise InputError("A gap without an end has no number of days")
    return (gap.last - gap.first).days + 1
