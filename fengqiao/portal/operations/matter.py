"""What `fengqiao check-deploy` says of one thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How a matter stands."""

    GOOD = "好"
    NOTE = "留意"
    LACKING = "缺"


@dataclass(frozen=True)
class Matter:
    """One thing to see to."""

    grade: Grade
    what: str
    todo: str = ""
