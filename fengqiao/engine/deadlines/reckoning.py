"""The one question the rest of the platform asks: when is it due?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from fengqiao.engine.deadlines.counting import count_backward, rolled, rolled_back
from fengqiao.engine.deadlines.fixed_days import fixed_day
from fengqiao.engine.deadlines.periods import Period, nominal_last
from fengqiao.engine.deadlines.prolonging import extended
from fengqiao.engine.deadlines.question import Question
from fengqiao.engine.deadlines.rules import BACKWARD, SENSES, Rule, rule
from fengqiao.engine.deadlines.running import Run, last_day, rolls, run
from fengqiao.engine.deadlines.settings import DEFAULTS, Settings
from fengqiao.engine.deadlines.wording import plain, rest_days, written
from fengqiao.engine.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fengqiao.engine.deadlines.calendars import Calendars
    from fengqiao.engine.deadlines.facts import Extension, GivenLength, Interruption, Suspension
    from fengqiao.engine.deadlines.result import Due

ONE_DAY = dt.timedelta(days=1)


def due(
    rule_id: str | Rule,
    started_on: dt.date,
    *,
    as_of: dt.date,
    calendars: Calendars,
    suspensions: Sequence[Suspension] = (),
    interruptions: Sequence[Interruption] = (),
    extensions: Sequence[Extension] = (),
    length: GivenLength | None = None,
    law_on: dt.date | None = None,
    ended_by: dt.date | None = None,
    damaged_on: dt.date | None = None,
    settings: Settings = DEFAULTS,
) -> Due:
    """The last day of a legal period, with every step, its legal basis and what is 待核.

    started_on: the day of the start event, itself not counted (民法典 art. 201, 民事诉讼法 art. 85). as_of: the day on
    which is asked (state, change of law). law_on: the day whose law applies; by default the day of the start event.
    length: for rules whose number an organisation sets (M11, M12, P3). ended_by: the event that ends a window (S12).
    damaged_on: day of the damage, for the longest period of 20 years that caps a limitation period.

    Raises OutOfKnownDatesError where law or calendar are not known on a day that counts (nothing is guessed unless the
    calendars are provisional); InputError for facts the rule does not allow, such as a suspension of a 不变期间 or an
    extension that was agreed too late, too often or for too long.

    >>> from datetime import date
    >>> from fengqiao.engine.deadlines import due, known_calendars
    >>> found = due("confirmation.apply_days", date(2026, 1, 20), as_of=date(2026, 2, 10), calendars=known_calendars())
    >>> found.counted_on, found.day  # 30 days end in 春节
    (datetime.date(2026, 2, 19), datetime.date(2026, 2, 24))
    >>> print(found.explanation().splitlines()[2])  # doctest: +ELLIPSIS
    3. 2026年2月19日（星期四）是法定休假日（...春节，国办发明电〔2025〕7号），顺延至其后第一个工作日2026年2月24日...
    """
    asked = rule_id if isinstance(rule_id, Rule) else rule(rule_id)
    for day in (started_on, as_of, law_on, ended_by, damaged_on):
        if isinstance(day, dt.datetime) or not (day is None or isinstance(day, dt.date)):
            raise InputError("Deadlines are counted from days, not moments", why=f"{day!r} was given")
    question = Question(
        rule=asked, started_on=started_on, as_of=as_of, law_on=law_on or started_on, calendars=calendars,
        settings=settings, given=length, suspensions=tuple(suspensions), interruptions=tuple(interruptions),
        extensions=tuple(extensions), ended_by=ended_by, damaged_on=damaged_on,
    )  # fmt: skip
    _check(question)
    if asked.shape == "window":
        return _window(question)
    if asked.shape != "length":
        return fixed_day(question)
    return _lookback(question) if asked.sense in BACKWARD else _forward(question)


def _check(question: Question) -> None:
    rule = question.rule
    name = f"{rule.id}（{rule.title}）"
    if question.suspensions and rule.pause == "fixed":
        why = "it is a 不变期间 or the longest period (司法解释第127条；民法典第188条第2款)"
        raise InputError(f"{name} cannot be suspended (中止)", why=why)
    if question.suspensions and rule.pause == "none":
        raise InputError(f"{name} cannot be suspended (中止)", why="no text provides for it")
    if question.interruptions and not rule.interruptible:
        why = "only limitation periods (诉讼时效, 申请执行时效) begin anew"
        raise InputError(f"{name} cannot be interrupted (中断)", why=why)
    if question.ended_by is not None and rule.shape != "window":
        raise InputError(f"{name} is not ended by an event", todo="Leave the ending event out")
    if question.damaged_on is not None and not rule.longest:
        raise InputError(f"{name} has no longest period (最长期间)", todo="Leave the day of the damage out")


def _begin(question: Question) -> Period:
    period = question.period()
    for parameter in question.rule.basis:
        question.cites(parameter)
    question.cites("counting.start_not_counted")
    if period.unit in ("M", "Y"):
        question.cites("counting.months_and_years")
    if period.unit == "TD":
        question.cites("counting.trading_day")
    if question.rule.sense not in BACKWARD:
        event, day = question.rule.start, question.started_on
        text = f"{event}：{written(day)}，当日不计入，自次日{plain(day + ONE_DAY)}起算"
        question.step("start", text, day, day + ONE_DAY)
    return period


def _forward(question: Question) -> Due:
    period = _begin(question)
    base = _restarted(question, period)
    if base is None:
        return question.answer(None, state="interrupted", period=period)
    found = extended(question, period, run(question, base, period))
    found = _capped(question, found)
    if found.last is None:
        return question.answer(
            None, state="suspended", period=period, counted_on=found.counted_on, counted=found.counted, left=found.left
        )
    question.step("end", f"最后一日：{written(found.last)}，{SENSES[question.rule.sense]}", found.last, found.last)
    consulted = period.in_open_days or rolls(question, period)
    return question.answer(
        found.last, state=question.state_on(found.last), period=period, counted_on=found.counted_on,
        counted=found.counted, consulted=consulted,
    )  # fmt: skip


def _restarted(question: Question, period: Period) -> dt.date | None:
    """The day from which the period runs after all interruptions; None while the last one is pending."""
    base = question.started_on
    for item in sorted(question.interruptions, key=lambda item: item.on):
        last = _last_before(question, base, period, item.on)
        why = f"（{item.reason}）" if item.reason else ""
        if item.on < base:
            question.notes.append(f"{plain(item.on)}的中断{why}早于起算，不计")
            continue
        if last is not None and item.on > last:
            question.notes.append(f"{plain(item.on)}的中断{why}发生在{plain(last)}届满之后，不发生中断")
            continue
        question.cites("limitation.interruption")
        if item.pending:
            question.step("interrupted", f"{plain(item.on)}中断{why}，程序尚未终结，终结后重新计算", item.on, None)
            return None
        base = item.restarts_on or item.on
        question.step("interrupted", f"{plain(item.on)}中断{why}，自{plain(base)}的次日起重新计算", item.on, base)
    return base


def _last_before(question: Question, base: dt.date, period: Period, event: dt.date) -> dt.date | None:
    """The last day of the run that an event may interrupt; rest days are looked up only if they decide."""
    unrolled = replace(question.rule, own_roll="none")
    silent = replace(question, rule=unrolled, steps=[], basis=[], notes=[])
    counted_on = run(silent, base, period).counted_on
    return None if counted_on is None else last_day(question, period, counted_on, event)


def _capped(question: Question, found: Run) -> Run:
    if question.damaged_on is None:
        return found
    longest = rule(question.rule.longest)
    years = question.period_of(longest.length)
    counted_on = nominal_last(question.damaged_on, years)
    cap = rolled(counted_on, question.calendars)[0] or counted_on
    if found.last is not None and found.last <= cap:
        return found
    text = f"自权利受到损害之日{plain(question.damaged_on)}起满{years}，至{plain(cap)}为止"
    question.step("capped", text, question.damaged_on, cap)
    return Run(counted_on, cap, found.counted)


def _lookback(question: Question) -> Due:
    period = _begin(question)
    day = question.started_on
    if question.extensions:
        raise InputError(f"{question.rule.id} is counted backwards; nothing extends it (延长)")
    first = count_backward(day, period, question.calendars)
    question.step("count", f"自{plain(day)}（不计入）向前计{period}：{plain(first)}", first, day)
    counted_on = first
    if rolls(question, period) and question.settings.backward_roll == "earlier":
        first, passed = rolled_back(first, question.calendars)
        if passed:
            text = f"{written(counted_on)}是休假日（{rest_days(passed)}），依设置提前至{written(first)}"
            question.step("rolled", text, first, counted_on)
    question.step("end", f"{written(first)}，{SENSES[question.rule.sense]}", first, first)
    consulted = period.in_open_days or rolls(question, period)
    return question.answer(
        first, state=question.state_on(first), period=period, counted_on=counted_on, consulted=consulted
    )


def _window(question: Question) -> Due:
    rule, day, end = question.rule, question.started_on, question.ended_by
    if question.extensions or question.given:
        raise InputError(f"{rule.id}（{rule.title}） lies between two events; nothing extends it (延长)")
    dated = question.rests_on(rule.length)
    question.step("start", f"{rule.start}：{written(day)}，自该日起；{dated.value}", day, day)
    if end is None:
        return question.answer(None, state="open", opens=day, consulted=False)
    if end <= day:
        raise InputError(f"{rule.id} ends before it begins", why=f"from {day}, ended by the event of {end}")
    question.step("end", f"终点事件在{written(end)}，最后一日为其前一日{written(end - ONE_DAY)}", day, end - ONE_DAY)
    question.notes.append("终点事件当日、事件之前提出的，依时刻另行判断")
    last = end - ONE_DAY
    return question.answer(last, state=question.state_on(last), opens=day, counted_on=last, consulted=False)
