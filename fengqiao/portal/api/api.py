"""What belongs to no other app: the law's numbers, the calendar, who a token is of, the document itself."""

from __future__ import annotations

import datetime as dt
from difflib import get_close_matches
from fractions import Fraction
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from fengqiao.engine import law
from fengqiao.engine.dates import DayStatus
from fengqiao.engine.deadlines import Calendars, known_calendars
from fengqiao.engine.errors import FengqiaoError, OutOfKnownDatesError
from fengqiao.engine.law import Dated, Parameter
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.shell.interface import Day, local
from fengqiao.portal.tokens.scopes import titles

law_router, calendar_router, me_router = Router(tags=["法律数值"]), Router(tags=["日历"]), Router(tags=["令牌"])
MOST_DAYS = 366
NO_VALUE = "没有找到：没有“{key}”这个法律数值。{near}全部数值用 GET /api/v1/law/values 查询。"
WRONG_DAYS = f"没有读取：to 早于 from，或者超过 {MOST_DAYS} 日。请缩短后分几次读取。"


class ValueOut(Schema):
    value: int | bool | str | list[str] = Field(
        description="数值；比例为分数，如 1/2000；规则为文字", examples=["1/2000"]
    )
    label: str = Field(description="给人看的写法", examples=["0.05%"])
    unit: str = Field(description="单位代码：CD、WD、TD、M、Y、yuan、persons、ratio 等", examples=["ratio"])
    in_force_from: dt.date = Field(description="施行日", examples=["2023-08-28"])
    in_force_to: dt.date | None = Field(description="失效前的最后一日；null 为现行")
    source: str = Field(description="出处")
    instrument: str = Field(description="法律文件的代号")
    verified: bool = Field(description="false 为待核：没有读过原文")
    missing: str = Field(description="待核的，缺什么")
    note: str = Field(description="注")


class ParameterOut(Schema):
    key: str = Field(description="数值的标识", examples=["fees.stamp_duty_sell"])
    title: str = Field(description="名称")
    kind: str = Field(
        description="种类：period、threshold、rate、amount、definition、rule、schedule", examples=["rate"]
    )
    unit: str = Field(description="单位代码")
    start_event: str = Field(description="期间的起算事件")
    absent: str = Field(description="没有数值的原因")
    values: list[ValueOut] = Field(description="各个时期的数值，早的在前")


class ParametersOut(Schema):
    items: list[ParameterOut] = Field(description="全部法律数值")


class DayOut(Schema):
    open: bool = Field(description="是否工作日（交易日）")
    kind: str = Field(description="种类", examples=["holiday"])
    name: str = Field(description="名称", examples=["春节"])
    source: str = Field(description="依据的通知或者规则")
    verified: bool = Field(description="false 为待核")
    note: str = Field(description="注")


class DateOut(Schema):
    date: dt.date = Field(description="日期", examples=["2026-02-17"])
    working: DayOut | None = Field(description="法定工作日历；尚未公布的为 null")
    trading: DayOut | None = Field(description="证券交易日历；尚未公布的为 null")


class DaysOut(Schema):
    items: list[DateOut] = Field(description="逐日")


class MeOut(Schema):
    token: str = Field(description="令牌的用途（名称）")
    holder: str = Field(description="持有人")
    role: str = Field(description="角色（代码）", examples=["measurer"])
    role_title: str = Field(description="角色")
    organisation: str = Field(description="机构")
    scopes: list[str] = Field(description="范围", examples=[["measurements.read"]])
    scope_titles: list[str] = Field(description="范围的名称")
    valid_until: dt.datetime = Field(description="有效期至")


def value_shown(dated: Dated) -> dict[str, Any]:
    """One value; a fraction as it is written, never as a decimal number."""
    value = dated.value
    if isinstance(value, Fraction):
        value = str(value)
    return {
        "value": list(value) if isinstance(value, tuple) else value, "label": dated.label(), "unit": dated.unit,
        "in_force_from": dated.in_force_from, "in_force_to": dated.in_force_to, "source": dated.source,
        "instrument": dated.instrument, "verified": dated.verified, "missing": dated.missing, "note": dated.note,
    }  # fmt: skip


