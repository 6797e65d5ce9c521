"""Results published to the investors: by the office, and as each of them sees their own."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fengqiao.portal.claims import actions, frames, publishing
from fengqiao.portal.claims.case_views import workable
from fengqiao.portal.claims.forms import PeopleForm
from fengqiao.portal.claims.lists import PEOPLE
from fengqiao.portal.claims.own_results import OwnResult, result_for
from fengqiao.portal.claims.run_views import made_statement, visible


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest, number: int) -> HttpResponse:
    """Whose the numbers of a case are."""
    case, now = workable(request, number), timezone.now()
    form = PeopleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        read, wrong = publishing.read_people(form.cleaned_data["lines"], case, publishing.today_of(now))
        if not wrong:
            noted = publishing.note_people(case=case, people=read, acting=request.acting, now=now)
            more = f"，更新 {noted.changed} 人" if noted.changed else ""
            more += f"，{noted.same} 人与原来的登记相同" if noted.same else ""
            messages.success(request, f"已登记 {noted.new} 人{more}。")
            return redirect("claims:people", case.pk)
        for sentence in wrong:
            form.add_error("lines", sentence)
    files = case.people_files.select_related("job", "added_by").order_by("-id")[:5]
    return PEOPLE.respond(request, case.people.all(), "claims/people.html", case=case, form=form, files=files)


@require_http_methods(["GET", "POST"])
def forget(request: HttpRequest, number: int, row: int) -> HttpResponse:
    """Take a person away from a number: asked once more on a page."""
    case = workable(request, number)
    found = get_object_or_404(case.people.all(), pk=row)
    if request.method == "POST":
        publishing.forget_person(row=found, acting=request.acting, now=timezone.now())
        messages.success(request, f"已删除编号 {found.investor} 的登记；本人不再看到这个案件的结果。")
        return redirect("claims:people", case.pk)
    return render(request, "claims/forget_person.html", {"case": case, "row": found})


@require_POST
def publish(request: HttpRequest, number: int) -> HttpResponse:
    """Let the investors see the results of a run."""
    run = visible(request, number)
    workable(request, run.case_id)
    publishing.publish(run=run, acting=request.acting, now=timezone.now())
    messages.success(request, f"已公布第{run.number}次测算的结果：登记过的投资者本人登录后可以看到自己的金额和说明。")
    return redirect("claims:run", run.pk)


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """The investors see no result any more."""
    case = workable(request, number)
    publishing.withdraw(case=case, acting=request.acting, now=timezone.now())
    messages.success(request, "已撤回：投资者不再看到这个案件的测算结果。")
    return redirect("claims:case", case.pk)


def mine(request: HttpRequest, number: int) -> OwnResult:
    """The result, if it is this person's."""
    found = result_for(number, request.acting, timezone.now())
    if found is None:
        raise Http404
    return found


@require_safe
def own(request: HttpRequest, number: int) -> HttpResponse:
    """One's own loss, step by step."""
    found = mine(request, number)
    run, row = found.case.published, found.rows[0]
    made = made_statement(run, row)
    actions.note(
        verb="own_statement_read", run=run, what=row.investor, acting=request.acting, now=timezone.now()
    )  # fmt: skip
    context = {"found": found, "run": run, "case": found.case, "row": row, "story": frames.story_of(made)}
    return render(request, "claims/own.html", context)


@require_safe
def own_pdf(request: HttpRequest, number: int) -> HttpResponse:
    """The same as PDF."""
    found = mine(request, number)
    run, row = found.case.published, found.rows[0]
    response = HttpResponse(frames.statement_pdf(made_statement(run, row)), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, f"我的损失说明-{found.case.number}.pdf")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    actions.note(
        verb="own_statement_downloaded", run=run, what=row.investor, acting=request.acting, now=timezone.now()
    )  # fmt: skip
    return response
