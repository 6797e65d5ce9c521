"""Records past their period: held against disposal, let go again, disposed of with a proof that anybody can check."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from fengqiao.portal.parties import disposing, jobs
from fengqiao.portal.parties.models import DISPOSED_NAME, Party
from tests.browser.cast import Cast
from tests.browser.windows import DESK, look, press, window, words


@pytest.mark.pages
def test_a_hold_keeps_until_it_is_lifted_and_the_disposal_is_proved(browser: Any, server: str, cast: Cast) -> None:
    past = Party.objects.get(pk=cast.people["past"])
    page = window(browser, server, cast, "administrator", DESK)
    page.goto(f"{server}/parties/retention/")
    look(page)
    due = page.locator("section", has_text="试运行")
    assert f"当事人的登记信息 {past.pk}" in due.inner_text(), "the dry run names what would go"
    press(page, "设置保全")
    page.fill("[name=party]", "999999")
    page.fill("[name=reason]", "法院来函要求保存")
    press(page, "设置保全", exact=True)
    assert "没有这个登记编号" in page.locator(".error-summary").inner_text()
    page.fill("[name=party]", str(past.pk))
    press(page, "设置保全", exact=True)
    assert "解除之前不会处置" in words(page)
    held = page.locator("section", has_text="超过期限、因保全保留的")
    assert "法院来函要求保存" in held.inner_text()
    assert "没有超过保存期限的记录" in due.inner_text()
    assert jobs.dispose_due(None, timezone.now()) == {"disposed": 0, "failed": 0}

    press(page, f"解除对{past.name}的保全")
    press(page, "解除保全")
    assert page.locator(".error-summary").count() == 1, "the reason has to be said"
    page.fill("[name=reason]", "案件已经审结")
    press(page, "解除保全")
    assert "保全已经解除" in words(page)
    before = disposing.digest_of(Party.objects.get(pk=past.pk))
    assert jobs.dispose_due(None, timezone.now()) == {"disposed": 1, "failed": 0}

    press(page, "处置证明")
    proof = page.locator("tbody tr")
    assert proof.count() == 1
    assert before in proof.inner_text(), "it shows by a digest what the record was"
    assert "待核" in proof.inner_text()
    assert past.name not in page.content()
    assert Party.objects.get(pk=past.pk).name == DISPOSED_NAME
    page.set_viewport_size({"width": 390, "height": 844})
    look(page)
