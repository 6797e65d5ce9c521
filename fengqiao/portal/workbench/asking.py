"""Which questions of the start page have an answer: asked all at once, so that only those that have one are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, QuerySet

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import User
from fengqiao.portal.workbench.found import DueItem


@dataclass(frozen=True)
class Question:
    """Rows that may be there, and what they ask of the person."""

    rows: QuerySet[Any]
    items: Callable[[QuerySet[Any]], Iterable[DueItem]]
    """Reads no more rows than the page shows."""
    likely: bool = False
    """For what there usually is: read at once."""


def with_answer(questions: Sequence[Question], acting: Acting) -> list[Question]:
    """Those for which there is a row, in their order: one statement for all. The databases say it at this moment;
    nothing is remembered."""
    unsure = [one for one in questions if not one.likely]
    asked = {f"there_{place}": Exists(one.rows) for place, one in enumerate(unsure)}
    there: Sequence[Any] = ()
    if asked:
        there = User.objects.filter(pk=acting.user.pk).annotate(**asked).values_list(*asked).get()
    found = {id(one): bool(said) for one, said in zip(unsure, there, strict=True)}
    return [one for one in questions if one.likely or found[id(one)]]


def items_of(questions: Iterable[Question], acting: Acting) -> Iterator[DueItem]:
    """What the questions come to."""
    for one in with_answer(list(questions), acting):
        yield from one.items(one.rows)
