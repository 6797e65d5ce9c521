"""From the facts of a deadline to its due day, asked of the engine; refusals in the words of people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fengqiao.engine.deadlines import (
    Due,
    Extension,
    GivenLength,
    Period,
    Suspension,
    due,
    read_period,
    rule,
)
from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.deadlines import hours
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.refusal import Refusal

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
            suspensions=suspensions(facts), extensions=extensions(facts), length=length,
        )  # fmt: skip
    except FengqiaoError as error:
        raise Refusal(
            f"没有保存：依照规则，这个期限不能这样计算（{error}）请核对日期、长度和依据后重新填写。"
        ) from error
    if found.rule.sense in ("minimum", "bar"):
        raise Refusal(NOT_A_TASK.format(title=found.rule.title))
    return found


def values_of(deadline: Deadline, facts: dict[str, Any], as_of: dt.date) -> dict[str, Any]:
    """The columns that follow from the facts: due day and moment, warning, explanation, flags."""
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
        "notes": list(found.notes),
        "provisional": found.provisional,
        "unverified": not found.verified,
    }


def moments(day: dt.date | None, warn_days: int) -> dict[str, Any]:
    """Due and warning moments of a last day."""
    if day is None:
        return {"due_on": None, "due_at": None, "warn_at": None}
    return {
        "due_on": day, "due_at": hours.at(day, LAST_SECOND), "warn_at": hours.working_days_before(day, warn_days)
    }  # fmt: skip


def check_pause(deadline: Deadline) -> None:
    """Refuse where the law knows no suspension."""
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
    asked = rule(rule_of(deadline))
    tier = next((tier for tier in asked.extensions if tier.by == by), None)
    if tier is None:
        names = "、".join(item.name for item in asked.extensions)
        why = f"依规则只能由{names}同意或者批准" if names else "没有规定可以延长"
        raise Refusal(f"没有延长：“{asked.title}”{why}。请在到期前办理。")
    before = [one["by"] for one in deadline.facts.get("extensions", ())]
    if tier.times and before.count(by) >= tier.times:
        raise Refusal(f"没有延长：{tier.name}只能延长{tier.times}次，已经用完。请在到期前办理。")
