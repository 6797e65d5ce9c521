"""The pages of deadlines: the month, the steps, the demo."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.deadlines import actions, demo
from fengqiao.portal.deadlines.lists import MINE, MINE_CLOSED, OF_BODY, OF_BODY_CLOSED
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.demo.cast import Cast, put_in
from fengqiao.portal.shell import plans
from fengqiao.portal.shell.words import moment_text
from fengqiao.portal.workbench.asking import items_of
from fengqiao.portal.workbench.deadlines import questions
from tests.browser.deadlines import make_deadlines

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    made, _ = put_in(
        password_hash=lambda person: "!", second_factor=lambda person: "JBSWY3DPEHPK3PXP", now=timezone.now()
    )
    return made


@pytest.fixture
def made(cast: Cast) -> dict[str, int]:
    return make_deadlines(cast.users)


def logged_in(cast: Cast, who: str) -> Client:
    client = Client()
    client.force_login(cast.users[who], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("listing", [MINE, OF_BODY, MINE_CLOSED, OF_BODY_CLOSED], ids=lambda listing: listing.key)
def test_the_lists_are_ranges_of_an_index(listing: Any) -> None:
    assert plans.problems(listing) == []


def test_the_month_shows_holidays_make_up_days_and_what_is_due(cast: Cast, made: dict[str, int]) -> None:
    page = logged_in(cast, "mediator").get(reverse("deadlines:calendar"), {"month": "2026-10"})
    text = page.content.decode()
    assert page.status_code == 200
    for word in ("国庆节", "调休上班", "国庆假期顺延", "已暂停或者中断，届满日未定"):
        assert word in text
    rolled = Deadline.objects.get(pk=made["rolled"])
    assert rolled.due_on == dt.date(2026, 10, 8)


def test_months_that_cannot_be_read_are_this_month(cast: Cast, made: dict[str, int]) -> None:
    client = logged_in(cast, "mediator")
    for wrong in ("2026-13", "x", "9999-12", "0001-01"):
        assert client.get(reverse("deadlines:calendar"), {"month": wrong}).status_code == 200


def test_a_period_in_hours_says_the_hour_at_which_it_ends(cast: Cast) -> None:
    begun = timezone.localtime(timezone.now()).replace(hour=9, minute=30, second=0, microsecond=0)
    row = actions.open_deadline(
        rule=None, starts_at=begun, length="48H", length_source="举证通知书", subject=("other.thing", 1), case="",
        title="补充证据", user=cast.users["mediator"], organisation=acting_for(cast.users["mediator"]).organisation,
        acting=None, now=begun,
    )  # fmt: skip
    page = logged_in(cast, "mediator").get(reverse("deadlines:deadline", args=(row.pk,))).content.decode()
    end = begun.replace(minute=0) + dt.timedelta(hours=49)
    assert f"{moment_text(end)}届满" in page and f"{end.hour - 1}:59" not in page


def test_a_step_is_taken_with_its_reason(cast: Cast, made: dict[str, int]) -> None:
    client, number = logged_in(cast, "mediator"), made["running"]
    address = reverse("deadlines:step", args=(number, "pause"))
    assert client.post(address, {}).status_code == 200
    assert client.post(address, {"reason": "委托鉴定", "since": ""}).status_code == 302
    page = client.get(reverse("deadlines:deadline", args=(number,))).content.decode()
    for word in ("已暂停", "理由：委托鉴定", "恢复期限", "依据"):
        assert word in page
    assert client.get(address).status_code == 404
    other = logged_in(cast, "mediator_b")
    assert other.get(reverse("deadlines:deadline", args=(number,))).status_code == 404


def test_what_is_closed_has_lists_of_its_own(cast: Cast, made: dict[str, int]) -> None:
    who, now = acting_for(cast.users["mediator"]), timezone.now()
    row = Deadline.objects.get(pk=made["running"])
    actions.meet(deadline=row, acting=who, now=now, reason="已经办完")
    client = logged_in(cast, "mediator")
    assert row.title not in client.get(reverse("deadlines:mine")).content.decode()
    page = client.get(reverse("deadlines:mine_closed")).content.decode()
    assert row.title in page
    assert "按期" in page
    withdrawn = client.get(reverse("deadlines:mine_closed"), {"state": "withdrawn"}).content.decode()
    assert row.title not in withdrawn
    manager = logged_in(cast, "mediation_manager")
    assert row.title in manager.get(reverse("deadlines:organisation_closed")).content.decode()
    other = logged_in(cast, "mediator_b")
    for name in ("mine_closed", "organisation_closed"):
        assert row.title not in other.get(reverse(f"deadlines:{name}")).content.decode()


def test_the_demo_shows_what_it_should_and_may_run_twice(cast: Cast, made: dict[str, int]) -> None:
    users, now = cast.users, timezone.now()
    assert (
        demo.fill(mediator=acting_for(users["mediator"]), manager=acting_for(users["mediation_manager"]), now=now) == 0
    )
    overdue = Deadline.objects.get(pk=made["overdue"])
    assert (overdue.level, overdue.user, overdue.overdue_at(now)) == (1, users["mediation_manager"], True)
    assert Deadline.objects.get(pk=made["paused"]).state == Deadline.State.PAUSED


def test_the_workbench_names_the_overdue(cast: Cast, made: dict[str, int]) -> None:
    acting, now = acting_for(cast.users["mediation_manager"]), timezone.now()
    first = next(iter(items_of(questions(acting, now), acting)))
    assert first.due is not None and first.due < now
    assert "已逾期" in logged_in(cast, "mediation_manager").get("/").content.decode()
