"""The people whose pages are looked at, with what they need to have something to see."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from fengqiao.portal.accounts.actions import make_invitation
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.audit.stamp import system_stamp

PASSWORD = "for-tests-only-2026"
PLACES = {
    Role.Kind.MEASURER: Organisation.Kind.SERVICES_CENTRE,
    Role.Kind.MEDIATOR: Organisation.Kind.MEDIATION,
    Role.Kind.ADMINISTRATOR: Organisation.Kind.PLATFORM,
}


@dataclass(frozen=True)
class Cast:
    """Users by the name of their role."""

    users: dict[str, User]
    platform: Organisation
    role_to_end: Role
    token: str
    """Of an invitation that nobody has accepted."""

    def session_of(self, who: str) -> str:
        """The key of a new session in which this person is logged in."""
        user = self.users[who]
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        return str(session.session_key)


def make_cast() -> Cast:
    """Put the people and their bodies into an empty database."""
    now = timezone.now()
    users = {}
    for number, kind in enumerate((Role.Kind.INVESTOR, *PLACES)):
        user = User(username=f"test-{kind}", name=f"{kind.label}{'甲乙丙丁'[number]}", joined_at=now)
        user.set_password(PASSWORD)
        user.save()
        place = PLACES.get(kind)
        body = Organisation.objects.create(kind=place, name=f"测试{place.label}") if place else None
        Role.objects.create(user=user, organisation=body, kind=kind, granted_at=now)
        users[str(kind)] = user
        if place:
            Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
    Role.objects.create(user=users["measurer"], kind=Role.Kind.INVESTOR, granted_at=now)
    platform = Organisation.objects.get(kind=Organisation.Kind.PLATFORM)
    ending = Role.objects.create(
        user=users["mediator"], organisation=platform, kind=Role.Kind.ADMINISTRATOR, granted_at=now
    )
    _, token = make_invitation(
        organisation=platform, name="受邀人戊", kinds=[Role.Kind.ADMINISTRATOR], mobile="", by=users["administrator"],
        stamp=system_stamp(), now=now,
    )  # fmt: skip
    kinds = list(Organisation.Kind)
    Organisation.objects.bulk_create(
        Organisation(
            kind=kinds[n % len(kinds)], name=f"示例{kinds[n % len(kinds)].label}第{n:03d}号", region="测试地区"
        )
        for n in range(70)
    )
    return Cast(users, platform, ending, token)
