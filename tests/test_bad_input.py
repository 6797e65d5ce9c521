"""Whatever is sent to whatever address: the answer is a page or a sentence, never a failure, never a look inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from tests.permission_objects import OBJECTS
from tests.permission_walk import TOKEN, VISITOR, Walk, nothing_stays, on_the_way, table

PEOPLE = (VISITOR, "投资者甲", "测算员甲", "平台管理员甲")
INSIDE = re.compile(r"Traceback|File \"|django\.|site-packages|Exception|SELECT |sqlite3|psycopg")
NAMES = (
    "q", "name", "kind", "sort", "at", "export", "next", "role", "on", "reason", "login", "password", "phone", "code",
    "number", "credit_code", "region", "kinds", "username", "mobile", "again", "agreed", "draft_form", "draft_version",
    "draft_subject", "draft_save", "password1", "password2", "oldpassword", "action", "session", "title", "security",
    "file", "files", "credential", "granted_from", "part", "row",
)  # fmt: skip
NASTY = (
    "\0", "a\0b", "\xed\xa0\x80", "\x1b[31m", "\r\nSet-Cookie: a=b", "'\"><script>", "{{7*7}}", "${7*7}", "-1", "1e309",
    "../../etc/passwd", "9" * 400, "NaN", "²", "٣", "𝟙", "x" * 5_000, "=cmd|' /C calc'!A0", "//evil.example", "\u202e",
    "javascript:alert(1)", "2026-02-30", "0000-00-00", "[]", "{}", "null", "%", "%zz", "W10", "WzEsMiwzXQ", "csv",
    "xlsx", "WyJhIiwgIjEiLCAwXQ", "-id", "name", "invite", "1", "on", "accounts.invite",
)  # fmt: skip
VALUES = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))
GIVEN = st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), VALUES, max_size=5)
HEADERS = st.sampled_from((
    {}, {"HTTP_HX_REQUEST": "true"}, {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "list-\0"}, {"HTTP_X_UPLOAD": "1"},
    {"HTTP_ACCEPT_LANGUAGE": "\xff;q=x"}, {"HTTP_USER_AGENT": "\x00" * 300}, {"HTTP_RANGE": "bytes=9-1"},
    {"HTTP_REFERER": "http://[::1"}, {"HTTP_X_FORWARDED_FOR": "a,b,\n"}, {"HTTP_AUTHORIZATION": "Bearer \xe4\xb8"},
    {"HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}=\x00; a=\"b"}, {"HTTP_IF_MODIFIED_SINCE": "x"},
    {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
))  # fmt: skip


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """The tests' database; one transaction for the whole file, each request in one of its own."""


@pytest.fixture(scope="module")
def walk(db: None, django_db_blocker: Any) -> Iterator[Walk]:
    with django_db_blocker.unblock(), on_the_way() as walking:
        yield walking


def check(response: Any, what: str, *, may_fail: bool = False) -> None:
    body = b"".join(response) if response.streaming else response.content
    assert response.status_code < 500 or may_fail, f"{what}: {response.status_code}"
    if "text/html" in response.headers.get("Content-Type", ""):
        text = body.decode()
        found = INSIDE.search(re.sub(r'value="[^"]*"|<textarea.*?</textarea>', "", text, flags=re.DOTALL))
        assert not found, f"{what}: {found[0]}"
        assert response.status_code < 400 or re.search(r"[\u4e00-\u9fff]", text), f"{what}: no sentence"
    assert not any("\n" in value for value in response.headers.values())


ADDRESSES = sorted({(row.name, row.object) for row in table()})


