"""The people whose pages are looked at: the fixed cast, with what they need to have something to see."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as AUTHENTICATED_USER
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from fengqiao.portal.accounts.acting import BEHALF_KEY
from fengqiao.portal.accounts.acting import SESSION_KEY as ROLE_WORN
from fengqiao.portal.accounts.actions import make_invitation
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.demo.cast import put_in
from tests.browser.measured import Claims, make_claims
from tests.browser.parties import make_people
from tests.browser.serving import make_services
from tests.browser.signing import make_signing

PASSWORD = "for-tests-only-2026"
SECRET = "JBSWY3DPEHPK3PXP"
"""Of everybody's authenticator."""


@dataclass(frozen=True)
class Cast:
    """Users by their key in the cast, which for the first of a kind is the name of their role."""

    users: dict[str, User]
    bodies: dict[str, Organisation]
    role_to_end: Role
    token: str
    """Of an invitation that nobody has accepted."""
    claims: Claims
    people: dict[str, int]
    """Numbers of what belongs to parties: the investor's own record, somebody taken in, authorisations, a hold."""
    signing: dict[str, Any]
    """Numbers of documents to sign and of places in them, a link's token, a code."""
    services: dict[str, Any]
    """Numbers of services and addresses, a link's token, a code."""

    @property
    def platform(self) -> Organisation:
        """The body that runs the platform."""
        return self.bodies["platform"]

    def session_of(self, who: str, *, wearing: str = "", fresh: bool = False, behalf: str = "") -> str:
        """The key of a new session in which this person is logged in; fresh: their password was asked for just now;
        behalf: whom of the cast's people they act for."""
        user = self.users[who]
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        if wearing:
            session[ROLE_WORN] = user.roles.get(kind=wearing, ended_at=None).pk
        if fresh:
            session[AUTHENTICATION_METHODS_SESSION_KEY] = [
                {"method": "password", "at": time.time(), "reauthenticated": True}
            ]
            session[AUTHENTICATED_USER] = str(user.pk)
        if behalf:
            session[BEHALF_KEY] = self.people[behalf]
        session.save()
        return str(session.session_key)


def freshen(key: str) -> None:
    """The password was asked for just now: a session that a long run goes on using keeps opening the pages that ask."""
    session = SessionStore(key)
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] = time.time()
    session.modified = True
    session.save()


def make_cast(*, more_bodies: int = 70) -> Cast:
    """Put the people and their bodies into an empty database."""
    now = timezone.now()
    password = make_password(PASSWORD)
    made, _ = put_in(password_hash=lambda person: password, second_factor=lambda person: SECRET, now=now)
    ending = Role.objects.create(
        user=made.users["mediator"], organisation=made.bodies["platform"], kind=Role.Kind.ADMINISTRATOR, granted_at=now
    )
    _, token = make_invitation(
        organisation=made.bodies["platform"], name="受邀人戊", kinds=[Role.Kind.ADMINISTRATOR], mobile="",
        by=made.users["administrator"], stamp=system_stamp(), now=now,
    )  # fmt: skip
    kinds = list(Organisation.Kind)
    Organisation.objects.bulk_create(
        Organisation(
            kind=kinds[n % len(kinds)], name=f"示例{kinds[n % len(kinds)].label}第{n:03d}号", region="测试地区"
        )
        for n in range(more_bodies)
    )
    people = make_people(made.users)
    return Cast(
        made.users, made.bodies, ending, token, make_claims(made.users["measurer"], made.users["investor"]), people,
        make_signing(made.users, people), make_services(made.users, people),
    )  # fmt: skip
