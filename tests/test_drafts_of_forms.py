"""Longer forms are kept as drafts: saved on one device, taken up on another, gone once sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from fengqiao.portal.shell.models import Draft
from tests.permission_walk import TOKEN, Walk, nothing_stays, on_the_way

FORMS = {
    "claims:new_case": ("测算员甲", {"title": "写到一半的案件", "security": "999001", "note": "还要问一问"}),
    "deadlines:new": ("调解员甲", {"title": "写到一半的期限"}),
    "signing:new_round": ("调解员甲", {"title": "写到一半的协议", "case": "半-1"}),
    "service:new": ("调解员甲", {"title": "写到一半的事由", "case": "半-2"}),
}


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """The tests' database; one transaction for the whole file, each request in one of its own."""


@pytest.fixture(scope="module")
def walk(db: None, django_db_blocker: Any) -> Iterator[Walk]:
    with django_db_blocker.unblock(), on_the_way() as walking:
        yield walking


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_kept_and_taken_up_again(walk: Walk, name: str) -> None:
    who, given = FORMS[name]
    client, url = walk.client(who), reverse(name)
    with nothing_stays():
        begun = client.get(url).content.decode()
        assert "存为草稿" in begun
        assert "您有一份没有提交的草稿" not in begun
        sent = {"csrfmiddlewaretoken": TOKEN, "draft_version": "0", "draft_save": "1", **given}
        answer = client.post(url, sent)
        assert (answer.status_code, answer["Location"]) == (302, f"{url}?draft=1")
        assert "您有一份没有提交的草稿" in client.get(url).content.decode()
        resumed = client.get(f"{url}?draft=1").content.decode()
        assert [value for value in given.values() if value not in resumed] == []


def test_a_draft_ends_when_its_form_is_sent(walk: Walk) -> None:
    who, given = FORMS["claims:new_case"]
    client, url = walk.client(who), reverse("claims:new_case")
    with nothing_stays():
        sent = {"csrfmiddlewaretoken": TOKEN, "draft_version": "0", **given}
        client.post(url, {**sent, "draft_save": "1"})
        assert Draft.objects.filter(form="claims.new_case").count() == 1
        assert client.post(url, sent).status_code == 302
        assert not Draft.objects.filter(form="claims.new_case").exists()
