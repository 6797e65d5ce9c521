"""Reading notices."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import User
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
