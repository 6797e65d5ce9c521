"""Every page in both widths and both modes: it loads, says what it is for, and everybody can use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.cast import Cast, freshen
from tests.browser.looking import FACTS, problems_of
from tests.browser.specimens import SPECIMENS
from tests.browser.visits import VISITS, Visit
from tests.browser.windows import axe_problems

WIDTHS = {1280: 900, 390: 844}
Contexts = Callable[[str, bool, str], Any]


@pytest.fixture(scope="module")
def contexts(browser: Any, server: str, cast: Cast) -> Iterator[Contexts]:
    """One window for each person and mode, with what it keeps: style sheets are fetched once."""
    opened: dict[tuple[str, bool, str], Any] = {}
    keys: dict[tuple[str, bool, str], str] = {}

    def context_of(who: str, elder: bool, behalf: str = "") -> Any:
        if who != "visitor":
            type(cast.users[who]).objects.filter(pk=cast.users[who].pk).update(elder_mode=elder)
        if (who, elder, behalf) not in opened:
            context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
            cookies = [{"name": "fengqiao_elder", "value": str(int(elder)), "url": server}]
            if who != "visitor":
                key = keys[who, elder, behalf] = cast.session_of(who, fresh=True, behalf=behalf)
                cookies.append({"name": settings.SESSION_COOKIE_NAME, "value": key, "url": server})
            context.add_cookies(cookies)
            opened[who, elder, behalf] = context
        elif who != "visitor":
            freshen(keys[who, elder, behalf])
        return opened[who, elder, behalf]

    yield context_of
    for context in opened.values():
        context.close()


@pytest.mark.pages
@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
@pytest.mark.parametrize("visit", [*VISITS, *SPECIMENS], ids=lambda visit: visit.label)
def test_page(visit: Visit, elder: bool, contexts: Contexts, server: str, cast: Cast, pictures: Path | None) -> None:
    context = contexts(visit.who, elder, visit.behalf)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(f"{request.url} failed"))
    address = reverse(visit.name, kwargs=visit.arguments(cast), urlconf="tests.browser.specimens")
    answer = page.goto(server + address + (f"?{visit.query}" if visit.query else ""), wait_until="load")
    expect(page.locator("[data-chart]:not([data-drawn])")).to_have_count(0)
    problems = [] if answer.status == visit.status else [f"status {answer.status}"]
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        facts = page.evaluate(FACTS)
        problems += [f"{width}: {found}" for found in (*problems_of(facts, elder=elder), *axe_problems(page))]
        if pictures:
            page.screenshot(
                path=pictures / f"{visit.label}-{width}-{'elder' if elder else 'normal'}.png", full_page=True
            )
    if visit.status >= 400:
        said = [line for line in said if "the server responded with a status" not in line]
    page.close()
    assert not problems + said, "\n".join(["", *problems, *said])
