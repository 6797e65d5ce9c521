"""Coming in: registering, codes, second factors, lock-out; every step in a browser, at phone width, with axe."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.cache import cache

from fengqiao.engine.identity import with_check_digit
from tests.browser.cast import PASSWORD, Cast
from tests.browser.looking import FACTS, PATIENCE, leave_by, problems_of
from tests.browser.test_every_page import axe_problems

MOBILE = "139" + "00000001"
STAFF_MOBILE = "139" + "00000002"
NUMBER = with_check_digit("11010119000101" + "001")


@pytest.fixture
def page(browser: Any, server: str, cast: Cast) -> Iterator[Any]:
    cache.clear()
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 390, "height": 844})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    context.close()


def code_sent_to(mobile: str) -> str:
    """The last code that the file gateway wrote for a mobile."""
    lines = (Path(settings.ENVIRONMENT.home) / "outbox" / "sms.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [line["text"] for line in map(json.loads, lines) if line["mobile"] == mobile]
    return re.search(r"\d{6}", texts[-1])[0]


def look(page: Any) -> None:
    """The page is one that everybody can use."""
    problems = [*problems_of(page.evaluate(FACTS), elder=False), *axe_problems(page)]
    assert not problems, "\n".join([page.url, *problems])


def press(page: Any, name: str) -> None:
    """Press a button and wait for what comes."""
    leave_by(page, page.get_by_role("button", name=name, exact=False).first)
    look(page)


def fill(page: Any, **fields: str) -> None:
    """Fill inputs by their names."""
    for name, value in fields.items():
        page.locator(f"[name={name}]").first.fill(value)


def totp(secret: str) -> str:
    """What an authenticator shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def register(page: Any, server: str, *, number: str = NUMBER, mobile: str = MOBILE) -> None:
    page.goto(f"{server}/login/register/")
    fill(page, name="投资者甲", number=number, phone=mobile, password1=PASSWORD, password2=PASSWORD)
    page.locator("[name=agreed]").check()
    press(page, "注册")


def test_an_investor_registers_and_comes_back_by_code(page: Any, server: str) -> None:
    register(page, server, number=NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2"))
    assert "号码" in page.locator(".error-summary").inner_text()
    assert page.locator("[name=name]").input_value() == "投资者甲", "what was typed is still there"
    register(page, server)
    assert "/mobile/verify/" in page.url
    fill(page, code="000000" if code_sent_to(MOBILE) != "000000" else "111111")
    press(page, "确认")
    fill(page, code=code_sent_to(MOBILE))
    press(page, "确认")
    assert page.url == f"{server}/"
    page.goto(f"{server}/accounts/me/")
    look(page)
    shown = page.locator("main").inner_text()
    assert "110***********" in shown
    assert NUMBER not in page.content()
    assert MOBILE not in page.content()
    page.goto(f"{server}/login/out/")
    leave_by(page, page.locator("main").get_by_role("button", name="退出登录"))
    page.goto(f"{server}/login/code/")
    fill(page, phone=MOBILE)
    press(page, "发送验证码")
    fill(page, code=code_sent_to(MOBILE))
    press(page, "确认")
    assert page.url == f"{server}/login/code/password/", "a code alone opens nothing"
    leave_by(page, page.get_by_role("link", name="忘记密码，设置新密码"))
    look(page)
    fill(page, name="投资者甲", number=NUMBER, password="another-one-2026", again="another-one-2026")
    press(page, "设置新密码并登录")
    assert page.url == f"{server}/"
    page.goto(f"{server}/login/out/")
    leave_by(page, page.locator("main").get_by_role("button", name="退出登录"))
    page.goto(f"{server}/login/")
    fill(page, login=MOBILE, password="another-one-2026")
    press(page, "登录")
    assert page.url == f"{server}/login/code/confirm/"
    fill(page, code=code_sent_to(MOBILE))
    press(page, "确认")
    assert page.url == f"{server}/"


def test_staff_come_in_by_invitation_and_need_a_second_factor(page: Any, server: str, cast: Cast) -> None:
    page.goto(f"{server}/accounts/invitations/accept/{cast.token}/")
    fill(page, username="invited.five", mobile=STAFF_MOBILE, password=PASSWORD, again=PASSWORD)
    press(page, "接受邀请")
    fill(page, code=code_sent_to(STAFF_MOBILE))
    press(page, "确认")
    assert "/second-factor/" in page.url, "no work before a second factor is set up"
    page.goto(f"{server}/organisations/")
    assert "/second-factor/" in page.url
    page.goto(f"{server}/second-factor/totp/activate/")
    fill(page, password=PASSWORD)  # what is so sensitive asks for the password once more
    press(page, "确认")
    secret = page.locator("main code").first.inner_text()
    fill(page, code=totp(secret))
    press(page, "启用")
    page.goto(f"{server}/second-factor/recovery-codes/")
    look(page)
    page.goto(f"{server}/organisations/")
    assert page.url == f"{server}/organisations/"
    page.goto(f"{server}/accounts/invitations/accept/{cast.token}/")
    assert "已接受" in page.locator("main").inner_text()
    page.context.clear_cookies()
    page.goto(f"{server}/login/")
    fill(page, login="invited.five", password=PASSWORD)
    press(page, "登录")
    assert "/second-factor/authenticate/" in page.url
    cache.clear()  # a code counts once; the next one would come half a minute later
    fill(page, code=totp(secret))
    press(page, "登录")
    assert page.url == f"{server}/"


def test_too_many_wrong_passwords_lock_the_account_for_a_while(page: Any, server: str, cast: Cast) -> None:
    for _ in range(8):
        page.goto(f"{server}/login/")
        fill(page, login="mediator", password="wrong")
        leave_by(page, page.get_by_role("button", name="登录", exact=True))
        cache.clear()  # allauth's own limit would come first
    page.goto(f"{server}/login/")
    fill(page, login="mediator", password=PASSWORD)
    leave_by(page, page.get_by_role("button", name="登录", exact=True))
    look(page)
    assert "暂时不能用密码登录" in page.locator("main").inner_text()
    page.goto(f"{server}/organisations/")
    assert "/login/" in page.url
