"""What is due and what was found, as values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from fengqiao.portal.accounts.models import Organisation

AT_MOST = 20
FEW = 5
"""Matters on the start page of staff; a link leads to all."""
FOUND_AT_MOST = 10


@dataclass(frozen=True)
class DueItem:
    """Something to be done: overdue first, then by when it is due."""

    title: str
    url: str
    due: dt.datetime | None
    state: str = ""
    priority: int = 0
    """Of a person with a special need: among what is due at the same time the larger number comes first."""
    case: str = ""
    """The matter it belongs to, by the number that `Matter.key` has."""
    kind: str = ""
    """What it is counted under; filled in by `queries.due_for`."""

    def of_kind(self, kind: str) -> DueItem:
        """The same, counted under a word."""
        return replace(self, kind=kind)


@dataclass(frozen=True)
class Tally:
    """How much there is of something: on top of the start page, leading to where it stands."""

    title: str
    value: str
    url: str = ""
    sign: str = ""
    """A sign of the shell where the number asks for attention."""


@dataclass(frozen=True)
class Matter:
    """One case, document or measurement as the start page shows it: how it stands, how much it is about, what next."""

    key: str
    title: str
    url: str
    sign: str
    state: str
    number: str = ""
    amount: int | None = None
    amount_word: str = ""
    office: Organisation | None = None
    """Whom to ask."""
    latest: str = ""
    when: dt.datetime | None = None
    next: DueItem | None = None


@dataclass(frozen=True)
class Matters:
    """A list of them under a heading; url: where all stand."""

    title: str
    rows: list[Matter]
    url: str = ""
    mark: str = "matters"
    """The identifier of its heading."""


@dataclass(frozen=True)
class Found:
    """A hit of the search."""

    title: str
    url: str
    detail: str = ""


@dataclass(frozen=True)
class Group:
    """The hits of one kind; more says that not all are here."""

    title: str
    hits: list[Found]
    more: str = ""
