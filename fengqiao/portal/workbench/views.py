"""The start page, the search, the bodies that work here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.parties.needs import offers_elder_mode
from fengqiao.portal.shell.columns import Choice, Column, Text
from fengqiao.portal.shell.context import ELDER_COOKIE
from fengqiao.portal.shell.listing import Empty, Listing
from fengqiao.portal.shell.navigation import shown_for
from fengqiao.portal.workbench import queries
from fengqiao.portal.workbench.beginnings import beginnings_for
from fengqiao.portal.workbench.questions import QUESTIONS, without_role

ORGANISATIONS = Listing(
    key="organisations",
    title="机构",
    model=Organisation,
    columns=(
        Column("name", "名称", order="name"),
        Column("kind", "类型", value=lambda row: row.get_kind_display()),
        Column("region", "地区"),
        Column("phone", "联系电话"),
        Column("credit_code", "统一社会信用代码"),
    ),
    filters=(Choice("kind", "类型", Organisation.Kind.choices), Text("name", "名称")),
    first="name",
    scopes=(("is_active",),),
    empty=Empty("还没有机构", "平台管理员开通机构后会显示在这里。"),
)
SHOWN = 20
"""How much of what is due is shown at once; the rest is folded in below."""


@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What is due for whoever is here; for visitors, what this is and where to begin."""
    acting = request.acting
    if acting is None:
        return render(request, "workbench/visitor.html")
    now = timezone.now()
    question = QUESTIONS[acting.role.kind] if acting.role else without_role(acting, now)
    due = queries.due_for(acting, now)
    matters = queries.matters_for(acting, now, due)
    pages = {entry.url for entry in shown_for(request, acting)}
    context = {
        "question": question,
        "items": due[:SHOWN],
        "hidden": due[SHOWN:],
        "matters": matters,
        "tallies": queries.tallies(due, matters, now, pages) if due or matters else [],
        "beginnings": [] if due or matters else beginnings_for(acting.role),
        "latest": queries.latest_for(acting),
        "now": now,
        "offer_elder": ELDER_COOKIE not in request.COOKIES and offers_elder_mode(acting, now),
    }
    return render(request, "workbench/start.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Look for something. What was typed is sent as a form: it may be personal and must not stand in an address."""
    if request.acting is None:
        raise Http404
    text = request.POST.get("q", "")[:100]
    groups = queries.search(text, request.acting)
    return render(request, "workbench/search.html", {"text": text, "groups": groups})


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """The bodies whose people work here."""
    if request.acting is None:
        raise Http404
    return ORGANISATIONS.respond(
        request, queries.organisations_visible_to(request.acting), "workbench/organisations.html"
    )
