"""The platform takes an organisation out of use, and back: what ends, what stays, who hears of it, who is quicker."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.db import connections, transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts import actions, resting
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Identity, Invitation, Organisation, Role
from fengqiao.portal.accounts.tests.test_roles import person as new_person
from fengqiao.portal.audit.models import Event
from fengqiao.portal.deadlines import actions as deadlines
from fengqiao.portal.deadlines import queries as due
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.jobs import actions as jobs
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.jobs.registry import KINDS
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.notices.reminders import responsible
from fengqiao.portal.parties import consenting, handing_over, queries
from fengqiao.portal.parties.models import Handling
from fengqiao.portal.parties.tests.people import OTHER, YOUNG, taken_in
from fengqiao.portal.parties.tests.test_people import logged_in
from fengqiao.portal.refusal import Conflict, Refusal

K, R = Organisation.Kind, Role.Kind
LAW = "履行法定职责所必需（个人信息保护法第十三条第一款第三项），测试文号1"


class House:
    """A platform, a house with three people, and another one of the same kind."""

    def __init__(self) -> None:
        platform = Organisation.objects.create(kind=K.PLATFORM, name="测试平台")
        self.house = Organisation.objects.create(kind=K.MEDIATION, name="测试调解一")
        self.other = Organisation.objects.create(kind=K.MEDIATION, name="测试调解二")
        self.platform = new_person("平台管理员", R.ADMINISTRATOR, platform)
        self.second = new_person("平台管理员乙", R.ADMINISTRATOR, platform)
        self.administrator = new_person("管理员甲", R.ADMINISTRATOR, self.house)
        self.mediator = new_person("调解员甲", R.MEDIATOR, self.house)
        self.there = new_person("调解员乙", R.MEDIATOR, self.other)

    def rest(self, by: Acting | None = None) -> dict[str, int]:
        return resting.rest(
            organisation=self.house, reason="许可注销", acting=by or self.platform, now=timezone.now()
        )  # fmt: skip

    def back(self) -> None:
        resting.put_back(organisation=self.house, reason="许可恢复", acting=self.platform, now=timezone.now())

    def opened(self, title: str, case: str = "", **more: Any) -> Deadline:
        return deadlines.open_deadline(
            rule=None, due_on=timezone.localdate() + dt.timedelta(days=9), subject=("other.thing", 1), case=case,
            title=title, user=self.mediator.user, organisation=self.house, acting=None, now=timezone.now(), **more,
        )  # fmt: skip


@pytest.fixture
def house(db: Any) -> House:
    return House()


def kept(client: Any) -> None:
    """A browser whose session is listed, as after a real log-in."""
    session = client.session
    UserSession.objects.create(
        user_id=session["_auth_user_id"], session_key=session.session_key, ip="192.0.2.1", user_agent=""
    )


def test_what_ends_at_once_and_what_stays(house: House, django_capture_on_commit_callbacks: Any) -> None:
    both = house.mediator.user
    own = Role.objects.create(user=both, kind=R.INVESTOR, granted_at=timezone.now())
    working, private = logged_in(house.mediator), logged_in(acting_for(both, role_id=own.pk))
    kept(working)
    kept(private)
    invitation, token = actions.invite(
        organisation=house.house, name="新人甲", kinds=[R.MEDIATOR], mobile="", acting=house.administrator,
        now=timezone.now(),
    )  # fmt: skip
    job = jobs.start(kind=next(iter(KINDS)), title="测算", arguments={}, stamp=house.mediator.stamp, now=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        ended = house.rest()
    assert ended == {"members": 2, "sessions": 1, "invitations": 1}
    assert working.get(reverse("accounts:me")).status_code == 302  # put out, not another role unawares
    assert private.get(reverse("accounts:me")).status_code == 200
    assert acting_for(both).role == own and acting_for(house.administrator.user).role is None
    assert working.get(f"/accounts/invitations/accept/{token}/").status_code == 410
    job.refresh_from_db()
    assert (
        job.state == Job.State.CANCELLED and Role.objects.filter(organisation=house.house, ended_at=None).count() == 2
    )
    event = Event.objects.get(verb="accounts.organisation_rested")
    assert (event.chain, event.reason, event.changed) == (
        house.house.pk,
        "许可注销",
        "invitations,is_active,members,sessions",
    )
    told = Notice.objects.filter(template="accounts.house_at_rest", channel="in_app")
    assert {one.user for one in told} == {both, house.administrator.user}
    house.back()
    assert acting_for(house.administrator.user).role == house.administrator.role
    assert Notice.objects.filter(template="accounts.house_back", channel="in_app").count() == 2
    invitation.refresh_from_db()
    assert invitation.revoked_at is not None


def test_only_the_platform_with_a_reason_and_never_itself(house: House) -> None:
    for one in (house.administrator, house.mediator):
        with pytest.raises(Http404):
            house.rest(one)
    with pytest.raises(Refusal, match="写明原因"):
        resting.rest(organisation=house.house, reason=" ", acting=house.platform, now=timezone.now())
    platform = house.platform.organisation
    assert platform is not None
    with pytest.raises(Refusal, match="平台运营方"):
        resting.rest(organisation=platform, reason="试", acting=house.platform, now=timezone.now())
    with pytest.raises(Conflict, match="没有停用"):
        house.back()
    house.rest()
    with pytest.raises(Conflict, match="别的管理员"):
        house.rest(house.second)


def test_nobody_comes_in_or_acts_in_the_very_moment(house: House) -> None:
    """The member's request began before; what it writes is refused behind the event of resting."""
    invitation, _ = actions.invite(
        organisation=house.house, name="新人甲", kinds=[R.MEDIATOR], mobile="", acting=house.administrator,
        now=timezone.now(),
    )  # fmt: skip
    newcomer = new_person("新人甲", R.INVESTOR)
    house.rest()
    Invitation.objects.update(revoked_at=None)  # even one that was missed
    with pytest.raises(Conflict, match="停用"):
        actions.accept(invitation=invitation, user=newcomer.user, address="", now=timezone.now())
    with pytest.raises(Refusal, match="刚刚在本平台停用"), transaction.atomic():
        taken_in(house.mediator)
    with pytest.raises(Conflict, match="停用"):
        actions.invite(
            organisation=house.house, name="新人乙", kinds=[R.MEDIATOR], mobile="", acting=house.platform,
            now=timezone.now(),
        )  # fmt: skip
    assert not queries.handled_by(house.house).exists()


