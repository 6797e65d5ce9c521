"""Pages of deadlines: lists, the month, one deadline and its steps."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from fengqiao.engine.deadlines import rule
from fengqiao.portal.deadlines import actions, counting, month, queries
from fengqiao.portal.deadlines.forms import (
    EntryForm,
    ExtendForm,
    InterruptForm,
    MeetForm,
    PauseForm,
    ReasonForm,
    RestartForm,
    ResumeForm,
)
from fengqiao.portal.deadlines.lists import MINE, MINE_CLOSED, OF_BODY, OF_BODY_CLOSED
from fengqiao.portal.deadlines.models import Deadline, Event
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.shell import drafts
from fengqiao.portal.shell.timeline import Entry

Step = tuple[str, str, str, str]
STEPS: dict[str, Step] = {
    "pause": (
        "暂停期限",
        "暂停",
        "依法可以中止的，写明理由后暂停；暂停期间不计入，也不提醒。",
        "已经暂停。原因消除后请及时恢复。",
    ),
    "resume": ("恢复期限", "恢复", "中止的原因消除后恢复，从次日起继续计算。", "已经恢复，最后一日已重新计算。"),
    "interrupt": (
        "登记中断",
        "登记中断",
        "诉讼时效、申请执行时效因提出请求、同意履行、起诉、仲裁等中断的，在这里登记，从头重新计算。",
        "已经登记中断，期间重新计算；程序没有终结的，终结后再登记。",
    ),
    "restart": (
        "程序终结",
        "重新计算",
        "使期间中断的诉讼、仲裁等程序终结后，从次日起重新计算整个期间。",
        "已经重新计算。",
    ),
    "extend": (
        "延长期限",
        "延长",
        "经规则所列的人同意或者批准，在规则允许的范围内延长。",
        "已经延长，最后一日已重新计算。",
    ),
    "meet": ("办结", "办结", "要办的事已经办完的，在这里办结，不再提醒。", "已经办结。"),
    "withdraw": ("撤销期限", "撤销", "登记有误或者不再适用的，写明理由后撤销；历史仍然保存。", "已经撤销。"),
}
"""Title, button, purpose, what is said afterwards."""
STEP_HELP = "日期按北京时间，最后一日24时届满。保存后立即重新计算，理由、时间和办理人记入历史，不能修改。"
SIGNS = {Event.Kind.MET: "good", Event.Kind.OVERDUE: "bad", Event.Kind.ESCALATE: "bad", Event.Kind.WARN: "warning",
         Event.Kind.LAST_DAY: "warning", Event.Kind.FAILED: "warning"}  # fmt: skip


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """What the person sees to themselves."""
    return MINE.respond(request, queries.own(request.acting).filter(is_open=True), "deadlines/mine.html")


@login_required
@require_GET
def organisation(request: HttpRequest) -> HttpResponse:
    """What the organisation has to see to."""
    if request.acting.organisation is None:
        raise Http404
    rows = queries.of_organisation(request.acting).filter(is_open=True)
    return OF_BODY.respond(request, rows, "deadlines/organisation.html")


@login_required
@require_GET
def mine_closed(request: HttpRequest) -> HttpResponse:
    """What the person saw to."""
    rows = queries.own(request.acting).filter(is_open=False)
    return MINE_CLOSED.respond(request, rows, "deadlines/closed.html")


@login_required
@require_GET
def organisation_closed(request: HttpRequest) -> HttpResponse:
    """What the organisation saw to."""
    if request.acting.organisation is None:
        raise Http404
    rows = queries.of_organisation(request.acting).filter(is_open=False)
    return OF_BODY_CLOSED.respond(request, rows, "deadlines/closed.html", of_body=True)


@login_required
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """A month with what is due; what stands still is named below it."""
    now = timezone.now()
    today = timezone.localtime(now).date()
    first = month.month_of(request.GET.get("month", ""), today)
    days = month.shown_days(first)
    rows = list(queries.between(request.acting, *days).select_related("user", "organisation")[:500])
    still = list(queries.paused(request.acting)[:50])
    queries.mark_first([*rows, *still], request.acting)
    weeks = month.weeks_of(first, rows, now, today)
    context = {
        "first": first, "weeks": weeks, "paused": still,
        "some": any(day.inside and day.items for week in weeks for day in week),
        "before": (first - dt.timedelta(days=1)).strftime("%Y-%m"),
        "after": (first + dt.timedelta(days=32)).strftime("%Y-%m"), "weekdays": "一二三四五六日",
    }  # fmt: skip
    return render(request, "deadlines/calendar.html", context)


def visible(request: HttpRequest, number: int) -> Deadline:
    """The deadline, if the person may see it."""
    rows = queries.visible_to(request.acting).select_related("user", "organisation")
    return get_object_or_404(rows, pk=number)


@login_required
@require_GET
def deadline(request: HttpRequest, number: int) -> HttpResponse:
    """One deadline: when, why, on what it rests, what happened."""
    found, now = visible(request, number), timezone.now()
    queries.mark_first([found], request.acting)
    sign, word = found.light(now)
    entries = [
        Entry(
            event.at, event.get_kind_display(), event.who, _detail(event), SIGNS.get(Event.Kind(event.kind), "note")  # type: ignore[arg-type]
        )
        for event in queries.history(found)[:100]
    ]  # fmt: skip
    context = {
        "deadline": found, "sign": sign, "word": word, "entries": entries, "now": now,
        "steps": [(step, STEPS[step][0]) for step in possible(found)] if queries.may_act(found, request.acting) else [],
    }  # fmt: skip
    return render(request, "deadlines/deadline.html", context)


def _detail(event: Event) -> str:
    day = f"最后一日：{event.due_on.year}年{event.due_on.month}月{event.due_on.day}日" if event.due_on else ""
    who = f"责任人：{event.responsible}" if event.responsible else ""
    return "；".join(part for part in (event.reason and f"理由：{event.reason}", day, who) if part)


def possible(found: Deadline) -> list[str]:
    """The steps that its state and its rule allow."""
    if not found.is_open:
        return []
    if found.state == Deadline.State.PAUSED:
        return ["resume", "meet", "withdraw"]
    if found.state == Deadline.State.INTERRUPTED:
        return ["restart", "meet", "withdraw"]
    if found.starts_at is not None:
        return ["meet", "withdraw"]
    asked = rule(counting.rule_of(found))
    pauses = ["pause"] if asked.pause not in ("fixed", "none") else []
    more = [step for step, on in (("interrupt", asked.interruptible), ("extend", bool(asked.extensions))) if on]
    return ["meet", *pauses, *more, "withdraw"]


def form_of(step: str, data: Any, found: Deadline) -> forms.Form:
    """The form of a step."""
    if step == "extend":
        return ExtendForm(data, deadline=found)
    kinds: dict[str, type[forms.Form]] = {
        "pause": PauseForm, "resume": ResumeForm, "meet": MeetForm, "interrupt": InterruptForm, "restart": RestartForm
    }  # fmt: skip
    return kinds.get(step, ReasonForm)(data)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A deadline of one's own."""
    if not queries.may_enter(request.acting):
        raise Http404
    now = timezone.now()
    draft = drafts.of(request, "deadlines.new")
    if draft.to_save:
        return draft.save(request)
    form = EntryForm(request.POST or None, initial=draft.initial(EntryForm), today=timezone.localtime(now).date())
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.enter(acting=request.acting, now=now, **form.cleaned_data)
        except Refusal as error:
            form.add_error(None, str(error))
        else:
            draft.sent()
            messages.success(request, "已经登记，最后一日和计算过程在下面，请核对。")
            return redirect("deadlines:deadline", made.pk)
    return render(request, "deadlines/new.html", {"form": form, "draft": draft})


@login_required
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, number: int, step: str) -> HttpResponse:
    """Pause, resume, extend, meet or withdraw."""
    found, now = visible(request, number), timezone.now()
    if step not in possible(found) or not queries.may_act(found, request.acting):
        raise Http404
    title, button, purpose, done = STEPS[step]
    form = form_of(step, request.POST or None, found)
    if request.method == "POST" and form.is_valid():
        try:
            getattr(actions, step)(deadline=found, acting=request.acting, now=now, **form.cleaned_data)
        except Refusal as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            return redirect("deadlines:deadline", found.pk)
    context = {"deadline": found, "form": form, "title": title, "button": button, "purpose": purpose,
               "help": STEP_HELP, "danger": step == "withdraw"}  # fmt: skip
    return render(request, "deadlines/step.html", context)
