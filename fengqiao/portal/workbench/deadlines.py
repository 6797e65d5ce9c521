"""What the deadlines ask for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.deadlines import queries
from fengqiao.portal.workbench.found import AT_MOST, DueItem


def due(acting: Acting, now: dt.datetime) -> Iterable[DueItem]:
    """What is near or overdue, for those who are responsible and those who manage them."""
    if acting.role is None:
        return
    for row in queries.due_for(acting, now, AT_MOST):
        yield DueItem(row.title, reverse("deadlines:deadline", args=(row.pk,)), row.due_at, case=row.case)
