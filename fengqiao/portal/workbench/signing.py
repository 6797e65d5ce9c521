"""What signing asks of people: places that wait for their signature or seal; rounds by their number."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import partial

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.signing import queries
from fengqiao.portal.signing.models import Signatory, SigningRound
from fengqiao.portal.signing.queries import first_of_parties
from fengqiao.portal.workbench import pressing
from fengqiao.portal.workbench.asking import Question
from fengqiao.portal.workbench.found import AT_MOST, FEW, DueItem, Found, Group, Matter, Matters

NUMBER = re.compile(r"(?i)QS\d{4}-(\d{1,9})")


def questions(acting: Acting, now: dt.datetime) -> Iterator[Question]:
    """Where it is this person's turn to sign."""
    yield Question(queries.places_due(acting, now), partial(items, acting))


def items(acting: Acting, due: QuerySet[Signatory]) -> Iterator[DueItem]:
    """The most pressing first."""
    places = list(due[:AT_MOST])
    first = pressing.of_rounds(place.round_id for place in places) if pressing.chooses(acting) else {}
    for place in places:
        what = "盖章" if place.kind == place.Kind.SEAL else "签署"
        done = "已读完全文" if place.state == place.State.READ else ""
        yield DueItem(
            f"{what}《{place.round.title}》", reverse("signing:place", args=(place.pk,)), place.round.due_at, done,
            priority=first.get(place.round_id, 0), case=key_of(place.round),
        )  # fmt: skip


def key_of(round_: SigningRound) -> str:
    """The matter a round belongs to: its case, else the document itself."""
    return round_.case or round_.number


def waiting(acting: Acting) -> Matters:
    """Documents of the organisation that wait for signatures, the most pressing first."""
    rows = queries.visible_to(acting).filter(state=SigningRound.State.OPEN).annotate(first=first_of_parties())
    rows = rows.order_by("due_at", "-first", "id")
    signed = Count("signatories", filter=Q(signatories__state=Signatory.State.SIGNED))
    found = [
        Matter(
            row.number, f"《{row.title}》", reverse("signing:round", args=(row.pk,)), "waiting",
            f"已签 {row.signed} 人，共 {row.all_of_them} 人{'，优先办理' if row.first else ''}", row.number,
            when=row.due_at, latest="签署期限",
        )
        for row in rows.annotate(signed=signed, all_of_them=Count("signatories"))[:FEW]
    ]  # fmt: skip
    return Matters("等待签署的文书", found, reverse("signing:rounds"), "rounds")


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
