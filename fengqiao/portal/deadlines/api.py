"""Deadlines for other systems: counting a legal period (open to all), and the deadlines a person may see."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from fengqiao.engine import deadlines as engine
from fengqiao.engine import law
from fengqiao.engine.deadlines.rules import SENSES
from fengqiao.engine.errors import FengqiaoError, OutOfKnownDatesError
from fengqiao.portal.deadlines import queries
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.deadlines.sentences import sentence_of
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.shell.interface import Cursor, Day, Given, Limit, NextCursor, local, page

open_router = Router(tags=["期间计算"])
router = Router(tags=["期限"])
NO_RULE = "没有计算：没有“{rule}”这个期间规则。{near}全部规则用 GET /api/v1/deadlines/rules 查询。"
UNKNOWN_DAYS = (
    "没有计算：所问的日期没有已收入的法律文本或者日历。请核对日期；"
    "日历尚未公布的年份，可以把 provisional 设为 true，按周末和节日暂算。"
)
OTHERWISE = "没有计算：依照规则，这个期间不能这样计算。请核对日期、长度和依据。"
Text = Annotated[str, Field(max_length=200)]
Length = Annotated[str, Field(pattern="^[0-9]{1,4}(CD|WD|TD|M|Y|H)$", examples=["15CD"])]
Tri = Literal["running", "paused", "interrupt", "met", "withdrawn"]


class SuspensionIn(Given):
    first: Day = Field(description="中止的第一日", examples=["2026-02-01"])
    last: Day | None = Field(None, description="中止的最后一日；仍在中止的不填", examples=["2026-02-10"])


class InterruptionIn(Given):
    on: Day = Field(description="中断的日期", examples=["2026-02-01"])
    restarts_on: Day | None = Field(None, description="有关程序终结、重新起算的日期", examples=["2026-03-02"])
    pending: bool = Field(False, description="程序尚未终结")


class ExtensionIn(Given):
    on: Day = Field(description="同意或者批准的日期", examples=["2026-02-01"])
    by: str = Field(
        max_length=40, description="由谁：规则所列的一个，如 parties、president、court", examples=["parties"]
    )
    length: Length | None = Field(None, description="延长的长度")
    until: Day | None = Field(None, description="延长到的日期；与 length 填一项")


class SettingsIn(Given):
    """What no text decides; the same as --set of the command."""

    silent_roll: Literal["roll", "none"] = Field(
        "roll", description="条文没有说休假日的法定期限：roll 顺延、none 不顺延"
    )
    internal_roll: Literal["roll", "none"] = Field("none", description="机构自己的期限遇休假日：roll 顺延、none 不顺延")
    extension_base: Literal["last_day", "counted_day"] = Field(
        "last_day", description="延长从哪一日起算：last_day 顺延后的最后一日、counted_day 顺延前的"
    )
    before_includes_day: bool = Field(True, description="某日前是否包括当日")
    week: Literal["seven_days", "calendar_week"] = Field(
        "seven_days", description="月的第一周、最后一周：seven_days 七日、calendar_week 周一至周日"
    )
    backward_roll: Literal["earlier", "none"] = Field(
        "earlier", description="向前计算遇休假日：earlier 提前到工作日、none 不动"
    )
    closing: Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = Field(
        None, description="最后一日业务时间结束的时刻；不填为24时", examples=["17:00"]
    )


class ComputeIn(Given):
    rule: str = Field(
        min_length=1, max_length=80, description="规则的标识，或者清单中的行号", examples=["confirmation.apply_days"]
    )
    started_on: Day = Field(description="起算事件的日期", examples=["2026-01-20"])
    as_of: Day | None = Field(None, description="在哪一日提问；不填为今天（北京时间）", examples=["2026-02-10"])
    law_on: Day | None = Field(None, description="适用哪一日的法律；不填为起算事件的日期")
    length: Length | None = Field(
        None, description="规则没有法定长度时给出：数字加 CD 日、WD 工作日、TD 交易日、M 月、Y 年、H 小时"
    )
    length_source: Text = Field("", description="给出的长度由谁、依据什么确定；填了 length 就要填")
    ended_by: Day | None = Field(None, description="以另一事件为终点的，该事件的日期")
    damaged_on: Day | None = Field(None, description="权利受到损害的日期，用来核对最长期间")
    suspensions: list[SuspensionIn] = Field([], max_length=50, description="中止")
    interruptions: list[InterruptionIn] = Field([], max_length=50, description="中断")
    extensions: list[ExtensionIn] = Field([], max_length=50, description="延长")
    provisional: bool = Field(False, description="日历尚未公布的年份按周末和节日暂算，结果标明暂算")
    settings: SettingsIn = Field(default_factory=SettingsIn, description="法律没有规定的选择；不填用默认值")


class PeriodOut(Schema):
    number: int = Field(description="数量", examples=[30])
    unit: str = Field(description="CD 日、WD 工作日、TD 交易日、M 月、Y 年、H 小时", examples=["CD"])


class StepOut(Schema):
    kind: str = Field(description="步骤的种类", examples=["count"])
    text: str = Field(description="这一步，一句话")
    first: dt.date | None = Field(description="所说的第一日")
    last: dt.date | None = Field(description="所说的最后一日")


class BasisOut(Schema):
    parameter: str = Field(description="法律数值的标识；使用者给出的为空", examples=["confirmation.apply_days"])
    source: str = Field(description="出处")
    in_force_from: dt.date | None = Field(description="施行日")
    in_force_to: dt.date | None = Field(description="失效前的最后一日；null 为现行")
    verified: bool = Field(description="false 为待核：没有读过原文")
    missing: str = Field(description="待核的，缺什么")


class RemainingOut(Schema):
    unit: str = Field(description="单位")
    units: int = Field(description="还有多少个整单位；逾期的为已过多少")
    days: int = Field(description="此外的自然日（按月、按年的期间）")
    natural_days: int = Field(description="全部合多少自然日")
    overdue: bool = Field(description="最后一日已过")


class ComputedOut(Schema):
    rule: str = Field(description="规则的标识", examples=["confirmation.apply_days"])
    title: str = Field(description="期间的名称", examples=["申请司法确认的期限"])
    headline: str = Field(description="结论，一句话")
    sense: str = Field(description="最后一日的含义（代码）")
    sense_text: str = Field(description="最后一日的含义")
    started_on: dt.date = Field(description="起算事件的日期")
    as_of: dt.date = Field(description="提问的日期")
    law_on: dt.date = Field(description="适用哪一日的法律")
    period: PeriodOut | None = Field(description="长度")
    opens: dt.date | None = Field(description="可以办理的第一日，规则有的")
    due_on: dt.date | None = Field(description="最后一日；没有确定的为 null", examples=["2026-02-24"])
    counted_on: dt.date | None = Field(description="遇法定休假日顺延之前的最后一日", examples=["2026-02-19"])
    due_at: dt.datetime | None = Field(description="届满的时刻（北京时间）")
    state: str = Field(
        description="not_started 尚未起算、running 进行中、suspended 中止、interrupted 中断、open 终点未定、"
        "expired 已届满、settled 向前计算"
    )
    counted: int = Field(description="停止计算时已计的数")
    left: int = Field(description="停止计算时尚余的数")
    remaining: RemainingOut | None = Field(description="在提问日还剩多少；不是限期的为 null")
    verified: bool = Field(description="false：所依据的数值有待核的")
    provisional: bool = Field(description="true：暂算，日历尚未公布")
    steps: list[StepOut] = Field(description="计算步骤")
    basis: list[BasisOut] = Field(description="依据")
    notes: list[str] = Field(description="注意")


class RuleOut(Schema):
    rule: str = Field(description="规则的标识", examples=["confirmation.apply_days"])
    rows: list[str] = Field(description="清单中的行号")
    title: str = Field(description="期间的名称")
    start: str = Field(description="起算事件")
    parameters: list[str] = Field(description="所依据的法律数值")
    length: str | None = Field(description="现行的长度；由使用者给出的为 null", examples=["30日"])
    verified: bool = Field(description="false：长度待核")


class RulesOut(Schema):
    items: list[RuleOut] = Field(description="全部规则")


class DeadlineOut(Schema):
    id: int = Field(description="编号", examples=[7])
    title: str = Field(description="事项")
    case: str = Field(description="案件")
    rule: str = Field(description="期间规则；指定到期日的为空")
    state: Tri = Field(description="running 进行中、paused 已暂停、interrupt 已中断、met 已办结、withdrawn 已撤销")
    overdue: bool = Field(description="最后一日已过而没有办结")
    starts_on: dt.date = Field(description="起算日")
    due_on: dt.date | None = Field(description="最后一日；停止计算的为 null")
    due_at: dt.datetime | None = Field(description="最后一刻（北京时间）")
    warn_at: dt.datetime | None = Field(description="开始提醒的时刻")
    responsible: str = Field(description="责任人")
    opened_at: dt.datetime = Field(description="登记时间")
    ended_at: dt.datetime | None = Field(description="了结时间")
    verified: bool = Field(description="false：所依据的数值有待核的")
    provisional: bool = Field(description="true：暂算")
    version: int = Field(description="每次变更加一")


class EventOut(Schema):
    number: int = Field(description="序号")
    kind: str = Field(description="事件（代码）")
    text: str = Field(description="事件")
    at: dt.datetime = Field(description="时间")
    who: str = Field(description="谁")
    reason: str = Field(description="理由")
    due_on: dt.date | None = Field(description="此后的最后一日")


class DeadlineWhole(DeadlineOut):
    headline: str = Field(description="结论")
    steps: list[str] = Field(description="计算步骤")
    basis: list[str] = Field(description="依据")
    notes: list[str] = Field(description="注意")
    events: list[EventOut] = Field(description="发生了什么，最近的在前，最多 100 条")


class DeadlinesOut(Schema):
    items: list[DeadlineOut] = Field(description="这一页的期限")
    next_cursor: NextCursor


def engine_settings(given: SettingsIn) -> engine.Settings:
    """The choices as the engine has them."""
    values = given.dict()
    closing = values.pop("closing")
    return engine.Settings(**values, closing=dt.time.fromisoformat(closing) if closing else None)


def counted(asked: ComputeIn, today: dt.date) -> engine.Due:
    """Ask the engine once; what cannot be counted is refused in a sentence."""
    try:
        found = engine.rule(asked.rule)
    except FengqiaoError as error:
        near = get_close_matches(asked.rule, [one.id for one in engine.rules()], n=3)
        words = f"相近的有：{'、'.join(near)}。" if near else ""
        raise Refusal(NO_RULE.format(rule=asked.rule[:80], near=words), status=422) from error
    try:
        length = engine.GivenLength(engine.read_period(asked.length), asked.length_source) if asked.length else None
        return engine.due(
            found, asked.started_on, as_of=asked.as_of or today, law_on=asked.law_on, length=length,
            calendars=engine.known_calendars(settings.CALENDAR_OVERRIDES, provisional=asked.provisional),
            suspensions=[engine.Suspension(one.first, one.last) for one in asked.suspensions],
            interruptions=[
                engine.Interruption(one.on, restarts_on=one.restarts_on, pending=one.pending)
                for one in asked.interruptions
            ],
            extensions=[
                engine.Extension(
                    one.on, one.by, length=engine.read_period(one.length) if one.length else None, until=one.until
                )
                for one in asked.extensions
            ],
            ended_by=asked.ended_by, damaged_on=asked.damaged_on, settings=engine_settings(asked.settings),
        )  # fmt: skip
    except FengqiaoError as error:
        said = UNKNOWN_DAYS if isinstance(error, OutOfKnownDatesError) else OTHERWISE
        known = sentence_of(error.what)
        raise Refusal(f"没有计算：{known}" if known else said, status=422) from error


@open_router.post("/compute", response=ComputedOut, url_name="compute_deadline", operation_id="compute_deadline",
                  summary="计算一个期间何时届满")  # fmt: skip
def compute(request: HttpRequest, asked: ComputeIn) -> Any:
    """按法律规则计算最后一日，给出每一步、依据和待核、暂算的提示，与命令 fengqiao deadline 一致。只计算，不保存。"""
    due = counted(asked, timezone.localdate())
    plain = due.as_json()
    left = engine.remaining(due, due.as_of) if due.rule.sense in LIMITS else None
    basis = [
        {**one, "in_force_from": one["from"], "in_force_to": one["to"]} for one in plain["basis"]
    ]  # fmt: skip
    return {
        **plain, "headline": due.headline(), "sense_text": SENSES[due.rule.sense], "due_on": plain["day"],
        "due_at": plain["moment"], "basis": basis, "remaining": asdict(left) if left else None,
    }  # fmt: skip


LIMITS = ("limit", "soft", "before", "minimum", "bar")


@open_router.get("/rules", response=RulesOut, url_name="deadline_rules", operation_id="list_deadline_rules",
                 summary="全部期间规则")  # fmt: skip
def all_rules(request: HttpRequest) -> Any:
    """可以计算的全部期间规则，各有标识、名称、起算事件和现行长度。"""
    items = []
    for one in engine.rules():
        values = law.history(one.length) if one.length and one.shape == "length" else ()
        items.append({
            "rule": one.id, "rows": list(one.rows), "title": one.title, "start": one.start,
            "parameters": list(one.parameters), "length": values[-1].label().partition("（待核")[0] if values else None,
            "verified": values[-1].verified if values else True,
        })  # fmt: skip
    return {"items": items}


def shown(row: Deadline, now: dt.datetime) -> dict[str, Any]:
    """One deadline as plain values."""
    return {
        "id": row.pk, "title": row.title, "case": row.case, "rule": row.rule, "state": row.state,
        "overdue": row.overdue_at(now), "starts_on": row.starts_on, "due_on": row.due_on, "due_at": local(row.due_at),
        "warn_at": local(row.warn_at), "responsible": row.responsible, "opened_at": local(row.opened_at),
        "ended_at": local(row.ended_at), "verified": not row.unverified, "provisional": row.provisional,
        "version": row.version,
    }  # fmt: skip


@router.get("", response=DeadlinesOut, url_name="deadlines", operation_id="list_deadlines", summary="期限列表")
def deadlines(
    request: HttpRequest,
    due_before: Annotated[
        Day | None, Query(description="最后一日在这一天之前的（不含）", examples=["2026-12-31"])
    ] = None,
    state: Annotated[Tri | None, Query(description="只要这一状态的")] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """令牌的持有人在其角色下看得到的期限，按编号排列。"""
    now = timezone.now()
    rows = queries.visible_to(request.acting).select_related("user", "organisation")
    if due_before is not None:
        rows = rows.filter(due_on__lt=due_before)
    if state is not None:
        rows = rows.filter(state=state)
    found, following = page(rows, cursor=cursor, limit=limit, about=f"deadlines {due_before} {state}")
    return {"items": [shown(row, now) for row in found], "next_cursor": following}


@router.get(
    "/{int:number}", response=DeadlineWhole, url_name="deadline", operation_id="read_deadline", summary="一个期限"
)
def deadline(request: HttpRequest, number: int) -> Any:
    """一个期限：结论、计算步骤、依据、历史。"""
    now = timezone.now()
    row = get_object_or_404(queries.visible_to(request.acting).select_related("user", "organisation"), pk=number)
    events = [
        {
            "number": one.number, "kind": one.kind, "text": one.get_kind_display(), "at": local(one.at), "who": one.who,
            "reason": one.reason, "due_on": one.due_on,
        }
        for one in queries.history(row)[:100]
    ]  # fmt: skip
    return {
        **shown(row, now), "headline": row.headline, "steps": row.steps, "basis": row.basis, "notes": row.notes,
        "events": events,
    }  # fmt: skip
