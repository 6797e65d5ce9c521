"""Was it done in time: posted before the end, served, before the close of business; where limitation starts."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from fengqiao.engine import law
from fengqiao.engine.deadlines.result import CHINA
from fengqiao.engine.errors import InputError

if TYPE_CHECKING:
    from fengqiao.engine.deadlines.result import Due

CLOCK = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


def in_time(found: Due, arrived_at: dt.datetime, *, posted_on: dt.date | None = None) -> bool:
    """Whether an act was in time: it arrived before the last moment, or was posted on the last day at the latest.

    民事诉讼法 art. 85 ¶4: travel time does not count; papers posted before the end are in time. A moment without a time
    zone is Beijing time. A period whose last day is not fixed is not over, so everything is in time.

    >>> from datetime import date, datetime
    >>> from fengqiao.engine.deadlines import due, known_calendars
    >>> found = due(
    ...     "procedure.appeal_ruling_days", date(2026, 3, 2), as_of=date(2026, 3, 2), calendars=known_calendars()
    ... )
    >>> found.day, in_time(found, datetime(2026, 3, 14, 9), posted_on=date(2026, 3, 12))
    (datetime.date(2026, 3, 12), True)
    """
    end = found.moment
    if found.day is None or end is None:
        return True
    moment = arrived_at if arrived_at.tzinfo else arrived_at.replace(tzinfo=CHINA)
    return moment < end or (posted_on is not None and posted_on <= found.day)


def served_on(reached_at: dt.datetime) -> dt.date:
    """The day of electronic service: the Beijing day on which the message reached the recipient's system.

    民事诉讼法 art. 90 ¶2, 人民法院在线诉讼规则 art. 31. A moment without a time zone is Beijing time.

    >>> served_on(dt.datetime(2026, 3, 2, 16, 30, tzinfo=dt.UTC))
    datetime.date(2026, 3, 3)
    """
    return (reached_at.astimezone(CHINA) if reached_at.tzinfo else reached_at).date()


def close_of_business(parameter: str, as_of: dt.date) -> dt.time:
    """The end of business hours that a law parameter states (民法典 art. 203 ¶2), for the setting `closing`.

    >>> close_of_business("services.line_hours", dt.date(2026, 3, 2))
    datetime.time(16, 30)
    """
    value = law.value_on(parameter, as_of).value
    texts = value if isinstance(value, tuple) else (str(value),)
    ends = [dt.time(int(hit[3]), int(hit[4])) for text in texts for hit in CLOCK.finditer(text)]
    if not ends:
        raise InputError(f"{parameter} states no business hours", why=str(value), todo="Give the hour itself")
    return max(ends)


def misrepresentation_start(revealed_on: dt.date | None, corrected_on: dt.date | None) -> dt.date:
    """The day from which limitation runs in misrepresentation: 揭露日 or 更正日, the earlier (法释〔2022〕2号 art. 32).

    >>> misrepresentation_start(dt.date(2023, 5, 8), dt.date(2023, 4, 28))
    datetime.date(2023, 4, 28)
    """
    days = [day for day in (revealed_on, corrected_on) if day is not None]
    if not days:
        raise InputError("Limitation has no start", why="neither 揭露日 nor 更正日 was given", todo="Give one of them")
    return min(days)
