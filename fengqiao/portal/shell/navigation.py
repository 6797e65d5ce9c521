"""What stands in the navigation: every app says in its apps.py which pages people enter it by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse

EVERYBODY: tuple[str, ...] = ()
VISITOR = "visitor"
"""The kind of somebody who is not logged in."""


@dataclass(frozen=True)
class Entry:
    """One line of the navigation. An app's config holds `navigation = (Entry(...), ...)`."""

    title: str
    url_name: str
    icon: str
    kinds: tuple[str, ...] = EVERYBODY
    """The kinds of role that see it (`Role.Kind` values, or VISITOR); empty: everybody who is logged in."""
    place: int = 50
    """Lower numbers stand further up."""
    only: Callable[[Any], bool] | None = None
    """Asked of who is acting, where the kind of role does not decide alone."""


@dataclass(frozen=True)
class Shown:
    """A line as it stands on a page."""

    title: str
    url: str
    icon: str
    here: bool


def entries() -> Iterator[Entry]:
    """All lines of all apps."""
    for app in apps.get_app_configs():
        yield from getattr(app, "navigation", ())


def shown_for(request: HttpRequest, acting: Any) -> list[Shown]:
    """The lines for a person in the role they wear; the one that leads to this page or above it is marked."""
    kind = acting.role.kind if acting and acting.role else "" if acting else VISITOR
    own = [
        entry for entry in entries()
        if (kind in entry.kinds if entry.kinds else acting is not None) and (not entry.only or entry.only(acting))
    ]  # fmt: skip
    own.sort(key=lambda entry: (entry.place, entry.title))
    urls = [reverse(entry.url_name) for entry in own]
    above = [url for url in urls if request.path == url or (url != "/" and request.path.startswith(url))]
    here = max(above, key=len, default="")
    return [Shown(entry.title, url, entry.icon, url == here) for entry, url in zip(own, urls, strict=True)]
