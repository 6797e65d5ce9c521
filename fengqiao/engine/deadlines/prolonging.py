"""Extensions (延长): who may agree or approve, how often, how far, and by when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine.deadlines.counting import count_forward, merged, rolled
from fengqiao.engine.deadlines.running import Run, count, roll, rolls
from fengqiao.engine.deadlines.wording import plain
from fengqiao.engine.errors import InputError

if TYPE_CHECKING:
    from fengqiao.engine.deadlines.facts import Extension
    from fengqiao.engine.deadlines.periods import Period
    from fengqiao.engine.deadlines.question import Question
    from fengqiao.engine.deadlines.rules import ExtensionRule


@dataclass(frozen=True)
class _Current:
    """The period as far as it has come: its last day before and after the roll."""

    counted_on: dt.date
    last: dt.date


def extended(question: Question, period: Period, found: Run) -> Run:
    """The run with all extensions, in the order in which they were agreed.

    Refused with an InputError: an extension the rule does not know, one agreed after the period was over (unless a
    court restores it), one too many, one that is too long, one that does not come later than the last day.
    """
    granted: list[str] = []
    for item in sorted(question.extensions, key=lambda item: item.agreed_on):
        tier = _tier(question, item, granted)
        granted.append(item.by)
        if found.counted_on is None or found.last is None:
            question.notes.append(f"{plain(item.agreed_on)}{tier.name}的延长，在中止结束后计算")
            return found
        current = _Current(found.counted_on, found.last)
        _in_time(question, item, tier, current)
        found = _prolonged(question, period, item, tier, current)
    return found


def _tier(question: Question, item: Extension, granted: list[str]) -> ExtensionRule:
    rule = question.rule
    tier = next((tier for tier in rule.extensions if tier.by == item.by), None)
    if tier is None:
        known = "、".join(f"{tier.by}（{tier.name}）" for tier in rule.extensions)
        why = f"it can be extended by {known}" if known else "no extension is provided for"
        raise InputError(f"{rule.id}（{rule.title}） cannot be extended (延长) by {item.by!r}", why=why)
    if tier.times and granted.count(tier.by) >= tier.times:
        why = f"{tier.name} may extend it {tier.times} time(s)"
        raise InputError(f"{rule.id}（{rule.title}） is extended (延长) too often", why=why)
    if tier.after and tier.after not in granted:
        why = f"an extension by {tier.after} has to come first"
        raise InputError(f"{rule.id}（{rule.title}） cannot yet be extended (延长) by {item.by!r}", why=why)
    return tier


def _in_time(question: Question, item: Extension, tier: ExtensionRule, current: _Current) -> None:
    rule = question.rule
    if item.agreed_on > current.last and not tier.after_expiry:
        why = f"it was agreed on {item.agreed_on}, the period was over on {current.last}"
        todo = "Check both days; an extension (延长) has to be agreed on the last day at the latest"
        raise InputError(f"{rule.id}（{rule.title}） was over before it was extended", why=why, todo=todo)
    if item.agreed_on < question.started_on:
        why = f"agreed on {item.agreed_on}, started on {question.started_on}"
        raise InputError(f"{rule.id}（{rule.title}） was extended (延长) before it began", why=why)


def _prolonged(question: Question, period: Period, item: Extension, tier: ExtensionRule, current: _Current) -> Run:
    base = current.last if question.settings.extension_base == "last_day" else current.counted_on
    if item.agreed_on > current.last:
        base = item.agreed_on
    limit = _limit(question, tier, base)
    gaps = merged(question.suspensions)
    if item.until is not None:
        if item.until <= current.last:
            why = f"extended to {item.until}, already running to {current.last}"
            raise InputError(f"{question.rule.id} is not longer by its extension (延长)", why=why)
        _not_beyond(question, tier, item.until, limit)
        text = f"{plain(item.agreed_on)}{tier.name}同意延长至{plain(item.until)}"
        question.step("extended", text, current.last, item.until)
        _say(question, tier)
        return roll(question, period, item.until, gaps)
    length = item.length
    assert length is not None  # noqa: S101 - an Extension has one of the two
    end = count_forward(base, length, question.calendars, gaps).last
    if end is not None:
        _not_beyond(question, tier, end, limit)
    question.step(
        "extended", f"{plain(item.agreed_on)}{tier.name}同意延长{length}，自{plain(base)}的次日起算", base, end
    )
    _say(question, tier)
    return count(question, base, length, f"延长的{length}")


def _limit(question: Question, tier: ExtensionRule, base: dt.date) -> dt.date | None:
    if not tier.max:
        return None
    longest = question.period_of(tier.max)
    return count_forward(base, longest, question.calendars, merged(question.suspensions)).last


def _not_beyond(question: Question, tier: ExtensionRule, end: dt.date, limit: dt.date | None) -> None:
    if limit is None:
        return
    edge = rolled(limit, question.calendars)[0] if rolls(question, question.period()) else limit
    if end > limit and not (edge is not None and end <= edge):
        why = f"{tier.name} may extend it up to {limit}, {end} was asked for"
        raise InputError(f"{question.rule.id}（{question.rule.title}） is extended (延长) too far", why=why)


def _say(question: Question, tier: ExtensionRule) -> None:
    if tier.note:
        question.notes.append(f"{tier.name}：{tier.note}")
    if tier.by == "court" and tier.after_expiry and question.rule.id != "limitation.longest_years":
        question.cites("counting.extension_apply_days")
