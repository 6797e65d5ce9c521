"""What is due and what was found, as values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

AT_MOST = 20
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
