"""A measurer at work in a real browser, with a real worker: files up, a run with progress, results, a statement."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import expect

from fengqiao.portal.claims.models import MassCase, MeasurementRun
from fengqiao.portal.claims.tests.made_case import NAMES, write_files
from tests import second_process
from tests.browser.cast import Cast

WORKER = "from fengqiao.portal.jobs.worker import Worker\nWorker(slots=1).run()"


@pytest.fixture(scope="module")
def worker(server: str) -> Iterator[None]:
    """A worker on the database of these tests."""
    process = subprocess.Popen(
        [sys.executable, "-c", second_process.BEGIN + WORKER], env=second_process.environment(),
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield
    process.kill()
    process.wait()


@pytest.fixture
def page(browser: Any, server: str, cast: Cast) -> Iterator[Any]:
    """The measurer's window; anything that goes wrong in it fails the test."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True)
    session = cast.session_of("measurer")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server}])
    opened = context.new_page()
    said: list[str] = []
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None)
    yield opened
    context.close()
    assert not said


def test_a_waiting_run_is_cancelled_by_its_button(page: Any, server: str, cast: Cast) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{server}/claims/runs/{cast.claims.waiting.pk}/")
    page.get_by_role("button", name="取消任务").click()
    expect(page.locator(".job h2")).to_contain_text("已经取消")
    expect(page.get_by_role("button", name="重新开始")).to_be_visible()


def test_a_measurer_measures_a_case_from_files_to_a_statement(
    page: Any, server: str, worker: None, tmp_path: Path
) -> None:
    files = write_files(tmp_path, 200)
    page.goto(f"{server}/claims/new/")
    page.get_by_label("案件名称").fill("浏览器里的案件")
    page.get_by_label("证券代码").fill("999001")
    page.get_by_role("button", name="登记").click()
    expect(page.locator("h1")).to_have_text("浏览器里的案件")
    case = MassCase.objects.get(title="浏览器里的案件")
    wrong = tmp_path / "缺列.csv"
    wrong.write_text("投资者,成交日期\nA1,2018-01-02\n", encoding="utf-8")
    for part, name in NAMES.items():
        path = files / name
        page.goto(f"{server}/claims/{case.pk}/files/{part}/")
        page.locator("input[type=file]").set_input_files(path)
        page.get_by_role("button", name="上传").click()
        page.wait_for_url(f"{server}/claims/{case.pk}/")
        expect(page.locator(f"section:has(> .part-head #part-{part})")).to_contain_text(path.name)
    page.goto(f"{server}/claims/{case.pk}/files/trades/")
    page.locator("input[type=file]").set_input_files(wrong)
    page.get_by_role("button", name="上传").click()
    page.wait_for_url(f"{server}/claims/{case.pk}/")
    expect(page.locator(".part-bad")).to_contain_text("缺少列：买卖方向（side）")
    expect(page.get_by_role("button", name="开始测算")).to_have_count(0)
    page.get_by_role("button", name=re.compile("移除.*缺列")).click()
    page.get_by_role("button", name="开始测算").click()
    page.get_by_role("link", name="查看结果").click(timeout=90_000)  # the page looks by itself how far it is
    expect(page.locator("h1")).to_have_text("第1次测算的结果")
    run = MeasurementRun.objects.get(case=case)
    assert run.summary["investors"] == 200
    page.get_by_role("link", name="每名投资者的结果").click()
    page.get_by_role("link", name="下一页").click()
    expect(page.locator(".list-tools")).to_contain_text("接前一页")
    page.get_by_label("结论").select_option("awarded")
    page.get_by_role("button", name="查看", exact=True).click()
    page.wait_for_url("**outcome=awarded**")
    expect(page.locator(".list-tools")).not_to_contain_text(
        "接前一页"
    )  # the new rows are there, not only their address
    first = page.locator("tbody tr").first
    total = first.locator("td").nth(2).inner_text()
    first.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("损失说明")
    expect(page.locator("main")).to_contain_text(total)
    with page.expect_download() as got:
        page.get_by_role("link", name="下载 PDF").click()
    assert Path(got.value.path()).read_bytes().startswith(b"%PDF-")
