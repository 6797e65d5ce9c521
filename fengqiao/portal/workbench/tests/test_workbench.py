"""The start page, what is due, the search."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from fengqiao.portal.accounts.models import Organisation, Role, User
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