def test_the_page_says_what_is_open_and_the_button_does_what_it_says(house: House) -> None:
    taken_in(house.mediator)
    house.opened("答复")
    client, place = logged_in(house.platform, fresh=True), reverse("accounts:rest", args=(house.house.pk,))
    page = client.get(place).content.decode()
    for words in ("有角色的人员：2", "没有了结的期限：1", "办理中的当事人：1", "停用测试调解一"):
        assert words in page
    assert reverse("parties:hand_over_house", args=(house.house.pk,)) in page
    assert 'aria-invalid="true"' in client.post(place, {"wanted": "rest", "reason": ""}).content.decode()
    assert client.post(place, {"wanted": "rest", "reason": "许可注销"}).status_code == 302
    again = client.post(place, {"wanted": "rest", "reason": "许可注销"}).content.decode()  # as the other one saw it
    assert "别的管理员刚刚办理" in again
    house.house.refresh_from_db()
    assert not house.house.is_active
    assert "已停用" in client.get(reverse("accounts:organisations")).content.decode()
    assert client.post(place, {"wanted": "back", "reason": "许可恢复"}).status_code == 302
    assert client.get(reverse("accounts:rest", args=(99999,))).status_code == 404
    assert logged_in(house.administrator, fresh=True).get(place).status_code == 404
    stale = logged_in(house.platform).get(place)
    assert stale.status_code == 302 and "reauthenticate" in stale["Location"]


