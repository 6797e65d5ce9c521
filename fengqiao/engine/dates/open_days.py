"""Counting over days that are open: the arithmetic that trading days and working days share."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime
from typing import TYPE_CHECKING

from fengqiao.engine.errors import InputError, OutOfKnownDatesError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from fengqiao.engine.dates.known import KnownDays

EPOCH = date(1970, 1, 1).toordinal()


class OpenDays:
    """An ascending row of open days between two known ends. All dates are `datetime.date`, without a time.

    Every question about a day outside `first_known`..`last_known`, and every answer that would lie outside, raises
    OutOfKnownDatesError; a day with a time raises InputError.
    """

    word = "open"

    def __init__(self, known: KnownDays, closed: Iterable[date], extra: Iterable[date] = ()) -> None:
        """Open are the weekdays that are not closed, and the extra days (weekend days worked)."""
        self._known = known
        shut = {d.toordinal() for d in closed}
        added = {d.toordinal() for d in extra}
        first, last = known.first.toordinal(), known.last.toordinal()
        # date.toordinal() is 1 on a Monday, so (n - 1) % 7 is the weekday
        self._open = [n for n in range(first, last + 1) if ((n - 1) % 7 < 5 and n not in shut) or n in added]
        self._ordinals: NDArray[np.int32] | None = None

    @property
    def first_known(self) -> date:
        """The first day that can be asked about."""
        return self._known.first

    @property
    def last_known(self) -> date:
        """The last day that can be asked about: the end of the last announced year."""
        return self._known.last

    def on_or_after(self, day: date) -> date:
        """The day itself if open, else the first open day after it.

        >>> from fengqiao.engine import dates
        >>> dates.trading_calendar().on_or_after(date(2024, 2, 9))
        datetime.date(2024, 2, 19)
        """
        return self._at(bisect_left(self._open, self._checked(day)), day, 0)

    def on_or_before(self, day: date) -> date:
        """The day itself if open, else the last open day before it.

        >>> from fengqiao.engine import dates
        >>> dates.trading_calendar().on_or_before(date(2024, 2, 9))
        datetime.date(2024, 2, 8)
        """
        return self._at(bisect_right(self._open, self._checked(day)) - 1, day, 0)

    def shift(self, day: date, n: int) -> date:
        """The n-th open day after an open day; n may be negative, 0 gives the day itself.

        Raises InputError if the day is not open: say first which day is meant, by `on_or_after` or `on_or_before`.

        >>> from fengqiao.engine import dates
        >>> cal = dates.trading_calendar()
        >>> cal.shift(date(2024, 2, 8), 1), cal.shift(date(2024, 2, 19), -1)
        (datetime.date(2024, 2, 19), datetime.date(2024, 2, 8))
        """
        ordinal = self._checked(day)
        place = bisect_left(self._open, ordinal)
        if place == len(self._open) or self._open[place] != ordinal:
            todo = "Take the open day before or after it first, with on_or_before or on_or_after"
            raise InputError(f"{day} is not a {self.word} day", why="shift counts from an open day", todo=todo)
        return self._at(place + n, day, n)

    def between(self, first: date, last: date) -> list[date]:
        """All open days from first to last, both included. Raises InputError if last is before first.

        >>> from fengqiao.engine import dates
        >>> [d.day for d in dates.trading_calendar().between(date(2024, 2, 8), date(2024, 2, 20))]
        [8, 19, 20]
        """
        start, end = self._span(first, last)
        return [date.fromordinal(n) for n in self._open[start:end]]

    def count(self, first: date, last: date) -> int:
        """How many open days there are from first to last, both included. Raises InputError if last is before first.

        >>> from fengqiao.engine import dates
        >>> dates.trading_calendar().count(date(2024, 1, 1), date(2024, 12, 31))
        242
        """
        start, end = self._span(first, last)
        return end - start

    def as_ordinals(self) -> NDArray[np.int32]:
        """Days since 1970-01-01 of all known open days, ascending: a read-only array, made once.

        >>> from fengqiao.engine import dates
        >>> int(dates.trading_calendar().as_ordinals()[0]), (date(2000, 1, 4) - date(1970, 1, 1)).days
        (10960, 10960)
        """
        import numpy as np

        if self._ordinals is None:
            ordinals = np.array(self._open, dtype=np.int32) - np.int32(EPOCH)
            ordinals.setflags(write=False)
            self._ordinals = ordinals
        return self._ordinals

    def _is_open(self, day: date) -> bool:
        ordinal = self._checked(day)
        place = bisect_left(self._open, ordinal)
        return place < len(self._open) and self._open[place] == ordinal

    def _next(self, day: date) -> date:
        return self._at(bisect_right(self._open, self._checked(day)), day, 1)

    def _checked(self, day: date) -> int:
        _no_moment(day)
        if not self._known.first <= day <= self._known.last:
            raise self._known.refuse(day, self.word)
        return day.toordinal()

    def _is_beyond(self, day: date) -> bool:
        _no_moment(day)
        return day > self._known.last

    def _span(self, first: date, last: date) -> tuple[int, int]:
        start, end = self._checked(first), self._checked(last)
        if end < start:
            raise InputError("The span ends before it begins", why=f"{first} to {last}", todo="Swap the two days")
        return bisect_left(self._open, start), bisect_right(self._open, end)

    def _at(self, place: int, day: date, n: int) -> date:
        if 0 <= place < len(self._open):
            return date.fromordinal(self._open[place])
        known = self._known
        if place < 0:
            why = f"counting {n:+d} {self.word} days from {day}" if n else f"looking back from {day}"
            todo = f"The {self.word} calendar begins on {known.first}; check the date"
            raise OutOfKnownDatesError("The day asked for is before the first known day", why=why, todo=todo)
        beyond = known.refuse(known.last, self.word)
        asked = f"counting {n:+d} {self.word} days from {day}" if n else f"looking ahead from {day}"
        what = "The day asked for is after the last known day"
        raise OutOfKnownDatesError(what, why=f"{asked}; {beyond.why}", todo=beyond.todo)


def _no_moment(day: object) -> None:
    if isinstance(day, datetime) or not isinstance(day, date):
        todo = "Give a datetime.date; take the Beijing date of a moment first"
        raise InputError("A calendar counts days, not moments", why=f"{day!r} was given", todo=todo)
