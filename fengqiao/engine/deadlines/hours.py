"""Periods in hours: the hour in which they begin is not counted (民事诉讼法 art. 85)."""

from __future__ import annotations

from datetime import datetime, timedelta

from fengqiao.engine.deadlines.periods import Period
from fengqiao.engine.errors import InputError

ONE_HOUR = timedelta(hours=1)


def hours_end(started_at: datetime, period: Period) -> datetime:
    """The moment a period in hours ends; it runs from the next full hour, and rest days do not move it.

    The roll over statutory holidays speaks of the last day (期间届满的最后一日), so a period in hours has none. The
    time zone of the moment is kept. A unit other than H is an InputError.

    >>> hours_end(datetime(2026, 2, 14, 9, 20), Period(48, "H"))
    datetime.datetime(2026, 2, 16, 10, 0)
    >>> hours_end(datetime(2026, 2, 14, 9, 0), Period(1, "H"))
    datetime.datetime(2026, 2, 14, 11, 0)
    """
    if period.unit != "H":
        raise InputError(f"{period} is not a period in hours", todo='Give Period(n, "H")')
    begun = started_at.replace(minute=0, second=0, microsecond=0)
    return begun + ONE_HOUR * (period.number + 1)
