"""One run of a period from its start to its last day: counted, suspended, rolled over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine.deadlines.counting import Gap, count_forward, merged, rolled, spans
from fengqiao.engine.deadlines.periods import Period, corresponding_day, nominal_last
from fengqiao.engine.deadlines.wording import plain, rest_days, span, written

if TYPE_CHECKING:
    from fengqiao.engine.deadlines.question import Question

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Run:
    """counted_on: last day before the roll; last: after it. None while the count stands still, `left` days to go."""

    counted_on: dt.date | None
    last: dt.date | None
    counted: int = 0
    left: int = 0


def rolls(question: Question, period: Period) -> bool:
    """Whether a last day on a statutory rest day moves on: by the law, or by the setting where the law is silent."""
    rule, settings = question.rule, question.settings
    if period.in_open_days or rule.roll == "W":
        return False
    if rule.roll == "R":
        return True
    if rule.internal or rule.roll == "none":
        return rule.internal and settings.internal_roll == "roll"
    return settings.silent_roll == "roll"


def run(question: Question, base: dt.date, period: Period) -> Run:
    """Count the period from the day of the start event on, and write the steps down."""
    if question.rule.pause == "limitation":
        counted_on = nominal_last(base, period)
        question.step("count", f"{period}：{span(base + ONE_DAY, counted_on)}", base + ONE_DAY, counted_on)
        return _limitation(question, counted_on)
    return count(question, base, period, f"{period}")


def count(question: Question, base: dt.date, period: Period, label: str) -> Run:
    """Count so many days on from a day that is not counted, over the suspensions, then roll."""
    gaps = merged(question.suspensions)
    found = count_forward(base, period, question.calendars, gaps)
    for gap in found.used:
        _suspended(question, gap)
    if found.last is None:
        rest = "日" if not period.in_open_days else "个工作日" if period.unit == "WD" else "个交易日"
        text = f"{label}：已计{found.days}{rest}，尚余{found.left}{rest}，中止结束后继续计算"
        question.step("count", text, base + ONE_DAY, None)
        return Run(None, None, found.days, found.left)
    without = f"，不含中止的{sum(map(spans, found.used))}日" if found.used else ""
    text = f"{label}：{span(base + ONE_DAY, found.last)}{without}"
    question.step("count", text, base + ONE_DAY, found.last)
    return roll(question, period, found.last, gaps, found.days)


def roll(question: Question, period: Period, counted_on: dt.date, gaps: tuple[Gap, ...] = (), counted: int = 0) -> Run:
    """Move a last day off a statutory rest day if the rule says so."""
    rule = question.rule
    if not rolls(question, period):
        if rule.roll == "S" and not period.in_open_days:
            question.notes.append("条文未规定最后一日遇休假日如何处理，按设置不顺延")
        return Run(counted_on, counted_on, counted)
    last, passed = rolled(counted_on, question.calendars, gaps)
    if last is None:
        question.step("suspended", "最后一日遇休假日，顺延时遇中止，届满日未定", counted_on, None)
        return Run(counted_on, None, counted, 1)
    if last != counted_on:
        over = f"（{rest_days(passed)}）" if passed else ""
        kind = "法定休假日" if passed else "中止期间"
        text = f"{written(counted_on)}是{kind}{over}，顺延至其后第一个工作日{written(last)}"
        if rule.roll == "S":
            text += "；条文未规定顺延，依设置"
        elif rule.roll == "none":
            text += "；内部期限，依设置顺延"
        question.step("rolled", text, counted_on, last)
        question.cites("counting.last_day_holiday")
        if not all(status.verified for _, status in passed):
            question.notes.append("顺延所依的放假安排原文待核")
    return Run(counted_on, last, counted)


def last_day(question: Question, period: Period, counted_on: dt.date, event: dt.date) -> dt.date:
    """The last day after its roll, for an event to be held against; the calendar is asked only if that decides."""
    if event <= counted_on or not rolls(question, period):
        return counted_on
    return rolled(counted_on, question.calendars)[0] or counted_on


def _suspended(question: Question, gap: Gap) -> None:
    rule = question.rule
    reasons = "、".join(
        dict.fromkeys(
            item.reason for item in question.suspensions if item.reason and gap.holds(max(item.first, gap.first))
        )
    )
    why = f"（{reasons}）" if reasons else ""
    if gap.last is None:
        question.step("suspended", f"{plain(gap.first)}起中止{why}，尚未结束", gap.first, None)
    else:
        question.step("suspended", f"{span(gap.first, gap.last)}中止{why}，{spans(gap)}日不计入", gap.first, gap.last)
    if rule.pause == "cause":
        for parameter in rule.pause_basis:
            question.cites(parameter)
    elif rule.pause == "open":
        question.notes.append("该规则的条文没有规定中止；不计入的日子依使用者给出的理由，须自行核对")


def _limitation(question: Question, counted_on: dt.date) -> Run:
    """民法典 art. 194: an obstacle within the last six months; six months after its removal the period is over."""
    natural = Period(1, "CD")
    for gap in merged(question.suspensions):
        tail = question.period_of("limitation.suspension_months")
        opens = corresponding_day(counted_on, -tail.number)
        if gap.first > last_day(question, natural, counted_on, gap.first):
            question.notes.append(f"{plain(gap.first)}的障碍发生在时效届满之后，不影响时效")
        elif gap.last is not None and gap.last <= opens:
            question.notes.append(
                f"{span(gap.first, gap.last)}的障碍不在最后六个月（{plain(opens)}之后）内，不发生中止"
            )
        elif gap.last is None and question.as_of <= opens:
            text = f"{plain(gap.first)}起的障碍尚未消除；持续到最后六个月（{plain(opens)}之后）的，时效中止"
            question.notes.append(text)
        elif gap.last is None:
            text = f"{plain(gap.first)}起的障碍存在于最后六个月（{plain(opens)}之后）内，时效中止，原因尚未消除"
            question.step("suspended", text, gap.first, None)
            return Run(None, None)
        else:
            counted_on = corresponding_day(gap.last, tail.number)
            text = (
                f"{span(gap.first, gap.last)}的障碍存在于最后六个月（{plain(opens)}之后）内，时效中止；"
                f"自原因消除之日{plain(gap.last)}起满{tail}，至{plain(counted_on)}届满"
            )
            question.step("suspended", text, gap.first, gap.last)
    return roll(question, natural, counted_on)
