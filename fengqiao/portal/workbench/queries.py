"""What is due for a person in their role, and what they find: put together from all apps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db.models import QuerySet
from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.shell.columns import LAST_SIGN
from fengqiao.portal.workbench import deadlines, measuring, parties, services, signing
from fengqiao.portal.workbench.found import AT_MOST, FOUND_AT_MOST, DueItem, Found, Group

DUE: tuple[Callable[[Acting, dt.datetime], Iterable[DueItem]], ...] = (
    deadlines.due,
    measuring.due,
    parties.due,
    services.due,
    signing.due,
)
"""Each app's part of what is due: a function in a file of this app that asks that app's queries."""


def pressing_first(items: Iterable[DueItem]) -> list[DueItem]:
    """Overdue first, then by when it is due; what has no time comes last."""
    late = dt.datetime.max.replace(tzinfo=dt.UTC)
    return sorted(items, key=lambda item: (item.due or late, -item.priority, item.title))


def due_for(acting: Acting, now: dt.datetime) -> list[DueItem]:
    """What this person must do, the most pressing first."""
    return pressing_first(item for part in DUE for item in part(acting, now))[:AT_MOST]


def organisations_visible_to(acting: Acting) -> QuerySet[Organisation]:
    """Bodies are public to everybody who is logged in."""
    return Organisation.objects.filter(is_active=True)


def search(text: str, acting: Acting) -> list[Group]:
    """What a person may see and what begins with the text, in groups."""
    text = text.strip().replace("\0", "")
    if not text:
        return []
    groups = [part(text, acting) for part in SEARCHES]
    return [group for group in groups if group.hits]


def _organisations(text: str, acting: Acting) -> Group:
    rows = organisations_visible_to(acting).filter(name__gte=text, name__lt=text + LAST_SIGN).order_by("name")
    hits = [
        Found(row.name, f"{reverse('workbench:organisations')}?kind={row.kind}", row.get_kind_display())
        for row in rows[:FOUND_AT_MOST]
    ]
    return Group("机构", hits)


SEARCHES: tuple[Callable[[str, Acting], Group], ...] = (
    _organisations, measuring.search, parties.search, signing.search,
)  # fmt: skip
"""Each app's part of the search: what this person may see, found by the start of a name or number."""
