"""Where a service is looked at, and who may see the deadlines that begin with one."""

from __future__ import annotations

from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.service import queries


def page_of(acting: Acting, number: str) -> str | None:
    """The person's own page, or that of the organisation that serves."""
    if not number.isdecimal():
        return None
    if queries.received_by(acting, timezone.now()).filter(pk=int(number)).exists():
        return reverse("service:received", args=(int(number),))
    if queries.visible_to(acting).filter(pk=int(number)).exists():
        return reverse("service:recipient", args=(int(number),))
    return None


def seen_deadlines(acting: Acting) -> Q:
    """Deadlines of services: the organisation that served sees them as well."""
    rows = queries.visible_to(acting).annotate(text=Cast("pk", CharField()))
    return Q(subject_id__in=rows.values("text"))
