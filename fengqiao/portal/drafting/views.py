"""Pages of forms that are filled in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fengqiao.engine import forms, law
from fengqiao.portal.drafting import actions, catalogue, contents, prefill, queries
from fengqiao.portal.drafting.forms import BeginForm, StepForm, values_of
from fengqiao.portal.drafting.lists import FILLINGS
from fengqiao.portal.drafting.models import Filling
from fengqiao.portal.drafting.steps import Step, input_name, step_of, step_with, steps_of


def visible(request: HttpRequest, number: int) -> Filling:
    """The form, if this person may see it."""
    rows = queries.visible_to(request.acting).select_related("party", "saved_by", "created_by", "organisation")
    found: Filling = get_object_or_404(rows, pk=number)
    return found


def require_role(request: HttpRequest) -> None:
    """404 for those who wear no role."""
    if not queries.may_begin(request.acting):
        raise Http404


@require_safe
def fillings(request: HttpRequest) -> HttpResponse:
    """The list."""
    return FILLINGS.respond(request, queries.visible_to(request.acting), "drafting/fillings.html")


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Which form."""
    require_role(request)
    first, others = catalogue.offered(request.acting)
    return render(request, "drafting/new.html", {"groups": [("常用文书", first), ("其他文书", others)]})


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, form: str) -> HttpResponse:
    """What a form is for, and its beginning."""
    require_role(request)
    template = next((one for one in forms.known() if one.key == form), None)
    if template is None:
        raise Http404
    given = BeginForm(request.POST or None, known=prefill.known(form, request.acting))
    if request.method == "POST" and given.is_valid():
        now = timezone.now()
        whole = bool(given.cleaned_data.get("fill"))
        made = actions.begin(
            form=form, name=given.cleaned_data["name"], acting=request.acting, now=now,
            data=prefill.first_data(form, request.acting, whole=whole, now=now),
        )  # fmt: skip
        return redirect("drafting:step", made.pk, steps_of(form)[0].key)
    context = {
        "template": template, "form": given, "steps": steps_of(form),
        "basis": [(law.instrument(one.source), one) for one in template.basis],
    }  # fmt: skip
    return render(request, "drafting/begin.html", context)


@require_safe
def filling_page(request: HttpRequest, number: int) -> HttpResponse:
    """How far a form is: its steps, what is wrong, what was made of it."""
    filling = visible(request, number)
    outputs = list(queries.outputs_of(filling))
    context: dict[str, Any] = {"filling": filling, "template": forms.get(filling.form), "outputs": outputs}
    if not filling.disposed_at:
        rows = steps_shown(filling)
        current = next((row for row in rows if row["sign"] != "good"), None)
        context |= {
            "steps": rows, "current": current, "count": sum(len(row["problems"]) for row in rows),
            "complete": current is None,
            "changed": bool(outputs) and filling.state == Filling.State.DRAFT,
        }  # fmt: skip
    return render(request, "drafting/filling.html", context)


def steps_shown(filling: Filling) -> list[dict[str, Any]]:
    """Every step with its sign, and what is wrong in it."""
    data, today = contents.kept(filling), timezone.localdate()
    found = contents.problems(filling.form, data, today)
    rows = []
    for step in steps_of(filling.form):
        begun = any(field.key in data for field in step.fields)
        own = [one for one in found if step_with(filling.form, one.path) == step]
        blocking = [one for one in own if one.blocking]
        address = reverse("drafting:step", args=(filling.pk, step.key))
        said = [(problem, f"{address}?check=1#id_{input_name(problem.path)}") for problem in own] if begun else []
        sign, words = ("good", "已填好") if not blocking else ("warning", f"还有{len(blocking)}处")
        if not begun:
            sign, words = ("waiting", "未填") if blocking else ("good", "可以不填")
        rows.append({"step": step, "address": address, "sign": sign, "words": words, "problems": said})
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
def step_page(request: HttpRequest, number: int, step: str) -> HttpResponse:
    """One step: filled in and saved."""
    filling = visible(request, number)
    found = step_of(filling.form, step)
    if found is None or filling.disposed_at:
        raise Http404
    if request.method == "POST":
        return save(request, filling, found)
    data = contents.kept(filling)
    form = StepForm(found, data, request.GET.get("more", ""))
    if request.GET.get("check") == "1":
        form.say(problems_in(filling, found, data))
    return shown(request, filling, found, form)


