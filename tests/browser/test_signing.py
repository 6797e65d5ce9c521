"""An agreement signed in four browsers, two as wide as a phone and one in elder mode; then verified by anybody."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.signing import demo, jobs, service
from fengqiao.portal.signing.models import Signatory, SigningRound
from fengqiao.portal.signing.provider import NotReachedError
from tests.browser.cast import Cast
from tests.browser.looking import leave_by
from tests.browser.windows import DESK, PHONE, look, press, window, words

SIGNERS = (("investor", PHONE, False), ("investor_b", PHONE, True), ("mediator", DESK, False),
           ("mediation_manager", DESK, False))  # fmt: skip


@pytest.fixture(scope="module")
def agreement(cast: Cast) -> SigningRound:
    """The demo's agreement that waits for its signatures."""
    signers = demo.Signers(*(acting_for(cast.users[who]) for who, *_ in SIGNERS))
    demo.fill(signers=signers, now=timezone.now())
    return SigningRound.objects.get(demo_key=f"{demo.KEY}:waiting")


def sign(page: Any, server: str, place: Signatory, who: str) -> None:
    """Read what is to be read, page by page, and sign."""
    page.goto(f"{server}/signing/place/{place.pk}/")
    if place.kind != Signatory.Kind.SEAL:
        leave_by(page, page.get_by_role("link", name="开始阅读"))
        for _ in range(place.round.pages):
            leave_by(page, page.locator(".leaf-way form button"))
        page.goto(f"{server}/signing/place/{place.pk}/")
    leave_by(page, page.locator(".next-step a.btn"))
    name = page.locator("form.form-card input[type=text]")
    if name.count():
        name.fill(who)
    page.locator("form.form-card input[type=checkbox]").check()
    leave_by(page, page.locator("form.form-card button[type=submit]"))
    expect(page.locator(".notice-success").first).to_be_visible()


def verified(page: Any, server: str, path: Path) -> str:
    """What the public page says of a file."""
    page.goto(f"{server}/signing/verify/")
    page.locator("input[type=file]").set_input_files(path)
    leave_by(page, page.get_by_role("button", name="核验", exact=True))
    return str(page.locator("#result-title").inner_text())


def test_four_sign_in_four_browsers_and_anybody_verifies(
    browser: Any, server: str, cast: Cast, agreement: SigningRound, tmp_path: Path
) -> None:
    places = list(Signatory.objects.select_related("round").filter(round=agreement).order_by("position"))
    for place, (who, size, elder) in zip(places, SIGNERS, strict=True):
        type(cast.users[who]).objects.filter(pk=cast.users[who].pk).update(elder_mode=elder)
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=size)
        session = {"name": settings.SESSION_COOKIE_NAME, "value": cast.session_of(who, fresh=True), "url": server}
        context.add_cookies([session, {"name": "fengqiao_elder", "value": str(int(elder)), "url": server}])
        sign(context.new_page(), server, place, cast.users[who].name)
        context.close()
    agreement.refresh_from_db()
    assert agreement.state == "complete" and agreement.effective_at is not None
    data = place_of(agreement.current).read_bytes()
    whole, changed = tmp_path / "whole.pdf", tmp_path / "changed.pdf"
    whole.write_bytes(data)
    changed.write_bytes(data[:2000] + bytes([data[2000] ^ 1]) + data[2001:])
    visitor = browser.new_context(locale="zh-CN", viewport=PHONE)
    page = visitor.new_page()
    assert "完整" in verified(page, server, whole)
    assert page.locator(".verified").count() == 4
    assert "完整" not in verified(page, server, changed)
    visitor.close()
    if shutil.which("pdfsig"):
        asked = ["pdfsig", "-nocert", str(whole)]
        said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        assert said.count("Signature is Valid") == 4, said


@pytest.mark.pages
def test_what_was_agreed_to_while_the_service_is_away_is_kept_and_said(
    browser: Any, server: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Signatory.objects.get(pk=cast.signing["read_place"])
    real = service.sign

    def away(*given: Any, **named: Any) -> bytes:
        raise NotReachedError("时间戳服务没有应答")

    monkeypatch.setattr(service, "sign", away)
    page = window(browser, server, cast, "investor")
    page.goto(f"{server}/signing/place/{place.pk}/")
    press(page, "去签署")
    page.locator("form.form-card input[type=text]").fill(cast.users["investor"].name)
    page.locator("form.form-card input[type=checkbox]").check()
    press(page, "确认签署")
    page.goto(f"{server}/signing/place/{place.pk}/")
    look(page)
    assert "已收下您的签署，还没有签到文书上" in words(page)
    assert "时间戳服务没有应答" in words(page)
    assert "您不用再做什么" in page.locator(".next-step").inner_text()
    assert page.get_by_role("link", name="去签署").count() == 0, "there is nothing to press again"
    assert Signatory.objects.get(pk=place.pk).state == "read", "nothing is signed yet"

    monkeypatch.setattr(service, "sign", real)
    later = timezone.now() + dt.timedelta(minutes=2)
    assert jobs.put_kept(SimpleNamespace(now=lambda: later)).result == {"signed": 1, "waiting": 0, "refused": 0}
    page.reload()
    look(page)
    assert page.locator(".notice-success").count() == 1
    assert "还没有签到文书上" not in words(page)
    assert Signatory.objects.get(pk=place.pk).state == "signed"
