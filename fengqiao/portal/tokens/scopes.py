"""What a token may be good for. Later apps add theirs with `register` in their `ready()`.

A scope gives no right: whoever holds a token sees what the person sees in the role, and of that what the scopes name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """One kind of use."""

    key: str
    """`<what>.<read or write>`, as it is kept and as interfaces ask for it."""
    title: str
    text: str
    """What it opens, in a sentence for whoever makes a token."""


MEASUREMENTS_READ = "measurements.read"
DEADLINES_READ = "deadlines.read"
SCOPES: dict[str, Scope] = {}


def register(scope: Scope) -> None:
    """Add a scope; the same one twice is one."""
    if SCOPES.setdefault(scope.key, scope) != scope:
        raise ValueError(f"Two scopes are called {scope.key}.")


register(Scope(MEASUREMENTS_READ, "读取测算案件和结果", "本人在这一角色下看得到的测算案件、测算和结果。"))
register(Scope(DEADLINES_READ, "读取期限", "本人在这一角色下看得到的期限及其状态。"))


def titles(keys: Iterable[str]) -> list[str]:
    """In words; one that no app knows any more by its key."""
    return [SCOPES[key].title if key in SCOPES else key for key in keys]
