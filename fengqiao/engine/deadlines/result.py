"""What is known about one period: its last day, every step that led there, and what it rests on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fengqiao.engine.deadlines.periods import LABELS
from fengqiao.engine.deadlines.rules import SENSES
from fengqiao.engine.deadlines.wording import plain, written

if TYPE_CHECKING:
    from fengqiao.engine.deadlines.calendars import Calendars
    from fengqiao.engine.deadlines.periods import Period
    from fengqiao.engine.deadlines.rules import Rule
    from fengqiao.engine.deadlines.settings import Settings

CHINA = dt.timezone(dt.timedelta(hours=8), "UTC+08:00")
State = Literal["not_started", "running", "suspended", "interrupted", "open", "expired", "settled"]
StepKind = Literal["start", "count", "suspended", "interrupted", "extended", "rolled", "capped", "fixed", "end"]
STATES: dict[State, str] = {
    "not_started": "尚未起算",
    "running": "进行中",
    "suspended": "中止",
    "interrupted": "中断，程序尚未终结",
    "open": "期间的终点尚未确定",
    "expired": "已届满",
    "settled": "向前计算的日期",
}


@dataclass(frozen=True)
class Step:
    """One step of the counting, in Chinese, with the days it speaks of."""

    kind: StepKind
    text: str
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(frozen=True)
class Basis:
    """One value of the law on which the result rests. parameter is empty for a length that was given by the user."""

    parameter: str
    row: str
    source: str
    in_force_from: dt.date | None
    in_force_to: dt.date | None
    verified: bool
    missing: str = ""

    def __str__(self) -> str:
        if self.in_force_from is None:
            days = ""
        elif self.in_force_to is None:
            days = f"，{plain(self.in_force_from)}起施行"
        else:
            days = f"，施行于{plain(self.in_force_from)}至{plain(self.in_force_to)}"
        return f"{self.source}{days}" + ("" if self.verified else f"（待核：{self.missing}）")


@dataclass(frozen=True)
class Due:
    """The result of counting one period.

    day: the last day, None while it is not fixed (suspended, interrupted, window still open); `rule.sense` says what
    it means. opens: the first day on which to act, where the rule has one. counted_on: the last day before the roll.
    counted, left: days already counted and still to be counted, where the count stands still (natural days for a period
    in natural days, months or years, else working or trading days). provisional: a day beyond the last announced year
    was guessed (暂算). closing: end of business hours on the last day, None for 24:00.
    """

    rule: Rule
    started_on: dt.date
    as_of: dt.date
    law_on: dt.date
    period: Period | None
    day: dt.date | None
    counted_on: dt.date | None
    opens: dt.date | None
    state: State
    counted: int
    left: int
    steps: tuple[Step, ...]
    basis: tuple[Basis, ...]
    notes: tuple[str, ...]
    provisional: bool
    settings: Settings
    calendars: Calendars

    @property
    def verified(self) -> bool:
        """True if every value it rests on was read in full text (nothing is 待核)."""
        return all(item.verified for item in self.basis)

    @property
    def moment(self) -> dt.datetime | None:
        """The moment (Beijing time) at which the last day ends: 24:00, or the end of business hours if that is set."""
        if self.day is None:
            return None
        if self.settings.closing is not None:
            return dt.datetime.combine(self.day, self.settings.closing, CHINA)
        return dt.datetime.combine(self.day + dt.timedelta(days=1), dt.time(0), CHINA)

    def explanation(self) -> str:
        """The whole chain in Chinese, one line a step, with basis, notes and what is 待核 or 暂算."""
        lines = [f"{number}. {step.text}" for number, step in enumerate(self.steps, 1)]
        lines += [f"依据：{item}" for item in self.basis]
        lines += [f"注意：{note}" for note in self.notes]
        return "\n".join(lines)

    def headline(self) -> str:
        """The result in one line."""
        if self.day is None:
            unit = LABELS[self.period.unit] if self.period is not None and self.period.in_open_days else "日"
            rest = f"，尚余{self.left}{unit}" if self.left else ""
            return f"{self.rule.title}：{STATES[self.state]}，届满日未定{rest}"
        close = self.settings.closing
        hour = "24时" if close is None else f"{close.hour}时{close.minute}分" if close.minute else f"{close.hour}时"
        opens = f"{plain(self.opens)}起，至" if self.opens and self.opens != self.started_on else ""
        flags = ("" if self.verified else "（待核）") + ("（暂算）" if self.provisional else "")
        return f"{self.rule.title}：{opens}{written(self.day)}{hour}，{SENSES[self.rule.sense]}{flags}"

    def as_json(self) -> dict[str, Any]:
        """Everything as plain JSON values; days as 2026-02-24, the moment with its offset."""

        def text(value: object) -> str | None:
            return None if value is None else str(value)

        return {
            "rule": self.rule.id,
            "rows": list(self.rule.rows),
            "title": self.rule.title,
            "sense": self.rule.sense,
            "started_on": text(self.started_on),
            "as_of": text(self.as_of),
            "law_on": text(self.law_on),
            "period": None if self.period is None else {"number": self.period.number, "unit": self.period.unit},
            "opens": text(self.opens),
            "day": text(self.day),
            "counted_on": text(self.counted_on),
            "moment": None if self.moment is None else self.moment.isoformat(),
            "state": self.state,
            "counted": self.counted,
            "left": self.left,
            "verified": self.verified,
            "provisional": self.provisional,
            "steps": [
                {"kind": s.kind, "text": s.text, "first": text(s.first), "last": text(s.last)} for s in self.steps
            ],
            "basis": [
                {
                    "parameter": b.parameter, "row": b.row, "source": b.source, "from": text(b.in_force_from),
                    "to": text(b.in_force_to), "verified": b.verified, "missing": b.missing,
                }
                for b in self.basis
            ],
            "notes": list(self.notes),
        }  # fmt: skip
