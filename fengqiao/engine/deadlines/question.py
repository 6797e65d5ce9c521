"""One question: the rule, the start, what happened since; the law it rests on is looked up and noted here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from fengqiao.engine import law
from fengqiao.engine.deadlines.periods import Period
from fengqiao.engine.deadlines.result import Basis, Due, State, Step
from fengqiao.engine.deadlines.wording import plain
from fengqiao.engine.errors import InputError, OutOfKnownDatesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fengqiao.engine.deadlines.calendars import Calendars
    from fengqiao.engine.deadlines.facts import Extension, GivenLength, Interruption, Suspension
    from fengqiao.engine.deadlines.periods import Unit
    from fengqiao.engine.deadlines.rules import Rule
    from fengqiao.engine.deadlines.settings import Settings

NOT_HELD = "该日施行的文本未收入"


@dataclass
class Question:
    """What was asked; steps, basis and notes are written down while it is answered."""

    rule: Rule
    started_on: dt.date
    as_of: dt.date
    law_on: dt.date
    calendars: Calendars
    settings: Settings
    given: GivenLength | None = None
    suspensions: Sequence[Suspension] = ()
    interruptions: Sequence[Interruption] = ()
    extensions: Sequence[Extension] = ()
    ended_by: dt.date | None = None
    damaged_on: dt.date | None = None
    steps: list[Step] = field(default_factory=list)
    basis: list[Basis] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def period(self) -> Period:
        """The length of the rule on the day whose law applies, or the length that was given where the law sets none."""
        if not self.rule.length:
            return self._designated()
        parameter = law.parameter(self.rule.length)
        if self.given is not None:
            if parameter.values:
                why = f"{parameter.title} is {parameter.values[-1]}"
                raise InputError(f"{self.rule.id} has its length from the law; none can be given", why=why)
            self._add(Basis("", self.rule.rows[0], self.given.source, None, None, verified=True))
            self.notes.append(f"期间长度{self.given.period}由使用者依“{self.given.source}”给出。{parameter.absent}")
            return self.given.period
        return self.period_of(self.rule.length)

    def _designated(self) -> Period:
        if self.given is None:
            todo = "Give its length (期间长度) and who set it"
            raise InputError(f"{self.rule.id}（{self.rule.title}） has no length of its own", todo=todo)
        self._add(Basis("", "", self.given.source, None, None, verified=True))
        return self.given.period

    def period_of(self, parameter: str) -> Period:
        """The length a law parameter sets on the day whose law applies; noted as basis."""
        dated = self.rests_on(parameter)
        if not isinstance(dated.value, int):
            raise InputError(f"{parameter} is not a period (期间)", why=str(dated))
        return Period(dated.value, cast("Unit", dated.unit))

    def rests_on(self, parameter: str) -> law.Dated:
        """The value of a parameter on the day whose law applies, noted as basis; not known on that day: refused."""
        try:
            dated = law.value_on(parameter, self.law_on)
        except OutOfKnownDatesError as error:
            if not law.parameter(parameter).values:
                todo = "Give the length (期间长度) together with the rule that sets it"
            else:
                todo = f"Check the date; if the text of another day applies, give that day as law_on. {error.todo}"
            raise OutOfKnownDatesError(error.what, why=error.why, todo=todo) from error
        self._note(parameter, dated)
        return dated

    def cites(self, parameter: str) -> None:
        """Note a provision on counting as basis; a text not known on that day is noted as 待核, not refused."""
        try:
            self._note(parameter, law.value_on(parameter, self.law_on))
        except OutOfKnownDatesError:
            item = law.parameter(parameter)
            later = item.values[0] if item.values else None
            source = later.source if later else item.title
            self._add(Basis(parameter, item.ref, source, None, None, verified=False, missing=NOT_HELD))

    def step(self, kind: str, text: str, first: dt.date | None = None, last: dt.date | None = None) -> None:
        """Write a step down."""
        self.steps.append(Step(kind, text, first, last))  # type: ignore[arg-type]

    def law_has_changed(self) -> None:
        """Note if the value on the day of the question is another one than that on the day whose law applies."""
        values = law.parameter(self.rule.length).values if self.rule.length else ()
        then = next((value for value in values if value.covers(self.law_on)), None)
        now = next((value for value in values if value.covers(self.as_of)), None)
        if then is not None and now is not then and self.as_of > self.law_on:
            text = f"改为{now}" if now is not None else "不再施行"
            self.notes.append(
                f"按{plain(self.law_on)}施行的规定计算（{then}）；至{plain(self.as_of)}已{text}，是否适用须核对"
            )

    def answer(
        self,
        day: dt.date | None,
        *,
        state: State,
        period: Period | None = None,
        counted_on: dt.date | None = None,
        opens: dt.date | None = None,
        counted: int = 0,
        left: int = 0,
        consulted: bool = True,
    ) -> Due:
        """The result with all that was written down. consulted: whether the calendar was asked about the last day."""
        unit: Unit = period.unit if period is not None else "WD"
        provisional = consulted and day is not None and day > self.calendars.last_known(unit)
        if day is not None and consulted and (note := self.calendars.status(unit, day).note):
            self.notes.append(f"日历：{note}")
        if self.rule.note:
            self.notes.append(self.rule.note)
        self.law_has_changed()
        return Due(
            rule=self.rule, started_on=self.started_on, as_of=self.as_of, law_on=self.law_on, period=period, day=day,
            counted_on=counted_on, opens=opens, state=state, counted=counted, left=left, steps=tuple(self.steps),
            basis=tuple(self.basis), notes=tuple(dict.fromkeys(self.notes)), provisional=provisional,
            settings=self.settings, calendars=self.calendars,
        )  # fmt: skip

    def state_on(self, day: dt.date) -> State:
        """Where the period stands on the day of the question, given its last day."""
        if self.rule.sense == "lookback":
            return "settled"
        if self.as_of > day:
            return "expired"
        if self.as_of < self.started_on and self.rule.sense != "before":
            return "not_started"
        paused = any(item.overlaps(self.as_of, self.as_of) for item in self.suspensions)
        return "suspended" if paused and self.rule.pause in ("open", "cause") else "running"

    def _note(self, parameter: str, dated: law.Dated) -> None:
        item = law.parameter(parameter)
        first, last = dated.in_force_from, dated.in_force_to
        self._add(Basis(parameter, item.ref, dated.source, first, last, dated.verified, dated.missing))
        if dated.note and parameter != "limitation.suspension_months":
            self.notes.append(f"{item.title}：{dated.note}")

    def _add(self, basis: Basis) -> None:
        if basis not in self.basis:
            self.basis.append(basis)
