"""The years known: the package's own files, joined with those an override file adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fengqiao.engine.dates.notices import Announcement, Overrides, YearNotice, read_year
from fengqiao.engine.errors import InputError, OutOfKnownDatesError, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATA = Path(__file__).parent / "data"
RECIPE = "docs/recipes/new_calendar_year.md"


@dataclass(frozen=True, eq=False)
class KnownDays:
    """All announced days of all known years, ready to be asked about one day."""

    first: date
    last: date
    years: Mapping[int, YearNotice]
    off: Mapping[date, tuple[str, Announcement]]
    makeup: Mapping[date, Announcement]
    closures: Mapping[date, Announcement]

    def refuse(self, day: date, calendar: str) -> OutOfKnownDatesError:
        """The error for a day outside what is known: what was asked, how far it goes, and what to do.

        >>> print(known_days(None).refuse(date(1999, 12, 31), "trading"))  # doctest: +ELLIPSIS
        1999-12-31 is before the first known day: the trading calendar begins on 2000-01-01. Check the date...
        """
        if day < self.first:
            why = f"the {calendar} calendar begins on {self.first}"
            todo = "Check the date; earlier years need data files of their own"
            return OutOfKnownDatesError(f"{day} is before the first known day", why=why, todo=todo)
        notice = self.years[self.last.year].notice
        why = f"the {calendar} calendar is known up to {self.last}, from notice {notice}, and nothing is guessed beyond"
        todo = (
            f"When {self.last.year + 1} is announced, write it in an override file (TOML with year, notice, holidays, "
            "makeup, exchange_closures) and give its path as the argument `overrides`, or to the command line in the "
            f"environment variable FENGQIAO_CALENDAR_OVERRIDES; {RECIPE} shows how"
        )
        return OutOfKnownDatesError(f"{day} is after the last known day", why=why, todo=todo)


def read_overrides(path: Path) -> Overrides:
    """Read and check an override file: one newly announced year, or a folder of such files, one a year.

    Raises InputError for an unknown key, a day outside the year, a make-up day that is no weekend day, a day named
    twice, a year that leaves a gap, and a year that is already known and says otherwise (unless the file names the
    notice it `replaces`).

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "2027.toml"
    ...     _ = file.write_text('year = 2027\\nnotice = "示例"\\nmakeup = [2027-02-19]')
    ...     try:
    ...         read_overrides(file)
    ...     except InputError as error:
    ...         print(error.what, error.why, sep=": ")
    A make-up day that is not on a weekend: 2027-02-19 is a Friday
    """
    path = Path(path)
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not files:
        todo = "Put one TOML file a year in it, or give the path of one file"
        raise InputError("The override folder has no .toml file", todo=todo, place=Place(file=str(path)))
    overrides = Overrides(tuple(sorted((read_year(file) for file in files), key=lambda y: y.year)), str(path))
    _with_overrides(built_in_years(), overrides)
    return overrides


@lru_cache(maxsize=1)
def built_in_years() -> tuple[YearNotice, ...]:
    """The years of the package's own data files, ascending and without a gap.

    >>> built_in_years()[0].year, built_in_years()[-1].year
    (2000, 2026)
    """
    return tuple(read_year(file) for file in sorted(DATA.glob("[0-9][0-9][0-9][0-9].toml")))


@lru_cache(maxsize=8)
def known_days(overrides: Overrides | None) -> KnownDays:
    """Join the package's years with those of an override file, if any.

    >>> known_days(None).off[date(2015, 9, 3)][1].notice
    '国发明电〔2015〕1号'
    """
    years = built_in_years()
    return _joined(years) if overrides is None else _with_overrides(years, overrides)


def _with_overrides(built_in: tuple[YearNotice, ...], overrides: Overrides) -> KnownDays:
    years = {y.year: y for y in built_in}
    given: dict[int, YearNotice] = {}
    for new in overrides.years:
        place = Place(file=new.file)
        if new.year in given:
            why = f"{given[new.year].file} holds {new.year} too"
            raise InputError("One year stands in two override files", why=why, todo="Keep one", place=place)
        given[new.year] = new
        if new.year in years:
            _check_known_again(years[new.year], new, place)
        elif new.replaces:
            why = f"{new.year} is not known yet"
            raise InputError("There is nothing to replace", why=why, todo="Leave out `replaces`", place=place)
        elif new.year != max(years) + 1:
            why = f"the years known are {min(years)} to {max(years)}, the file gives {new.year}"
            todo = f"Give {max(years) + 1} first, so that no year is missing between"
            raise InputError("The override leaves a gap", why=why, todo=todo, place=place)
        years[new.year] = new
    return _joined(years.values())


def _check_known_again(old: YearNotice, new: YearNotice, place: Place) -> None:
    """A year already known may be given again if it says the same, or if the file says which notice it replaces."""
    if new.replaces:
        if new.replaces != old.notice:
            why = f"the file replaces {new.replaces}, but {old.year} is known from {old.notice}"
            raise InputError("The notice to replace is another one", why=why, todo="Check both", place=place)
        return
    words = ("days off", "make-up days", "exchange closures")
    for word, before, after in zip(words, old.content(), new.content(), strict=True):
        if before != after:
            days = ", ".join(str(d) for d in sorted(before ^ after)[:5])
            why = f"the {word} differ from notice {old.notice}: {days}"
            todo = f'Drop the file, or if a later notice changed the year, add replaces = "{old.notice}"'
            raise InputError(f"The year {old.year} is already known and different", why=why, todo=todo, place=place)


def _joined(years: Iterable[YearNotice]) -> KnownDays:
    by_year = {y.year: y for y in years}
    off: dict[date, tuple[str, Announcement]] = {}
    makeup: dict[date, Announcement] = {}
    closures: dict[date, Announcement] = {}
    for year in by_year.values():
        for announcement in year.announcements:
            new_off = {d: (h.name, announcement) for h in announcement.holidays for d in h.days()}
            new_makeup = dict.fromkeys(announcement.makeup, announcement)
            new_closures = dict.fromkeys(announcement.exchange_closures, announcement)
            named = off.keys() | makeup.keys() | closures.keys()
            for day in sorted((new_off.keys() | new_makeup.keys() | new_closures.keys()) & named):
                why = f"{day} is already settled by another year's notice"
                raise InputError("Two years contradict", why=why, todo="Check both", place=Place(file=year.file))
            off |= new_off
            makeup |= new_makeup
            closures |= new_closures
    return KnownDays(date(min(by_year), 1, 1), date(max(by_year), 12, 31), by_year, off, makeup, closures)