def test_parties_and_deadlines_go_to_another_house_by_law_or_consent(house: House) -> None:
    agreed, silent = taken_in(house.mediator), taken_in(house.mediator, name="投资者乙", number=OTHER)
    consenting.give(
        party=agreed, purpose="pass_on", passed_to=house.other, on_paper="卷2", acting=house.mediator,
        now=timezone.now(),
    )  # fmt: skip
    chain = [deadlines.responsible(organisation=house.house, role_kind=R.MEDIATION_MANAGER)]
    with_consent, without = house.opened("甲的", agreed.case, chain=chain), house.opened("乙的", silent.case)
    loose = house.opened("机构的")
    house.rest()

    def hand(basis: str) -> handing_over.HandedOver:
        return handing_over.hand_over_house(
            house=house.house, organisation=house.other, matter="接手办理", basis=basis, acting=house.platform,
            now=timezone.now(),
        )  # fmt: skip

    loose.refresh_from_db()
    assert {one.name for one in responsible(loose)} == {"平台管理员", "平台管理员乙"}
    assert hand("") == handing_over.HandedOver(1, 1, 1)
    for row in (with_consent, without, loose):
        row.refresh_from_db()
    assert (with_consent.organisation, with_consent.user, with_consent.role_kind) == (house.other, None, R.MEDIATOR)
    assert with_consent.chain[0]["organisation"] == house.other.pk and due.may_act(with_consent, house.there)
    assert {without.organisation, loose.organisation} == {house.house}
    assert list(queries.visible_to(house.there)) == [agreed]
    with pytest.raises(Refusal, match="依据"):
        hand("")
    assert hand(LAW) == handing_over.HandedOver(1, 2, 0)
    assert Handling.objects.get(party=silent).basis == LAW
    assert Event.objects.filter(verb="parties.handed_over").count() == 2
    assert Event.objects.filter(verb="deadlines.handed_on").count() == 3
    court = Organisation.objects.create(kind=K.COURT, name="测试法院")
    with pytest.raises(Refusal, match="类型相同"):
        handing_over.hand_over_house(
            house=house.house, organisation=court, matter="接手", basis=LAW, acting=house.platform, now=timezone.now()
        )


def test_parties_hear_who_deals_with_their_matter_now(house: House) -> None:
    party = taken_in(house.mediator, number=YOUNG)
    client = logged_in(house.platform, fresh=True)
    place = reverse("parties:hand_over_house", args=(house.house.pk,))
    given = {"organisation": house.other.pk, "matter": "接手办理", "basis": LAW}
    assert client.post(place, given, follow=True).status_code == 200
    told = Notice.objects.filter(template="parties.house_changed")
    assert {one.party for one in told} == {party} and told.first().organisation == house.other
    bad = client.post(place, {**given, "organisation": "x"})
    assert bad.status_code == 200 and 'aria-invalid="true"' in bad.content.decode()
    assert logged_in(house.mediator, fresh=True).get(place).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once_and_a_member_in_the_very_moment() -> None:
    """Once; and what the member did lies wholly before the event of resting, or is not there."""
    house = House()
    Identity.objects.create(user=house.mediator.user)
    outcomes: list[str] = []
    gate = threading.Barrier(3)

    def at_it(act: Callable[[], Any], name: str) -> None:
        try:
            gate.wait()
            act()
            outcomes.append(name)
        except Refusal as error:
            outcomes.append(f"{name}: {type(error).__name__}")
        finally:
            connections.close_all()

    acts = (
        (house.rest, "rested"),
        (lambda: house.rest(house.second), "rested"),
        (lambda: taken_in(house.mediator), "taken in"),
    )
    threads = [threading.Thread(target=at_it, args=one) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one for one in outcomes if one.startswith("rested")) == ["rested", "rested: Conflict"]
    assert Event.objects.filter(verb="accounts.organisation_rested").count() == 1
    done = [one for one in outcomes if one == "taken in"]
    rested = Event.objects.get(verb="accounts.organisation_rested")
    acts_there = Event.objects.filter(verb="parties.taken_in")
    assert acts_there.count() == len(done) and all(one.number < rested.number for one in acts_there)
    assert queries.handled_by(house.house).count() == len(done)
