"""From the facts of a deadline to its due day, asked of the engine; refusals in the words of people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from fengqiao.engine import law
from fengqiao.engine.deadlines import (
    Due,
    Extension,
    GivenLength,
    Interruption,
    Period,
    Suspension,
    due,
    hours_end,
    read_period,
    rule,
)
from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.deadlines import hours
from fengqiao.portal.deadlines.models import ONE_SECOND, Deadline
from fengqiao.portal.deadlines.sentences import in_words
from fengqiao.portal.refusal import Refusal

WARN_HOURS = dt.timedelta(hours=24)
FIRST_HOUR = "counting.start_not_counted"
LAST_SECOND = dt.time(23, 59, 59)
DESIGNATED = "designated.forward"
GIVEN = "指定的到期日"
NOT_A_TASK = "没有登记：“{title}”不是办事的期限，到期没有要办的事。请选择其他规则。"


def day_of(text: str | None) -> dt.date | None:
    """A day out of the facts."""
    return dt.date.fromisoformat(text) if text else None


def suspensions(facts: dict[str, Any]) -> list[Suspension]:
    """The pauses as the engine has them."""
    return [
        Suspension(dt.date.fromisoformat(one["first"]), day_of(one["last"]), one["reason"])
        for one in facts.get("suspensions", ())
    ]


def interruptions(facts: dict[str, Any]) -> list[Interruption]:
    """The interruptions as the engine has them."""
    return [
        Interruption(dt.date.fromisoformat(one["on"]), one["reason"], day_of(one["restarts_on"]), one["pending"])
        for one in facts.get("interruptions", ())
    ]


def extensions(facts: dict[str, Any]) -> list[Extension]:
    """The extensions as the engine has them."""
    return [
        Extension(
            dt.date.fromisoformat(one["on"]), one["by"],
            length=read_period(one["length"]) if one.get("length") else None, until=day_of(one.get("until")),
        )
        for one in facts.get("extensions", ())
    ]  # fmt: skip


def rule_of(deadline: Deadline) -> str:
    """The rule by which a change is counted; a day that was given counts as the end of a designated period."""
    return deadline.rule or DESIGNATED


def reckoned(deadline: Deadline, facts: dict[str, Any], as_of: dt.date) -> Due:
    """The period with these facts."""
    length = None
    if deadline.length:
        length = GivenLength(read_period(deadline.length), deadline.length_source or GIVEN)
    elif not deadline.rule and deadline.given_due_on:
        days = (deadline.given_due_on - deadline.starts_on).days
        if days < 1:
            raise Refusal("没有保存：这个期限当日到期，不能暂停或者延长。请撤销后重新登记。")
        length = GivenLength(Period(days, "CD"), deadline.length_source or GIVEN)
    try:
        found = due(
            rule_of(deadline), deadline.starts_on, as_of=as_of, calendars=hours.calendars(),
            suspensions=suspensions(facts), interruptions=interruptions(facts), extensions=extensions(facts),
            length=length, damaged_on=day_of(facts.get("damaged_on")),
        )  # fmt: skip
    except FengqiaoError as error:
        raise Refusal(in_words(error)) from error
    if found.rule.sense in ("minimum", "bar"):
        raise Refusal(NOT_A_TASK.format(title=found.rule.title))
    return found


def values_of(deadline: Deadline, facts: dict[str, Any], as_of: dt.date) -> dict[str, Any]:
    """The columns that follow from the facts: due day and moment, warning, explanation, flags."""
    if deadline.starts_at is not None:
        return in_hours(deadline)
    if not deadline.rule and not facts.get("suspensions") and not facts.get("extensions") and deadline.given_due_on:
        day: dt.date | None = deadline.given_due_on
        assert day is not None  # noqa: S101 - as the line above says
        text = f"最后一日由登记的人指定：{day.year}年{day.month}月{day.day}日24时"
        return {**moments(day, deadline.warn_days), "headline": text, "steps": [text], "basis": [], "notes": [],
                "provisional": False, "unverified": False}  # fmt: skip
    found = reckoned(deadline, facts, as_of)
    return {
        **moments(found.day, deadline.warn_days),
        "headline": found.headline(),
        "steps": [step.text for step in found.steps],
        "basis": [str(item) for item in found.basis],
        "notes": [*found.notes, *uncapped(found, facts)],
        "provisional": found.provisional,
        "unverified": not found.verified,
    }


def uncapped(found: Due, facts: dict[str, Any]) -> list[str]:
    """What is said where the longest period was not held against the end."""
    if not found.rule.longest or facts.get("damaged_on"):
        return []
    return [
        f"没有填写权利受到损害的日期，没有核对“{rule(found.rule.longest).title}”。可能超过的，请撤销后填写日期重新登记。"
    ]


def in_hours(deadline: Deadline) -> dict[str, Any]:
    """The columns of a period in hours: the first hour is not counted, rest days do not move its end."""
    assert deadline.starts_at is not None  # noqa: S101 - the caller has looked
    begun, period = timezone.localtime(deadline.starts_at), read_period(deadline.length)
    end = hours_end(begun, period)
    due_at = end - ONE_SECOND
    first = end - dt.timedelta(hours=period.number)
    steps = [
        f"起算事件：{moment_text(begun)}，开始的小时不计入，自{moment_text(first)}起算",
        f"{period}至{moment_text(end)}届满；按小时计算的期间不因休假日顺延",
    ]
    warned = min(WARN_HOURS, dt.timedelta(hours=period.number) / 2)
    basis = [f"{deadline.length_source or GIVEN}（长度）", law.value_on(FIRST_HOUR, begun.date()).source]
    return {
        "due_on": due_at.date(), "due_at": due_at, "warn_at": end - warned, "steps": steps, "basis": basis, "notes": [],
        "headline": f"{period}的期间：{moment_text(end)}届满", "provisional": False, "unverified": False,
    }  # fmt: skip


def moment_text(moment: dt.datetime) -> str:
    """2026年2月16日10时; with its minutes where it has some."""
    minutes = f"{moment.minute}分" if moment.minute else ""
    return f"{moment.year}年{moment.month}月{moment.day}日{moment.hour}时{minutes}"


def moments(day: dt.date | None, warn_days: int) -> dict[str, Any]:
    """Due and warning moments of a last day."""
    if day is None:
        return {"due_on": None, "due_at": None, "warn_at": None}
    return {
        "due_on": day, "due_at": hours.at(day, LAST_SECOND), "warn_at": hours.working_days_before(day, warn_days)
    }  # fmt: skip


def check_pause(deadline: Deadline) -> None:
    """Refuse where the law knows no suspension."""
    check_days(deadline)
    asked = rule(rule_of(deadline))
    if asked.pause == "fixed":
        raise Refusal(
            f"没有暂停：“{asked.title}”是不变期间，依法不适用中止、中断和延长（民事诉讼法司法解释第127条）。"
            "请在到期前办理。"
        )
    if asked.pause == "none":
        raise Refusal(f"没有暂停：“{asked.title}”没有规定可以中止。请在到期前办理。")


def check_extension(deadline: Deadline, by: str) -> None:
    """Refuse who may not extend it, or not again."""
    check_days(deadline)
    asked = rule(rule_of(deadline))
    tier = next((tier for tier in asked.extensions if tier.by == by), None)
    if tier is None:
        names = "、".join(item.name for item in asked.extensions)
        why = f"依规则只能由{names}同意或者批准" if names else "没有规定可以延长"
        raise Refusal(f"没有延长：“{asked.title}”{why}。请在到期前办理。")
    before = [one["by"] for one in deadline.facts.get("extensions", ())]
    if tier.times and before.count(by) >= tier.times:
        raise Refusal(f"没有延长：{tier.name}只能延长{tier.times}次，已经用完。请在到期前办理。")


def check_days(deadline: Deadline) -> None:
    """Refuse for periods in hours: no text lets them stand still or grow."""
    if deadline.starts_at is not None:
        raise Refusal(
            "没有保存：按小时计算的期限不能暂停、中断或者延长。另行指定了新的期间的，请撤销这个期限，再登记新的期限。"
        )


def check_interruption(deadline: Deadline) -> None:
    """Refuse where nothing begins anew."""
    check_days(deadline)
    asked = rule(rule_of(deadline))
    if not asked.interruptible:
        raise Refusal(
            f"没有中断：“{asked.title}”不是诉讼时效或者申请执行时效，依法没有中断。请在到期前办理，或者查看是否可以暂停、延长。"
        )


def without_effect(deadline: Deadline, facts: dict[str, Any], as_of: dt.date) -> bool:
    """True when one of the interruptions changes nothing: it lies before the start, after the end or within another."""
    found = reckoned(deadline, facts, as_of)
    return sum(step.kind == "interrupted" for step in found.steps) < len(facts.get("interruptions", ()))
