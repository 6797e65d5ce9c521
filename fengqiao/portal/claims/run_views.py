"""Runs and their results."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from fengqiao.portal.claims import actions, frames, queries
from fengqiao.portal.claims.case_views import workable
from fengqiao.portal.claims.forms import FindInvestorForm
from fengqiao.portal.claims.lists import FINDINGS, INVESTORS
from fengqiao.portal.claims.models import CaseInput, MeasuredInvestor, MeasurementRun
from fengqiao.portal.documents.downloads import attachment
from fengqiao.portal.documents.store import place_of
from fengqiao.portal.shell.charts import Chart, Mark, Series
from fengqiao.portal.shell.export import FORMATS
from fengqiao.portal.shell.words import day_text

FILES = {
    "results.xlsx": ("结果工作簿", "table"),
    "report.pdf": ("测算报告", "file-text"),
    "results.csv": ("全部结果（CSV）", "download"),
    "findings.csv": ("全部数据提示（CSV）", "download"),
    "results.parquet": ("全部结果（Parquet）", "database"),
    "run.json": ("运行记录", "file-text"),
}
CHARTS = {
    "price.svg": "收盘价走势与关键日期",
    "turnover.svg": "累计换手率",
    "losses.svg": "损失金额分布",
    "ratios.svg": "市场风险比例分布",
}
SUMS = (
    ("difference_loss", "投资差额损失"),
    ("awarded_loss", "扣除其他因素后"),
    ("commission", "佣金"),
    ("stamp_duty", "印花税"),
    ("interest", "利息"),
    ("total", "合计"),
)


def visible(request: HttpRequest, number: int, *, finished: bool = True) -> MeasurementRun:
    """The run, if this person may see it; finished: only if there are results."""
    run = get_object_or_404(queries.runs_visible_to(request.acting), pk=number)
    if finished and not run.is_finished:
        raise Http404
    return run


@require_POST
def start_run(request: HttpRequest, number: int) -> HttpResponse:
    """Measure a case."""
    made = actions.start_run(case=workable(request, number), acting=request.acting, now=timezone.now())
    return redirect("claims:run", made.pk)


@require_POST
def cancel_run(request: HttpRequest, number: int) -> HttpResponse:
    """Stop a run."""
    run = visible(request, number, finished=False)
    if not queries.may_work(request.acting):
        raise Http404
    actions.cancel_run(run=run, acting=request.acting, now=timezone.now())
    messages.success(request, "已要求取消；几秒钟内停止，不会留下不完整的结果。")
    return redirect("claims:run", run.pk)


def job_context(run: MeasurementRun, *, may_work: bool) -> dict[str, Any]:
    """What the pattern of a long job needs."""
    return {
        "job": run.job,
        "poll_url": reverse("claims:run", args=(run.pk,)),
        "cancel_url": reverse("claims:cancel_run", args=(run.pk,)) if may_work else "",
        "retry_url": reverse("claims:start_run", args=(run.case_id,)) if may_work else "",
        "results": [{"title": "查看结果", "url": reverse("claims:run", args=(run.pk,)), "icon": "chart-bar"}],
    }


@require_safe
def run(request: HttpRequest, number: int) -> HttpResponse:
    """A run: how far it is, or what came of it."""
    run = visible(request, number, finished=False)
    may_work = queries.may_work(request.acting)
    if request.htmx and not request.htmx.boosted:
        return render(request, "shell/job.html", job_context(run, may_work=may_work))
    if run.job.state in queries.ENDED and run.seen_at is None:
        actions.note_seen(run=run, acting=request.acting, now=timezone.now())
    context: dict[str, Any] = {"run": run, "case": run.case, "may_work": may_work}
    if not run.is_finished:
        return render(request, "claims/run.html", {**context, **job_context(run, may_work=may_work)})
    there = set(run.summary["has_files"])
    context |= {
        "summary": run.summary,
        "sums": [(title, run.summary["sums"].get(name, 0)) for name, title in SUMS],
        "memory": run.summary.get("memory") or {},
        "files": [(name, *FILES[name]) for name in FILES if name in there],
        "charts": [(name, title) for name, title in CHARTS.items() if name in there],
        "digests": [(labelled(name), digest) for name, digest in run.summary["digests"].items()],
        "price": price_chart(run.summary.get("price") or {}),
        "find": FindInvestorForm(),
    }
    return render(request, "claims/results.html", context)


def labelled(name: str) -> str:
    """What the engine calls a file, in the words of the page: case: a.toml -> 案件文件 a.toml."""
    part, _, file = name.partition(": ")
    labels = dict(CaseInput.Part.choices)
    return f"{labels[part]} {file}" if part in labels else name


def price_chart(price: dict[str, Any]) -> Chart | None:
    """Closes with the key dates."""
    if not price.get("days"):
        return None
    closes = [close for close in price["closes"] if close is not None]
    summary = f"期间最高 {max(closes):.2f} 元，最低 {min(closes):.2f} 元。" if closes else ""
    shown = {day: day_text(dt.date.fromisoformat(day)) for day in (*price["days"], *price["marks"])}
    return Chart(
        "price", "收盘价与关键日期", "日期", [shown[day] for day in price["days"]], [Series("收盘价", price["closes"])],
        unit="元", marks=tuple(Mark(shown[day], name) for day, name in price["marks"].items()), summary=summary,
        note="未复权，揭露日前后一段",
    )  # fmt: skip


@require_safe
def investors(request: HttpRequest, number: int) -> HttpResponse:
    """The results, one row an investor."""
    run = visible(request, number)
    if request.GET.get("export", "") in FORMATS:
        actions.note(verb="results_exported", run=run, what="list", acting=request.acting, now=timezone.now())
    return INVESTORS.respond(
        request, queries.investors_of(run), "claims/investors.html", run=run, case=run.case, find=FindInvestorForm()
    )


@require_POST
def find_investor(request: HttpRequest, number: int) -> HttpResponse:
    """To the statement of the investor with exactly this number."""
    run = visible(request, number)
    form = FindInvestorForm(request.POST)
    typed = form.cleaned_data["investor"] if form.is_valid() else ""
    found = queries.investors_of(run).filter(investor=typed).order_by("pk").first() if typed else None
    actions.note(verb="investor_searched", run=run, what=typed, acting=request.acting, now=timezone.now())
    if found is None:
        messages.error(request, "没有找到这个编号的投资者。编号要完整，大小写、零和空格都要与交易记录一致。")
        return redirect("claims:investors", run.pk)
    return redirect("claims:statement", run.pk, found.pk)


def made_statement(run: MeasurementRun, row: MeasuredInvestor) -> Any:
    """The statement of one investor, computed on the files of the run."""
    given = [frames.GivenFile(one["part"], one["name"], place_of(one["sha256"])) for one in run.inputs]
    with frames.placed(given) as files:
        return frames.statement(files, row.investor)


@require_safe
def statement(request: HttpRequest, number: int, row: int) -> HttpResponse:
    """One investor's loss, step by step."""
    run = visible(request, number)
    found = get_object_or_404(queries.investors_of(run), pk=row)
    made = made_statement(run, found)
    actions.note(verb="statement_read", run=run, what=found.investor, acting=request.acting, now=timezone.now())
    context = {"run": run, "case": run.case, "row": found, "story": frames.story_of(made)}
    return render(request, "claims/statement.html", context)


