"""Walking the addresses of the portal as each of the cast: real sessions, real CSRF, nothing left behind."""

from __future__ import annotations

import csv
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from fengqiao.portal.demo.cast import people
from tests.browser.cast import Cast, make_cast

TABLE = Path(__file__).parents[1] / "fengqiao" / "portal" / "permissions.csv"
HEAD = ("name", "method", "title", "object")
VISITOR, OTHER_HAT = "访客", "测算员甲（投资者身份）"
LOGIN, AGAIN, NOT_THERE = "login", "again", "404"
TOKEN = "t" * 32
MISSING: dict[str, Any] = {"int": 999_999_999, "str": "x" * 43, "slug": "nobody", "uuid": uuid.UUID(int=1), "path": "x"}
"""Parts of addresses, by converter, for which nothing was ever made."""


@dataclass(frozen=True)
class Row:
    """What each of the cast is answered at one address."""

    name: str
    method: str
    title: str
    object: str
    answers: dict[str, str]

    @property
    def label(self) -> str:
        """What the test of this row is called."""
        return f"{self.name}-{self.method}" + (f"-{self.object}" if self.object else "")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    said: str
    body: str
    error: str = ""


def members() -> dict[str, tuple[str, str]]:
    """The columns: who (key in the cast, empty for the visitor) and the role worn, when it is not the first."""
    named = {person.name: (person.key, "") for person in people()}
    return {VISITOR: ("", ""), **named, OTHER_HAT: ("measurer", "investor")}


def table() -> list[Row]:
    """The table; an empty cell stands for 404."""
    with TABLE.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Row(*(row[name] for name in HEAD), {who: row[who] or NOT_THERE for who in row if who not in HEAD})
        for row in rows
    ]


def line(row: Row) -> str:
    """A row as it stands in the table."""
    cells = [row.answers.get(who, NOT_THERE) for who in members()]
    return ",".join([row.name, row.method, row.title, row.object, *("" if c == NOT_THERE else c for c in cells)])


@cache
def addresses() -> dict[str, dict[str, str]]:
    """Every address by name: the names of its parts with their kinds."""
    found: dict[str, dict[str, str]] = {}

    def walk(patterns: list[URLPattern | URLResolver], prefix: str, parts: dict[str, str]) -> None:
        for item in patterns:
            own = {name: type(kind).__name__ for name, kind in item.pattern.converters.items()}
            own = {**parts, **{name: kind.removesuffix("Converter").lower() for name, kind in own.items()}}
            if isinstance(item, URLResolver):
                walk(item.url_patterns, f"{prefix}{item.namespace}:" if item.namespace else prefix, own)
            else:
                found[f"{prefix}{item.name}"] = {n: "str" if k == "string" else k for n, k in own.items()}

    walk(get_resolver("fengqiao.portal.urls").url_patterns, "", {})
    return found


def missing(name: str) -> dict[str, Any]:
    """Parts of an address that lead to nothing."""
    return {part: MISSING[kind] for part, kind in addresses()[name].items()}


@contextmanager
def nothing_stays() -> Iterator[None]:
    """What happens within is undone; within, a transaction of its own looks like the outermost one."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@contextmanager
def on_the_way() -> Iterator[Walk]:
    """The cast in a database, and with a home, that are as they were afterwards."""
    with TemporaryDirectory(prefix="fengqiao-walk-") as folder:
        home = replace(settings.ENVIRONMENT, home=Path(folder))
        with override_settings(ENVIRONMENT=home, ACCOUNT_REAUTHENTICATION_TIMEOUT=86400), nothing_stays():
            walking = Walk(make_cast(more_bodies=0))
            for who in members():  # now: a session begun later would be undone with what was asked
                walking.client(who).get(reverse("operations:health"))  # its beginning is noted once, as in use
            yield walking


@dataclass
class Walk:
    """The cast on its way."""

    cast: Cast
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        """The browser of one of the cast."""
        if who not in self.clients:
            self.clients[who] = self.new_client(who)
        return self.clients[who]

    def new_client(self, who: str) -> Client:
        """Another browser of theirs, whose session has yet to make its first request."""
        key, wearing = members()[who]
        client = Client(enforce_csrf_checks=True, raise_request_exception=False, REMOTE_ADDR="192.0.2.7")
        client.cookies[settings.CSRF_COOKIE_NAME] = TOKEN
        if key:
            session = self.cast.session_of(key, wearing=wearing, fresh=True)
            client.cookies[settings.SESSION_COOKIE_NAME] = session
        return client

    def ask(self, who: str, name: str, method: str, parts: dict[str, Any], **data: str) -> Answer:
        """Ask for an address; whatever it changes is undone."""
        url = reverse(name, kwargs=parts)
        errors: list[str] = []

        def note(**given: Any) -> None:
            import sys

            errors.append(repr(sys.exc_info()[1]))

        got_request_exception.connect(note)
        client = self.client(who)
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        try:
            with nothing_stays():
                sent = {"csrfmiddlewaretoken": TOKEN, **data} if method == "POST" else data
                response = getattr(client, method.lower())(url, sent)
                body = b"".join(response) if response.streaming else response.content
        finally:
            got_request_exception.disconnect(note)
            client.cookies.clear()
            client.cookies.load(cookies)
        return Answer(said(response), comparable(body.decode(errors="replace"), url), "; ".join(errors))


def said(response: Any) -> str:
    """The answer as it stands in the table."""
    if response.status_code in (301, 302, 303, 307, 308):
        path = response["Location"].split("?")[0]
        if path == reverse("account_login"):
            return LOGIN
        return AGAIN if path in (reverse("account_reauthenticate"), reverse("mfa_reauthenticate")) else "302"
    return str(response.status_code)


def comparable(body: str, url: str) -> str:
    """A page without what differs at every call: tokens, and its own address."""
    body = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w+', r"\1", body)
    return body.replace(url, "URL")
