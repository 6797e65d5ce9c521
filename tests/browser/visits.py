"""Every page a browser looks at: one line an address. A guard finds addresses without a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Arguments = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Visit:
    """One page, by the name of its address, as somebody of the cast sees it."""

    name: str
    who: str = "visitor"
    arguments: Arguments = field(default=lambda cast: {})
    """The parts of its address, from the cast."""
    query: str = ""
    status: int = 200
    note: str = ""
    """What tells it from other visits to the same address."""

    @property
    def label(self) -> str:
        """What the test and its pictures are called."""
        parts = (self.name.replace(":", "-"), self.query.replace("=", "-"), self.note, self.who)
        return "-".join(part for part in parts if part)


VISITS = (
    Visit("workbench:start"),
    Visit("workbench:start", "measurer"),
    Visit("workbench:start", "investor"),
    Visit("workbench:search", "measurer"),
    Visit("workbench:organisations", "measurer"),
    Visit("workbench:organisations", "measurer", query="name=不存在"),
    Visit("shell:help"),
    Visit("shell:help", "measurer"),
    Visit("shell:accessibility"),
    Visit("shell:privacy"),
)
NO_PAGE = {
    "shell:save_draft": "takes what is filled in and answers with one line",
    "accounts:elder_mode": "takes a button's form and leads back",
    "accounts:wear_role": "takes a button's form and leads to the start page",
}
"""Addresses that show no page of their own, each with its reason."""
