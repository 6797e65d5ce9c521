"""Cases and their files."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fengqiao.portal.claims import actions, case_story, frames, queries
from fengqiao.portal.claims.forms import CaseChangeForm, CaseForm
from fengqiao.portal.claims.lists import CASES
from fengqiao.portal.claims.models import CaseInput, MassCase
from fengqiao.portal.documents import actions as documents
from fengqiao.portal.documents import intake
from fengqiao.portal.documents.models import Content
from fengqiao.portal.refusal import Conflict
from fengqiao.portal.shell import drafts
from fengqiao.portal.shell.uploads import Limits, answer

Part: Any = CaseInput.Part
TABLES: tuple[Any, ...] = (Content.Kind.CSV, Content.Kind.XLSX, Content.Kind.PARQUET)
NEEDED = {
    Part.CASE: "案件的规则、日期和方法，TOML 格式。必需。",
    Part.TRADES: "每名投资者的每笔交易，可以有多个文件。必需。列：投资者、成交日期、买卖方向、成交数量、成交价格。",
    Part.MARKET: "涉案证券每日的收盘价、成交量、流通股本。案件文件没有给定基准日和基准价时必需。"
    "列：日期、收盘价、成交量。",
    Part.INDICES: "案件文件要求与指数对比时必需。列：日期、指数、收盘点位。",
    Part.ACTIONS: "期间有送转、配股、派现时上传。列：除权除息日、送转比例、配股比例、配股价格、每股派现。",
    Part.PATH: "案件文件要求使用模拟价格时必需。列：日期、价格。",
}


def limits_of(part: str) -> Limits:
    """What may be uploaded for a part."""
    if part == Part.CASE:
        return Limits((".toml",), largest=settings.CASE_FILE_LARGEST)
    most = 20 if part == Part.TRADES else 1
    return Limits((".csv", ".txt", ".xlsx", ".parquet"), largest=settings.TABLE_LARGEST, most=most)


def kinds_of(part: str) -> tuple[Any, ...]:
    """What the content of a file for a part may be. Text that is not what is needed is explained by the check."""
    return (
        (Content.Kind.TOML, Content.Kind.TEXT, Content.Kind.CSV) if part == Part.CASE else (*TABLES, Content.Kind.TEXT)
    )


def visible(request: HttpRequest, number: int) -> MassCase:
    """The case, if this person may see it."""
    cases = queries.visible_to(request.acting).select_related("organisation", "created_by", "updated_by")
    return get_object_or_404(cases, pk=number)


def workable(request: HttpRequest, number: int) -> MassCase:
    """The case, if this person may work on it."""
    return get_object_or_404(queries.workable_by(request.acting).select_related("updated_by"), pk=number)


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The cases of one's organisation."""
    if not request.acting or not request.acting.is_a(*queries.READERS):
        raise Http404
    return CASES.respond(
        request, queries.visible_to(request.acting), "claims/cases.html", may_work=queries.may_work(request.acting)
    )


@require_http_methods(["GET", "POST"])
def new_case(request: HttpRequest) -> HttpResponse:
    """Open a case."""
    if not queries.may_work(request.acting):
        raise Http404
    draft = drafts.of(request, "claims.new_case")
    if draft.to_save:
        return draft.save(request)
    form = CaseForm(request.POST or None, initial=draft.initial(CaseForm))
    if request.method == "POST" and form.is_valid():
        made = actions.create_case(**form.cleaned_data, acting=request.acting, now=timezone.now())
        draft.sent()
        messages.success(request, f"已登记案件 {made.number}。下一步：上传案件文件。")
        return redirect("claims:case", made.pk)
    return render(request, "claims/new_case.html", {"form": form, "draft": draft})


@require_http_methods(["GET", "POST"])
def edit_case(request: HttpRequest, number: int) -> HttpResponse:
    """Change a case. Who was slower sees what is there now beside what they typed."""
    case = workable(request, number)
    form = CaseChangeForm(request.POST or None, instance=case, initial={"version": case.version})
    status, there = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_case(case=case, **form.cleaned_data, acting=request.acting, now=timezone.now())
        except Conflict as conflict:
            there, status = workable(request, number), conflict.status
            form.add_error(None, conflict.sentence)
            form.data = {**form.data.dict(), "version": str(there.version)}
        else:
            messages.success(request, "已保存。")
            return redirect("claims:case", case.pk)
    context = {"case": workable(request, number), "form": form, "there": there}
    return render(request, "claims/edit_case.html", context, status=status)


@require_safe
def case(request: HttpRequest, number: int) -> HttpResponse:
    """A case: its files, whether it can be measured, its runs."""
    case = visible(request, number)
    inputs = queries.inputs_of(case)
    by_part = {part: [row for row in inputs if row.part == part] for part in Part}
    ready = frames.readiness(actions.given(case)) if inputs else frames.Readiness(["还没有上传文件。"])
    bad = any(row.checked == CaseInput.Checked.BAD for row in inputs)
    at_work = queries.open_run_of(case)
    runs = list(queries.runs_of(case)[:20])
    measured = queries.run_of_these(case, inputs) if not at_work and not bad else None
    can_start = not bad and not ready.problems and at_work is None
    context = {
        "case": case,
        "head": case_story.head_of(case, ready=can_start, at_work=bool(at_work), measured=bool(measured)),
        "entries": case_story.story_of(case, runs),
        "parts": [
            {"part": part, "title": part.label, "needed": NEEDED[part], "rows": rows} for part, rows in by_part.items()
        ],
        "ready": ready,
        "may_work": queries.may_work(request.acting),
        "can_start": can_start,
        "bad": bad,
        "at_work": at_work,
        "measured": measured,
        "runs": runs,
        "measure_memory": settings.ENVIRONMENT.measure_memory,
    }
    return render(request, "claims/case.html", context)


@csrf_exempt  # the token is checked by `intake.receive`, after the person and before the files are used
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, number: int, part: str) -> HttpResponse:
    """Upload files for one part of a case."""
    if part not in Part.values:
        raise Http404
    case, limits = workable(request, number), limits_of(part)
    if request.method == "POST":
        return intake.receive(request, limits, partial(take, case=case, part=part))
    context = {
        "case": case, "part": Part(part), "limits": limits, "needed": NEEDED[Part(part)],
        "rows": [row for row in queries.inputs_of(case) if row.part == part],
    }  # fmt: skip
    return render(request, "claims/upload.html", context)


def take(request: HttpRequest, case: MassCase, part: str) -> HttpResponse:
    """Keep what was uploaded, look at it, and say what was found."""
    said = []
    for file in intake.files_of(request, limits_of(part)):
        now = timezone.now()
        document = documents.keep(
            file=file, subject=("claims.masscase", str(case.pk)), kinds=kinds_of(part), acting=request.acting,
            case=case.number, now=now,
        )  # fmt: skip
        row = actions.add_file(case=case, part=part, document=document, acting=request.acting, now=now)
        sign = "不能使用：" if row.checked == CaseInput.Checked.BAD else ""
        said.append(f"“{document.name}”已上传。{sign}{row.said}")
    return answer(request, said="".join(said), url=reverse("claims:case", args=(case.pk,)))


@require_POST
def remove_file(request: HttpRequest, number: int, row: int) -> HttpResponse:
    """No longer use a file."""
    case = workable(request, number)
    found = get_object_or_404(CaseInput, pk=row, case=case)
    actions.remove_file(row=found, acting=request.acting, now=timezone.now())
    messages.success(request, f"已移除“{found.document.name}”；文件本身仍然保留，可以重新上传使用。")
    return redirect("claims:case", case.pk)
