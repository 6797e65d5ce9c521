"""The list of devices stays right without a write for every page."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fengqiao.portal.accounts.models import Role, User

PASSWORD = "for-tests-only-2026"


@pytest.mark.django_db
def test_looking_at_pages_writes_once_and_another_device_is_seen() -> None:
    from django.db import connection

    user = User.objects.create_user("someone", name="投资者A", joined_at=timezone.now(), password=PASSWORD)
    Role.objects.create(user=user, kind=Role.Kind.INVESTOR, granted_at=timezone.now())
    one, two = Client(), Client()
    for device in (one, two):
        device.force_login(user)
        assert device.get("/").status_code == 200
    assert UserSession.objects.filter(user=user).count() == 2
    with CaptureQueriesContext(
        connection,
    ) as seen:
        one.get("/")
    writes = [query["sql"] for query in seen if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert not writes
    one.post("/login/again/", {"password": PASSWORD})
    one.post("/sessions/")
    assert one.get("/accounts/me/").status_code == 200
    assert two.get("/accounts/me/").status_code == 302, "the other device was logged out"


@pytest.mark.django_db
def test_a_disk_that_is_full_keeps_nobody_from_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(request: HttpRequest) -> None:
        raise OperationalError("database or disk is full")

    user = User.objects.create_user("reader", name="投资者A", joined_at=timezone.now(), password=PASSWORD)
    Role.objects.create(user=user, kind=Role.Kind.INVESTOR, granted_at=timezone.now())
    client = Client()
    client.force_login(user)
    monkeypatch.setattr(UserSession.objects, "create_from_request", full)
    assert client.get("/accounts/me/").status_code == 200
