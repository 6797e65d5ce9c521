"""What a day is, and on whose word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DayKind(StrEnum):
    """The kinds a day can be; which of them occur depends on the calendar asked.

    >>> DayKind.MAKEUP.is_open, DayKind.EXCHANGE_CLOSURE.is_open
    (True, False)
    """

    TRADING = "trading_day"
    WORKING = "working_day"
    MAKEUP = "makeup_day"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    EXCHANGE_CLOSURE = "exchange_closure"

    @property
    def is_open(self) -> bool:
        """Whether a day of this kind counts: is traded, or is worked."""
        return self in (DayKind.TRADING, DayKind.WORKING, DayKind.MAKEUP)


@dataclass(frozen=True)
class DayStatus:
    """What one day is.

    kind: what sort of day. name: the word for it, as in the notice (春节, 周末, 交易所休市...).
    source: the notice or rule that says so. verified: whether the full text of that notice, number included, was read
    and the day compared with it; False is 待核. provisional: a guess (暂算) for a year not yet announced; only
    `provisional()` gives one. note: what the reader should know besides, empty as a rule.

    >>> from datetime import date
    >>> from fengqiao.engine import dates
    >>> s = dates.working_calendar().status(date(2020, 1, 31))
    >>> s.kind.value, s.name, s.source
    ('holiday', '春节(延长)', '国办发明电〔2020〕1号')
    """

    kind: DayKind
    name: str
    source: str
    verified: bool
    provisional: bool = False
    note: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the day counts in the calendar that was asked."""
        return self.kind.is_open
