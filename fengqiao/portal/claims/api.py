"""Measured cases and their results for other systems: what the person may see on the pages, as data."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from fengqiao.portal.claims import actions, frames, queries
from fengqiao.portal.claims.models import MassCase, MeasuredInvestor, MeasurementRun
from fengqiao.portal.claims.run_views import FILES, SUMS, made_statement
from fengqiao.portal.documents.downloads import attachment
from fengqiao.portal.shell.interface import Cursor, Limit, NextCursor, local, page

router = Router(tags=["测算"])
State = Literal["not_measured", "waiting", "running", "done", "failed", "cancelled"]
Outcome = Literal["awarded", "no_loss", "out_of_scope"]
STATES = (
    "not_measured 没有测算过；其余为最近一次测算的状态：waiting 等待中、running 进行中、done 已完成、failed 未完成、"
    "cancelled 已取消"
)
ALL = "api"
"""What the audit says of rows that were read by an interface."""
RunNumber = Annotated[
    int | None, Query(ge=1, le=2_147_483_647, description="第几次测算；不填为最近完成的一次", examples=[1])
]  # fmt: skip


class MeasurementOut(Schema):
    id: int = Field(description="编号，用在地址里", examples=[12])
    number: str = Field(description="案件编号", examples=["MC2026-0012"])
    title: str = Field(description="案件名称")
    security: str = Field(description="证券代码", examples=["600000"])
    state: State = Field(description=STATES)
    runs: int = Field(description="测算次数")
    created_at: dt.datetime = Field(description="登记时间")
    updated_at: dt.datetime = Field(description="案件资料的修改时间")
    published_at: dt.datetime | None = Field(description="向投资者公布结果的时间")


class MeasurementsOut(Schema):
    items: list[MeasurementOut] = Field(description="这一页的案件")
    next_cursor: NextCursor


class FileOut(Schema):
    name: str = Field(description="文件", examples=["results.xlsx"])
    title: str = Field(description="是什么", examples=["结果工作簿"])
    url: str = Field(description="下载地址，同样要带令牌")


class SumsOut(Schema):
    difference_loss_fen: int = Field(description="投资差额损失，分")
    awarded_loss_fen: int = Field(description="扣除其他因素后，分")
    commission_fen: int = Field(description="佣金，分")
    stamp_duty_fen: int = Field(description="印花税，分")
    interest_fen: int = Field(description="利息，分")
    total_fen: int = Field(description="合计，分", examples=[1234567])


class FindingCount(Schema):
    finding: str = Field(description="数据提示")
    rows: int = Field(description="有多少行")


class DigestOut(Schema):
    file: str = Field(description="用途和文件名")
    sha256: str = Field(description="校验值（SHA-256）")


class RunOut(Schema):
    number: int = Field(description="第几次测算")
    started_at: dt.datetime = Field(description="发起时间")
    finished_at: dt.datetime | None = Field(description="完成时间")
    engine_version: str = Field(description="程序版本")
    investors: int = Field(description="投资者人数")
    in_scope: int = Field(description="在范围内的人数")
    awarded: int = Field(description="有应赔损失的人数")
    rows_read: int = Field(description="读入的记录行数")
    rows_used: int = Field(description="参与计算的行数")
    sums: SumsOut = Field(description="全部投资者的合计")
    findings: list[FindingCount] = Field(description="数据提示")
    inputs: list[DigestOut] = Field(description="所用文件的校验值")
    notes: list[str] = Field(description="说明")
    files: list[FileOut] = Field(description="可以下载的文件")


class MeasurementWhole(MeasurementOut):
    run: RunOut | None = Field(description="最近完成的一次测算；还没有的为 null")


class ResultOut(Schema):
    id: int = Field(description="这一行的编号，用在地址里", examples=[345])
    investor: str = Field(description="投资者编号，与交易记录一致")
    segment: str = Field(description="哪一段虚假陈述")
    outcome: Outcome = Field(description="awarded 有应赔损失、no_loss 没有应赔损失、out_of_scope 不在范围内")
    scope_e4: int = Field(description="范围内股数，万分之一股")
    difference_fen: int = Field(description="投资差额损失，分")
    awarded_fen: int = Field(description="扣除其他因素后的损失，分")
    total_fen: int = Field(description="合计，分")
    remarks: str = Field(description="数据提示的代码")


class ResultsOut(Schema):
    run: int = Field(description="第几次测算的结果；读下一页时请带上这个 run")
    items: list[ResultOut] = Field(description="这一页的结果")
    next_cursor: NextCursor


class Fact(Schema):
    name: str = Field(description="名称")
    value: str = Field(description="内容")
    basis: str = Field("", description="依据")
    note: str = Field("", description="说明")


class LineOut(Schema):
    name: str = Field(description="项目")
    formula: str = Field(description="算式")
    value: str = Field(description="结果")
    basis: str = Field(description="依据")


class TradeOut(Schema):
    row: str = Field(description="交易记录文件中的行")
    date: str = Field(description="日期")
    business: str = Field(description="业务")
    quantity: str = Field(description="数量")
    price: str = Field(description="价格")
    effect: str = Field(description="在本案中的处理")
    scope_after: str = Field(description="之后范围内的数量")
    average: str = Field(description="平均价")
    adjusted: str = Field(description="除权后的数量和价格，与记录不同时")
    divider: bool = Field(description="true：这里是一个关键日期，只有 effect")


class PartOut(Schema):
    name: str = Field(description="哪一段")
    dates: list[Fact] = Field(description="三日一价")
    steps: list[TradeOut] = Field(description="逐笔记录")
    lines: list[LineOut] = Field(description="金额的计算")
    total: str = Field(description="合计，元")


class StatementOut(Schema):
    result: ResultOut = Field(description="这一行结果，金额为整数分")
    title: str = Field(description="案件名称")
    head: list[Fact] = Field(description="概要")
    parts: list[PartOut] = Field(description="每一段的计算")
    total: str = Field(description="各段合计，元")
    findings: list[Fact] = Field(description="数据提示")
    settings: list[Fact] = Field(description="设置")
    law: list[Fact] = Field(description="法律数值；note 写明待核")
    inputs: list[DigestOut] = Field(description="所用文件的校验值")
    remarks: list[str] = Field(description="说明")
    engine_version: str = Field(description="程序版本")


def shown(case: MassCase, state: str | None) -> dict[str, Any]:
    """One case as plain values."""
    return {
        "id": case.pk, "number": case.number, "title": case.title, "security": case.security,
        "state": state or "not_measured", "runs": case.runs_made, "created_at": local(case.created_at),
        "updated_at": local(case.updated_at), "published_at": local(case.published_at),
    }  # fmt: skip


def case_of(request: HttpRequest, number: int) -> MassCase:
    """The case, if this person may see it."""
    found: MassCase = get_object_or_404(queries.with_states(queries.visible_to(request.acting)), pk=number)
    return found


def run_of(case: MassCase, number: int | None) -> MeasurementRun:
    """A finished run of a case, or there is none."""
    rows = queries.runs_of(case).exclude(finished_at=None)
    found = (rows.filter(number=number) if number is not None else rows).first()
    if found is None:
        raise Http404
    return found


def run_shown(run: MeasurementRun) -> dict[str, Any]:
    """A finished run as plain values."""
    told = run.summary
    there = set(told["has_files"])
    return {
        "number": run.number, "started_at": local(run.started_at), "finished_at": local(run.finished_at),
        "engine_version": run.engine_version,
        **{name: told[name] for name in ("investors", "in_scope", "awarded", "rows_read", "rows_used")},
        "sums": {f"{name}_fen": told["sums"].get(name, 0) for name, _ in SUMS},
        "findings": [{"finding": finding, "rows": count} for finding, count in told["findings"]],
        "inputs": [{"file": file, "sha256": digest} for file, digest in told["digests"].items()],
        "notes": told["notes"],
        "files": [
            {
                "name": name, "title": title,
                "url": f"{reverse('api:measurement_file', args=(run.case_id, name))}?run={run.number}",
            }
            for name, (title, _) in FILES.items() if name in there
        ],
    }  # fmt: skip


def result_shown(row: MeasuredInvestor) -> dict[str, Any]:
    """One result as plain values."""
    return {
        "id": row.pk, "investor": row.investor, "segment": row.segment, "outcome": row.outcome, "scope_e4": row.scope,
        "difference_fen": row.difference, "awarded_fen": row.awarded, "total_fen": row.total, "remarks": row.remarks,
    }  # fmt: skip


@router.get(
    "", response=MeasurementsOut, url_name="measurements", operation_id="list_measurements", summary="测算案件列表"
)
def measurements(
    request: HttpRequest,
    state: Annotated[State | None, Query(description=f"只要这一状态的：{STATES}")] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """令牌的持有人在其角色下看得到的测算案件，按登记的先后。"""
    rows = queries.in_state(queries.with_states(queries.visible_to(request.acting)), state)
    found, following = page(rows, cursor=cursor, limit=limit, about=f"measurements {state}")
    return {"items": [shown(row, row.newest_state) for row in found], "next_cursor": following}


@router.get("/{int:number}", response=MeasurementWhole, url_name="measurement", operation_id="read_measurement",
            summary="一个测算案件")  # fmt: skip
def measurement(request: HttpRequest, number: int) -> Any:
    """案件和最近完成的一次测算：人数、合计、数据提示、所用文件的校验值、可以下载的文件。"""
    case = case_of(request, number)
    run = queries.runs_of(case).exclude(finished_at=None).first()
    return {**shown(case, case.newest_state), "run": run_shown(run) if run else None}  # type: ignore[attr-defined]


@router.get("/{int:number}/results", response=ResultsOut, url_name="results", operation_id="list_results",
            summary="逐个投资者的结果")  # fmt: skip
def results(
    request: HttpRequest,
    number: int,
    run: RunNumber = None,
    outcome: Annotated[Outcome | None, Query(description="只要这一结论的")] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """一次测算的全部结果，金额为整数分。每读一页都在审计中留下一次导出。"""
    asked = run_of(case_of(request, number), run)
    rows = queries.investors_of(asked)
    if outcome is not None:
        rows = rows.filter(outcome=outcome)
    found, following = page(rows, cursor=cursor, limit=limit, about=f"results {asked.pk} {outcome}")
    actions.note(verb="results_exported", run=asked, what=ALL, acting=request.acting, now=timezone.now())
    return {"run": asked.number, "items": [result_shown(row) for row in found], "next_cursor": following}


@router.get("/{int:number}/results/{int:row}", response=StatementOut, url_name="result", operation_id="read_statement",
            summary="一个投资者的损失说明")  # fmt: skip
def statement(request: HttpRequest, number: int, row: int, run: RunNumber = None) -> Any:
    """逐笔说明损失怎样算出，由同一文件重新算出，与结果逐分一致。row 是结果列表中的 id。读取留下审计记录。"""
    asked = run_of(case_of(request, number), run)
    found = get_object_or_404(queries.investors_of(asked), pk=row)
    story = frames.story_of(made_statement(asked, found))
    actions.note(verb="statement_read", run=asked, what=found.investor, acting=request.acting, now=timezone.now())
    return {
        "result": result_shown(found), "title": story.title,
        "head": [{"name": name, "value": value} for name, value in story.head],
        "parts": [
            {
                "name": part.name, "dates": [asdict(one) for one in part.dates],
                "steps": [asdict(one) for one in part.steps], "lines": [asdict(one) for one in part.lines],
                "total": part.total,
            }
            for part in story.parts
        ],
        "total": story.total,
        "findings": [{"name": what, "value": reason, "basis": place} for place, what, reason in story.findings],
        "settings": [{"name": name, "value": value, "basis": source} for name, value, source in story.settings],
        "law": [
            {"name": name, "value": value, "basis": source, "note": flag} for name, value, source, flag in story.law
        ],
        "inputs": [{"file": file, "sha256": digest} for file, digest in story.digests],
        "remarks": story.remarks, "engine_version": story.version,
    }  # fmt: skip


@router.get("/{int:number}/files/{str:name}", url_name="measurement_file", operation_id="download_result_file",
            summary="下载结果文件", response={200: None}, openapi_extra={"responses": {200: {
                "description": "文件内容", "content": {"*/*": {}}}}})  # fmt: skip
def result_file(request: HttpRequest, number: int, name: str, run: RunNumber = None) -> HttpResponseBase:
    """工作簿、报告、CSV、Parquet、运行记录；有哪些见案件的 files。下载留下审计记录。"""
    asked = run_of(case_of(request, number), run)
    if name not in FILES:
        raise Http404
    response = attachment(queries.folder_of(asked) / name, f"{asked.case.number}-{asked.number}-{name}", as_it_is=True)
    actions.note(verb="results_downloaded", run=asked, what=name, acting=request.acting, now=timezone.now())
    return response