def parameter_shown(one: Parameter, on: dt.date | None) -> dict[str, Any]:
    """One number of the law, all its values or the one of a day."""
    values = [value_shown(dated) for dated in one.values if on is None or dated.covers(on)]
    return {
        "key": one.id, "title": one.title, "kind": one.kind, "unit": one.unit, "start_event": one.start_event,
        "absent": one.absent, "values": values,
    }  # fmt: skip


On = Annotated[Day | None, Query(description="只要这一日施行的数值", examples=["2026-01-01"])]


@law_router.get("/values", response=ParametersOut, url_name="law_values", operation_id="list_law_values",
                summary="全部法律数值")  # fmt: skip
def law_values(request: HttpRequest, on: On = None) -> Any:
    """法律、司法解释和规则规定的期间、费率、门槛，各有单位、出处、施行日期；没有读过原文的标明待核。"""
    return {"items": [parameter_shown(one, on) for one in law.parameters()]}


@law_router.get("/values/{str:key}", response=ParameterOut, url_name="law_value", operation_id="read_law_value",
                summary="一个法律数值")  # fmt: skip
def law_value(request: HttpRequest, key: str, on: On = None) -> Any:
    """一个数值在各个时期的规定。"""
    try:
        return parameter_shown(law.parameter(key), on)
    except FengqiaoError as error:
        near = get_close_matches(key, [one.id for one in law.parameters()], n=3)
        words = f"相近的有：{'、'.join(near)}。" if near else ""
        raise Refusal(NO_VALUE.format(key=key[:80], near=words), status=404) from error


def day_shown(calendars: Calendars, unit: Any, day: dt.date) -> dict[str, Any] | None:
    """What a day is; nothing where no calendar knows it."""
    try:
        found: DayStatus = calendars.status(unit, day)
    except OutOfKnownDatesError:
        return None
    return {
        "open": found.is_open, "kind": str(found.kind), "name": found.name, "source": found.source,
        "verified": found.verified, "note": found.note,
    }  # fmt: skip


@calendar_router.get("/days", response=DaysOut, url_name="calendar_days", operation_id="list_days",
                     summary="工作日和交易日")  # fmt: skip
def days(
    request: HttpRequest,
    first: Annotated[Day, Query(alias="from", description="第一日", examples=["2026-02-10"])],
    last: Annotated[Day, Query(alias="to", description="最后一日，一次最多 366 日", examples=["2026-02-24"])],
) -> Any:
    """逐日说明是不是法定工作日（含调休）、是不是证券交易日，以及依据的通知。没有收入通知的年份为 null，不猜测。"""
    count = (last - first).days + 1
    if not 1 <= count <= MOST_DAYS:
        raise Refusal(WRONG_DAYS, status=422)
    calendars = known_calendars(settings.CALENDAR_OVERRIDES)
    wanted = [first + dt.timedelta(days=number) for number in range(count)]
    return {
        "items": [
            {"date": day, "working": day_shown(calendars, "WD", day), "trading": day_shown(calendars, "TD", day)}
            for day in wanted
        ]
    }


@me_router.get("", response=MeOut, url_name="me", operation_id="read_me", summary="这个令牌")
def me(request: HttpRequest) -> Any:
    """令牌是谁的、以哪个角色、有哪些范围、有效到什么时候。"""
    holder = request.holder
    acting = holder.acting
    return {
        "token": holder.token.name, "holder": acting.user.name, "role": acting.role.kind,
        "role_title": acting.role.get_kind_display(),
        "organisation": acting.organisation.name if acting.organisation else "", "scopes": sorted(holder.scopes),
        "scope_titles": titles(sorted(holder.scopes)), "valid_until": local(holder.token.valid_until),
    }  # fmt: skip