@pytest.mark.parametrize(("name", "what"), ADDRESSES, ids=lambda part: part or "-")
def test_whatever_is_sent_is_answered(walk: Walk, name: str, what: str) -> None:
    url = reverse(name, kwargs=OBJECTS[what](walk.cast))

    @how(max_examples=8, deadline=None, derandomize=True, database=None,
         suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])  # fmt: skip
    @given(query=GIVEN, body=st.one_of(GIVEN, st.binary(max_size=60)), headers=HEADERS, who=st.sampled_from(PEOPLE))
    def send(query: dict[str, str], body: Any, headers: dict[str, str], who: str) -> None:
        client = walk.client(who)
        client.raise_request_exception = True
        kept = {name: morsel.value for name, morsel in client.cookies.items()}
        pairs = ((quote(name, errors="replace"), quote(value, errors="replace")) for name, value in query.items())
        address = f"{url}?{'&'.join(f'{name}={value}' for name, value in pairs)}"
        sent = {**body, "csrfmiddlewaretoken": TOKEN} if isinstance(body, dict) else body
        kind = {} if isinstance(body, dict) else {"content_type": "application/x-www-form-urlencoded"}
        try:
            with nothing_stays():
                check(client.get(address, **headers), f"GET {address!r} {who}")
            with nothing_stays():
                answer = client.post(address, sent, HTTP_X_CSRFTOKEN=TOKEN, **kind, **headers)
                check(answer, f"POST {address!r} {who} {sent!r}")
        finally:
            client.cookies.clear()
            client.cookies.load(kept)

    send()


BROKEN = (
    "/%ff%fe/", "/%00/", "/accounts/organisations/99999999999999999999999/people/", "//evil.example/",
    "/accounts/invitations/accept/%00/", "/accounts/invitations/accept/%e4%b8/", "/static/%2e%2e/settings.py",
    "/organisations/?name=%ff%fe", "/organisations/?at=%00&sort=%00&kind=%00", "/login/?next=//evil.example",
    "/cases/99999999999999999999/",
)  # fmt: skip


@pytest.mark.parametrize("path", BROKEN)
@pytest.mark.parametrize("who", PEOPLE)
def test_broken_addresses_are_answered(walk: Walk, path: str, who: str) -> None:
    client = walk.client(who)
    with nothing_stays():
        check(client.get("/", PATH_INFO=path.split("?")[0], QUERY_STRING=path.partition("?")[2]), path)
        check(client.get(path), path)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"])
def test_other_methods_change_nothing(walk: Walk, method: str) -> None:
    for row in table():
        url = reverse(row.name, kwargs=OBJECTS[row.object](walk.cast))
        with nothing_stays():
            response = walk.client("平台管理员甲").generic(method, url, HTTP_X_CSRFTOKEN=TOKEN)
            check(response, f"{method} {url}")
            assert response.status_code in (200, 302, 404, 405), f"{method} {url}: {response.status_code}"
            assert method == "OPTIONS" or response.status_code != 200 or row.name.startswith(("account_", "mfa_")), url


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8000@evil.example", "a b", "\x00", ""])
def test_an_unknown_host_is_refused(walk: Walk, host: str) -> None:
    client = Client(raise_request_exception=False, HTTP_HOST=host)
    response = client.get("/login/")
    check(response, host)
    assert response.status_code == 400
    assert "evil" not in response.content.decode()


ELSEWHERE = (
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "\thttps://evil.example",
)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_led_elsewhere(walk: Walk, target: str) -> None:
    for name in ("accounts:elder_mode", "account_logout", "account_login"):
        client = walk.client("投资者甲")
        kept = {key: morsel.value for key, morsel in client.cookies.items()}
        with nothing_stays():
            sent = {"on": "1", "next": target, "csrfmiddlewaretoken": TOKEN}
            response = client.post(f"{reverse(name)}?next={quote(target)}", sent)
        client.cookies.clear()
        client.cookies.load(kept)
        leads = response.headers.get("Location", "")
        assert "evil" not in leads, name
        assert "javascript" not in leads, name


def test_too_much_at_once_is_a_sentence(walk: Walk) -> None:
    with nothing_stays():
        fields = {f"f{number}": "x" for number in range(2_100)}
        response = walk.client("投资者甲").post(reverse("workbench:search"), {**fields, "csrfmiddlewaretoken": TOKEN})
        check(response, "too many fields")
        assert response.status_code in (400, 413)
        response = walk.client("投资者甲").post(
            reverse("workbench:search"), b"q=" + b"x" * (6 << 20), HTTP_X_CSRFTOKEN=TOKEN,
            content_type="application/x-www-form-urlencoded",
        )  # fmt: skip
        check(response, "too large")
        assert response.status_code in (400, 413)
    cache.clear()
