"""What deadlines ask of the calendars: is a day worked or traded, is it a statutory rest day, how far is it known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine.dates import DayKind, DayStatus, TradingCalendar, WorkingCalendar
from fengqiao.engine.dates import trading_calendar as known_trading
from fengqiao.engine.dates import working_calendar as known_working
from fengqiao.engine.errors import OutOfKnownDatesError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from fengqiao.engine.deadlines.periods import Unit

SATURDAY = 5
ONLY_WEEKENDS = "暂算:该年度的放假通知和节日均未收入,只计周末"


@dataclass(frozen=True)
class Calendars:
    """The working and the trading calendar, and whether days beyond the last announced year may be guessed.

    provisional: False (default) refuses such days with OutOfKnownDatesError; True guesses them from weekends and the
    festivals of the law (暂算), and every result that rests on a guess says so.
    """

    working: WorkingCalendar
    trading: TradingCalendar
    provisional: bool = False

    def status(self, unit: Unit, day: date) -> DayStatus:
        """What the day is in the calendar of the unit: TD the trading calendar, every other unit the working calendar.

        >>> from datetime import date
        >>> (
        ...     known_calendars().status("WD", date(2026, 2, 14)).name,
        ...     known_calendars().status("TD", date(2026, 2, 14)).name,
        ... )
        ('调休上班', '周末')
        """
        calendar = self.trading if unit == "TD" else self.working
        if day <= calendar.last_known:
            return calendar.status(day)
        if self.provisional:
            return self._guess(unit, day)
        try:
            return calendar.status(day)
        except OutOfKnownDatesError as error:
            todo = f"{error.todo}. Or ask for a provisional answer (暂算, --provisional)"
            raise OutOfKnownDatesError(error.what, why=error.why, todo=todo) from error

    def is_open(self, unit: Unit, day: date) -> bool:
        """Whether the day counts: is traded (TD) or is a statutory working day (every other unit)."""
        return self.status(unit, day).is_open

    def last_known(self, unit: Unit) -> date:
        """The last day that is known and not guessed."""
        return self.trading.last_known if unit == "TD" else self.working.last_known

    def _guess(self, unit: Unit, day: date) -> DayStatus:
        weekend = day.weekday() >= SATURDAY
        try:
            guessed = self.working.provisional(day)
        except OutOfKnownDatesError:
            kind, name = (DayKind.WEEKEND, "周末") if weekend else (DayKind.WORKING, "工作日")
            return DayStatus(kind, name, "", verified=False, provisional=True, note=ONLY_WEEKENDS)
        if unit != "TD" or (guessed.is_open and not weekend) or not guessed.is_open:
            return guessed
        return DayStatus(DayKind.WEEKEND, "周末", guessed.source, verified=False, provisional=True, note=guessed.note)


def known_calendars(overrides: Path | None = None, *, provisional: bool = False) -> Calendars:
    """The calendars of the package, with the years an override file adds.

    >>> known_calendars().last_known("WD")
    datetime.date(2026, 12, 31)
    """
    return Calendars(known_working(overrides), known_trading(overrides), provisional)
