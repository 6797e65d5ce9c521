"""Reminders of deadlines, and what help there is, become notices."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.deadlines import queries
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.notices.actions import send
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.needs import Care
from fengqiao.portal.parties.queries import own_party
from fengqiao.portal.shell.words import moment_text


def remind(deadline: Deadline, kind: str, now: dt.datetime) -> None:
    """Tell who is responsible: the person, or all in the organisation with the role."""
    body = deadline.organisation
    rest = f"，{body.name}停用，请移交" if body is not None and not body.is_active else ""
    until = moment_text(deadline.due_at) if deadline.due_at else "（待定）"
    for user in responsible(deadline):
        send(
            to=user, template="deadlines.reminder", subject=("deadlines.deadline", str(deadline.pk)),
            values={"what": f"{deadline.title}（{Deadline.Act(kind).label}{rest}）", "until": until},
            case=deadline.case,
            once_key=f"deadline:{deadline.pk}:{deadline.version}:{user.pk}",
            organisation=deadline.organisation, now=now,
        )  # fmt: skip


def offer_help(party: Party, care: Care, now: dt.datetime) -> None:
    """A need was noted by which somebody may get help: said inside the portal alone, and once, as others may read
    along on a telephone. Staff tell those without an account, see the workbench."""
    if party.user is not None and (care.has("social_aid") or care.has("legal_aid")):
        send(
            to=party, template="parties.help", values={}, subject=("parties.party", str(party.pk)), case=party.case,
            once_key=f"help:{party.pk}", now=now,
        )  # fmt: skip


def page_of_help(acting: Acting, number: str) -> str | None:
    """Where the person reads what they may apply for."""
    own = own_party(acting)
    return reverse("parties:notice", args=(own.pk,)) if own and str(own.pk) == number else None


def responsible(deadline: Deadline) -> list[User]:
    """Who can do something about it."""
    if deadline.organisation is not None and not deadline.organisation.is_active:
        return who_runs_the_platform()  # nobody of a house at rest can see to it
    if deadline.user:
        return [deadline.user]
    if not deadline.organisation_id:
        return []
    roles = Role.objects.filter(organisation_id=deadline.organisation_id, ended_at=None, user__is_active=True)
    if deadline.role_kind:
        roles = roles.filter(kind=deadline.role_kind)
    return list({role.user_id: role.user for role in roles.select_related("user")}.values())


def who_runs_the_platform() -> list[User]:
    """Its administrators."""
    held = Role.objects.filter(
        kind=Role.Kind.ADMINISTRATOR, organisation__kind=Organisation.Kind.PLATFORM, ended_at=None,
        user__is_active=True,
    )  # fmt: skip
    return list({role.user_id: role.user for role in held.select_related("user").order_by("user_id")}.values())


def page_of(acting: Acting, number: str) -> str | None:
    """Where a deadline is looked at, by those who may see it."""
    seen = number.isdecimal() and queries.visible_to(acting).filter(pk=int(number)).exists()
    return reverse("deadlines:deadline", args=(int(number),)) if seen else None
