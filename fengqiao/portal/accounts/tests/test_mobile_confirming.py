"""The first code to a mobile: kept, counted and limited like those of logging in, whichever session asks."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client, TestCase
from django.utils import timezone

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts import mobile_codes, mobile_confirming
from fengqiao.portal.accounts.actions import set_mobile
from fengqiao.portal.accounts.models import ConfirmingCode, Identity, MobileToConfirm, Role, User
from fengqiao.portal.accounts.rate_limits import MESSAGES_AN_HOUR, standing
from fengqiao.portal.accounts.sms import FileGateway
from fengqiao.portal.accounts.tests.coming_in import send
from fengqiao.portal.shell.browsers import browser_text

pytestmark = pytest.mark.django_db
PASSWORD = "for-tests-only-2026"
MOBILE, TAKEN = "139" + "00000001", "139" + "00000002"
PAGE = "/login/mobile/verify/"


@pytest.fixture(autouse=True)
def _own_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_FOLDER = tmp_path / "keys"
    cache.clear()


@pytest.fixture
def user() -> User:
    """Registered, with a mobile that nobody has confirmed."""
    now = timezone.now()
    made = User.objects.create(username="t", name="投资者甲", joined_at=now, password=make_password(PASSWORD))
    Role.objects.create(user=made, kind="investor", granted_at=now)
    set_mobile(user=made, mobile=MOBILE, verified=False, now=now)
    return made


@pytest.fixture
def other() -> User:
    """Whose mobile is confirmed."""
    now = timezone.now()
    made = User.objects.create(username="o", name="投资者乙", joined_at=now, password=make_password(PASSWORD))
    Role.objects.create(user=made, kind="investor", granted_at=now)
    set_mobile(user=made, mobile=TAKEN, verified=True, now=now)
    return made


def come_in() -> Client:
    """As far as the page of the code."""
    cache.clear()  # allauth's own limit of ten seconds
    client = Client()
    assert send(client, "/login/", login="t", password=PASSWORD)["Location"] == PAGE
    return client


def register_with(mobile: str) -> Client:
    cache.clear()
    client = Client()
    given = {"name": "投资者丙", "kind": "id_card", "number": with_check_digit("11010119900307001"), "phone": mobile,
             "password1": PASSWORD, "password2": PASSWORD, "agreed": "on"}  # fmt: skip
    answer = send(client, "/login/register/", **given)
    assert answer["Location"] == PAGE, answer.content.decode()[:3000]
    return client


def code_to(mobile: str) -> str:
    found = re.search(r"验证码 (\d{6})", FileGateway().last(mobile))
    assert found
    return found[1]


def wrong(code: str) -> str:
    return "000000" if code != "000000" else "111111"


def test_the_code_opens_the_account_once_and_stands_in_no_session(user: User) -> None:
    client = come_in()
    code = code_to(MOBILE)
    assert code not in str(dict(client.session.items()))
    assert code not in str(ConfirmingCode.objects.values())
    assert MOBILE not in str(MobileToConfirm.objects.values())
    assert send(client, PAGE, code=f" {code[:3]} {code[3:]} ").status_code == 302
    assert client.get("/accounts/me/").status_code == 200
    assert Identity.objects.get(user=user).mobile_verified_at is not None
    with pytest.raises(mobile_codes.Refusal, match="已经用过"):
        mobile_confirming.check(user=user, phone=MOBILE, code=code, now=timezone.now())


def test_a_new_session_brings_no_new_tries(user: User) -> None:
    first = come_in()
    for _ in range(mobile_codes.TRIES):
        page = send(first, PAGE, code=wrong(code_to(MOBILE))).content.decode()
        assert mobile_codes.WRONG in page
    code = code_to(MOBILE)
    assert mobile_codes.TOO_MANY in send(first, PAGE, code=code).content.decode(), "the right one neither"
    second = Client()
    second.cookies = first.cookies.copy()
    with pytest.raises(mobile_codes.Refusal, match="次数太多"):
        mobile_confirming.check(user=user, phone=MOBILE, code=code, now=timezone.now())
    third = come_in()
    assert mobile_codes.WRONG in send(first, PAGE, code=code).content.decode(), "the code of before is over"
    assert send(third, PAGE, code=code_to(MOBILE)).status_code == 302
    assert ConfirmingCode.objects.filter(passed_at=None).latest("id").tries == mobile_codes.TRIES


def test_one_mobile_gets_few_codes_whichever_session_asks(user: User) -> None:
    for _ in range(6):
        come_in()
    cache.clear()
    refused = send(Client(), "/login/", login="t", password=PASSWORD)
    assert refused.status_code == 429
    assert "向这个手机号码发送短信次数太多" in refused.content.decode()
    assert standing(MESSAGES_AN_HOUR, f"mobile {MOBILE}") == 6


def test_another_code_comes_after_a_minute(user: User) -> None:
    client = come_in()
    cache.clear()
    send(client, PAGE, action="resend")
    assert "秒后再试" in client.get(PAGE).content.decode()
    assert ConfirmingCode.objects.count() == 1
    ConfirmingCode.objects.update(sent_at=timezone.now() - dt.timedelta(seconds=61))
    old = code_to(MOBILE)
    cache.clear()
    send(client, PAGE, action="resend")
    assert ConfirmingCode.objects.count() == 2
    assert mobile_codes.WRONG in send(client, PAGE, code=old).content.decode() or old == code_to(MOBILE)
    assert send(client, PAGE, code=code_to(MOBILE)).status_code == 302


def test_a_code_ends_after_ten_minutes(user: User) -> None:
    client = come_in()
    ConfirmingCode.objects.update(expires_at=timezone.now())
    assert mobile_codes.USED_UP in send(client, PAGE, code=code_to(MOBILE)).content.decode()


def test_a_mobile_that_is_taken_is_told_the_same(other: User) -> None:
    client = register_with(TAKEN)
    assert "已经有账号" in FileGateway().last(TAKEN), "who owns it is told; who types it is not"
    page = client.get(PAGE).content.decode()
    assert "验证码已发到手机 139****0002，10 分钟内有效" in page
    said = [send(client, PAGE, code="123456").content.decode() for _ in range(mobile_codes.TRIES + 1)]
    assert all(mobile_codes.WRONG in one for one in said[:-1])
    assert mobile_codes.TOO_MANY in said[-1]
    assert MobileToConfirm.objects.get().owner == 0


def test_somebody_new_registers_and_a_change_of_mobile_takes_its_own_code() -> None:
    client = register_with("139" + "00000003")
    assert send(client, PAGE, code=code_to("139" + "00000003")).status_code == 302
    assert client.get("/accounts/me/").status_code == 200
    send(client, "/login/again/", password=PASSWORD)
    assert "这台设备" in client.get("/sessions/").content.decode(), "one's own device stands in the list"
    user = User.objects.get(name="投资者丙")
    now = timezone.now()
    code_for = {}
    for mobile in ("139" + "00000004", "139" + "00000005"):
        mobile_confirming.send(user=user, phone=mobile, text=mobile_confirming.TEXT, now=now)
    for row in MobileToConfirm.objects.filter(owner=user.pk):
        code_for[row.mobile_digest] = row.codes.get().code_digest
    assert len(set(code_for.values())) == len(code_for) == 3, "each mobile has codes of its own"


def test_in_a_demo_the_page_shows_the_message(user: User, settings: Any) -> None:
    client = come_in()
    assert "演示环境不发短信" not in client.get(PAGE).content.decode()
    settings.DEMO = True
    assert code_to(MOBILE) in client.get(PAGE).content.decode()


def test_what_is_over_is_removed(user: User) -> None:
    come_in()
    now = timezone.now()
    assert mobile_confirming.delete_old(now=now) == 0
    assert mobile_confirming.delete_old(now=now + mobile_confirming.KEPT + dt.timedelta(minutes=1)) == 2


def test_the_former_mobile_hears_of_a_change(other: User) -> None:
    now = timezone.now()
    adapter = get_adapter()
    with TestCase.captureOnCommitCallbacks(execute=True):
        adapter.set_phone_verified(other, TAKEN)
    assert "刚刚更换" not in FileGateway().last(TAKEN), "the same number again is no change"
    with TestCase.captureOnCommitCallbacks(execute=True):
        adapter.set_phone_verified(other, MOBILE)
    assert "不再用于登录" in FileGateway().last(TAKEN) and now < timezone.now()
    assert "刚刚更换" not in FileGateway().last(MOBILE)


def test_devices_are_called_by_names_that_people_know(other: User) -> None:
    phone = (
        "Mozilla/5.0 (Linux; Android 14; X) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.49"
    )
    assert browser_text(phone) == "微信，安卓手机或者平板"
    assert browser_text("curl/8") == "curl/8" and browser_text("") == "未说明"
