"""What staff did on somebody's behalf is put before the person, who confirms or disputes it; both names stand there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.http import Http404

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.documents.models import Document
from fengqiao.portal.documents.queries import readable
from fengqiao.portal.parties import actions, confirming, consenting, jobs, own_data
from fengqiao.portal.parties.confirmations import ActsConfirmation
from fengqiao.portal.parties.models import Party
from fengqiao.portal.parties.tests.people import NOW, YOUNG, house, own, person, picture, taken_in
from fengqiao.portal.parties.tests.test_people import logged_in
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.workbench.asking import items_of
from fengqiao.portal.workbench.parties import questions

pytestmark = pytest.mark.django_db


@pytest.fixture
def mediator(db: Any) -> Acting:
    return person("调解员丙", Role.Kind.MEDIATOR, house())


@pytest.fixture
def colleague(db: Any) -> Acting:
    return person("调解员丁", Role.Kind.MEDIATOR, house())


def titles(acting: Acting) -> list[str]:
    return [item.title for item in items_of(questions(acting, NOW), acting)]


def asked(party: Party, mediator: Acting) -> ActsConfirmation:
    return confirming.ask(party=party, acting=mediator, now=NOW)


def answered(one: ActsConfirmation, acting: Acting, *, agreed: bool = True, words: str = "", **more: Any) -> None:
    confirming.answer(confirmation=one, agreed=agreed, words=words, acting=acting, now=NOW, **more)


def test_each_act_is_put_before_the_person_once_and_a_signed_sheet_is_kept(mediator: Acting, colleague: Acting) -> None:
    party = taken_in(mediator)
    one = asked(party, mediator)
    acts = Event.objects.filter(user_id=mediator.user.pk, on_behalf_of_id=party.pk)
    assert (one.count, one.first) == (2, acts.order_by("number").first().number), "taken in, and a consent"
    page = logged_in(mediator).get(f"/parties/people/{party.pk}/confirmation/").content.decode()
    for text in ("调解员丙", party.name, "协助登记当事人", one.acts_sha256):
        assert text in page
    with pytest.raises(Refusal, match="没有需要确认"):
        asked(party, mediator)
    with pytest.raises(Refusal, match="没有需要确认"):
        asked(party, colleague)
    assert titles(mediator) == [f"登记本人的确认：{party.name}"]
    with pytest.raises(Refusal, match="确认单"):
        answered(one, mediator)
    answer = logged_in(mediator, fresh=True).post(
        f"/parties/confirmations/{one.pk}/", {"verdict": "yes", "words": "", "paper": "", "file": picture()}
    )
    assert answer.status_code == 302
    one.refresh_from_db()
    assert (one.answer, one.way, one.noted_by) == ("confirmed", "paper", mediator.user)
    assert readable(one.file_id, mediator) == one.file == readable(one.file_id, colleague)
    assert readable(one.file_id, person("调解员戊", Role.Kind.MEDIATOR, house(name="别的调解"))) is None
    event = Event.objects.get(verb="parties.acts_confirmed")
    assert (event.name, event.case) == ("调解员丙", party.case)
    assert titles(mediator) == []
    with pytest.raises(Conflict):
        answered(one, mediator, paper="卷3")
    actions.change_contact(
        party=party, address="北京市测试路2号", mobile=None, bank_account=None, acting=mediator, now=NOW
    )
    with_next = asked(party, mediator)
    assert (with_next.count, with_next.first > one.last) == (1, True), "only what came since"


def test_the_person_confirms_or_disputes_online_and_somebody_else_settles(mediator: Acting, colleague: Acting) -> None:
    investor = person("投资者甲", Role.Kind.INVESTOR, number=YOUNG)
    party = own(investor)
    actions.hand_over(
        party=party, organisation=mediator.organisation, matter="调解", basis="依法受理", acting=investor, now=NOW
    )
    consenting.give(party=party, purpose="bank_account", passed_to=None, on_paper="卷1", acting=mediator, now=NOW)
    one = asked(party, mediator)
    assert titles(investor) == ["确认 调解员丙 代您办理的事项"]
    client = logged_in(investor, fresh=True)
    page = client.get(f"/parties/confirmations/{one.pk}/").content.decode()
    for text in ("调解员丙", "测试调解", "投资者甲", "同意（审计序号"):
        assert text in page
    assert "必须写明" in page
    assert "请写明哪一项" in client.post(f"/parties/confirmations/{one.pk}/", {"verdict": "no"}).content.decode()
    given = {"verdict": "no", "words": "我没有同意登记收款账户"}
    assert client.post(f"/parties/confirmations/{one.pk}/", given).status_code == 302
    one.refresh_from_db()
    assert (one.answer, one.way, one.noted_by) == ("disputed", "online", investor.user)
    assert titles(colleague) == [f"处理本人不认可的代办：{party.name}"]
    assert titles(mediator) == [], "not by who did it"
    with pytest.raises(Http404):
        confirming.settle(confirmation=one, reason="没有问题", acting=mediator, now=NOW)
    assert logged_in(mediator).get(f"/parties/confirmations/{one.pk}/settle/").status_code == 404
    page = logged_in(colleague).get(f"/parties/confirmations/{one.pk}/settle/").content.decode()
    assert "我没有同意登记收款账户" in page
    with pytest.raises(Refusal, match="怎样处理"):
        confirming.settle(confirmation=one, reason=" ", acting=colleague, now=NOW)
    confirming.settle(confirmation=one, reason="已撤回同意，并告知本人", acting=colleague, now=NOW)
    assert titles(colleague) == []
    with pytest.raises(Conflict):
        confirming.settle(confirmation=one, reason="再次处理", acting=colleague, now=NOW)
    rows = next(section for section in own_data.kept_of(party) if section.key == "act_confirmations").opened(whole=True)
    assert "我没有同意登记收款账户" in rows[0]


def test_who_has_nothing_to_do_with_it_finds_nothing(mediator: Acting) -> None:
    party = taken_in(mediator)
    one = asked(party, mediator)
    for other in (
        person("投资者乙", Role.Kind.INVESTOR, number=YOUNG),
        person("调解员戊", Role.Kind.MEDIATOR, house(name="别的调解")),
        person("管理员己", Role.Kind.ADMINISTRATOR, mediator.organisation),
        person("代理人辛", Role.Kind.AGENT),
    ):
        with pytest.raises(Http404):
            asked(party, other)
        with pytest.raises(Http404):
            answered(one, other, paper="卷3")
        assert logged_in(other, fresh=True).get(f"/parties/confirmations/{one.pk}/").status_code == 404
    one.refresh_from_db()
    assert one.answer == "waiting"


def test_the_signed_sheet_goes_with_the_record(mediator: Acting, django_capture_on_commit_callbacks: Any) -> None:
    party = taken_in(mediator)
    one = asked(party, mediator)
    logged_in(mediator, fresh=True).post(
        f"/parties/confirmations/{one.pk}/", {"verdict": "no", "words": "地址不对", "file": picture()}
    )
    assert Document.objects.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.dispose_due(None, NOW + dt.timedelta(days=40 * 366))["failed"] == 0
    one.refresh_from_db()
    assert (str(one.words), one.file, Document.objects.count()) == ("", None, 0)
