"""Reading forms that are filled in. What is not there for a person is not found: 404."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.drafting.models import Filling, Output
from fengqiao.portal.parties import queries as parties

SHARED = (Role.Kind.MEDIATOR, Role.Kind.MEDIATION_MANAGER)
"""Roles whose forms the managers of their organisation see, too."""


def may_begin(acting: Acting | None) -> bool:
    """True for everybody who wears a role."""
    return acting is not None and acting.role is not None


def visible_to(acting: Acting | None) -> QuerySet[Filling]:
    """Of the person acted for; an investor's own; one's own as an agent or at work; a manager's organisation."""
    if acting is None or acting.role is None:
        return Filling.objects.none()
    if acting.behalf is not None:
        return Filling.objects.filter(party=acting.behalf[0])
    if acting.is_a(Role.Kind.INVESTOR):
        own = parties.own_party(acting)
        return Filling.objects.filter(party=own.pk) if own else Filling.objects.none()
    if acting.organisation and acting.is_a(Role.Kind.MEDIATION_MANAGER):
        return Filling.objects.filter(organisation=acting.organisation)
    return Filling.objects.filter(role=acting.role)


def may_read_files(acting: Acting | None, number: str) -> bool:
    """Who sees the form reads the documents made of it."""
    return number.isdecimal() and visible_to(acting).filter(pk=int(number)).exists()


def outputs_of(filling: Filling) -> QuerySet[Output]:
    """What was made of a form, the newest first."""
    return filling.outputs.select_related(
        "pdf__content", "docx__content", "large__content", "large_docx__content", "made_by"
    ).order_by("-number")


def last_output(filling: Filling) -> Output | None:
    """The newest."""
    return outputs_of(filling).first()


def forgotten(now: dt.datetime) -> QuerySet[Filling]:
    """Never finished, and not touched for settings.DRAFT_DAYS days."""
    old = now - dt.timedelta(days=settings.DRAFT_DAYS)
    made = Output.objects.filter(filling=OuterRef("pk"))
    return Filling.objects.filter(~Exists(made), saved_at__lt=old, state=Filling.State.DRAFT)
