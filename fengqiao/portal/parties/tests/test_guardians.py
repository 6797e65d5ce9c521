"""Guardians: who is one, who accepts it, what a ward may no longer do alone, when it ends; and who hears of it all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.http import Http404
from django.test import Client

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts import actions as accounts
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties import authorising, guardians, jobs, needs, queries
from fengqiao.portal.parties.models import Authorisation, Party, Scope, SpecialNeed
from fengqiao.portal.parties.tests.people import DAY, NOW, OTHER, TODAY, YOUNG, house, own, person, picture, submitted
from fengqiao.portal.parties.tests.people import taken_in as take_in
from fengqiao.portal.parties.tests.test_authorisations import allowed
from fengqiao.portal.parties.tests.test_needs import agreed, noted
from fengqiao.portal.parties.tests.test_people import logged_in
from fengqiao.portal.shell.errors import Refusal
from fengqiao.portal.vault.sealed import open_sealed

pytestmark = pytest.mark.django_db
CHILD = with_check_digit("11010120120615" + "001")  # comes of age on 15 June 2030
LEAP = with_check_digit("11010120120229" + "001")
Ground, Relation, Ending = Authorisation.Ground, Authorisation.Relation, Authorisation.Ending


@pytest.fixture
def guardian(db: Any) -> Acting:
    return person("监护人乙", Role.Kind.AGENT)


@pytest.fixture
def mediator(db: Any) -> Acting:
    return person("调解员丙", Role.Kind.MEDIATOR, house())


@pytest.fixture
def ward(db: Any) -> Acting:
    return person("投资者甲", Role.Kind.INVESTOR, number=YOUNG)


def handed_in(guardian: Acting, *, name: str = "投资者甲", number: str = YOUNG, **more: Any) -> Authorisation:
    given: dict[str, Any] = {
        "kind": "id_card", "reviewer": house(), "ground": Ground.NO_CAPACITY, "relation": Relation.SPOUSE,
        "valid_until": None, "document": picture(), "acting": guardian, "now": NOW, **more,
    }  # fmt: skip
    return authorising.submit_guardian(name=name, number=number, **given)


def accepted(guardian: Acting, mediator: Acting, **more: Any) -> Authorisation:
    made = handed_in(guardian, **more)
    authorising.accept(authorisation=made, acting=mediator, checked="判决书、户口簿原件", now=NOW)
    return Authorisation.objects.get(pk=made.pk)


def care(party: Party, now: dt.datetime = NOW) -> needs.Care:
    return needs.care_of(Party.objects.get(pk=party.pk), now)


def test_a_guardian_may_do_all_and_the_ward_can_neither_accept_nor_withdraw(
    guardian: Acting, mediator: Acting, ward: Acting
) -> None:
    party = own(ward)
    made = handed_in(guardian)
    for nobody in (ward, guardian):
        with pytest.raises(Http404):
            authorising.accept(authorisation=made, acting=nobody, checked="x", now=NOW)
    with pytest.raises(Refusal, match="核对了哪些材料"):
        authorising.accept(authorisation=made, acting=mediator, now=NOW)
    assert not care(party).has("representative")
    authorising.accept(authorisation=made, acting=mediator, checked="（2026）某民特1号判决书", now=NOW)
    acting = guardian.for_person(party.pk, party.name)
    far = NOW + 9000 * DAY
    assert [allowed(acting, party, scope, far) for scope in Scope] == ["yes"] * len(Scope)
    assert queries.represented_by(guardian, party.pk, far) is not None
    assert care(party).has("representative")
    with pytest.raises(Http404):
        authorising.end(authorisation=made, reason="不要", acting=ward, now=NOW)
    page = logged_in(ward).get(f"/parties/authorisations/{made.pk}/").content.decode()
    assert "不能在这里撤销" in page
    assert "/end/" not in page


def test_who_is_represented_entrusts_nobody_alone(guardian: Acting, mediator: Acting, ward: Acting) -> None:
    own(ward)
    accepted(guardian, mediator)
    other = submitted(person("代理人丁", Role.Kind.AGENT), name="投资者甲", number=YOUNG)
    with pytest.raises(Refusal, match="法定代理人"):
        authorising.accept(authorisation=other, acting=ward, now=NOW)
    authorising.accept(authorisation=other, acting=mediator, now=NOW)


@pytest.mark.parametrize(
    ("ending", "still"),
    [
        (Ending.RECOVERED, False),
        (Ending.MISTAKE, False),
        (Ending.REPLACED, True),
        (Ending.AGENT_GONE, True),
    ],
)
def test_a_ward_without_guardian_is_still_one_until_a_court_says_otherwise(
    guardian: Acting, mediator: Acting, ward: Acting, ending: str, still: bool
) -> None:
    party = own(ward)
    made = accepted(guardian, mediator)
    with pytest.raises(Refusal, match="怎样终止"):
        authorising.end(authorisation=made, reason="判决", ending=Ending.REVOKED, acting=mediator, now=NOW)
    authorising.end(authorisation=made, reason="（2026）某民特2号判决", ending=ending, acting=mediator, now=NOW + DAY)
    assert queries.represented_by(guardian, party.pk, NOW + DAY) is None
    assert care(party, NOW + DAY).has("representative") is still
    if still:
        accepted(person("监护人戊", Role.Kind.AGENT), mediator, relation=Relation.CHILD)
        assert care(party, NOW + DAY).has("representative")


def test_who_was_never_accepted_makes_nobody_a_ward(guardian: Acting, mediator: Acting, ward: Acting) -> None:
    party = own(ward)
    made = handed_in(guardian)
    authorising.end(authorisation=made, reason="不代办了", acting=guardian, now=NOW)
    again = handed_in(guardian)
    authorising.decline(authorisation=again, reason="没有判决书", acting=mediator, now=NOW)
    assert not care(party).has("representative")


def test_a_parent_acts_until_the_day_before_the_child_comes_of_age(guardian: Acting, mediator: Acting) -> None:
    made = accepted(guardian, mediator, name="投资者乙", number=CHILD, ground=Ground.MINOR, relation=Relation.PARENT)
    assert made.valid_until == dt.date(2030, 6, 14)
    party = made.party
    last = dt.datetime(2030, 6, 14, 15, 0, tzinfo=dt.UTC)  # 23:00 in Shanghai
    assert queries.represented_by(guardian, party.pk, last) is not None
    assert queries.represented_by(guardian, party.pk, last + dt.timedelta(hours=2)) is None
    assert care(party, last).has("representative")
    assert not care(party, last + dt.timedelta(hours=2)).has("representative")
    assert jobs.end_expired(last) == 0
    assert jobs.end_expired(last + DAY) == 1
    made.refresh_from_db()
    assert (made.state, made.ending) == ("ended", "majority")


def test_days_of_age(guardian: Acting) -> None:
    assert guardians.majority("id_card", LEAP, TODAY) == dt.date(2030, 3, 1)
    assert guardians.majority("passport", "E12345678", TODAY) is None
    minor = {"ground": Ground.MINOR, "relation": Relation.PARENT}
    with pytest.raises(Refusal, match="已经成年"):
        handed_in(guardian, **minor)
    with pytest.raises(Refusal, match="截止日"):
        handed_in(guardian, kind="passport", number="E12345678", **minor)
    with pytest.raises(Refusal, match="已经过去"):
        handed_in(guardian, valid_until=TODAY - DAY)
    with pytest.raises(Refusal, match="父母"):
        handed_in(guardian, number=CHILD, ground=Ground.MINOR, relation=Relation.CHILD)
    assert not Authorisation.objects.exists()


def test_a_minor_is_represented_by_the_papers_alone_unless_they_stand_on_their_own_feet(mediator: Acting) -> None:
    party = take_in(mediator, name="投资者丁", number=CHILD)
    assert care(party).has("representative")
    assert not care(take_in(mediator, name="投资者戊", number=OTHER)).has("representative")
    worker = person("投资者己", Role.Kind.INVESTOR, number=with_check_digit("11010120100101" + "001"))
    mine = agreed(worker)
    assert care(mine).has("representative")
    noted(mine, worker, SpecialNeed.Kind.MINOR, detail="worker")
    assert not care(mine).has("representative")


def test_the_person_and_the_agent_hear_of_it(mediator: Acting, ward: Acting) -> None:
    """A forged paper that a body accepts is noticed by whom it is about."""
    agent, party = person("代理人丁", Role.Kind.AGENT), own(ward)
    made = submitted(agent, name="投资者甲", number=YOUNG)

    def told(user: Any) -> list[tuple[str, str]]:
        rows = Notice.objects.filter(user=user, subject_kind="parties.authorisation").order_by("created_at", "channel")
        return [(row.channel, open_sealed(row.text)) for row in rows]

    assert [channel for channel, _ in told(ward.user)] == ["in_app"], "no message to a mobile that anybody can cause"
    authorising.accept(authorisation=made, acting=mediator, now=NOW)
    texts = [text for channel, text in told(ward.user) if channel == "sms"]
    assert len(texts) == 1
    assert "代理人丁代您办理" in texts[0]
    assert "撤销" in texts[0]
    assert any("已经接受" in text for _, text in told(agent.user))
    authorising.end(authorisation=made, reason="", acting=ward, now=NOW)
    assert any("当事人撤销" in text for _, text in told(agent.user))
    assert party.case == Notice.objects.filter(user=ward.user).first().case


def test_relatives_take_up_the_role_themselves_and_act_for_nobody_by_that(ward: Acting, mediator: Acting) -> None:
    client = logged_in(ward)
    assert "开通代理人身份" in client.get("/parties/me/agents/").content.decode()
    assert client.post("/accounts/me/agent/")["Location"] == "/parties/authorisations/"
    assert "提交监护证明" in client.get("/parties/authorisations/").content.decode()
    client.post("/accounts/me/agent/")
    role = Role.objects.get(user=ward.user, kind="agent")
    assert (role.organisation, Event.objects.filter(verb="accounts.became_agent").count()) == (None, 1)
    assert not queries.in_force_for(Acting(ward.user, role), NOW).exists()
    Identity.objects.filter(user=ward.user).update(mobile_verified_at=None)
    Role.objects.filter(pk=role.pk).update(ended_at=NOW)
    with pytest.raises(Refusal, match="确认手机号码"):
        accounts.become_agent(acting=ward, now=NOW)
    with pytest.raises(Http404):
        accounts.become_agent(acting=mediator, now=NOW)


def test_pages(guardian: Acting, mediator: Acting, ward: Acting) -> None:
    own(ward)
    fresh = logged_in(guardian, fresh=True)
    sent = {
        "name": "投资者甲", "kind": "id_card", "number": YOUNG, "ground": "none", "relation": "spouse",
        "document": picture(), "reviewer": house().pk,
    }  # fmt: skip
    page = fresh.post("/parties/authorisations/guardian/", sent)
    assert page.status_code == 200, "without the promise nothing is handed in"
    sent |= {"promised": "on", "document": picture()}
    page = fresh.post("/parties/authorisations/guardian/", sent)
    made = Authorisation.objects.get()
    assert page["Location"] == f"/parties/authorisations/{made.pk}/"
    staff: Client = logged_in(mediator, fresh=True)
    asked = staff.get(f"/parties/authorisations/{made.pk}/accept/").content.decode()
    assert "核对了哪些材料" in asked
    assert "配偶" in asked
    staff.post(f"/parties/authorisations/{made.pk}/accept/", {"checked": "判决书原件"})
    shown = staff.get(f"/parties/authorisations/{made.pk}/").content.decode()
    assert "判决书原件" in shown
    assert "至监护关系终止" in shown
    assert "法定代理，全部事项" in staff.get("/parties/authorisations/").content.decode()
    staff.post(f"/parties/authorisations/{made.pk}/end/", {"ending": "replaced", "reason": "（2026）某民特3号"})
    made.refresh_from_db()
    assert (made.state, made.ending) == ("ended", "replaced")
