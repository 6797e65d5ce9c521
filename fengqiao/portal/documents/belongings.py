"""What documents belong to: each app says who may read the files of its things."""

from __future__ import annotations

from collections.abc import Callable

from fengqiao.portal.accounts.acting import Acting

READERS: dict[str, Callable[[Acting | None, str], bool]] = {}


def files_of_kind(kind: str, may_read: Callable[[Acting | None, str], bool]) -> None:
    """Name who may read files that belong to a kind of thing (app.model): asked with who is acting and its number."""
    READERS[kind] = may_read


def may_read(acting: Acting | None, kind: str, number: str) -> bool:
    """True when the app of the thing says so; files of unknown things are nobody's."""
    asked = READERS.get(kind)
    return asked is not None and asked(acting, number)
