"""No page leads its reader where there is nothing for them: every link of every page, followed as each of the cast."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlparse

import pytest
from django.urls import resolve

from tests.browser.deadlines import make_deadlines
from tests.browser.drafting import make_fillings
from tests.guards.tree import say
from tests.permission_walk import Walk, members, on_the_way

HOST = "http://testserver"
OF_ONE_KIND, MOST = 2, 400
"""How many addresses of one name are opened, and how many pages of one reader."""
LINK, MARK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"'), re.compile(r'\bid="([^"]+)"')
NOT_PAGES = ("/static/",)


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """The tests' database; one transaction for the whole file."""


@pytest.fixture(scope="module")
def walk(db: None, django_db_blocker: Any) -> Iterator[Walk]:
    """The cast, with something in every app, in a database that is as it was afterwards."""
    with django_db_blocker.unblock(), on_the_way() as walking:
        make_deadlines(walking.cast.users)
        make_fillings(walking.cast.users)
        yield walking


@dataclass
class Reader:
    """Somebody who opens all that they are offered."""

    client: Any
    queue: list[tuple[str, str]] = field(default_factory=lambda: [("/", "")])
    seen: set[str] = field(default_factory=lambda: {"/"})
    of_kind: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    opened: int = 0

    def read_all(self) -> None:
        """Until there is nothing new."""
        while self.queue and self.opened < MOST:
            path, came_from = self.queue.pop(0)
            self.opened += 1
            response = self.client.get(path, follow=True, HTTP_REFERER=HOST + came_from)
            is_page = "text/html" in response.get("Content-Type", "") and not response.streaming
            body = response.content.decode() if is_page else ""
            if response.status_code >= 400:
                self.wrong.append(f"{path} answers {response.status_code}; linked from {came_from or 'nowhere'}")
            else:
                self.note_links(path, body)

    def note_links(self, path: str, body: str) -> None:
        """What the page offers."""
        marks = set(MARK.findall(body))
        for link in LINK.findall(body):
            where = html.unescape(link)
            if where.startswith("#") and where[1:] and where[1:] not in marks:
                self.wrong.append(f"{path} links to {where}, which is not on it")
            found = urlparse(urljoin(HOST + path, where))
            if f"{found.scheme}://{found.netloc}" != HOST or found.path.startswith(NOT_PAGES):
                continue
            kind = resolve(found.path).view_name
            target = found.path + (f"?{found.query}" if found.query else "")
            if target in self.seen or self.of_kind[kind] >= OF_ONE_KIND:
                continue
            self.seen.add(target)
            self.of_kind[kind] += 1
            self.queue.append((target, path))


@pytest.mark.parametrize("who", sorted(members()))
def test_links_lead_somewhere(who: str, walk: Walk) -> None:
    reader = Reader(walk.client(who))
    reader.read_all()
    assert not reader.wrong, say(
        reader.wrong, f"{who} is offered links that lead to nothing; show them to others only."
    )
    assert 5 < reader.opened < MOST
