"""What other apps say of the things their messages are about: where they are looked at, who wants to know what came of
a message. Called in `ready()`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.notices.models import Notice

SENT, DELIVERED, FAILED, READ = "sent", "delivered", "failed", "read"
PAGES: dict[str, Callable[[Acting, str], str | None]] = {}
WATCHERS: dict[str, Callable[[Notice, str, dt.datetime], None]] = {}


def subject_page(kind: str, page: Callable[[Acting, str], str | None]) -> None:
    """Name where a kind of thing (app.model) is looked at: the address for who is acting, None when it is not there
    for them."""
    PAGES[kind] = page


def watch_subject(kind: str, told: Callable[[Notice, str, dt.datetime], None]) -> None:
    """Tell an app what became of messages about its things, in the transaction that wrote it down."""
    WATCHERS[kind] = told


def page_of(notice: Notice, acting: Acting) -> str | None:
    """Where the thing a message is about is looked at by its recipient."""
    page = PAGES.get(notice.subject_kind)
    return page(acting, notice.subject_id) if page else None


def tell(notice: Notice, happened: str, now: dt.datetime) -> None:
    """Say what became of a message."""
    watcher = WATCHERS.get(notice.subject_kind)
    if watcher:
        watcher(notice, happened, now)
