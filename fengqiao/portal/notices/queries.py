"""Reading notices."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role, User
from fengqiao.portal.accounts.queries import runs_the_platform
from fengqiao.portal.notices.models import Notice, OptOut
from fengqiao.portal.parties.models import Party


def opted_out(user: User | None, party: Party | None) -> bool:
    """True for somebody who wants no messages that no procedure needs."""
    rows = OptOut.objects.filter(ended_at=None)
    return rows.filter(user=user).exists() if user else rows.filter(party=party).exists()


def visible_to(acting: Acting | None) -> QuerySet[Notice]:
    """What was said to the person inside the portal."""
    if acting is None:
        return Notice.objects.none()
    return Notice.objects.filter(user=acting.user, channel=Notice.Channel.IN_APP)


def unread(acting: Acting | None) -> int:
    """How many the person has not opened."""
    if acting is None:
        return 0
    rows = Notice.objects.filter(user=acting.user, channel=Notice.Channel.IN_APP, read_at=None)
    return rows.exclude(state=Notice.State.SUPPRESSED).count()


def outbox(now: dt.datetime) -> dict[str, float]:
    """How the outbox stands: for the operator."""
    rows = Notice.objects.filter(state__in=Notice.OPEN)
    oldest = rows.filter(due_at__lte=now).order_by("due_at").values_list("due_at", flat=True).first()
    return {
        "queued": rows.count(),
        "failed": Notice.objects.filter(state=Notice.State.FAILED).count(),
        "oldest_seconds": (now - oldest).total_seconds() if oldest else 0.0,
    }


SENDERS = (
    Role.Kind.MEDIATOR, Role.Kind.MEDIATION_MANAGER, Role.Kind.JUDGE, Role.Kind.CLERK, Role.Kind.COMPLAINT_HANDLER,
    Role.Kind.HOTLINE_AGENT, Role.Kind.MEASURER, Role.Kind.ADMINISTRATOR,
)  # fmt: skip
"""Whose people see what became of the messages of their organisation."""


def looks_after_notices(acting: Acting | None) -> bool:
    """True for those who have a page of messages that were sent."""
    return bool(acting and acting.organisation and acting.behalf is None and acting.is_a(*SENDERS))


def sent_by(acting: Acting | None) -> QuerySet[Notice]:
    """Messages in the name of the organisation; administrators of the platform see that all got there. Never the text:
    it is between the sender's matter and the recipient."""
    if acting is None or not looks_after_notices(acting):
        return Notice.objects.none()
    if runs_the_platform(acting):
        return Notice.objects.all()
    return Notice.objects.filter(organisation=acting.organisation)


def to_call(acting: Acting) -> QuerySet[Notice]:
    """Whom somebody of this organisation has to tell: those with special needs first, then the longest waiting. What no
    organisation sent falls to the platform."""
    rows = (
        sent_by(acting)
        .filter(Q(organisation=acting.organisation) | Q(organisation=None), to_call=True)
        .select_related("user", "party")
        .prefetch_related("party__needs")
    )
    return rows.order_by(Coalesce("party__priority", 0).desc(), "created_at", "id")


def may_read_aloud(notice: Notice, acting: Acting) -> bool:
    """True for those who are to tell a person what a message says: its text is theirs to read, of no other message."""
    by_hand = notice.channel == Notice.Channel.BY_STAFF and notice.disposed_at is None
    return by_hand and acting.organisation is not None and notice.organisation_id == acting.organisation.pk


def may_send_again(notice: Notice) -> bool:
    """Only what failed outside the portal, once: a message that is under way or may be known is not doubled."""
    return (
        notice.state == Notice.State.FAILED
        and notice.channel not in (Notice.Channel.IN_APP, Notice.Channel.BY_STAFF)
        and notice.disposed_at is None
        and not Notice.objects.filter(repeats=notice).exists()
    )


def others_of(notice: Notice) -> QuerySet[Notice]:
    """The same message over other channels, and what it repeats or was repeated by."""
    same = Q(once_key=notice.once_key) | Q(repeats=notice)
    if notice.repeats_id:
        same |= Q(pk=notice.repeats_id)
    return Notice.objects.filter(same).exclude(pk=notice.pk).order_by("created_at", "channel")
