"""Proving again who one is: by the password or the second factor, by nothing less; and codes that are used once."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS
from allauth.account.internal.flows.reauthenticate_by_code import ConfirmReauthenticationCodeProcess
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from fengqiao.portal.accounts import factor_secrets
from fengqiao.portal.accounts.actions import set_mobile
from fengqiao.portal.accounts.models import User
from fengqiao.portal.accounts.tests.coming_in import log_in

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
PASSWORD = "for-tests-only-2026"
SECRET = "JBSWY3DPEHPK3PXP"
DEVICES, AGAIN = "/sessions/", "/login/again/"


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_FOLDER = tmp_path / "keys"


@pytest.fixture
def user() -> User:
    made = User.objects.create(username="t", name="投资者甲", joined_at=NOW, password=make_password(PASSWORD))
    set_mobile(user=made, mobile="139" + "00000001", verified=True, now=NOW)
    return made


def with_proof(client: Client, **proof: Any) -> None:
    """The session says so; only the portal writes it."""
    session = client.session
    session[RECORDS] = [*session[RECORDS], {"at": time.time(), "reauthenticated": True, **proof}]
    session.save()


def test_the_password_or_the_second_factor_proves_it_again_and_a_code_to_the_mobile_does_not(
    user: User, rf: Any
) -> None:
    client = Client()
    log_in(client, user, PASSWORD)
    assert client.get(DEVICES)["Location"].startswith(AGAIN), "logging in by password and code is not enough"
    with_proof(client, method="code")
    assert client.get(DEVICES).status_code == 302
    with_proof(client, method="mfa")
    assert client.get(DEVICES).status_code == 200
    assert [one["id"] for one in get_adapter().get_reauthentication_methods(user)] == ["reauthenticate"]
    for name in ("account_request_reauthentication_code", "account_confirm_reauthentication_code"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    request = rf.post(AGAIN)
    request.session, request.user = client.session, user
    with pytest.raises(PermissionDenied):
        ConfirmReauthenticationCodeProcess.initiate(request=request, user=user, phone="139" + "00000001")


def test_a_wrong_password_proves_nothing_and_the_right_one_for_minutes_only(user: User) -> None:
    client = Client()
    log_in(client, user, PASSWORD)
    assert client.post(AGAIN, {"password": "wrong"}).status_code == 200
    assert client.get(DEVICES).status_code == 302
    assert client.post(AGAIN, {"password": PASSWORD}).status_code == 302
    assert client.get(DEVICES).status_code == 200
    session = client.session
    for record in session[RECORDS]:
        record["at"] -= 301
    session.save()
    assert client.get(DEVICES)["Location"].startswith(AGAIN)


def test_who_has_nothing_to_prove_it_with_is_told_so_and_not_let_through() -> None:
    made = User.objects.create_user("nothing", name="投资者乙", joined_at=NOW)
    client = Client()
    client.force_login(made, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get(DEVICES)
    assert answer.status_code == 403
    assert "没有密码，也没有第二道验证" in answer.content.decode()


def test_a_code_of_the_authenticator_passes_once_for_as_long_as_it_is_right(user: User) -> None:
    with factor_secrets.of(user):
        factor = TOTP.activate(user, SECRET)
        latest = max(yield_hotp_counters_from_time())
        code = format_hotp_value(hotp_value(SECRET, latest))
        assert factor.validate_code(code)
        assert not factor.validate_code(code)
    with connection.cursor() as cursor:
        cursor.execute("SELECT expires FROM shared_cache WHERE cache_key LIKE %s", ["%totp.used%"])
        ((until,),) = cursor.fetchall()
    until = until if isinstance(until, dt.datetime) else dt.datetime.fromisoformat(until)
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    over = (latest + 2) * 30  # it is right in its own step of half a minute and in the one after it
    assert until.timestamp() > over - 2, "remembered to the second, rounded down"
