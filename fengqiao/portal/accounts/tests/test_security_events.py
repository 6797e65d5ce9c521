"""What was refused stands in the log; whoever goes on trying stands in the audit."""

from __future__ import annotations

import datetime as dt
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client

from fengqiao.portal.accounts import factor_secrets, security_events
from fengqiao.portal.accounts.actions import set_mobile
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.accounts.tests.coming_in import log_in
from fengqiao.portal.audit.models import Event
from fengqiao.portal.operations.logs import PlainFormatter

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
PASSWORD = "for-tests-only-2026"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_FOLDER = tmp_path / "keys"
    cache.clear()


@pytest.fixture
def user() -> User:
    made = User.objects.create(username="t", name="投资者甲", joined_at=NOW, password=make_password(PASSWORD))
    Role.objects.create(user=made, kind="investor", granted_at=NOW)
    set_mobile(user=made, mobile="139" + "00000001", verified=True, now=NOW)
    return made


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """What the log has of refusals, as it is written."""
    caplog.set_level(logging.WARNING, logger="fengqiao.security")
    logging.getLogger("fengqiao").propagate = True

    def read() -> list[dict[str, Any]]:
        return [
            json.loads(PlainFormatter().format(record)) for record in caplog.records
            if record.name == "fengqiao.security"
        ]  # fmt: skip

    return read


def logged_in(client: Client) -> Client:
    log_in(client, User.objects.get(username="t"), PASSWORD)
    return client


def test_what_one_may_not_see_and_what_is_not_there_are_told_apart_in_the_log(user: User, lines: Any) -> None:
    other = Organisation.objects.create(kind="platform", name="演示平台运营方")
    client = logged_in(Client())
    assert client.get(f"/accounts/organisations/{other.pk}/people/").status_code == 404
    assert client.get("/nowhere/").status_code == 404
    first, second = lines()
    assert (first["event"], first["page"]) == ("not_permitted_or_not_there", "accounts:people")
    assert (first["user"], first["role"], first["method"]) == (user.pk, "investor", "GET")
    assert len(first["source"]) == 16
    assert second["event"] == "no_such_address"
    assert "127.0.0.1" not in json.dumps([first, second])
    assert "投资者甲" not in json.dumps([first, second], ensure_ascii=False)


def test_attempts_to_get_round_the_controls_stand_in_the_log(user: User, lines: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/accounts/me/elder-mode/", {"on": "1"}).status_code == 403
    assert Client().get("/accounts/me/elder-mode/").status_code == 405
    assert Client().post("/login/", {"login": "t", "password": "wrong"}).status_code == 200
    for _ in range(80):
        last = Client().post("/accounts/me/elder-mode/", {"on": "1"})
    assert last.status_code == 429
    found = [line["event"] for line in lines()]
    assert found[:3] == ["control_refused", "wrong_method", "proof_refused"]
    assert set(found[3:]) == {"too_often"}


def test_a_wrong_second_factor_stands_in_log_and_audit(user: User, lines: Any) -> None:
    with factor_secrets.of(user):
        TOTP.activate(user, SECRET)
    client = logged_in(Client())
    for _ in range(2):
        client.post("/second-factor/authenticate/", {"code": "000000"})
    assert [line["event"] for line in lines()].count("proof_refused") == 2
    event = Event.objects.get(verb="accounts.second_factor_failed")
    assert event.subject_id == str(user.pk)


def test_whoever_goes_on_trying_stands_in_the_audit_once(user: User, lines: Any) -> None:
    client = logged_in(Client())
    for _ in range(security_events.MANY - 1):
        client.get("/accounts/organisations/999/people/")
    assert not Event.objects.filter(verb=security_events.MANY_VERB).exists(), "mistakes are no crime"
    for _ in range(security_events.MANY + 5):
        client.get("/accounts/organisations/999/people/")
    event = Event.objects.get(verb=security_events.MANY_VERB)
    assert (event.user_id, event.role) == (user.pk, "investor")
    assert len(lines()) == 2 * security_events.MANY + 4


def test_what_is_answered_well_leaves_no_line(user: User, lines: Any) -> None:
    client = logged_in(Client())
    assert client.get("/accounts/me/").status_code == 200
    assert lines() == []
