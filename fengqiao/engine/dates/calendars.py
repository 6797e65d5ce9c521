"""The two calendars: days on which the exchanges trade, and days on which offices and courts work."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from fengqiao.engine.dates.known import KnownDays, known_days, read_overrides
from fengqiao.engine.dates.open_days import OpenDays
from fengqiao.engine.dates.provisional import guess
from fengqiao.engine.dates.status import DayKind, DayStatus

if TYPE_CHECKING:
    from pathlib import Path

    from fengqiao.engine.dates.notices import Announcement, Overrides

SATURDAY = 5
WEEKLY_REST = "《国务院关于职工工作时间的规定》第七条"
TRADING_WEEK = "交易所交易规则:交易日为周一至周五(条号待核)"
# The next year's notice may still move the days around New Year: 2005-12-31, 2006-12-30, 2007-12-29, 2018-12-29...
OPEN_END = (12, 25)
# The exchanges announce their closures weeks after the State Council's notice: 2024-02-09 was known on 2023-12-26
NO_CLOSURES_YET = "交易所休市公告尚未收入(待核)"
OPEN_END_NOTE = "下一年度放假通知尚未收入,元旦调休可能改动本日(待核)"


class TradingCalendar(OpenDays):
    """Trading days of the Shanghai, Shenzhen and Beijing exchanges.

    Monday to Friday except the days off of the State Council's notices and the exchanges' own closures; weekend days
    worked by 调休 are not trading days. The exchanges have had the same closures in all known years.
    """

    word = "trading"

    def __init__(self, known: KnownDays) -> None:
        super().__init__(known, closed=known.off.keys() | known.closures.keys())

    def is_trading_day(self, day: date) -> bool:
        """Whether the exchanges traded, or by announcement will trade, on the day.

        >>> trading_calendar().is_trading_day(date(2005, 2, 7))  # a working day, but the exchanges were closed
        False
        """
        return self._is_open(day)

    def next_trading_day(self, day: date) -> date:
        """The first trading day strictly after the day.

        >>> trading_calendar().next_trading_day(date(2020, 1, 23))
        datetime.date(2020, 2, 3)
        """
        return self._next(day)

    def status(self, day: date) -> DayStatus:
        """What the day is and why: 春节, 交易所休市, 周末... with the notice that says so.

        >>> status = trading_calendar().status(date(2024, 2, 9))
        >>> status.kind.value, status.name
        ('exchange_closure', '交易所休市')
        """
        self._checked(day)
        known = self._known
        if day in known.off:
            return _dated(known, day, DayKind.HOLIDAY, known.off[day][0], known.off[day][1])
        if day.weekday() >= SATURDAY:
            note = "调休上班日,交易所不开市" if day in known.makeup else ""
            return DayStatus(DayKind.WEEKEND, "周末", TRADING_WEEK, verified=False, note=note)
        if day in known.closures:
            by = known.closures[day]
            source = by.exchange_notice or NO_CLOSURES_YET
            return DayStatus(DayKind.EXCHANGE_CLOSURE, "交易所休市", source, verified=by.exchange_verified)
        yearly = known.years[day.year].announcements[0]
        if not yearly.exchange_notice:
            return DayStatus(DayKind.TRADING, "交易日", yearly.notice, verified=False, note=NO_CLOSURES_YET)
        return _dated(known, day, DayKind.TRADING, "交易日", yearly)


class WorkingCalendar(OpenDays):
    """Statutory working days: Monday to Friday and the make-up days, except the days off of the notices.

    What is not a working day is a statutory rest day (法定休假日) in the sense in which a period's last day rolls over
    it (民事诉讼法 art. 85, 民法典 art. 203): the festivals, the days moved next to them, and weekends not worked.
    """

    word = "working"

    def __init__(self, known: KnownDays) -> None:
        super().__init__(known, closed=known.off, extra=known.makeup)

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked; weekend days worked by 调休 are.

        >>> working_calendar().is_working_day(date(2024, 9, 29))  # a Sunday, worked for National Day
        True
        """
        return self._is_open(day)

    def next_working_day(self, day: date) -> date:
        """The first working day strictly after the day.

        >>> working_calendar().next_working_day(date(2024, 9, 30))
        datetime.date(2024, 10, 8)
        """
        return self._next(day)

    def is_statutory_holiday(self, day: date) -> bool:
        """Whether a period ending on the day rolls on: a festival, a day moved by 调休, or a weekend not worked.

        >>> wcal = working_calendar()
        >>> wcal.is_statutory_holiday(date(2024, 10, 6)), wcal.is_statutory_holiday(date(2024, 9, 29))
        (True, False)
        """
        return not self._is_open(day)

    def is_makeup_day(self, day: date) -> bool:
        """Whether the day is a weekend day worked in exchange for a day off (调休上班).

        >>> working_calendar().is_makeup_day(date(2024, 10, 12))
        True
        """
        self._checked(day)
        return day in self._known.makeup

    def status(self, day: date) -> DayStatus:
        """What the day is and why, with the notice that says so.

        >>> status = working_calendar().status(date(2024, 10, 12))
        >>> status.kind.value, status.name, status.source
        ('makeup_day', '调休上班', '国办发明电〔2023〕7号')
        """
        self._checked(day)
        known = self._known
        if day in known.off:
            return _dated(known, day, DayKind.HOLIDAY, known.off[day][0], known.off[day][1])
        if day in known.makeup:
            return _dated(known, day, DayKind.MAKEUP, "调休上班", known.makeup[day])
        if day.weekday() >= SATURDAY:
            return _settled(known, day, DayStatus(DayKind.WEEKEND, "周末", WEEKLY_REST, verified=True))
        return _dated(known, day, DayKind.WORKING, "工作日", known.years[day.year].announcements[0])

    def provisional(self, day: date) -> DayStatus:
        """The status of a day beyond the last announced year, guessed (暂算) and flagged `provisional=True`.

        The guess knows weekends and the festivals of the law, not the days a future notice will move. For a known day
        the answer is `status(day)`, not provisional. Raises OutOfKnownDatesError before the first known day and beyond
        the years whose festivals are tabled.

        >>> status = working_calendar().provisional(date(2030, 10, 1))
        >>> status.provisional, status.kind.value, status.name
        (True, 'holiday', '国庆节')
        """
        if self._is_beyond(day):
            return guess(day, WEEKLY_REST)
        return self.status(day)


