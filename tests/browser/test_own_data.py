"""One's own data on a telephone: taken along as a file, put right after somebody has seen the papers."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts.models import Identity
from fengqiao.portal.parties.models import Party
from fengqiao.portal.vault.sealed import open_sealed
from tests.browser.cast import Cast
from tests.browser.windows import DESK, look, press, window, words

NEW_NUMBER = with_check_digit("11010119560101" + "004")


@pytest.mark.pages
def test_all_that_is_kept_goes_along_as_a_file(browser: Any, server: str, cast: Cast) -> None:
    number = open_sealed(Identity.objects.get(user=cast.users["investor"]).number)
    page = window(browser, server, cast, "investor")
    page.goto(f"{server}/parties/me/")
    look(page)
    assert number not in page.content(), "on the screen it is masked"
    press(page, "导出")
    assert "没有加密" in words(page), "what to be careful of is said before"
    with page.expect_download() as waiting:
        page.locator("main").get_by_role("button", name="导出").click()
    assert waiting.value.suggested_filename == "我的信息.zip"
    archive = zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    data = json.loads(archive.read("my_data.json"))
    rows = {key: value for section in data["sections"] if section["key"] == "person" for key, value in section["rows"]}
    assert (rows["姓名"], rows["证件号码"]) == (cast.users["investor"].name, number)
    assert number in archive.read("my_data.html").decode()
    page.goto(f"{server}/parties/me/")
    nothing = page.locator("section", has=page.get_by_role("heading", name="没有记录的"))
    assert "谁查看过完整内容" in nothing.inner_text(), "nobody else has seen them"


@pytest.mark.pages
def test_name_and_papers_are_put_right_by_somebody_who_saw_them(browser: Any, server: str, cast: Cast) -> None:
    page = window(browser, server, cast, "investor")
    page.goto(f"{server}/parties/me/")
    press(page, "申请更正姓名、证件")
    page.fill("[name=name]", "投资者甲甲")
    page.fill("[name=number]", NEW_NUMBER[:-1] + ("0" if NEW_NUMBER[-1] != "0" else "1"))
    page.fill("[name=reason]", "换领了新证件")
    press(page, "提交申请")
    assert page.locator(".field-wrong [name=number]").count() == 1, "a number with a wrong check digit is not taken"
    page.fill("[name=number]", NEW_NUMBER)
    press(page, "提交申请")
    assert "正在等待决定" in words(page)
    assert page.get_by_role("link", name="申请更正姓名、证件").count() == 0, "one request at a time"

    clerk = window(browser, server, cast, "administrator", DESK)
    clerk.goto(server)
    press(clerk, "决定更正申请：投资者甲")
    assert NEW_NUMBER not in clerk.content()
    clerk.locator("[name=verdict][value=yes]").check()
    clerk.fill("[name=number]", open_sealed(Identity.objects.get(user=cast.users["investor_b"]).number))
    clerk.fill("[name=reason]", "已核对证件原件")
    press(clerk, "决定", exact=True)
    assert clerk.locator(".error-summary").count() == 1, "the number of another paper decides nothing"
    clerk.fill("[name=number]", NEW_NUMBER)
    press(clerk, "决定", exact=True)
    assert "已经决定" in words(clerk)

    page.goto(f"{server}/parties/me/")
    look(page)
    assert "已核对证件原件" in words(page), "with the reason"
    assert page.get_by_role("link", name="申请更正姓名、证件").count() == 1
    party = Party.objects.get(pk=cast.people["own"])
    assert (party.name, open_sealed(party.number)) == ("投资者甲甲", NEW_NUMBER)
    assert open_sealed(Identity.objects.get(user=cast.users["investor"]).number) == NEW_NUMBER
