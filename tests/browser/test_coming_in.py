"""Coming in with two proofs, in a browser, at both widths and in both modes: steps that no address leads to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache

from fengqiao.portal.accounts.models import LoginAttempt
from fengqiao.portal.accounts.tests.coming_in import code_to
from tests.browser.cast import PASSWORD, Cast
from tests.browser.looking import FACTS, PATIENCE, leave_by, problems_of
from tests.browser.test_every_page import axe_problems

WAYS = [(390, False), (390, True), (1280, False), (1280, True)]


class Window:
    """A browser of somebody who is not logged in, as wide and in the mode that is looked at."""

    def __init__(self, browser: Any, server: str, pictures: Path | None, width: int, elder: bool) -> None:
        self.server, self.pictures, self.width, self.elder = server, pictures, width, elder
        self.context = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": 900}
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.forget()

    def forget(self) -> None:
        """Like a browser that was never here, but for the mode."""
        self.context.clear_cookies()
        elder = "1" if self.elder else "0"
        self.context.add_cookies([{"name": settings.ELDER_COOKIE, "value": elder, "url": self.server}])

    def look(self, name: str) -> None:
        """The page is one that everybody can use."""
        problems = [*problems_of(self.page.evaluate(FACTS), elder=self.elder), *axe_problems(self.page)]
        if self.pictures:
            mode = "-elder" if self.elder else ""
            self.page.screenshot(path=self.pictures / f"coming-in-{name}-{self.width}{mode}.png", full_page=True)
        assert not problems, "\n".join([self.page.url, *problems])

    def fill(self, **fields: str) -> None:
        """Fill inputs by their names."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]").fill(value)

    def press(self, name: str) -> None:
        """Press a button and wait for what comes."""
        leave_by(self.page, self.page.locator("main").get_by_role("button", name=name, exact=True))

    def come(self, who: Any) -> None:
        """Type login name and password."""
        self.page.goto(f"{self.server}/login/")
        self.fill(login=who.username, password=PASSWORD)
        self.press("登录")


@pytest.fixture
def window(
    browser: Any, server: str, cast: Cast, pictures: Path | None, request: pytest.FixtureRequest
) -> Iterator[Window]:
    cache.clear()
    opened = Window(browser, server, pictures, *request.param)
    yield opened
    opened.context.close()
    LoginAttempt.objects.all().delete()


@pytest.mark.parametrize("window", WAYS, indirect=True)
def test_password_and_code_and_the_device_is_remembered(window: Window, cast: Cast) -> None:
    page, investor = window.page, cast.users["investor"]
    page.goto(f"{window.server}/login/")
    window.look("login")
    window.come(investor)
    window.look("code")
    window.press("重新发送")
    assert "秒后再试" in page.locator("body").inner_text()
    window.fill(code="12")
    window.press("确认")
    window.look("code-refused")
    window.fill(code=code_to(investor))
    page.locator("[name=trust]").check()
    window.press("确认")
    assert page.url == f"{window.server}/"
    page.goto(f"{window.server}/accounts/me/devices/")
    assert "不再记住这台设备" in page.locator("main").inner_text()
    page.goto(f"{window.server}/login/out/")
    window.press("退出登录")
    window.come(investor)
    assert page.url == f"{window.server}/", "this device is remembered"


@pytest.mark.parametrize("window", WAYS, indirect=True)
def test_the_other_steps_are_pages_that_everybody_can_use(window: Window, cast: Cast) -> None:
    page, investor = window.page, cast.users["investor"]
    page.goto(f"{window.server}/login/code/")
    window.look("request-code")
    window.fill(phone="139" + "00000088")
    window.press("发送验证码")
    window.look("code-to-nobody")
    window.press("取消登录")
    page.goto(f"{window.server}/login/code/")
    window.fill(phone="137" + "00000001")
    window.press("发送验证码")
    window.fill(code=code_to(investor))
    window.press("确认")
    window.look("password")
    leave_by(page, page.get_by_role("link", name="忘记密码，设置新密码"))
    window.look("forgotten")
    window.forget()
    window.come(cast.users["mediator"])
    window.look("second-factor")
    window.fill(code="000000")
    window.press("登录")
    window.look("second-factor-refused")
