"""A form as values: its fields, what it says, what holds between its fields."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

KINDS = ("text", "long", "date", "money", "number", "yes_no", "choice", "identity", "credit_code", "mobile", "group")
"""Kinds of fields. Money is whole fen; a group holds fields of its own, once or as rows."""


@dataclass(frozen=True)
class Field:
    """One thing to fill in.

    when: field beside it -> values with which this one applies. fields: those of a group; many: rows of it.
    must: of a yes_no that has to be yes: the sentence for those who say no. each: money that is the price of one
    share and so has no amount in words.
    """

    key: str
    label: str
    kind: str = "text"
    required: bool = False
    help: str = ""
    longest: int = 200
    choices: tuple[tuple[str, str], ...] = ()
    when: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()
    many: bool = False
    at_least: int = 0
    at_most: int = 50
    must: str = ""
    each: bool = False


@dataclass(frozen=True)
class Section:
    """Fields that are filled in together: one step."""

    key: str
    title: str
    help: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Basis:
    """What a form rests on: an instrument of the law tables, an article, what it demands."""

    source: str
    article: str
    says: str


@dataclass(frozen=True)
class FormTemplate:
    """A form of one version. body: what the document says, in order; rules: what holds between fields."""

    key: str
    title: str
    version: str
    in_force: dt.date
    purpose: str
    by_whom: str
    basis: tuple[Basis, ...]
    doubts: tuple[str, ...]
    sections: tuple[Section, ...]
    body: tuple[dict[str, Any], ...]
    rules: tuple[dict[str, Any], ...]
    landscape: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, whatever section they are in."""
        return tuple(item for section in self.sections for item in section.fields)


@dataclass(frozen=True)
class Problem:
    """What is wrong with the data of a form. path: such as instalments[1].amount, rows counted from 0."""

    path: str
    label: str
    sentence: str
    blocking: bool = True

    def __str__(self) -> str:
        return f"{self.label}：{self.sentence}"


@dataclass(frozen=True)
class Place:
    """Where a signature goes on the PDF. rect: left, bottom, right, top in points from the lower left corner."""

    key: str
    name: str
    who: str
    page: int
    rect: tuple[float, float, float, float]
