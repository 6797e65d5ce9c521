"""What parties bring to the workbench: authorisations, corrections and needs to deal with; people by their numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.parties import queries
from fengqiao.portal.parties.models import ActsConfirmation, Authorisation, Correction, SpecialNeed
from fengqiao.portal.workbench.asking import Question
from fengqiao.portal.workbench.found import AT_MOST, DueItem, Found, Group


def questions(acting: Acting, now: dt.datetime) -> Iterator[Question]:
    """Authorisations to accept, corrections to decide, people to tell of help, what staff did to be confirmed, needs to
    look at again."""
    waiting = queries.authorisations_visible_to(acting).filter(state=Authorisation.State.SUBMITTED)
    yield Question(waiting.order_by("-party__priority", "submitted_at"), partial(authorisations, acting))
    asked = queries.corrections_visible_to(acting).filter(state=Correction.State.SUBMITTED)
    yield Question(asked.order_by("-party__priority", "asked_at"), partial(corrections, acting))
    yield Question(queries.untold_needs(acting), untold)
    done = queries.confirmations_visible_to(acting).order_by("-party__priority", "asked_at")
    if acting.is_a(Role.Kind.INVESTOR):
        yield Question(done.filter(answer="waiting"), partial(to_confirm, own=True))
    else:
        yield Question(done.filter(answer="waiting", staff=acting.user), partial(to_confirm, own=False))
        yield Question(done.filter(answer="disputed", settled_at=None).exclude(staff=acting.user), disputed)
    yield Question(queries.needs_to_review(acting, timezone.localtime(now).date()), to_review)


def authorisations(acting: Acting, rows: QuerySet[Authorisation]) -> Iterator[DueItem]:
    """To accept or not."""
    for row in rows[:AT_MOST]:
        if queries.may_decide(row, acting):
            title = f"决定是否接受授权：{row.agent.name} 代 {row.party.name}"
            url = reverse("parties:authorisation", args=(row.pk,))
            own = acting.is_a(Role.Kind.INVESTOR)
            yield DueItem(title, url, None, "待接受", 0 if own else row.party.priority)


def corrections(acting: Acting, rows: QuerySet[Correction]) -> Iterator[DueItem]:
    """To decide."""
    for correction in rows[:AT_MOST]:
        if queries.may_decide_correction(correction, acting):
            url = reverse("parties:decide_correction", args=(correction.pk,))
            yield DueItem(f"决定更正申请：{correction.party.name}", url, None, "待决定", correction.party.priority)


def untold(rows: QuerySet[SpecialNeed]) -> Iterator[DueItem]:
    """People to tell of social assistance and legal aid, each once."""
    told: set[int] = set()
    for need in rows[: 10 * AT_MOST]:
        helped = need.asked & {"social_aid", "legal_aid"}
        if helped and need.party_id not in told and len(told) < AT_MOST:
            told.add(need.party_id)
            url = reverse("parties:notice", args=(need.party_id,))
            yield DueItem(f"告知社会救助和法律援助：{need.party.name}", url, None, "待告知", need.party.priority)


def to_confirm(rows: QuerySet[ActsConfirmation], *, own: bool) -> Iterator[DueItem]:
    """What staff did for somebody: to be confirmed by the person, noted by who did it."""
    for one in rows[:AT_MOST]:
        title = f"确认 {one.staff.name} 代您办理的事项" if own else f"登记本人的确认：{one.party.name}"
        url = reverse("parties:answer_confirmation", args=(one.pk,))
        yield DueItem(title, url, None, f"{one.count} 项", 0 if own else one.party.priority)


def disputed(rows: QuerySet[ActsConfirmation]) -> Iterator[DueItem]:
    """What the person does not stand by: settled by somebody else than who did it."""
    for one in rows[:AT_MOST]:
        url = reverse("parties:settle_dispute", args=(one.pk,))
        title = f"处理本人不认可的代办：{one.party.name}"
        yield DueItem(title, url, None, one.staff.name, one.party.priority)


def to_review(rows: QuerySet[SpecialNeed]) -> Iterator[DueItem]:
    """Needs to look at again."""
    for need in rows[:AT_MOST]:
        url = reverse("parties:review_need", args=(need.party_id, need.pk))
        yield DueItem(f"复核特殊需要：{need.party.name}", url, None, "应当复核", need.party.priority)


def search(text: str, acting: Acting) -> Group:
    """People by their whole identity number or mobile, where this person may see them."""
    rows = queries.find_exactly(text, acting)[:AT_MOST]
    return Group("当事人", [Found(row.name, place_of(row.pk, acting), f"登记编号 {row.pk}") for row in rows])


def place_of(number: int, acting: Acting) -> str:
    """Where somebody looks at a party: the person themself at their own page."""
    own = queries.own_party(acting)
    return reverse("parties:mine") if own and own.pk == number else reverse("parties:party", args=(number,))
