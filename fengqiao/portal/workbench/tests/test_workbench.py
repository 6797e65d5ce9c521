"""The start page, what is due, the search."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.claims.models import MassCase
from fengqiao.portal.deadlines import actions
from fengqiao.portal.signing.tests import made_round
from fengqiao.portal.workbench import queries as workbench
from fengqiao.portal.workbench.beginnings import beginnings_for
from fengqiao.portal.workbench.found import AT_MOST
from fengqiao.portal.workbench.queries import DueItem, pressing_first
from fengqiao.portal.workbench.questions import QUESTIONS


def test_overdue_stands_first_and_what_has_no_time_last() -> None:
    now = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    hours = {"明天": 24, "昨天": -24, "无期限": None, "上周": -168, "现在": 0}
    items = [DueItem(name, "/", None if n is None else now + dt.timedelta(hours=n)) for name, n in hours.items()]
    assert [item.title for item in pressing_first(items)] == ["上周", "昨天", "现在", "明天", "无期限"]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(Role.Kind))
def test_every_role_sees_its_question_first(kind: Role.Kind, client: Client) -> None:
    body = Organisation.objects.create(name="示例机构", kind=Organisation.Kind.PLATFORM)
    user = User.objects.create(username="someone", name="甲", joined_at=timezone.now())
    place = None if kind in Role.WITHOUT_ORGANISATION else body
    Role.objects.create(user=user, kind=kind, organisation=place, granted_at=timezone.now())
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    client.force_login(user)
    page = client.get("/").content.decode()
    assert QUESTIONS[kind] in page
    assert page.index(QUESTIONS[kind]) < page.index("要办的事")


@pytest.mark.django_db
def test_a_person_without_a_role_is_told_what_to_do(client: Client) -> None:
    user = User.objects.create(username="someone", name="甲", joined_at=timezone.now())
    client.force_login(user)
    assert "请联系所在机构的管理员授予身份" in client.get("/").content.decode()


@pytest.mark.django_db
def test_the_search_finds_what_begins_so_and_keeps_the_words_out_of_the_address(client: Client) -> None:
    user = User.objects.create(username="someone", name="甲", joined_at=timezone.now())
    Organisation.objects.create(name="示例证券公司", kind=Organisation.Kind.FIRM)
    Organisation.objects.create(name="停用示例", kind=Organisation.Kind.FIRM, is_active=False)
    assert client.post("/search/", {"q": "示例"})["Location"].startswith("/login/")
    client.force_login(user)
    assert "示例证券公司" in client.post("/search/", {"q": "示例"}).content.decode()
    assert "没有找到" in client.post("/search/", {"q": "停用"}).content.decode()
    assert "示例证券公司" not in client.get("/search/?q=示例").content.decode()
    for odd in ("\0", "%", "'", "x" * 5000, " "):
        assert client.post("/search/", {"q": odd}).status_code == 200


@pytest.mark.django_db
def test_pages_for_visitors_need_no_account(client: Client) -> None:
    for address in ("/", "/about/help/", "/about/privacy/", "/about/accessibility/"):
        assert client.get(address).status_code == 200
    assert client.get("/organisations/")["Location"] == "/login/?next=/organisations/"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(Role.Kind))
def test_what_a_newcomer_may_begin_with_is_there_for_the_role(kind: Role.Kind, client: Client) -> None:
    body = Organisation.objects.create(name="示例机构", kind=Organisation.Kind.MEDIATION)
    user = User.objects.create(username="someone", name="甲", joined_at=timezone.now())
    place = None if kind in Role.WITHOUT_ORGANISATION else body
    role = Role.objects.create(user=user, kind=kind, organisation=place, granted_at=timezone.now())
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    client.force_login(user)
    page = client.get("/").content.decode()
    steps = beginnings_for(role)
    assert steps
    assert "可以从这里开始" in page
    for step in steps:
        assert step.title in page
        assert client.get(reverse(step.url_name), follow=True).status_code == 200, step.url_name


@pytest.mark.django_db
def test_an_investor_sees_each_matter_once_with_its_next_step_and_whom_to_ask() -> None:
    now = timezone.now()
    people = made_round.People()
    soon, later = (people.round_of(due=now + dt.timedelta(days=days)) for days in (3, 9))
    due = workbench.due_for(people.one, now)
    (found,) = workbench.matters_for(people.one, now, due)
    assert [(row.number, row.state, row.office and row.office.name) for row in found.rows] == [
        (one.number, "签署中", people.body.name) for one in (soon, later)
    ]
    assert [row.next.due for row in found.rows if row.next] == [soon.due_at, later.due_at]
    tallies = {one.title: one.value for one in workbench.tallies(due, [found], now, [])}
    assert (tallies["要办的事"], tallies["七日内到期"]) == ("2 项", "1 项")


@pytest.mark.django_db
def test_the_start_page_asks_as_often_for_many_as_for_one(client: Client) -> None:
    people = made_round.People()
    client.force_login(people.one.user, backend="allauth.account.auth_backends.AuthenticationBackend")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/").status_code == 200
        return len(queries)

    due = timezone.now() + dt.timedelta(days=9)
    people.round_of(due=due)
    asked()
    before = asked()
    for number in range(6):
        people.round_of(due=due + dt.timedelta(hours=number))
    assert asked() == before


@pytest.mark.django_db
def test_more_than_fits_is_folded_in_and_counted(client: Client) -> None:
    now = timezone.now()
    body = Organisation.objects.create(name="示例调解", kind=Organisation.Kind.MEDIATION)
    user = User.objects.create(username="someone", name="甲", joined_at=now)
    Role.objects.create(user=user, kind=Role.Kind.MEASURER, organisation=body, granted_at=now)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    acting = acting_for(user)
    for number in range(AT_MOST):
        actions.open_deadline(
            rule=None, due_on=dt.date(2026, 11, 1), subject=("tests.thing", str(number)), title=f"事项{number:02d}",
            user=user, organisation=body, acting=acting, now=dt.datetime(2026, 10, 1, tzinfo=dt.UTC),
        )  # fmt: skip
    for number in range(2):
        MassCase.objects.create(
            title=f"案件{number}", organisation=body, created_by=user, created_at=now, updated_by=user, updated_at=now
        )
    client.force_login(user)
    page = client.get("/").content.decode()
    assert "已逾期" in page and f"{AT_MOST} 项" in page
    assert "还有 2 项没有列出" in page
    assert all(f"事项{number:02d}" in page for number in range(AT_MOST))
