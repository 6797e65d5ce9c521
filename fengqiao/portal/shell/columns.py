"""What a list shows of a row, and by what it can be narrowed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from fengqiao.portal.shell import words

Kind = Literal["text", "day", "moment", "yuan", "count", "state"]
NUMBERS = ("yuan", "count")
LAST_SIGN = "\U0010ffff"


@dataclass(frozen=True)
class Column:
    """One column: `value` gives what is exported and, formatted by its kind, what is shown."""

    key: str
    title: str
    kind: Kind = "text"
    value: Callable[[Any], Any] | None = None
    """How a row's value is found; by default the row's attribute of the same name."""
    order: str = ""
    """The field by which the list is sorted on this column; it needs an index (field, id) behind every filter."""
    link: Callable[[Any], str | None] | None = None
    """The address a cell leads to."""
    sign: Callable[[Any], str] | None = None
    """For states: good, warning, bad, waiting, running or quiet."""

    def of(self, row: Any) -> Any:
        """The value itself: text, day, moment, fen, number or None."""
        return self.value(row) if self.value else getattr(row, self.key)

    @property
    def number(self) -> bool:
        """True for columns whose values stand right-aligned."""
        return self.kind in NUMBERS

    def shown(self, value: Any) -> str:
        """The value in the words of a page."""
        if value is None or value == "":
            return words.NOTHING
        shapes: dict[str, Callable[[Any], str]] = {
            "day": words.day_text, "moment": words.moment_text, "yuan": words.amount_text, "count": words.count_text,
        }  # fmt: skip
        return shapes[self.kind](value) if self.kind in shapes else str(value)


@dataclass(frozen=True)
class Choice:
    """One of some known values: a filter by equality."""

    key: str
    title: str
    choices: Sequence[tuple[Any, str]] | Callable[[Any], Sequence[tuple[Any, str]]]
    """Values with their names, or a function of who is acting."""
    field: str = ""
    template = "shell/filters/choice.html"
    narrows_a_range = False

    def options(self, acting: Any) -> list[tuple[str, str]]:
        """Values and names as they stand in addresses and menus."""
        found = self.choices(acting) if callable(self.choices) else self.choices
        return [(str(value), str(name)) for value, name in found]

    def names(self) -> tuple[str, ...]:
        """The names of its inputs in the address."""
        return (self.key,)

    def condition(self, given: dict[str, str], acting: Any) -> Q | None:
        """The rows that are meant; None when nothing usable was chosen."""
        value = given.get(self.key, "")
        if value not in {known for known, _ in self.options(acting)}:
            return None
        return Q(**{self.field or self.key: value})

    def samples(self, rows: QuerySet) -> dict[str, str]:
        """Something to choose, for the check of the plans."""
        return {self.key: self.options(None)[0][0]}


@dataclass(frozen=True)
class Text:
    """Typed text: how a value begins (a range of the index), or the whole of it. Not for what identifies a person."""

    key: str
    title: str
    field: str = ""
    lookup: Literal["prefix", "exact", "contains"] = "prefix"
    """`contains` reads every row: only for lists that stay small (Listing.small)."""
    hint: str = ""
    template = "shell/filters/text.html"

    @property
    def narrows_a_range(self) -> bool:
        """True when the rows it leaves are a stretch of an index rather than equal to one value."""
        return self.lookup == "prefix"

    def names(self) -> tuple[str, ...]:
        """The names of its inputs in the address."""
        return (self.key,)

    def condition(self, given: dict[str, str], acting: Any) -> Q | None:
        """The rows that are meant; None when nothing was typed."""
        text = given.get(self.key, "").strip().replace("\0", "")[:100]
        field = self.field or self.key
        if not text:
            return None
        if self.lookup == "exact":
            return Q(**{field: text})
        if self.lookup == "contains":
            return Q(**{f"{field}__contains": text})
        if connection.vendor == "sqlite":  # its LIKE never uses an index for what must match in case, too
            return Q(**{f"{field}__gte": text, f"{field}__lt": text + LAST_SIGN})
        return Q(**{f"{field}__startswith": text})

    def samples(self, rows: QuerySet) -> dict[str, str]:
        """Something to type, for the check of the plans."""
        return {self.key: "甲"}


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included."""

    key: str
    title: str
    field: str = ""
    moments: bool = True
    """True when the field holds moments rather than days."""
    template = "shell/filters/period.html"
    narrows_a_range = True

    def names(self) -> tuple[str, ...]:
        """The names of its inputs in the address."""
        return (f"{self.key}_from", f"{self.key}_to")

    def condition(self, given: dict[str, str], acting: Any) -> Q | None:
        """The rows that are meant; a day that cannot be read counts as not given."""
        first, last = (_day(given.get(name, "")) for name in self.names())
        field = self.field or self.key
        found = Q()
        if first:
            found &= Q(**{f"{field}__gte": _start(first) if self.moments else first})
        if last:
            after = last + dt.timedelta(days=1)
            found &= Q(**{f"{field}__lt": _start(after) if self.moments else after})
        return found if first or last else None

    def samples(self, rows: QuerySet) -> dict[str, str]:
        """Something to choose, for the check of the plans."""
        return {self.names()[0]: "2026-01-01", self.names()[1]: "2026-12-31"}


Filter = Choice | Text | Period


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if dt.date(1900, 1, 1) <= day <= dt.date(2200, 1, 1) else None


def _start(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
