"""What the texts leave open in counting, each with a default; the reasons stand in docs/methods/deadlines.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from fengqiao.engine.errors import unknown_name

if TYPE_CHECKING:
    from datetime import time

RollChoice = Literal["roll", "none"]
ExtensionBase = Literal["last_day", "counted_day"]
Week = Literal["seven_days", "calendar_week"]
BackwardRoll = Literal["earlier", "none"]


@dataclass(frozen=True)
class Settings:
    """Choices that no text decides.

    silent_roll: a legal limit whose text says nothing about rest days: "roll" as 民法典 art. 203 does, or "none".
    internal_roll: an organisation's own limit: "none" or "roll".
    extension_base: an extension runs from the last day after its roll ("last_day") or from the day counted before it.
    before_includes_day: whether 某日前 and 最后一日前 include that day.
    week: the first or last week of a month: "seven_days" (the first or last seven days) or "calendar_week" (Monday to
    Sunday, the one that holds the month's first or last day).
    backward_roll: a day counted backwards that falls on a rest day moves "earlier" to a working day, or "none".
    closing: end of business hours on the last day (民法典 art. 203 ¶2); None is 24:00.
    A value that is not among the choices is an InputError.

    >>> Settings().silent_roll, Settings(week="calendar_week").week
    ('roll', 'calendar_week')
    """

    silent_roll: RollChoice = "roll"
    internal_roll: RollChoice = "none"
    extension_base: ExtensionBase = "last_day"
    before_includes_day: bool = True
    week: Week = "seven_days"
    backward_roll: BackwardRoll = "earlier"
    closing: time | None = None

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise unknown_name(f"value of the setting {name}", str(getattr(self, name)), choices)


CHOICES: dict[str, tuple[str, ...]] = {
    "silent_roll": get_args(RollChoice),
    "internal_roll": get_args(RollChoice),
    "extension_base": get_args(ExtensionBase),
    "week": get_args(Week),
    "backward_roll": get_args(BackwardRoll),
}
DEFAULTS = Settings()
