"""Second factors: sealed in the database, sealed anew with the others; sessions change their key."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.conf import settings as configured
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone

from fengqiao.portal.accounts import factor_secrets
from fengqiao.portal.accounts.actions import set_mobile
from fengqiao.portal.accounts.mfa_adapter import MFAAdapter
from fengqiao.portal.accounts.models import User
from fengqiao.portal.accounts.tests.coming_in import log_in, send
from fengqiao.portal.audit.models import Event
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.keystore import KeyStoreError, Use
from fengqiao.portal.vault import rotation, sealing

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
STAMP = system_stamp("command")
SECRET = "JBSWY3DPEHPK3PXP"
PASSWORD = "for-tests-only-2026"


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_FOLDER = tmp_path / "keys"


@pytest.fixture
def user() -> User:
    made = User.objects.create(username="t", name="投资者甲", joined_at=NOW, password=make_password(PASSWORD))
    set_mobile(user=made, mobile="139" + "00000001", verified=True, now=NOW)
    return made


def code() -> str:
    return format_hotp_value(hotp_value(SECRET, this_step()))


def this_step() -> int:
    """The half minute that it is: its code is right for another one, should the next begin meanwhile."""
    return sorted(yield_hotp_counters_from_time())[1]


def test_no_secret_of_a_second_factor_stands_in_the_database(user: User) -> None:
    with factor_secrets.of(user):
        totp = TOTP.activate(user, SECRET)
        codes = RecoveryCodes.activate(user)
        kept = str(list(Authenticator.objects.values_list("data", flat=True)))
        assert SECRET not in kept
        assert not [one for one in codes.generate_codes() if one in kept]
        assert kept.count("bound:") == 2
        assert totp.validate_code(code())


def test_a_secret_moved_into_somebody_elses_row_does_not_open(user: User) -> None:
    other = User.objects.create(username="o", name="投资者乙", joined_at=NOW, password=make_password(PASSWORD))
    set_mobile(user=other, mobile="139" + "00000002", verified=True, now=NOW)
    with factor_secrets.of(user):
        row = TOTP.activate(user, SECRET).instance
    moved = Authenticator.objects.create(user=other, type=Authenticator.Type.TOTP, data=dict(row.data))
    with factor_secrets.of(other), pytest.raises(KeyStoreError, match="移来"):
        TOTP(moved).validate_code(code())
    rotation.make_key(use=Use.SEAL, stamp=STAMP, now=NOW)
    done = rotation.rotate(stamp=STAMP, now=NOW)
    assert f"mfa_authenticator.data {moved.pk}" in done.broken, "a rotation does not make it good"
    client = Client()
    send(client, "/login/", login="o", password=PASSWORD)
    assert client.post("/second-factor/authenticate/", {"code": code()}).status_code == 400
    assert client.get("/accounts/me/").status_code == 302
    with pytest.raises(LookupError):
        TOTP(row).validate_code(code())


def test_a_factor_that_is_set_up_in_the_portal_opens_the_next_log_in(user: User) -> None:
    """Through the pages: bound to who set it up, opened for who is coming in and is not logged in yet."""
    client = Client()
    log_in(client, user, PASSWORD)
    client.post("/login/again/", {"password": PASSWORD})
    assert client.get("/second-factor/totp/activate/").status_code == 200
    secret = client.session["mfa.totp.secret"]
    now = this_step()
    assert client.post(
        "/second-factor/totp/activate/", {"code": format_hotp_value(hotp_value(secret, now))}
    ).status_code == 302  # fmt: skip
    kept = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"]
    assert factor_secrets.unseal(kept, user_id=user.pk) == secret
    assert kept.startswith(factor_secrets.BOUND)
    coming = Client()
    assert send(coming, "/login/", login="t", password=PASSWORD)["Location"] == "/second-factor/authenticate/"
    assert coming.get("/accounts/me/").status_code == 302
    later = format_hotp_value(hotp_value(secret, now + 1))
    assert coming.post("/second-factor/authenticate/", {"code": later}).status_code == 302
    assert coming.get("/accounts/me/").status_code == 200


def as_before(text: str) -> str:
    """Sealed as it was before secrets were bound to their owners."""
    blob = sealing.seal(text, purpose=factor_secrets.PURPOSE, row=factor_secrets.UNBOUND_ROW)
    return factor_secrets.UNBOUND + base64.b64encode(blob).decode()


@pytest.mark.parametrize("kept", [str, as_before])
def test_secrets_of_before_still_open_and_are_bound_by_a_rotation(user: User, kept: Callable[[str], str]) -> None:
    row = Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": kept(SECRET)})
    assert TOTP(row).validate_code(code())
    assert rotation.rotate(stamp=STAMP, now=NOW).values == 1
    row.refresh_from_db()
    assert row.data["secret"].startswith("bound:")
    assert factor_secrets.unseal(row.data["secret"], user_id=user.pk) == SECRET
    assert rotation.rotate(stamp=STAMP, now=NOW).values == 0, "there is nothing left to do"


@pytest.mark.parametrize("kept", [None, as_before])
def test_an_old_key_goes_only_when_no_second_factor_needs_it(user: User, kept: Callable[[str], str] | None) -> None:
    old = rotation.make_key(use=Use.SEAL, stamp=STAMP, now=NOW).id
    set_mobile(user=user, mobile="139" + "00000001", verified=True, now=NOW)
    rotation.rotate(stamp=STAMP, now=NOW)
    with factor_secrets.of(user):
        row = TOTP.activate(user, SECRET).instance
        codes = RecoveryCodes.activate(user).generate_codes()
    if kept is not None:
        row.data["secret"] = kept(SECRET)
        row.save()
    before = rotation.usage()[old]
    rotation.make_key(use=Use.SEAL, algorithm="sm4-gcm", stamp=STAMP, now=NOW)
    with pytest.raises(KeyStoreError, match=f"还有 {before} 个值"):
        rotation.retire_key(key_id=old, stamp=STAMP, now=NOW)
    done = rotation.rotate(stamp=STAMP, now=NOW)
    assert (done.values, done.broken) == (before, [])
    rotation.retire_key(key_id=old, stamp=STAMP, now=NOW)
    rows = {row.type: row for row in Authenticator.objects.all()}
    with factor_secrets.of(user):
        assert TOTP(rows[Authenticator.Type.TOTP]).validate_code(code())
        assert RecoveryCodes(rows[Authenticator.Type.RECOVERY_CODES]).generate_codes() == codes


def test_who_proves_again_who_they_are_gets_a_new_session_key(user: User) -> None:
    client = Client()
    log_in(client, user, PASSWORD)
    client.get("/accounts/me/")
    name = configured.SESSION_COOKIE_NAME
    old = client.cookies[name].value
    wrong = client.post("/login/again/", {"password": "wrong"})
    assert wrong.status_code == 200
    assert client.cookies[name].value == old
    assert client.post("/login/again/", {"password": PASSWORD}).status_code == 302
    new = client.cookies[name].value
    assert new != old
    assert not SessionStore().exists(old), "a copy of the old cookie opens nothing"
    assert client.get("/accounts/me/").status_code == 200
    assert list(UserSession.objects.filter(user=user).values_list("session_key", flat=True)) == [new]


def verbs(user: User) -> list[str]:
    return list(
        Event.objects.filter(subject_kind="accounts.user", subject_id=str(user.pk)).order_by("number")
        .values_list("verb", flat=True)
    )  # fmt: skip


def test_coming_in_failing_and_going_stand_in_the_audit_and_failures_once_an_hour(user: User) -> None:
    client = Client()
    for _ in range(3):
        client.post("/login/", {"login": "t", "password": "wrong"})
    client.post("/login/", {"login": "nobody", "password": "wrong"})
    log_in(client, user, PASSWORD)
    client.post("/login/out/")
    assert verbs(user)[1:] == [
        "accounts.login_failed", "accounts.login_code_sent", "accounts.logged_in", "accounts.logged_out",
    ]  # fmt: skip
    came = Event.objects.get(verb="accounts.logged_in")
    assert (came.name, came.address) == ("投资者甲", "127.0.0.1")


def test_a_second_factor_that_comes_stands_in_the_audit(user: User) -> None:
    MFAAdapter().send_notification_mail("mfa/email/totp_activated", user)
    event = Event.objects.get(verb="accounts.second_factor_changed")
    assert (event.subject_id, event.reason) == (str(user.pk), "totp_activated")


def test_other_devices_are_put_out_only_after_asking_who_it_is(user: User) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        log_in(client, user, PASSWORD)
        client.get("/accounts/me/")
    session = here.session
    for record in session["account_authentication_methods"]:
        record["at"] = timezone.now().timestamp() - 3600
    session.save()
    asked = here.post("/sessions/")
    assert asked.status_code == 302
    assert "/login/again/" in asked["Location"]
    assert there.get("/accounts/me/").status_code == 200
    here.post("/login/again/", {"password": PASSWORD})
    here.post("/sessions/")
    assert here.get("/accounts/me/").status_code == 200
    assert there.get("/accounts/me/").status_code == 302
