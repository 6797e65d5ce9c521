"""Registering as people do: several from one place, twice, with a mistyped mobile, from two devices at once."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts import registering
from fengqiao.portal.accounts.models import ConfirmingCode, Identity, User
from fengqiao.portal.accounts.rate_limits import MESSAGES_AN_HOUR
from fengqiao.portal.accounts.sms import FileGateway
from fengqiao.portal.accounts.tests.coming_in import send
from fengqiao.portal.audit.models import Event
from fengqiao.portal.vault.fields import lookup

pytestmark = pytest.mark.django_db
PASSWORD = "for-tests-only-2026"
PAGE, REGISTER = "/login/mobile/verify/", "/login/register/"
NUMBER = with_check_digit("11010119900307" + "001")
RIGHT, WRONG = "139" + "00000071", "139" + "00000072"


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_FOLDER = tmp_path / "keys"
    cache.clear()


def given(mobile: str = RIGHT, number: str = NUMBER, **more: str) -> dict[str, str]:
    return {"name": "投资者丙", "kind": "id_card", "number": number, "phone": mobile, "password1": PASSWORD,
            "password2": PASSWORD, "agreed": "on", **more}  # fmt: skip


def register(client: Client | None = None, **more: str) -> Any:
    return send(client or Client(), REGISTER, **given(**more))


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def holders() -> list[User]:
    return [one.user for one in Identity.objects.filter(lookup(Identity, "number", NUMBER)).select_related("user")]


def test_five_register_from_one_place_in_one_minute() -> None:
    """A hall, a branch, a family: one address."""
    for n in range(5):
        number = with_check_digit("11010119900307" + f"{n + 101}")
        answer = register(mobile=f"139000001{n:02d}", number=number)
        assert answer.status_code == 302 and answer["Location"] == PAGE, text_of(answer)[:2000]


def test_twice_at_once_is_told_how_to_go_on_and_leaves_one_account() -> None:
    client = Client()
    assert register(client)["Location"] == PAGE
    again = register(Client())
    assert again.status_code == 200 and "回到原来的页面输入" in text_of(again) and "10 分钟后重新注册" in text_of(again)
    assert len(holders()) == 1
    code = re.search(r"\d{6}", FileGateway().last(RIGHT))
    assert code and send(client, PAGE, code=code[0]).status_code == 302
    assert "已经注册过账号" in text_of(register(Client())), "a whole account does not give way"


def test_who_mistyped_their_mobile_registers_again_when_the_code_is_over() -> None:
    first = Client()
    assert register(first, mobile=WRONG)["Location"] == PAGE
    old = holders()[0]
    ConfirmingCode.objects.update(expires_at=timezone.now())
    client = Client()
    assert register(client)["Location"] == PAGE
    (new,) = holders()
    old.refresh_from_db()
    assert new != old and not old.is_active
    assert Event.objects.filter(verb="accounts.registration_given_up", subject_id=str(old.pk)).count() == 1
    code = re.search(r"\d{6}", FileGateway().last(RIGHT))
    assert code and send(client, PAGE, code=code[0]).status_code == 302
    assert client.get("/accounts/me/").status_code == 200
    send(first, PAGE, action="resend", code="000000")
    assert first.get("/accounts/me/").status_code == 302, "the page of the one that gave way leads nowhere"
    send(Client(), "/login/", login=WRONG, password=PASSWORD)
    assert User.objects.get(pk=old.pk).last_login is None


def test_an_unfinished_claim_does_not_keep_the_owner_of_a_mobile_out() -> None:
    """Somebody typed my number by mistake; I can still register, and it is mine."""
    other = with_check_digit("11010119900307" + "205")
    assert register(mobile=RIGHT, number=other)["Location"] == PAGE
    client = Client()
    assert register(client)["Location"] == PAGE
    said = FileGateway().last(RIGHT)
    assert "验证码" in said and "已经有账号" not in said
    code = re.search(r"\d{6}", said)
    assert code and send(client, PAGE, code=code[0]).status_code == 302
    assert client.get("/accounts/me/").status_code == 200


def test_too_many_messages_to_a_mobile_leave_no_account_and_say_so_on_the_form() -> None:
    for n in range(MESSAGES_AN_HOUR.most):
        assert register(number=with_check_digit("11010119900307" + f"{n + 301}")).status_code == 302
    before = User.objects.count()
    answer = register()
    assert answer.status_code == 200 and "次数太多" in text_of(answer), "a sentence on the form, not a fault"
    assert 'value="投资者丙"' in text_of(answer), "what was typed is still there"
    assert User.objects.count() == before and not holders()


def test_what_is_typed_again_is_said() -> None:
    answer = text_of(register(password1="short", password2="short"))
    assert "密码太短：至少 10 个字符" in answer and "密码请再填一次" in answer
    assert "too short" not in answer


def test_who_works_here_is_never_given_up(django_user_model: Any) -> None:
    now = timezone.now()
    user = User.objects.create(username="s", name="投资者丙", joined_at=now)
    identity = Identity(user=user, kind="id_card")
    identity.number = NUMBER
    identity.save()
    assert registering.unfinished_with("id_card", NUMBER) == user
    user.last_login = now - dt.timedelta(days=1)
    user.save(update_fields=("last_login",))
    assert registering.unfinished_with("id_card", NUMBER) is None


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_the_same_moment_make_one_account() -> None:
    gate = Barrier(2)

    def one(n: int) -> int:
        try:
            gate.wait()
            return int(register(Client(), mobile=(RIGHT, WRONG)[n]).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(one, range(2)))
    assert answers == [200, 302]
    assert len(holders()) == 1
