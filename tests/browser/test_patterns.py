"""The patterns at work: lists, drafts, uploads, long jobs; with JavaScript, and without it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.claims.models import MassCase
from fengqiao.portal.shell.models import Draft
from tests.browser.cast import Cast
from tests.browser.looking import leave_by

TEXT = "我在2021年4月买入之后股价大跌"


@pytest.fixture(params=[True, False], ids=["script", "plain"])
def page(request: pytest.FixtureRequest, browser: Any, server: str, cast: Cast) -> Iterator[Any]:
    """A page of the measurer, with and without JavaScript; what breaks the CSP or fails fails the test."""
    context = browser.new_context(base_url=server, java_script_enabled=request.param, locale="zh-CN")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cast.session_of("measurer"), "url": server}])
    opened = context.new_page()
    opened.scripted = request.param
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    Draft.objects.all().delete()
    assert not [line for line in wrong if "the server responded with a status" not in line], wrong


def test_a_list_is_sorted_filtered_and_paged(page: Any) -> None:
    page.goto("/organisations/")
    first = page.locator("tbody tr").first.inner_text()
    page.get_by_role("link", name="下一页").click()
    page.wait_for_url(re.compile(r"at="))
    page.get_by_role("link", name="上一页").wait_for()
    assert page.locator("tbody tr").first.inner_text() != first
    page.get_by_role("link", name="上一页").click()
    expect(page.locator("a[rel=prev]")).to_have_count(0)
    page.get_by_role("link", name="名称").click()
    page.locator("th[aria-sort=descending]").wait_for()
    page.wait_for_url(re.compile(r"sort=-name"))
    page.get_by_label("类型").select_option("court")
    page.get_by_role("button", name="查看").click()
    courts = Organisation.objects.filter(kind="court", is_active=True).count()
    page.get_by_text(f"共{courts}条").wait_for()
    page.wait_for_url(re.compile(r"kind=court"))
    assert all("人民法院" in row for row in page.locator("tbody tr").all_inner_texts())
    page.reload()
    assert page.locator("tbody tr").count() == courts
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_a_form_is_filed_with_errors_shown_first(page: Any) -> None:
    page.goto("/specimen/form/")
    page.get_by_label("事情经过").fill("太短")
    page.get_by_role("button", name="提交").click()
    summary = page.locator("#form-errors")
    summary.wait_for()
    assert "需要修改" in summary.inner_text()
    if page.scripted:
        expect(summary).to_be_focused()
    summary.get_by_role("link", name="事情经过").click()
    page.wait_for_url(re.compile(r"#id_text$"))
    assert page.get_by_label("事情经过").input_value() == "太短"
    page.get_by_label("诉求类型").select_option("complaint")
    page.get_by_label("和解").check()
    page.get_by_label("发生日期").fill("2026-11-01")
    page.get_by_label("事情经过").fill(TEXT)
    page.get_by_label("我已阅读").check()
    page.get_by_role("button", name="提交").click()
    page.get_by_text("诉求已提交").wait_for()


def test_a_draft_waits_for_the_person(page: Any) -> None:
    page.goto("/specimen/form/")
    page.get_by_label("事情经过").fill(TEXT)
    if page.scripted:
        page.get_by_text("草稿已自动保存").wait_for(timeout=60_000)
        page.get_by_label("涉及金额").fill("12")
        expect(page.locator("[name=draft_version]")).to_have_value("2", timeout=60_000)
    else:
        page.get_by_role("button", name="存为草稿").click()
        page.get_by_text("草稿已保存").wait_for()
    page.goto("/specimen/form/")
    page.get_by_role("link", name="接着填").click()
    assert page.get_by_label("事情经过").input_value() == TEXT
    page.goto("/specimen/form/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="删除草稿").click()
    page.get_by_text("草稿已删除").wait_for()


def test_files_go_up_one_by_one_or_with_the_form(page: Any) -> None:
    page.goto("/specimen/upload/")
    files = [{"name": f"交割单{n}.csv", "mimeType": "text/csv", "buffer": b"a,b\n"} for n in range(2)]
    wrong = {"name": "a.exe", "mimeType": "application/octet-stream", "buffer": b"x"}
    page.get_by_label("选择文件").set_input_files([*files, wrong])
    page.get_by_role("button", name="上传").click()
    page.get_by_text("不是可以上传的文件类型").wait_for()
    if page.scripted:
        expect(page.get_by_text("已收到1个文件")).to_have_count(2)
    page.goto("/specimen/upload/")
    page.get_by_label("选择文件").set_input_files(files)
    if page.scripted:
        leave_by(page, page.get_by_role("button", name="上传"))  # after the last file it goes on to the next page
    else:
        page.get_by_role("button", name="上传").click()
        page.get_by_text("已收到2个文件").wait_for()
    assert page.get_by_text("没有上传").count() == 0


def test_a_long_job_is_watched_until_its_result(page: Any) -> None:
    answer = page.goto("/specimen/job/running/")
    assert "31,200 / 52,037" in answer.text(), "as sent: the page itself may have asked again by now"
    if page.scripted:
        page.get_by_text("任务已经完成").wait_for()
        expect(page.get_by_role("link", name="结果工作簿")).to_be_visible()
    else:
        assert page.locator("meta[http-equiv=refresh]").count() == 1


def test_a_role_is_changed_and_always_in_sight(page: Any) -> None:
    page.goto("/about/help/")
    menu = page.locator("details.who summary")
    assert "演示投资者服务中心" in menu.inner_text()
    menu.click()
    page.get_by_role("button", name="投资者", exact=False).last.click()
    expect(page.locator(".purpose")).to_contain_text("我的案件到哪一步了")


def test_on_a_phone_a_list_begins_with_its_rows(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/organisations/")
    assert page.locator("tbody tr").first.bounding_box()["y"] < 500
    expect(page.get_by_label("类型")).to_be_hidden()
    page.locator(".filters-fold summary").click()
    page.get_by_label("类型").select_option("court")
    page.get_by_role("button", name="查看").click()
    page.get_by_text("已按条件筛选").wait_for()
    page.wait_for_url(re.compile(r"kind=court"))


def test_the_crumb_leads_back_to_the_list_as_it_was(page: Any) -> None:
    page.goto("/claims/?sort=-title")
    page.locator("tbody a").first.click()
    page.wait_for_url(re.compile(r"/claims/\d+/$"))
    page.locator(".trail a", has_text="损失测算").click()
    page.wait_for_url(re.compile(r"/claims/\?sort=-title$" if page.scripted else r"/claims/$"))
    page.locator(".list").wait_for()


def test_who_was_put_out_in_the_middle_of_a_form_loses_nothing(page: Any, server: str, cast: Cast) -> None:
    page.clock.install()
    page.goto("/claims/new/")
    page.fill("[name=title]", TEXT)
    session = next(one for one in page.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME)
    Session.objects.filter(session_key=session["value"]).delete()
    page.clock.fast_forward("40:00")
    page.get_by_role("button", name="登记").click()
    page.get_by_text("登录已过期").first.wait_for()
    if not page.scripted:
        assert page.get_by_label("案件名称").input_value() == TEXT
        return
    assert page.locator("[name=title]").input_value() == TEXT, "nothing was sent"
    assert page.get_by_role("link", name="在新窗口登录").is_visible()
    key = cast.session_of("measurer")
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": server}])
    page.get_by_role("button", name="登记").click()
    page.get_by_text("已登记案件").wait_for()
    assert MassCase.objects.get(title=TEXT)
    MassCase.objects.filter(title=TEXT).delete()


def test_a_draft_goes_on_where_the_session_ended(page: Any, server: str, cast: Cast) -> None:
    if not page.scripted:
        return
    page.goto("/specimen/form/")
    session = next(one for one in page.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME)
    Session.objects.filter(session_key=session["value"]).delete()
    page.get_by_label("事情经过").fill(TEXT)
    page.get_by_text("草稿没有保存：登录已过期").wait_for(timeout=60_000)
    assert page.get_by_role("link", name="在新窗口登录").is_visible()
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)  # who logs in gets another token
    key = cast.session_of("measurer")
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": server}])
    page.get_by_label("涉及金额").fill("12")
    page.get_by_text("草稿已自动保存").wait_for(timeout=60_000)
    assert page.get_by_label("事情经过").input_value() == TEXT


def test_everything_is_reached_by_the_keyboard(page: Any) -> None:
    page.goto("/organisations/")
    page.keyboard.press("Tab")
    if page.scripted:
        expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"#main$"))  # the key is taken before the browser has gone there


def test_a_chart_is_printed_whole(page: Any) -> None:
    if not page.scripted:
        return
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/specimen/case/")
    drawing = page.locator(".chart svg[viewBox]").first
    drawing.wait_for()
    on_screen = drawing.bounding_box()["width"]
    page.emulate_media(media="print")
    page.locator(".chart").first.evaluate("e => { e.style.width = '400px'; }")
    assert drawing.bounding_box()["width"] <= 400 < on_screen


def test_words_of_a_chart_are_as_large_as_those_of_the_page(page: Any, cast: Cast) -> None:
    """In the mode for the elderly, too."""
    if not page.scripted:
        return
    sizes = []
    for elder in (False, True):
        type(cast.users["measurer"]).objects.filter(pk=cast.users["measurer"].pk).update(elder_mode=elder)
        page.goto("/specimen/case/")
        page.locator(".chart svg text").first.wait_for()
        found = page.locator(".chart svg text").evaluate_all("all => all.map(e => getComputedStyle(e).fontSize)")
        sizes.append(min(float(size.removesuffix("px")) for size in found))
    type(cast.users["measurer"]).objects.filter(pk=cast.users["measurer"].pk).update(elder_mode=False)
    assert sizes[0] >= 12 and sizes[1] >= 16, sizes


def test_what_is_printed_is_the_content_alone(page: Any) -> None:
    page.goto("/organisations/")
    page.emulate_media(media="print")
    assert page.locator("table").is_visible()
    for gone in (".top", ".side", ".help", ".bottom", ".filters", ".list-foot"):
        assert not page.locator(gone).first.is_visible(), gone
