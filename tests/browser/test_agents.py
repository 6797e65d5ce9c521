"""Acting for somebody, in a browser as wide as a phone: authorisation handed in, accepted, used, given back; and the
notice on help, handed out by staff."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from fengqiao.portal.accounts.models import Identity
from fengqiao.portal.parties.models import Authorisation, Party
from fengqiao.portal.parties.queries import handed_out
from fengqiao.portal.vault.sealed import open_sealed
from tests.browser.cast import Cast
from tests.browser.windows import press, window


@pytest.mark.pages
def test_an_agent_comes_in_is_accepted_acts_and_stops(browser: Any, server: str, cast: Cast) -> None:
    Authorisation.objects.filter(pk=cast.people["waiting"]).update(state="declined", decline_reason="重新提交")
    number = open_sealed(Identity.objects.get(user=cast.users["investor"]).number)
    paper = io.BytesIO()
    Image.new("RGB", (600, 800), "white").save(paper, "JPEG")
    agent = window(browser, server, cast, "agent")
    agent.goto(f"{server}/parties/authorisations/new/")
    agent.fill("[name=name]", cast.users["investor"].name)
    agent.fill("[name=number]", number)
    agent.locator("[name=scopes][value=file]").check()
    agent.fill("[name=valid_until]", "2027-12-31")
    agent.set_input_files("[name=document]", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"})
    agent.locator("[name=reviewer]").select_option(index=1)
    press(agent, "提交")
    assert "a.pdf" in agent.locator(".error-summary").inner_text(), "what is no PDF is said in a sentence"
    files = {"name": "委托书.jpg", "mimeType": "image/jpeg", "buffer": paper.getvalue()}
    agent.set_input_files("[name=document]", files)
    press(agent, "提交")
    assert "待接受" in agent.locator("main").inner_text()
    made = Authorisation.objects.latest("pk")
    press(agent, "查看授权委托书")
    assert agent.locator("main img").count() >= 1, "it is shown as pictures of its pages"

    investor = window(browser, server, cast, "investor")
    investor.goto(f"{server}/parties/authorisations/{made.pk}/")
    press(investor, "接受")
    press(investor, "接受授权")
    assert "已接受" in investor.locator("main").inner_text()

    agent.goto(server)
    assert "选择代谁办理" in agent.locator("main").inner_text()
    agent.goto(f"{server}/parties/authorisations/{made.pk}/")
    press(agent, f"代 {cast.users['investor'].name} 办理")
    banner = agent.locator(".behalf")
    assert banner.inner_text().startswith("代理人 代理人甲 代 投资者甲 办理"), "both names stand on the page"
    agent.goto(f"{server}/accounts/me/")
    assert agent.locator(".behalf").is_visible(), "and on every other one"

    investor.goto(f"{server}/parties/authorisations/{made.pk}/end/")
    press(investor, "终止授权")
    agent.goto(f"{server}/accounts/me/")
    assert agent.locator(".behalf").count() == 0, "what was withdrawn ends at once"
    assert "不能再代" in agent.locator("body").inner_text()


@pytest.mark.pages
def test_staff_hand_out_the_notice_and_it_stays_in_the_file(browser: Any, server: str, cast: Cast) -> None:
    number = cast.people["helped"]
    mediator = window(browser, server, cast, "mediator")
    mediator.goto(f"{server}/parties/people/{number}/")
    press(mediator, "告知社会救助和法律援助")
    press(mediator, "已经告知，生成告知书")
    assert mediator.locator(".error-summary").count() == 1, "how it was told has to be said"
    mediator.locator("[name=how][value=read]").check()
    press(mediator, "已经告知，生成告知书")
    assert "告知书" in mediator.locator("h1").inner_text()
    assert mediator.locator("main img").count() >= 1
    party = Party.objects.get(pk=number)
    assert handed_out(party).count() == 1
    mediator.goto(f"{server}/parties/people/{number}/")
    assert "社会救助和法律援助告知书" in mediator.locator("main").inner_text()
    assert "下一步" not in mediator.locator("main").inner_text(), "it is done"
