"""Reading accounts, organisations and roles."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Invitation, Organisation, Role, User
from fengqiao.portal.vault.fields import lookup


def runs_the_platform(acting: Acting | None) -> bool:
    """True for administrators of the platform itself."""
    return bool(
        acting
        and acting.is_a(Role.Kind.ADMINISTRATOR)
        and acting.organisation
        and acting.organisation.kind == Organisation.Kind.PLATFORM
    )


def may_administer(organisation: Organisation, acting: Acting | None) -> bool:
    """True for administrators of the organisation, and of the platform."""
    if acting is None or not acting.is_a(Role.Kind.ADMINISTRATOR):
        return False
    return runs_the_platform(acting) or (acting.organisation is not None and acting.organisation.pk == organisation.pk)


def visible_to(acting: Acting | None) -> QuerySet[Organisation]:
    """Organisations: everybody who is logged in may see which take part."""
    return Organisation.objects.all() if acting else Organisation.objects.none()


def administered_by(acting: Acting | None) -> QuerySet[Organisation]:
    """The organisations whose people the person may look after."""
    if runs_the_platform(acting):
        return Organisation.objects.all()
    if acting and acting.is_a(Role.Kind.ADMINISTRATOR) and acting.organisation:
        return Organisation.objects.filter(pk=acting.organisation.pk)
    return Organisation.objects.none()


def roles_visible_to(acting: Acting | None) -> QuerySet[Role]:
    """The roles of the people one looks after."""
    return Role.objects.filter(organisation__in=administered_by(acting)).select_related("user", "organisation")


def invitations_visible_to(acting: Acting | None) -> QuerySet[Invitation]:
    """The invitations of the organisations one looks after."""
    return Invitation.objects.filter(organisation__in=administered_by(acting)).select_related("organisation")


def bodies_at_rest(user: User, now: dt.datetime) -> list[Organisation]:
    """Organisations in which somebody has a role, and which were taken out of use."""
    held = user.roles.filter(Q(ended_at=None) | Q(ended_at__gt=now), organisation__is_active=False)
    return list(Organisation.objects.filter(pk__in=held.values("organisation")).order_by("name"))


def administrators(organisation: Organisation) -> QuerySet[Role]:
    """The roles of those who look after an organisation's people now."""
    return Role.objects.filter(
        organisation=organisation, kind=Role.Kind.ADMINISTRATOR, ended_at=None, user__is_active=True
    )


def invitation_by(digest: str) -> Invitation | None:
    """The invitation with this token."""
    return Invitation.objects.select_related("organisation", "invited_by").filter(token_digest=digest).first()


def holds_a_staff_role(user: User, now: dt.datetime) -> bool:
    """True for those who need a second factor: they work here for an organisation."""
    held = Q(ended_at=None) | Q(ended_at__gt=now)
    return user.roles.filter(held, organisation__isnull=False).exists()


def roles_held(user: User, now: dt.datetime) -> QuerySet[Role]:
    """The roles a person has at a moment."""
    return user.roles.filter(Q(ended_at=None) | Q(ended_at__gt=now)).select_related("organisation").order_by("id")


def may_put_out(user: User, acting: Acting | None, now: dt.datetime) -> bool:
    """Administrators of the platform, and of an organisation in which the person works; nobody for themself."""
    if acting is None or user.pk == acting.user.pk:
        return False
    if runs_the_platform(acting):
        return True
    return roles_held(user, now).filter(organisation__in=administered_by(acting)).exists()


def may_manage(user: User, acting: Acting | None, now: dt.datetime) -> bool:
    """Whether somebody may suspend an account or reset its second factor: as above, and for an organisation's
    administrators only when the account works nowhere else, and is nobody's as an investor or agent."""
    if not may_put_out(user, acting, now):
        return False
    elsewhere = roles_held(user, now).exclude(organisation__in=administered_by(acting))
    return runs_the_platform(acting) or not elsewhere.exists()


def account_by(text: str) -> User | None:
    """The account with this login name, confirmed mobile, or number of a paper."""
    by_name = User.objects.filter(username=text).first()
    if by_name is not None:
        return by_name
    mobile = Identity.objects.filter(lookup(Identity, "mobile", text)).exclude(mobile_verified_at=None).first()
    found = mobile or Identity.objects.filter(lookup(Identity, "number", text.upper())).first()
    return found.user if found else None
