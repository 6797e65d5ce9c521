"""Somebody leaves an organisation: what they saw to goes to their colleagues, who see it and are reminded."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts import actions as accounts
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.audit.models import Event as AuditEvent
from fengqiao.portal.deadlines import actions, queries
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.notices.reminders import responsible
from fengqiao.portal.parties.tests.test_people import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(db: Any) -> Organisation:
    return Organisation.objects.create(kind=Organisation.Kind.MEDIATION, name="测试调解中心")


def person(name: str, kind: str, house: Organisation) -> Acting:
    user = User.objects.create_user(f"test-{name}", name=name, joined_at=timezone.now())
    Role.objects.create(user=user, organisation=house, kind=kind, granted_at=timezone.now())
    return acting_for(user)


def opened(of: Acting, title: str, now: dt.datetime) -> Deadline:
    return actions.open_deadline(
        rule=None, due_on=timezone.localdate() + dt.timedelta(days=9), subject=("other.thing", 1), case="甲案",
        title=title, user=of.user, organisation=of.organisation, acting=None, now=now,
    )  # fmt: skip


def end(of: Acting, by: Acting) -> None:
    assert of.role
    accounts.end_role(role=of.role, reason="离职", acting=by, now=timezone.now())


def test_colleagues_in_the_same_role_take_over_what_is_open(house: Organisation) -> None:
    now = timezone.now()
    administrator = person("管理员甲", Role.Kind.ADMINISTRATOR, house)
    one, other = (person(name, Role.Kind.MEDIATOR, house) for name in ("调解员甲", "调解员乙"))
    running, done = opened(one, "答复", now), opened(one, "已经办完的", now)
    actions.meet(deadline=done, acting=one, now=now)
    place = reverse("accounts:end_role", args=(one.role.pk if one.role else 0,))
    client = logged_in(administrator)
    page = client.get(place).content.decode()
    if "1 个没有了结的期限" not in page:  # the page asks for the password again first
        assert "again" in client.get(place).get("Location", "")
    end(one, administrator)
    running.refresh_from_db()
    done.refresh_from_db()
    assert (running.user, running.role_kind) == (None, Role.Kind.MEDIATOR) and done.user == one.user
    assert queries.may_act(running, other) and not queries.may_act(running, acting_for(one.user))
    assert responsible(running) == [other.user]
    event = running.events.order_by("-number")[0]
    assert event.kind == "handed_on" and "调解员甲不再担任调解员" in event.reason
    assert AuditEvent.objects.filter(verb="deadlines.handed_on", subject_id=str(running.pk)).count() == 1
    assert "答复" in logged_in(other).get(reverse("deadlines:organisation")).content.decode()


def test_where_nobody_has_that_role_the_managers_take_over(house: Organisation) -> None:
    now = timezone.now()
    administrator = person("管理员甲", Role.Kind.ADMINISTRATOR, house)
    manager = person("调解管理员甲", Role.Kind.MEDIATION_MANAGER, house)
    one = person("调解员甲", Role.Kind.MEDIATOR, house)
    running = opened(one, "答复", now)
    end(one, administrator)
    running.refresh_from_db()
    assert running.role_kind == Role.Kind.MEDIATION_MANAGER and responsible(running) == [manager.user]


def test_who_stays_in_another_role_keeps_their_deadlines(house: Organisation) -> None:
    now = timezone.now()
    administrator = person("管理员甲", Role.Kind.ADMINISTRATOR, house)
    one = person("调解员甲", Role.Kind.MEDIATOR, house)
    Role.objects.create(user=one.user, organisation=house, kind=Role.Kind.MEDIATION_MANAGER, granted_at=now)
    running = opened(one, "答复", now)
    end(one, administrator)
    running.refresh_from_db()
    assert running.user == one.user


def test_members_of_a_house_at_rest_are_told_why_they_have_nothing(house: Organisation) -> None:
    one = person("调解员甲", Role.Kind.MEDIATOR, house)
    client = logged_in(one)
    Organisation.objects.filter(pk=house.pk).update(is_active=False)
    page = client.get("/").content.decode()
    assert "测试调解中心已经在本平台停用" in page and "还没有身份。请联系所在机构" not in page
    assert "测试调解中心已经在本平台停用" in client.get(reverse("accounts:me")).content.decode()
    assert client.get(reverse("service:services")).status_code == 404
