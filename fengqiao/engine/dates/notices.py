"""One year's announcements as data, and the reading of one such TOML file, every fault told as a sentence."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fengqiao.engine.errors import InputError, Place, unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXCHANGE_KEYS = frozenset({"exchange_closures", "exchange_notice", "exchange_status"})
NOTICE_KEYS = EXCHANGE_KEYS | {"notice", "title", "dated", "status", "seen", "remark", "holidays", "makeup"}
YEAR_KEYS = NOTICE_KEYS | {"year", "replaces", "further_notices"}
HOLIDAY_KEYS = frozenset({"name", "from", "to"})
STATUSES = ("verified", "待核")
SATURDAY = 5
# A New Year's break may begin in the old year (2006-12-30 was worked, 2018-12-31 was off): a year's notice may
# therefore name days from this day of the December before it, and none earlier.
DAYS_BEFORE_THE_YEAR = timedelta(days=10)


@dataclass(frozen=True)
class Holiday:
    """Days off in a row, both ends included, weekends within them too.

    >>> [d.day for d in Holiday("元旦", date(2026, 1, 1), date(2026, 1, 3)).days()]
    [1, 2, 3]
    """

    name: str
    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Every day from first to last, in order."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


@dataclass(frozen=True)
class Announcement:
    """One notice: its number and date, what it gave off, and which weekend days it had worked in exchange.

    seen: where the full text was read, empty if it was not. exchange_closures: weekdays on which the exchanges alone
    were closed, and exchange_notice on whose word; empty while the exchanges' own announcement is still to come.
    """

    notice: str
    title: str
    dated: date | None
    verified: bool
    seen: str
    remark: str
    holidays: tuple[Holiday, ...]
    makeup: tuple[date, ...]
    exchange_closures: tuple[date, ...]
    exchange_notice: str
    exchange_verified: bool


@dataclass(frozen=True)
class YearNotice:
    """All that is announced for one year: the yearly notice first, then any further ones.

    replaces: in an override file, the number of the notice of an already known year that it deliberately replaces.
    """

    year: int
    announcements: tuple[Announcement, ...]
    replaces: str
    file: str

    @property
    def notice(self) -> str:
        """The number of the yearly notice.

        >>> from fengqiao.engine.dates.known import built_in_years
        >>> built_in_years()[-1].notice
        '国办发明电〔2025〕7号'
        """
        return self.announcements[0].notice

    def content(self) -> tuple[frozenset[date], frozenset[date], frozenset[date]]:
        """Days off, make-up days and exchange closures: what makes two files of a year the same or not.

        >>> from fengqiao.engine.dates.known import built_in_years
        >>> [len(days) for days in built_in_years()[-3].content()]  # 2024
        [28, 8, 1]
        """
        off = frozenset(d for a in self.announcements for h in a.holidays for d in h.days())
        makeup = frozenset(d for a in self.announcements for d in a.makeup)
        return off, makeup, frozenset(d for a in self.announcements for d in a.exchange_closures)


@dataclass(frozen=True)
class Overrides:
    """Years read from an override file or folder, in order."""

    years: tuple[YearNotice, ...]
    path: str


def read_year(path: Path) -> YearNotice:
    """Read and check one year's file. Raises InputError naming the file and what to mend.

    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "2027.toml"
    ...     _ = file.write_text('year = 2027\\nnotice = "示例"\\nmakeup = [2027-02-20]')
    ...     read_year(file).announcements[0].makeup
    (datetime.date(2027, 2, 20),)
    """
    place = Place(file=str(path))
    table = _parsed(path, place)
    _known_keys(table, YEAR_KEYS, place)
    year = table.get("year")
    if type(year) is not int or not 1949 <= year <= 9998:
        raise InputError("The year is missing or not a year", todo="Write it as a number: year = 2027", place=place)
    further = table.get("further_notices", [])
    if not isinstance(further, list) or not all(isinstance(entry, dict) for entry in further):
        raise InputError("further_notices is not a list of tables", todo="Write [[further_notices]]", place=place)
    for entry in further:
        _known_keys(entry, NOTICE_KEYS, place)
    announcements = tuple(_announcement(entry, year, place) for entry in (table, *further))
    _no_day_twice(announcements, place)
    return YearNotice(year, announcements, _text(table, "replaces", place), str(path))


def _parsed(path: Path, place: Place) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InputError("The calendar file cannot be read", why=why, todo="Check the path", place=place) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        todo = "Correct it, or copy the example in docs/recipes/new_calendar_year.md"
        raise InputError("The calendar file is not valid TOML", why=str(error), todo=todo, place=place) from error


def _known_keys(table: dict[str, Any], known: frozenset[str], place: Place) -> None:
    for key in table:
        if key not in known:
            raise unknown_name("key", key, known, place)


def _announcement(table: dict[str, Any], year: int, place: Place) -> Announcement:
    notice = _text(table, "notice", place)
    if not notice:
        todo = 'Write the number of the notice, for example notice = "国办发明电〔2024〕12号"'
        raise InputError("The notice is not named", why="a day off needs a source", todo=todo, place=place)
    dated = table.get("dated")
    return Announcement(
        notice=notice,
        title=_text(table, "title", place),
        dated=None if dated is None else _day(dated, "dated", place),
        verified=_status(table, "status", place),
        seen=_text(table, "seen", place),
        remark=_text(table, "remark", place),
        holidays=tuple(_holiday(entry, year, place) for entry in _list(table, "holidays", place)),
        makeup=tuple(_makeup(day, year, place) for day in _list(table, "makeup", place)),
        exchange_closures=tuple(_closure(day, year, place) for day in _list(table, "exchange_closures", place)),
        exchange_notice=_text(table, "exchange_notice", place),
        exchange_verified=_status(table, "exchange_status", place),
    )


def _text(table: dict[str, Any], key: str, place: Place) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise InputError(f"{key} is not text", why=f"{value!r} was read", todo="Put it in quotes", place=place)
    return value.strip()


def _status(table: dict[str, Any], key: str, place: Place) -> bool:
    value = _text(table, key, place) or "待核"
    if value not in STATUSES:
        raise unknown_name(key, value, STATUSES, place)
    return value == "verified"


def _list(table: dict[str, Any], key: str, place: Place) -> list[Any]:
    value = table.get(key, [])
    if not isinstance(value, list):
        raise InputError(f"{key} is not a list", todo=f"Write {key} = [...]", place=place)
    return value


def _day(value: object, what: str, place: Place) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        todo = "Write it as year-month-day without quotes, for example 2027-02-20"
        raise InputError(f"{what}: not a date", why=f"{value!r} was read", todo=todo, place=place)
    return value


def _day_of_year(value: object, what: str, year: int, place: Place) -> date:
    day = _day(value, what, place)
    if not date(year, 1, 1) - DAYS_BEFORE_THE_YEAR <= day <= date(year, 12, 31):
        why = f"{day} is outside {year}"
        todo = f"A file holds one year; only {year - 1}-12-22 to {year - 1}-12-31 may be named besides, for New Year"
        raise InputError(f"{what}: a day outside the year", why=why, todo=todo, place=place)
    return day


def _holiday(entry: object, year: int, place: Place) -> Holiday:
    if not isinstance(entry, dict):
        todo = 'Write { name = "元旦", from = 2027-01-01, to = 2027-01-03 }'
        raise InputError("A holiday is not a table", why=f"{entry!r} was read", todo=todo, place=place)
    _known_keys(entry, HOLIDAY_KEYS, place)
    name = _text(entry, "name", place)
    if not name:
        raise InputError("A holiday has no name", todo='Write for example name = "春节"', place=place)
    first = _day_of_year(entry.get("from"), f"{name}, from", year, place)
    last = _day_of_year(entry.get("to"), f"{name}, to", year, place)
    if last < first:
        raise InputError(f"{name} ends before it begins", why=f"{first} to {last}", todo="Swap them", place=place)
    return Holiday(name, first, last)


def _makeup(value: object, year: int, place: Place) -> date:
    day = _day_of_year(value, "makeup", year, place)
    if day.weekday() < SATURDAY:
        why = f"{day} is a {day:%A}"
        todo = "A make-up day (调休上班) is a Saturday or Sunday; check the date in the notice"
        raise InputError("A make-up day that is not on a weekend", why=why, todo=todo, place=place)
    return day


def _closure(value: object, year: int, place: Place) -> date:
    day = _day_of_year(value, "exchange_closures", year, place)
    if day.weekday() >= SATURDAY:
        why = f"{day} is a {day:%A}, closed in any case"
        raise InputError("An exchange closure on a weekend", why=why, todo="Leave it out", place=place)
    return day


def _no_day_twice(announcements: tuple[Announcement, ...], place: Place) -> None:
    named: dict[date, str] = {}
    for announcement in announcements:
        days = [(d, h.name) for h in announcement.holidays for d in h.days()]
        days += [(d, "makeup") for d in announcement.makeup]
        days += [(d, "exchange_closures") for d in announcement.exchange_closures]
        for day, name in days:
            if day in named:
                why = f"{day} stands under {named[day]} and under {name}"
                raise InputError("One day is named twice", why=why, todo="Keep the right one", place=place)
            named[day] = name
