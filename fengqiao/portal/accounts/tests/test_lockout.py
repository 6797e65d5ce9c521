"""Wrong passwords: where somebody is locked, where not, for how long, what is said, how it is lifted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.http import Http404
from django.test import Client
from django.utils import timezone

from fengqiao.portal.accounts import lockout, login_events, rate_limits
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.actions import set_mobile
from fengqiao.portal.accounts.models import Organisation, RateCount, Role, User
from fengqiao.portal.accounts.rate_limits import PASSWORDS
from fengqiao.portal.audit.models import Event
from fengqiao.portal.refusal import Conflict, Refusal

pytestmark = pytest.mark.django_db
PASSWORD = "for-tests-only-2026"
HOME, ATTACKER = "192.0.2.7", "198.51.100.9"
MOBILE = "139" + "00000091"
WRONG, LOCKED = "与密码不符", "从这里暂时不能用密码登录"


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_FOLDER = tmp_path / "keys"
    cache.clear()


@pytest.fixture
def house(db: None) -> Organisation:
    return Organisation.objects.create(kind=Organisation.Kind.MEDIATION, name="测试调解中心")


def person(login: str, kind: str, house: Organisation) -> User:
    made = User.objects.create(username=login, name=login, joined_at=timezone.now(), password=make_password(PASSWORD))
    Role.objects.create(user=made, organisation=house, kind=kind, granted_at=timezone.now())
    return made


@pytest.fixture
def mediator(house: Organisation) -> User:
    found = person("mediator-x", Role.Kind.MEDIATOR, house)
    set_mobile(user=found, mobile=MOBILE, verified=True, now=timezone.now())
    return found


@pytest.fixture
def administrator(house: Organisation) -> Acting:
    return acting_for(person("administrator-x", Role.Kind.ADMINISTRATOR, house), address=HOME)


def attempt(login: str, password: str, address: str) -> tuple[bool, str]:
    """Whether the password was taken, and what the page says."""
    answer = Client(REMOTE_ADDR=address).post("/login/", {"login": login, "password": password})
    return answer.status_code == 302, answer.content.decode()


def exhaust(login: str, address: str, times: int = PASSWORDS.most) -> None:
    for _ in range(times):
        attempt(login, "wrong", address)


def test_somebody_elses_wrong_passwords_lock_nobody_out_anywhere_else(mediator: User) -> None:
    exhaust("mediator-x", ATTACKER, PASSWORDS.most + 4)
    assert attempt("mediator-x", PASSWORD, ATTACKER)[0] is False
    assert attempt("mediator-x", PASSWORD, HOME)[0] is True


def test_as_many_tries_as_are_said_and_the_right_minutes(mediator: User) -> None:
    pages = [attempt("mediator-x", "wrong", HOME)[1] for _ in range(PASSWORDS.most)]
    assert all(WRONG in page for page in pages[:-1]), "each but the last is compared"
    said = attempt("mediator-x", PASSWORD, HOME)[1]
    assert LOCKED in said
    minutes = re.search(r"请 (\d+) 分钟后再试", said)
    assert minutes is not None
    assert 29 <= int(minutes[1]) <= 33, "half an hour from the first of them, and at most one slot"


def test_a_name_that_nobody_has_is_answered_alike(mediator: User) -> None:
    exhaust("mediator-x", HOME)
    exhaust("nobody-here", HOME)
    known, unknown = (attempt(name, "wrong", HOME)[1] for name in ("mediator-x", "nobody-here"))
    own = r'value="[^"]*"|nonce="[^"]+"|"X-CSRFToken": "[^"]*"|\d+ 分钟'  # a slot may have begun between the two
    plain = [re.sub(own, "", one) for one in (known, unknown)]
    assert LOCKED in known and plain[0] == plain[1]


def test_guessing_from_many_places_ends_but_not_where_the_account_was_opened(
    mediator: User, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    few = rate_limits.Rate("password_everywhere", 12, rate_limits.HOUR, "输入密码")
    monkeypatch.setattr(lockout, "PASSWORDS_EVERYWHERE", few)
    assert attempt("mediator-x", PASSWORD, HOME)[0] is True
    login_events.logged_in(user=mediator, methods=["password"], address=HOME, now=timezone.now())
    for n in range(few.most // 4):
        exhaust("mediator-x", f"203.0.113.{n}", 4)
    stranger, said = attempt("mediator-x", PASSWORD, "203.0.113.200")
    assert not stranger and LOCKED in said
    assert attempt("mediator-x", PASSWORD, HOME)[0] is True, "who was here before comes in"


@pytest.mark.parametrize("login", ["mediator-x", MOBILE])
def test_an_administrator_sees_and_lifts_it_with_a_reason(
    mediator: User, administrator: Acting, login: str
) -> None:  # fmt: skip
    now = timezone.now()
    with pytest.raises(Conflict):
        lockout.lift(user=mediator, reason="x", acting=administrator, now=now)
    exhaust(login, HOME, PASSWORDS.most + 2)
    assert attempt(login, PASSWORD, HOME)[0] is False
    assert lockout.locked_until(mediator, timezone.now())
    with pytest.raises(Refusal, match="原因"):
        lockout.lift(user=mediator, reason=" ", acting=administrator, now=now)
    with pytest.raises(Http404):
        lockout.lift(user=mediator, reason="x", acting=acting_for(mediator), now=now)
    lockout.lift(user=mediator, reason="本人输错，已当面核对", acting=administrator, now=timezone.now())
    assert Event.objects.filter(verb="accounts.lock_lifted", reason="本人输错，已当面核对").count() == 1
    assert lockout.locked_until(mediator, timezone.now()) is None
    assert attempt(login, PASSWORD, HOME)[0] is True
    assert not RateCount.objects.filter(key__contains=MOBILE).exists(), "no number in the clear"