def trading_calendar(overrides: Path | None = None) -> TradingCalendar:
    """The trading calendar, with the years an override file adds; made once and kept.

    Raises InputError if the override file is not right (see `read_overrides`).

    >>> trading_calendar().first_known
    datetime.date(2000, 1, 1)
    """
    return _trading(None if overrides is None else read_overrides(overrides))


def working_calendar(overrides: Path | None = None) -> WorkingCalendar:
    """The calendar of statutory working days, with the years an override file adds; made once and kept.

    Raises InputError if the override file is not right (see `read_overrides`).

    >>> working_calendar().last_known
    datetime.date(2026, 12, 31)
    """
    return _working(None if overrides is None else read_overrides(overrides))


@lru_cache(maxsize=8)
def _trading(overrides: Overrides | None) -> TradingCalendar:
    return TradingCalendar(known_days(overrides))


@lru_cache(maxsize=8)
def _working(overrides: Overrides | None) -> WorkingCalendar:
    return WorkingCalendar(known_days(overrides))


def _dated(known: KnownDays, day: date, kind: DayKind, name: str, by: Announcement) -> DayStatus:
    return _settled(known, day, DayStatus(kind, name, by.notice, verified=by.verified))


def _settled(known: KnownDays, day: date, status: DayStatus) -> DayStatus:
    """The last week of the last known year is not settled until the next year's notice is there."""
    if day.year == known.last.year and (day.month, day.day) >= OPEN_END:
        return DayStatus(status.kind, status.name, status.source, verified=False, note=OPEN_END_NOTE)
    return status
