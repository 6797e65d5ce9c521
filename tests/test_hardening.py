"""What browsers are told, how long log-ins last, how often things may be tried: as docs/security.md promises."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import RequestFactory, TestCase
from django.urls import reverse

from fengqiao.portal.accounts import rate_limits, session_limits
from fengqiao.portal.accounts.adapter import AccountAdapter
from fengqiao.portal.accounts.forms import NewPasswordForm
from fengqiao.portal.accounts.rate_limits import Rate, TooOften, network_of, take
from fengqiao.portal.shell.headers import HeadersMiddleware
from tests.permission_walk import TOKEN, VISITOR, Walk, nothing_stays, on_the_way

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """The tests' database; one transaction for the whole file."""


@pytest.fixture(scope="module")
def walk(db: None, django_db_blocker: Any) -> Iterator[Walk]:
    with django_db_blocker.unblock(), on_the_way() as walking:
        yield walking


@pytest.mark.parametrize("who", [VISITOR, "投资者甲"])
@pytest.mark.parametrize("path", ["/", "/nowhere/", "/login/", "/accounts/me/"])
def test_every_answer_carries_the_headers(walk: Walk, who: str, path: str) -> None:
    with nothing_stays():
        answer = walk.client(who).get(path)
    policy = answer["Content-Security-Policy"]
    for part in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer
    if who != VISITOR:
        assert "no-store" in answer["Cache-Control"]


def test_leaving_ends_the_session_and_empties_the_browser(walk: Walk) -> None:
    client = walk.client("投资者乙")
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    with nothing_stays():
        answer = client.post(reverse("account_logout"), {"csrfmiddlewaretoken": TOKEN})
        assert answer["Clear-Site-Data"] == '"cache", "storage"'
        assert not SessionStore().exists(key)


SECURE = """
import django; django.setup()
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.ELDER_COOKIE, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
      s.SECURE_HSTS_SECONDS >= 31536000, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SESSION_COOKIE_HTTPONLY, s.DEBUG)
"""


def test_with_https_cookies_belong_to_the_host_alone(tmp_path: Path) -> None:
    given = {"FENGQIAO_HOME": str(tmp_path), "FENGQIAO_URL": "https://fengqiao.example", "PYTHONPATH": str(ROOT)}
    said = subprocess.run(
        [sys.executable, "-c", SECURE], capture_output=True, text=True, check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "fengqiao.portal.settings", **given},
    ).stdout.split()  # fmt: skip
    assert all(name.startswith("__Host-") for name in said[:3])
    assert said[3:] == ["True"] * 5 + ["False"]


def test_asked_for_the_headers_alone_the_server_sends_no_page() -> None:
    page = HttpResponse("页面", headers={"Content-Length": "6"})
    answer = HeadersMiddleware(lambda _: page)(RequestFactory().head("/"))
    assert (answer.content, answer["Content-Length"]) == (b"", "6")


@pytest.mark.parametrize(("who", "limits"), [("测算员甲", session_limits.STAFF), ("投资者甲", session_limits.OTHERS)])
def test_a_session_ends_when_it_is_not_used_and_in_any_case_after_hours(
    walk: Walk, who: str, limits: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = walk.new_client(who)
    kept = {name: morsel.value for name, morsel in client.cookies.items()}
    idle, whole = limits
    start = 1_800_000_000

    def at(seconds: int) -> int:
        monkeypatch.setattr(session_limits.time, "time", lambda: start + seconds)
        return int(client.get("/accounts/me/").status_code)

    for steps, last in (
        ([0, 10, idle - 10], idle - 10 + idle + session_limits.NOTED_EVERY + 1),
        ([*range(0, whole, idle // 2)], whole + 1),
    ):
        with nothing_stays():
            assert [at(step) for step in steps] == [200] * len(steps)
            assert at(last) == 302
            assert at(last + 1) == 302, "it does not come back"
        client.cookies.clear()
        client.cookies.load(kept)


def test_counting_stops_at_the_limit_and_begins_anew(walk: Walk) -> None:
    rate = Rate("test", 3, 60, "试验")
    with nothing_stays():
        for _ in range(3):
            take(rate, "somebody", now=600)
        with pytest.raises(TooOften, match="1 分钟后再试") as error:
            take(rate, "somebody", now=619)
        assert error.value.again_in == 44, "a minute after the slot of three seconds they fell into"
        take(rate, "somebody else", now=619)
        with pytest.raises(TooOften):
            take(rate, "somebody", now=662)
        take(rate, "somebody", now=663)
    assert network_of("2001:db8:0:1::5") == network_of("2001:db8:0:1:ffff::1") != network_of("2001:db8:0:2::1")


@pytest.mark.parametrize(
    ("rate", "who", "name", "method", "query"),
    [
        ("SEARCHES", "投资者甲", "workbench:search", "post", ""),
        ("EXPORTS", "投资者甲", "workbench:organisations", "get", "?export=csv"),
        ("CHANGES", "投资者甲", "accounts:elder_mode", "post", ""),
        ("VISITORS", VISITOR, "accounts:elder_mode", "post", ""),
    ],
)
def test_too_often_is_a_sentence_with_when_to_come_again(
    walk: Walk, rate: str, who: str, name: str, method: str, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "time", SimpleNamespace(time=lambda: 1_800_000_000))  # one stretch, not two
    limit = getattr(rate_limits, rate)
    client = walk.new_client(who)  # whose session begins at that time
    with nothing_stays():
        form = {"content_type": "application/x-www-form-urlencoded"} if method == "post" else {}
        sent = (urlencode({"csrfmiddlewaretoken": TOKEN}),) if method == "post" else ()
        answers = [getattr(client, method)(reverse(name) + query, *sent, **form) for _ in range(limit.most + 1)]
        for answer in answers:  # an export is sent while it is read
            if answer.streaming:
                b"".join(answer)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert answers[-1].status_code == 429
    assert 0 < int(refused[0]["Retry-After"]) <= limit.seconds * (1 + 1 / (limit.slots - 1)) + 1
    assert "分钟后再试" in refused[0].content.decode()


def test_one_mobile_gets_few_messages(walk: Walk) -> None:
    most, mobile = rate_limits.MESSAGES_AN_HOUR.most, "137" + "99999999"
    with nothing_stays():
        cache.clear()
        with TestCase.captureOnCommitCallbacks(execute=True):
            for _ in range(most):
                AccountAdapter().send_unknown_account_sms(mobile)
        with pytest.raises(TooOften, match="短信"):
            AccountAdapter().send_verification_code_sms(walk.cast.users["investor"], f"+86 {mobile}", "000000")
    outbox = Path(settings.ENVIRONMENT.home) / "outbox" / "sms.jsonl"
    assert outbox.read_text(encoding="utf-8").count(mobile) == most


@pytest.mark.parametrize(
    "word", ["fengqiao12386", "Fengqiao123", "调解调解调解调解调解", "password1234", "1234567890", "short1"]
)
def test_passwords_that_everybody_would_try_are_refused(walk: Walk, word: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(word, walk.cast.users["investor"])


@pytest.mark.parametrize(
    "word", ["correct horse battery staple", "一段只有我自己知道的话", "x7#" * 60, " blanks at both ends "]
)
def test_long_passwords_of_any_signs_are_kept_as_typed(walk: Walk, word: str) -> None:
    user = walk.cast.users["investor"]
    form = NewPasswordForm({"password": word, "again": word}, user=user)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["password"] == word
