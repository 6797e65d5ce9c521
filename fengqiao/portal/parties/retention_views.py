"""Pages of the administrators: how long what is kept, what would be disposed of, what is held, what was disposed of."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.accounts.queries import runs_the_platform
from fengqiao.portal.parties import disposing, queries
from fengqiao.portal.parties.agent_views import one_step
from fengqiao.portal.parties.forms import HoldForm, ReasonForm
from fengqiao.portal.parties.lists import DISPOSALS
from fengqiao.portal.parties.retention import APART, RULES, findings

SHOWN = 100


@login_required
@require_GET
def retention(request: HttpRequest) -> HttpResponse:
    """The schedule; for the platform's administrators also a dry run: what would be disposed of, what is held."""
    acting, now = request.acting, timezone.now()
    if not acting.is_a(Role.Kind.ADMINISTRATOR):
        raise Http404
    today, runs = timezone.localtime(now).date(), runs_the_platform(acting)
    schedule = [
        {
            "title": rule.title, "period": rule.period_text(today), "basis": rule.basis(today),
            "due": rule.due(now).count() if runs else None, "held": rule.held(now).count() if runs else None,
        }
        for rule in RULES
    ]  # fmt: skip
    schedule += [{"title": rule.title, "period": rule.period_text(today), "basis": rule.basis(today)} for rule in APART]
    return render(
        request,
        "parties/retention.html",
        {
            "schedule": schedule, "runs": runs,
            "due": findings(RULES, now, held=False, most=SHOWN) if runs else [],
            "held": findings(RULES, now, held=True, most=SHOWN) if runs else [],
            "holds": queries.holds_visible_to(acting).filter(lifted_at=None).order_by("-placed_at")[:SHOWN],
        },
    )  # fmt: skip


@login_required
@require_GET
def disposals(request: HttpRequest) -> HttpResponse:
    """The proofs."""
    if not runs_the_platform(request.acting):
        raise Http404
    return DISPOSALS.respond(request, queries.disposals_visible_to(request.acting), "parties/disposals.html")


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def place_hold(request: HttpRequest) -> HttpResponse:
    """Keep everything of a party."""
    if not runs_the_platform(request.acting):
        raise Http404

    def step(given: Any) -> HttpResponse:
        disposing.place_hold(party=given["party"], reason=given["reason"], acting=request.acting, now=timezone.now())
        messages.success(request, "已设置保全，解除之前不会处置这名当事人的任何记录。")
        return redirect("parties:retention")

    form = HoldForm(request.POST or None, initial={"party": request.GET.get("party", "")[:15]})
    return one_step(
        request, form, step, title="设置保全", button="设置保全",
        purpose="人民法院、检察机关、监管部门要求保存，或者可能涉诉的，设置保全后不再按期处置。",
        help="登记编号见当事人页面和试运行清单。解除保全也须写明原因，两者都记入审计。", back=("parties:retention",
        None),
    )  # fmt: skip


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def lift_hold(request: HttpRequest, number: int) -> HttpResponse:
    """Let the periods count again."""
    hold = get_object_or_404(queries.holds_visible_to(request.acting).filter(lifted_at=None), pk=number)

    def step(given: Any) -> HttpResponse:
        disposing.lift_hold(hold=hold, reason=given["reason"], acting=request.acting, now=timezone.now())
        messages.success(request, "保全已经解除。")
        return redirect("parties:retention")

    return one_step(
        request, ReasonForm(request.POST or None), step, title="解除保全", button="解除保全", danger=True,
        purpose=f"解除对 {hold.party.name} 的保全；已经超过保存期限的记录会在下一次处置。",
        facts=(("保全的原因", hold.reason),), help="解除后不能恢复已经处置的内容，请先确认不再需要。",
        back=("parties:retention", None),
    )  # fmt: skip
