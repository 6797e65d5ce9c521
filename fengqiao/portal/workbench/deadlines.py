"""What the deadlines ask for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import partial

from django.db.models import QuerySet
from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.deadlines import queries
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.workbench import pressing
from fengqiao.portal.workbench.asking import Question
from fengqiao.portal.workbench.found import AT_MOST, DueItem


def questions(acting: Acting, now: dt.datetime) -> Iterable[Question]:
    """What is near or overdue, for those who are responsible and those who manage them."""
    if acting.role is not None:
        yield Question(queries.near(acting, now), partial(items, acting), likely=True)


def items(acting: Acting, near: QuerySet[Deadline]) -> Iterable[DueItem]:
    """The most pressing first."""
    rows = list(near[:AT_MOST])
    first = pressing.of_deadlines(rows) if pressing.chooses(acting) else {}
    for row in rows:
        url, priority = reverse("deadlines:deadline", args=(row.pk,)), first.get(row.pk, 0)
        yield DueItem(row.title, url, row.due_at, priority=priority, case=row.case)