def save(request: HttpRequest, filling: Filling, step: Step) -> HttpResponse:
    """Keep what was typed, then show what is wrong or go on."""
    values = values_of(step, request.POST)
    take_away(values, request.POST.get("remove", ""))
    try:
        filling = actions.save_step(
            filling=filling, step=step, values=values, revision=revision_of(request), acting=request.acting,
            now=timezone.now(),
        )  # fmt: skip
    except actions.StepChanged as error:
        theirs = contents.kept(error.filling)
        changed = {"said": str(error), "rows": contents.differences(step, values, theirs)}
        return shown(request, error.filling, step, StepForm(step, values), changed=changed, status=409)
    data = contents.kept(filling)
    if unused := contents.left_out(step, data):
        names = "、".join(f"“{label}”" for label in unused)
        messages.warning(request, f"按所作的选择，{names}不用填写：内容还在草稿里，但不写进文书。")
    here = reverse("drafting:step", args=(filling.pk, step.key))
    if "add" in request.POST:
        key = request.POST["add"]
        return redirect(f"{here}?{urlencode({'more': key})}#part-{key}-{len(data.get(key) or []) + 1}")
    if "remove" in request.POST:
        return redirect(here)
    if "later" in request.POST:
        messages.success(request, "已保存，可以在其他设备上登录后接着填。")
        return redirect("drafting:filling", filling.pk)
    blocking = [one for one in problems_in(filling, step, data) if one.blocking]
    if blocking:
        form = StepForm(step, data)
        form.say(problems_in(filling, step, data))
        return shown(request, filling, step, form, saved=True)
    following = after(filling.form, step)
    messages.success(request, f"“{step.title}”已保存。")
    if following is None:
        return redirect("drafting:filling", filling.pk)
    return redirect("drafting:step", filling.pk, following.key)


def take_away(values: dict[str, Any], which: str) -> None:
    """Remove a row: claimants:1."""
    key, _, row = which.partition(":")
    rows = values.get(key)
    if isinstance(rows, list) and row.isascii() and row.isdecimal() and int(row) < len(rows):
        del rows[int(row)]


def revision_of(request: HttpRequest) -> int:
    """The revision a page went on from."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def after(form: str, step: Step) -> Step | None:
    """The step that follows."""
    steps = steps_of(form)
    place = steps.index(step) + 1
    return steps[place] if place < len(steps) else None


def problems_in(filling: Filling, step: Step, data: dict[str, Any]) -> list[forms.Problem]:
    """What is wrong on a step."""
    found = contents.problems(filling.form, data, timezone.localdate())
    return [one for one in found if step_with(filling.form, one.path) == step]


def shown(
    request: HttpRequest, filling: Filling, step: Step, form: StepForm, *, saved: bool = False,
    changed: dict[str, Any] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page of a step."""
    steps = steps_of(filling.form)
    place = steps.index(step)
    context = {
        "filling": filling, "step": step, "form": form, "parts": form.parts(), "rows": form.rows, "saved": saved,
        "changed": changed, "revision": filling.revision_of(step.key), "place": place + 1, "steps": steps,
        "before": steps[place - 1] if place else None, "following": after(filling.form, step),
    }  # fmt: skip
    return render(request, "drafting/step.html", context, status=status)


@require_safe
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """What the document would look like now, marked as a draft."""
    filling = visible(request, number)
    if filling.disposed_at:
        raise Http404
    today: dt.date = timezone.localdate()
    whole = contents.used(filling.form, contents.kept(filling))
    response = HttpResponse(
        forms.render_pdf(filling.form, whole, as_of=today, draft=True), content_type="application/pdf"
    )
    response["Content-Disposition"] = content_disposition_header(False, f"草稿-{filling.title}.pdf")
    return response


@require_POST
def finish(request: HttpRequest, number: int) -> HttpResponse:
    """Make the documents."""
    output = actions.finish(
        filling=visible(request, number), revision=revision_of(request), acting=request.acting, now=timezone.now(),
        large=request.POST.get("large") == "1",
    )  # fmt: skip
    more = "，另有大字版 PDF 和 Word" if output.large_id else ""
    messages.success(request, f"第{output.number}版已生成：PDF 和 Word 各一份{more}，在下面下载。")
    return redirect("drafting:filling", number)


@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Take a draft away."""
    actions.remove(filling=visible(request, number), acting=request.acting, now=timezone.now())
    messages.success(request, "草稿已删除。")
    return redirect("drafting:fillings")