@require_safe
def statement_pdf(request: HttpRequest, number: int, row: int) -> HttpResponse:
    """The same as PDF."""
    run = visible(request, number)
    found = get_object_or_404(queries.investors_of(run), pk=row)
    response = HttpResponse(frames.statement_pdf(made_statement(run, found)), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, f"损失说明-{run.case.number}-{found.pk}.pdf")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    actions.note(verb="statement_downloaded", run=run, what=found.investor, acting=request.acting, now=timezone.now())
    return response


@require_safe
def findings(request: HttpRequest, number: int) -> HttpResponse:
    """What was noticed about the data."""
    run = visible(request, number)
    return FINDINGS.respond(request, queries.findings_of(run), "claims/findings.html", run=run, case=run.case)


@require_safe
def result_file(request: HttpRequest, number: int, name: str) -> HttpResponseBase:
    """A file of the results."""
    run = visible(request, number)
    if name not in FILES:
        raise Http404
    shown = f"{run.case.number}-{run.number}-{name}"
    response = attachment(queries.folder_of(run) / name, shown, as_it_is=True)
    actions.note(verb="results_downloaded", run=run, what=name, acting=request.acting, now=timezone.now())
    return response


@require_safe
def chart(request: HttpRequest, number: int, name: str) -> HttpResponseBase:
    """A chart, for the picture on the page of the results."""
    run = visible(request, number)
    if name not in CHARTS:
        raise Http404
    return attachment(queries.folder_of(run) / "charts" / name, name, as_it_is=True)
