"""A form that two devices fill in at the same time: nobody's words are lost, and the person decides."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from fengqiao.portal.drafting.contents import kept
from fengqiao.portal.drafting.models import Filling
from tests.browser.cast import Cast
from tests.browser.drafting import make_fillings
from tests.browser.looking import leave_by
from tests.browser.windows import DESK, look, window, words

FIELD = "[name=breach]"


def save(page: Any) -> None:
    """Keep the step, to go on another time."""
    leave_by(page, page.get_by_role("button", name="保存，以后再填"))


@pytest.mark.pages
def test_who_saves_later_sees_both_and_decides(browser: Any, server: str, cast: Cast) -> None:
    number = make_fillings(cast.users)["填了一半"]
    address = f"{server}/drafting/{number}/steps/terms/"
    desk, phone = window(browser, server, cast, "mediator", DESK), window(browser, server, cast, "mediator")
    for page in (desk, phone):
        page.goto(address)
    desk.fill(FIELD, "逾期按日万分之五支付违约金。")
    save(desk)
    phone.fill(FIELD, "逾期一次性支付全部余款。")
    save(phone)
    said = phone.locator("#changed")
    expect(said).to_be_visible()
    look(phone)
    assert "您填的：逾期一次性支付全部余款。" in said.inner_text()
    assert "对方保存的：逾期按日万分之五支付违约金。" in said.inner_text()
    assert phone.locator(FIELD).input_value() == "逾期一次性支付全部余款。", "what was typed is still there"
    assert kept(Filling.objects.get(pk=number))["breach"] == "逾期按日万分之五支付违约金。", "nothing was overwritten"

    leave_by(phone, phone.get_by_role("link", name="放弃我填的，查看最新内容"))
    assert phone.locator(FIELD).input_value() == "逾期按日万分之五支付违约金。"

    phone.fill(FIELD, "逾期的，可以申请强制执行。")
    desk.goto(address)
    desk.fill(FIELD, "双方另行协商。")
    save(desk)
    save(phone)
    expect(phone.locator("#changed")).to_be_visible()
    save(phone)
    assert "已保存" in words(phone), "seen and decided, it is kept"
    assert kept(Filling.objects.get(pk=number))["breach"] == "逾期的，可以申请强制执行。"


@pytest.mark.pages
def test_different_steps_do_not_meet(browser: Any, server: str, cast: Cast) -> None:
    number = make_fillings(cast.users)["填了一半"]
    desk, phone = window(browser, server, cast, "mediator", DESK), window(browser, server, cast, "mediator")
    desk.goto(f"{server}/drafting/{number}/steps/terms/")
    phone.goto(f"{server}/drafting/{number}/steps/parties-claimants/")
    desk.fill(FIELD, "双方另行协商。")
    phone.locator("input[type=text]").first.fill("投资者甲")
    save(desk)
    save(phone)
    assert "已保存" in words(desk)
    assert "已保存" in words(phone)
