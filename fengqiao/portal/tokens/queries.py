"""Reading access tokens."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q, QuerySet

from fengqiao.portal.accounts import queries as accounts
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role, User
from fengqiao.portal.tokens.models import AccessToken


def whole() -> QuerySet[AccessToken]:
    """With everything that decides whether a token holds."""
    return AccessToken.objects.select_related("owner", "role__organisation")


def own(acting: Acting | None) -> QuerySet[AccessToken]:
    """One's own tokens, whichever role one wears; whoever acts for somebody else has none."""
    if acting is None or acting.behalf is not None:
        return AccessToken.objects.none()
    return whole().filter(owner=acting.user)


def administered_by(acting: Acting | None) -> QuerySet[AccessToken]:
    """The tokens of the organisations whose people the person looks after."""
    return whole().filter(role__organisation__in=accounts.administered_by(acting))


def visible_to(acting: Acting | None) -> QuerySet[AccessToken]:
    """One's own, and those one looks after."""
    if acting is None or acting.behalf is not None:
        return AccessToken.objects.none()
    return whole().filter(
        Q(owner=acting.user) | Q(role__organisation__in=accounts.administered_by(acting))
    )  # fmt: skip


def may_have(acting: Acting | None) -> bool:
    """People who work for an organisation, whichever role they wear now: their tokens can always be ended."""
    return acting is not None and acting.behalf is None and any(role.is_staff for role in acting.roles)


def may_issue(acting: Acting | None) -> bool:
    """People who work for an organisation, in that role."""
    return bool(acting and acting.behalf is None and acting.role and acting.role.is_staff)


def may_revoke(token: AccessToken, acting: Acting | None) -> bool:
    """The owner; administrators of the organisation and of the platform."""
    return acting is not None and visible_to(acting).filter(pk=token.pk).exists()


def not_over(now: dt.datetime) -> Q:
    """The same as `AccessToken.why_over`, for the database."""
    return (
        Q(ended_at=None, valid_until__gt=now, owner__is_active=True, owner__closed_at=None)
        & (Q(role__ended_at=None) | Q(role__ended_at__gt=now))
        & (Q(owner__sessions_end_before=None) | Q(owner__sessions_end_before__lt=F("created_at")))
        & Q(role__organisation__is_active=True)
    )


def live_ones(user: User, now: dt.datetime) -> QuerySet[AccessToken]:
    """The tokens of a person that hold now."""
    return whole().filter(not_over(now), owner=user)


def of_role(role: Role) -> QuerySet[AccessToken]:
    """Tokens of a role whose end is not written down."""
    return whole().filter(role=role, ended_at=None)
