"""Windows of people who are logged in, for journeys over several pages: what each shows is looked at on the way."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings

from tests.browser.cast import Cast
from tests.browser.looking import FACTS, PATIENCE, leave_by, problems_of

AXE = Axe()
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


def axe_problems(page: Any) -> list[str]:
    """What axe-core has against a page: all of its rules for WCAG 2.2 AA and its best practices."""
    found = AXE.run(page).response["violations"]
    return [
        f"axe {rule['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
        for rule in found
        for node in rule["nodes"]
    ]


def window(browser: Any, server: str, cast: Cast, who: str, size: dict[str, int] | None = None) -> Any:
    """A device on which somebody is logged in, their password asked for just now: a telephone unless said otherwise."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=size or PHONE)
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cast.session_of(who, fresh=True), "url": server}]
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def press(page: Any, name: str, *, exact: bool = False) -> None:
    """Press a button or follow a link, and look at what comes."""
    main = page.locator("main")
    wanted = main.get_by_role("button", name=name, exact=exact).or_(main.get_by_role("link", name=name, exact=exact))
    leave_by(page, wanted.first)
    look(page)


def look(page: Any) -> None:
    """The page is one that everybody can use."""
    problems = [*problems_of(page.evaluate(FACTS), elder=False), *axe_problems(page)]
    assert not problems, "\n".join([page.url, *problems])


def words(page: Any) -> str:
    """What the page says."""
    return str(page.locator("main").inner_text())
