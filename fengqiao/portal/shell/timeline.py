"""The head of a case and its time line, as values that templates show (shell/case_head.html, shell/timeline.html)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from fengqiao.portal.shell.words import day_text, moment_text

SIGNS = {"note": "info-circle", "good": "circle-check", "warning": "alert-triangle", "bad": "circle-x"}


@dataclass(frozen=True)
class Entry:
    """Something that happened: when, who, what."""

    when: dt.datetime | dt.date
    what: str
    who: str = ""
    detail: str = ""
    kind: Literal["note", "good", "warning", "bad"] = "note"
    url: str = ""
    sign: str = ""
    """An icon in place of that of the kind."""

    @property
    def icon(self) -> str:
        """The icon beside it."""
        return self.sign or SIGNS[self.kind]

    @property
    def when_text(self) -> str:
        """Day, and time where there is one."""
        return moment_text(self.when) if isinstance(self.when, dt.datetime) else day_text(self.when)


@dataclass(frozen=True)
class Stage:
    """One stage of a case: done, now or later."""

    title: str
    place: Literal["done", "now", "later"]


def stages_of(titles: list[str], now: int) -> list[Stage]:
    """The stages of a case; now: the number of the present one, len(titles) when all are done."""
    return [
        Stage(title, "done" if place < now else "now" if place == now else "later")
        for place, title in enumerate(titles)
    ]


@dataclass(frozen=True)
class CaseHead:
    """What stands on top of every page of a case."""

    number: str
    state: str
    kind: str = "running"
    facts: tuple[tuple[str, str], ...] = ()
    due: dt.datetime | None = None
    stages: tuple[Stage, ...] | list[Stage] = ()
