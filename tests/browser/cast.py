"""The people whose pages are looked at, with what they need to have something to see."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from fengqiao.portal.accounts.models import Organisation, Role, User

PLACES = {
    Role.Kind.MEASURER: Organisation.Kind.SERVICES_CENTRE,
    Role.Kind.MEDIATOR: Organisation.Kind.MEDIATION,
    Role.Kind.ADMINISTRATOR: Organisation.Kind.PLATFORM,
}


@dataclass(frozen=True)
class Cast:
    """Users by the name of their role."""

    users: dict[str, User]

    def session_of(self, who: str) -> str:
        """The key of a new session in which this person is logged in."""
        user = self.users[who]
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        return str(session.session_key)


def make_cast() -> Cast:
    """Put the people and their bodies into an empty database."""
    now = timezone.now()
    users = {}
    for number, kind in enumerate((Role.Kind.INVESTOR, *PLACES)):
        user = User(username=f"test-{kind}", name=f"{kind.label}{'甲乙丙丁'[number]}", joined_at=now, password="!")
        user.save()
        place = PLACES.get(kind)
        body = Organisation.objects.create(kind=place, name=f"测试{place.label}") if place else None
        Role.objects.create(user=user, organisation=body, kind=kind, granted_at=now)
        users[str(kind)] = user
    Role.objects.create(user=users["measurer"], kind=Role.Kind.INVESTOR, granted_at=now)
    kinds = list(Organisation.Kind)
    Organisation.objects.bulk_create(
        Organisation(
            kind=kinds[n % len(kinds)], name=f"示例{kinds[n % len(kinds)].label}第{n:03d}号", region="测试地区"
        )
        for n in range(70)
    )
    return Cast(users)
