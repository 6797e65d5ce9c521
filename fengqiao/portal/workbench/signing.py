"""What signing asks of people: places that wait for their signature or seal; rounds by their number."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.signing import queries
from fengqiao.portal.workbench.found import AT_MOST, DueItem, Found, Group

NUMBER = re.compile(r"(?i)QS\d{4}-(\d{1,9})")


def due(acting: Acting, now: dt.datetime) -> Iterator[DueItem]:
    """Where it is this person's turn to sign."""
    for place in queries.due_places(acting, now)[:AT_MOST]:
        what = "盖章" if place.kind == place.Kind.SEAL else "签署"
        done = "已读完全文" if place.state == place.State.READ else ""
        yield DueItem(
            f"{what}《{place.round.title}》", reverse("signing:place", args=(place.pk,)), place.round.due_at, done
        )  # fmt: skip


def search(text: str, acting: Acting) -> Group:
    """A round by its whole number."""
    found = NUMBER.fullmatch(text)
    rows = queries.visible_to(acting).filter(pk=int(found.group(1))) if found else []
    hits = [
        Found(f"{row.number} {row.title}", reverse("signing:round", args=(row.pk,)), row.get_state_display())
        for row in rows
        if row.number == text.upper()
    ]
    return Group("文书签署", hits)
