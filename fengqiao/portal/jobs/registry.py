"""Which kinds of work there are, and what does them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fengqiao.portal.jobs.running import Running


@dataclass(frozen=True)
class Outcome:
    """What a job came to."""

    result: dict[str, Any] = field(default_factory=dict)
    effect: Callable[[], None] | None = None
    """What is to be changed in the database: done in the transaction that finishes the job, so exactly once."""


@dataclass(frozen=True)
class Kind:
    """One kind of work."""

    name: str
    run: Callable[[Running], Outcome]
    attempts: int
    """How often an attempt that broke is made anew, all in all."""
    every: dt.timedelta | None = None
    """For work that comes round by the clock: how often."""
    title: str = ""
    ended: Callable[[Any, str], None] | None = None
    """Told of a job that ended without a result (job, state): in the same transaction."""


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    *,
    attempts: int = 3,
    every: dt.timedelta | None = None,
    title: str = "",
    ended: Callable[[Any, str], None] | None = None,
) -> Callable[[Callable[[Running], Outcome]], Callable[[Running], Outcome]]:
    """Name a function of an app's `jobs.py` as a kind of work."""

    def add(run: Callable[[Running], Outcome]) -> Callable[[Running], Outcome]:
        if name in KINDS and KINDS[name].run is not run:
            raise ValueError(f"Two kinds of work are called {name}.")
        KINDS[name] = Kind(name, run, attempts, every, title, ended)
        return run

    return add
