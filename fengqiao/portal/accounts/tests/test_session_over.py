"""Who is put out while filling in a form loses nothing that was typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from fengqiao.portal.accounts.models import Role, User

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def put_out(**more: Any) -> Client:
    """A browser whose session is over."""
    user = User.objects.create(username="someone", name="甲", joined_at=timezone.now())
    Role.objects.create(user=user, kind=Role.Kind.INVESTOR, granted_at=timezone.now())
    client = Client(**more)
    client.force_login(user, backend=BACKEND)
    assert client.get("/about/session/").json()["who"].startswith(f"{user.pk}.")
    Session.objects.all().delete()
    return client


def test_what_was_typed_is_shown_and_nothing_secret() -> None:
    client = put_out()
    typed = {"title": "很长的<b>名称</b>", "note": "第二行", "password": "for-tests-only-2026", "code": "123456"}
    answer = client.post("/claims/new/", typed)
    page = answer.content.decode()
    assert answer.status_code == 401
    assert "很长的&lt;b&gt;名称" in page and "第二行" in page and "登录已过期，没有提交" in page
    assert "for-tests-only-2026" not in page and "123456" not in page
    assert "next=/claims/new/" in page
    assert "no-store" in answer["Cache-Control"]


def test_nobody_else_puts_words_there() -> None:
    assert put_out(enforce_csrf_checks=True).post("/claims/new/", {"title": "别人写的"}).status_code == 403
    stranger = Client().post("/claims/new/", {"title": "别人写的"})
    assert (stranger.status_code, stranger["Location"]) == (302, "/login/?next=/claims/new/")


def test_an_upload_says_why_and_a_page_can_ask() -> None:
    client = put_out()
    file = SimpleUploadedFile("a.csv", b"a,b\n1,2\n")
    answer = client.post("/claims/1/files/trades/", {"files": file}, headers={"X-Upload": "1"})
    assert answer.status_code == 401
    assert "登录已过期" in answer.json()["said"]
    asked = client.get("/about/session/")
    assert asked.json()["who"] == "" and asked.json()["token"]
    assert "no-store" in asked["Cache-Control"]
