"""Trading days and statutory working days (make-up days included), from dated notices kept as data.

Each year is one file under `data/`: the State Council notice, the days off, the weekend days worked in exchange (调休)
and the days on which the exchanges alone were closed. Outside the years known, every question is refused.

>>> from datetime import date
>>> from fengqiao.engine import dates
>>> dates.trading_calendar().is_trading_day(date(2024, 2, 9))
False
>>> dates.working_calendar().is_working_day(date(2024, 2, 9))
True
"""

from fengqiao.engine.dates.calendars import TradingCalendar, WorkingCalendar, trading_calendar, working_calendar
from fengqiao.engine.dates.known import read_overrides
from fengqiao.engine.dates.notices import Announcement, Holiday, Overrides, YearNotice
from fengqiao.engine.dates.status import DayKind, DayStatus

__all__ = [
    "Announcement",
    "DayKind",
    "DayStatus",
    "Holiday",
    "Overrides",
    "TradingCalendar",
    "WorkingCalendar",
    "YearNotice",
    "read_overrides",
    "trading_calendar",
    "working_calendar",
]
