"""A passkey as a second factor and as the way in, with the browser's own virtual authenticator."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache

from fengqiao.portal.accounts.tests.coming_in import code_to
from tests.browser.cast import PASSWORD, Cast
from tests.browser.looking import FACTS, PATIENCE, leave_by, problems_of
from tests.browser.test_every_page import axe_problems

AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def test_a_passkey_is_added_and_opens_the_door(browser: Any, server: str, cast: Cast) -> None:
    cache.clear()
    address = server.replace("127.0.0.1", "localhost")  # passkeys belong to names, not to numbers
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(f"{address}/login/")
    page.locator("[name=login]").fill(cast.users["investor"].username)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(f"{address}/login/code/confirm/")
    page.locator("[name=code]").fill(code_to(cast.users["investor"]))
    page.get_by_role("button", name="确认", exact=True).click()
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/second-factor/webauthn/add/")
    page.locator("[name=password]").fill(PASSWORD)
    leave_by(page, page.get_by_role("button", name="确认"))
    page.locator("[name=name]").fill("我的手机")
    page.locator("[name=passwordless]").check()
    assert not [*problems_of(page.evaluate(FACTS), elder=False), *axe_problems(page)]
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/second-factor/recovery-codes/**")
    page.goto(f"{address}/second-factor/webauthn/")
    assert "我的手机" in page.locator("main").inner_text()
    assert not [*problems_of(page.evaluate(FACTS), elder=False), *axe_problems(page)]
    context.clear_cookies()
    page.goto(f"{address}/login/")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/accounts/me/")
    assert "投资者" in page.locator("main").inner_text()
    context.close()
    assert not said
