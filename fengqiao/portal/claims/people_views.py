"""A file of people: uploaded, how far it is put down, what came of its rows."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fengqiao.portal.claims import people_files, queries
from fengqiao.portal.claims.case_views import workable
from fengqiao.portal.claims.lists import REFUSED
from fengqiao.portal.claims.models import MassCase, PeopleFile
from fengqiao.portal.documents import actions as documents
from fengqiao.portal.documents import intake
from fengqiao.portal.documents.models import Content
from fengqiao.portal.shell.uploads import Limits, answer

KINDS: tuple[Any, ...] = (Content.Kind.CSV, Content.Kind.XLSX, Content.Kind.TEXT)
KEPT = "已经登记的保留，其余的不再登记"


def limits() -> Limits:
    """What may be uploaded."""
    return Limits((".csv", ".txt", ".xlsx"), largest=settings.PEOPLE_FILE_LARGEST)


@csrf_exempt  # the token is checked by `intake.receive`, after the person and before the file is used
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, number: int) -> HttpResponse:
    """Upload whose the numbers of a case are."""
    case = workable(request, number)
    if request.method == "POST":
        return intake.receive(request, limits(), partial(keep, case=case))
    return render(request, "claims/people_upload.html", {"case": case, "limits": limits()})


def keep(request: HttpRequest, case: MassCase) -> HttpResponse:
    """Keep the file for as long as it is put down."""
    (file,) = intake.files_of(request, limits())
    now = timezone.now()
    document = documents.keep(
        file=file, subject=(queries.PEOPLE_FILES, str(case.pk)), kinds=KINDS, acting=request.acting, case=case.number,
        now=now,
    )  # fmt: skip
    try:
        made = people_files.take(case=case, document=document, acting=request.acting, now=now)
    except Exception:
        people_files.discard(document)
        raise
    return answer(request, said=f"“{made.name}”已上传，开始登记。", url=reverse("claims:people_file", args=(made.pk,)))


def found(request: HttpRequest, number: int) -> PeopleFile:
    """The record of a file, if this person may work on its case."""
    return get_object_or_404(queries.people_files_of(request.acting), pk=number)


@require_safe
def people_file(request: HttpRequest, number: int) -> HttpResponse:
    """How far a file is put down, and what came of its rows."""
    one = found(request, number)
    context = {
        "file": one, "case": one.case, "job": one.job, "kept": KEPT,
        "poll_url": reverse("claims:people_file", args=(one.pk,)),
        "cancel_url": reverse("claims:people_cancel", args=(one.pk,)),
        "results": [{"title": "查看登记的结果", "url": reverse("claims:people_file", args=(one.pk,)), "icon": "users"}],
    }  # fmt: skip
    if request.htmx and not request.htmx.boosted:
        return render(request, "shell/job.html", context)
    if one.ended_at is not None:
        context["results"] = []
    return render(request, "claims/people_file.html", context)


@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Put down no more rows."""
    one = found(request, number)
    people_files.cancel(people_file=one, acting=request.acting, now=timezone.now())
    messages.success(request, f"已要求取消，几秒钟内停止；{KEPT}。")
    return redirect("claims:people_file", one.pk)


@require_safe
def refused(request: HttpRequest, number: int) -> HttpResponse:
    """The rows that were not put down, each with its reason."""
    one = found(request, number)
    return REFUSED.respond(request, one.refusals.all(), "claims/people_refused.html", file=one, case=one.case)
