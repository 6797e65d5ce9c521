"""Pages for the person themself: what is kept of me, who saw it, what I agreed to, who acts for me."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.parties import actions, consenting, needs, own_data, queries
from fengqiao.portal.parties.agent_views import one_step
from fengqiao.portal.parties.forms import ConfirmForm, PassOnForm
from fengqiao.portal.parties.models import Authorisation, Party
from fengqiao.portal.parties.purposes import purposes


def own(request: HttpRequest) -> Party:
    """The record of the person at the screen, as an investor."""
    if not request.acting.is_a(Role.Kind.INVESTOR):
        raise Http404
    return actions.open_own_party(acting=request.acting, now=timezone.now())


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """All that is kept of me, masked."""
    party = own(request)
    kept = own_data.kept_of(party)
    sections = [
        {"key": one.key, "title": one.title, "heads": one.heads, "rows": one.with_heads(), "long": one.is_long}
        for one in kept
        if one.rows
    ]
    now, held = timezone.now(), list(queries.needs_of(party).select_related("file"))
    care = needs.care_of(party, now)
    return render(
        request,
        "parties/mine.html",
        {
            "confirmations": queries.confirmations_visible_to(request.acting).order_by("-asked_at")[:20],
            "party": party, "sections": sections, "needs": held, "care": care,
            "notice": care.has("social_aid") or care.has("legal_aid"),
            "fields": [
                (name, Party._meta.get_field(name).verbose_name)
                for name in Party.REVEALABLE
                if (party.contact_mobile if name == "mobile" else getattr(party, name))
            ],
            "asked": party.corrections.filter(state="submitted").first(),
            "none_of": [one.title for one in kept if not one.rows],
        },
    )  # fmt: skip


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def export_mine(request: HttpRequest) -> HttpResponse:
    """All that is kept of me, whole, as a file."""
    party = own(request)

    def step(_: Any) -> HttpResponse:
        content = actions.export_own(party=party, acting=request.acting, now=timezone.now())
        response = HttpResponse(content, content_type="application/zip")
        response["Content-Disposition"] = content_disposition_header(True, "我的信息.zip")
        response["Cache-Control"] = "private, no-store"
        return response

    return one_step(
        request, ConfirmForm(request.POST if request.method == "POST" else None), step, title="导出我的信息",
        button="导出", download=True,
        purpose="把本平台保存的您的全部信息导出成一个压缩文件，下载到您的设备上。",
        caution="文件里是完整的证件号码、电话和账号，没有加密。请保存在只有您能打开的地方，不要在公共电脑上导出。",
        help="压缩文件里有：一份供阅读的网页，一份供其他程序读取的数据文件（JSON），以及您的授权委托书原件。"
        "依据：个人信息保护法第四十五条。", back=("parties:mine", None),
    )  # fmt: skip


@login_required
@require_GET
def my_consents(request: HttpRequest) -> HttpResponse:
    """What my data are handled for, on which basis, what I agreed to."""
    party = own(request)
    given = list(queries.consents_of(party))
    shown = [(purpose, [one for one in given if one.purpose == purpose.id]) for purpose in purposes().values()]
    rows = [
        {
            "purpose": purpose,
            "given": ones,
            "ask": purpose.consent and not purpose.passes_on and not any(one.withdrawn_at is None for one in ones),
        }
        for purpose, ones in shown
    ]
    return render(request, "parties/my_consents.html", {"rows": rows})


@login_required
@require_POST
def agree(request: HttpRequest, purpose: str) -> HttpResponse:
    """Agree to one purpose."""
    consenting.give(
        party=own(request), purpose=purpose, passed_to=None, on_paper="", acting=request.acting, now=timezone.now()
    )
    messages.success(request, "已记录您的同意，可以随时撤回。")
    return redirect("parties:my_consents")


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def agree_to_pass_on(request: HttpRequest) -> HttpResponse:
    """Agree separately that data are passed on to one organisation."""
    party, asked = own(request), purposes()["pass_on"]

    def step(given: Any) -> HttpResponse:
        consenting.give(
            party=party, purpose="pass_on", passed_to=given["organisation"], on_paper="", acting=request.acting,
            now=timezone.now(),
        )  # fmt: skip
        messages.success(request, f"已记录您单独同意把信息提供给{given['organisation'].name}，可以随时撤回。")
        return redirect("parties:my_consents")

    return one_step(
        request, PassOnForm(request.POST or None, own=True), step, title="单独同意提供给另一家机构",
        button="我单独同意",
        purpose=asked.text, facts=(("提供的信息", "、".join(asked.data)), ("依据", asked.basis_text)),
        help="不同意的，不影响原机构继续办理您的事项。同意后可以随时撤回，撤回后该机构立即看不到您的信息。",
        back=("parties:my_consents", None),
    )  # fmt: skip


@login_required
@require_POST
def withdraw_consent(request: HttpRequest, number: int) -> HttpResponse:
    """Withdraw a consent."""
    consent = get_object_or_404(own(request).consents, pk=number)
    closed = consenting.withdraw(consent=consent, acting=request.acting, now=timezone.now())
    said = (
        f"已撤回。{closed} 家机构从现在起不能再查看您的信息。"
        if closed
        else "已撤回。撤回以前依同意进行的处理不受影响。"
    )
    messages.success(request, said)
    return redirect("parties:my_consents")


@login_required
@require_GET
def my_agents(request: HttpRequest) -> HttpResponse:
    """Who acts for me, and who asks to."""
    own(request)
    now = timezone.now()
    rows = queries.authorisations_visible_to(request.acting).order_by("-submitted_at")[:100]
    shown = [
        (row, row.state_on(now),
        "good" if row.in_force(now) else "waiting" if row.state == Authorisation.State.SUBMITTED else "quiet")
        for row in rows
    ]  # fmt: skip
    return render(request, "parties/my_agents.html", {"rows": shown})
