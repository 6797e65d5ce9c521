"""Pages about special needs: noting, revealing, reviewing, ending them, and what help people are told of."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.parties import consenting, needs, noting, queries
from fengqiao.portal.parties.agent_views import one_step
from fengqiao.portal.parties.forms import RevealForm
from fengqiao.portal.parties.models import Party, SpecialNeed
from fengqiao.portal.parties.need_forms import NeedForm, ReviewForm, ToldForm
from fengqiao.portal.parties.uploaded import give_up, keep_paper
from fengqiao.portal.parties.views import back_to, home_of, visible


def need_of(request: HttpRequest, party: Party, number: int, **more: Any) -> SpecialNeed:
    """The need, if the person may see it."""
    return get_object_or_404(queries.needs_visible_to(request.acting).filter(party=party, **more), pk=number)


@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def note_need(request: HttpRequest, number: int) -> HttpResponse:
    """Note a special need."""
    found, acting, now = visible(request, number), request.acting, timezone.now()
    own, agreed = queries.is_own(found, acting), queries.agreed(found, "special_needs")
    if not noting.may_note(found, acting):
        raise Http404

    def step(given: Any) -> HttpResponse:
        file = keep_paper(given["file"], subject=queries.NEED_FILES, acting=acting, now=now) if given["file"] else None
        try:
            consenting.note_need_with_consent(
                party=found, on_paper=given.get("on_paper", ""), acting=acting, now=now, file=file,
                **{name: given[name] for name in ("kind", "detail", "since", "until", "evidence")},
            )  # fmt: skip
        except BaseException:
            if file is not None:
                give_up(file)
            raise
        messages.success(request, "已经记录，从现在起优先办理，并按需要改变联系和办理的方式。")
        return back_to(home_of(found, request))

    form = NeedForm(
        request.POST or None, request.FILES or None, own=own, agreed_before=agreed,
        initial={"since": timezone.localtime(now).date()},
    )  # fmt: skip
    return one_step(
        request, form, step, title="记录特殊需要", button="记录", upload=True,
        purpose="有特殊需要的人优先办理，可以由工作人员协助；系统据此改变联系、提醒和文书的方式。",
        help="由本人说明，证明材料可以不交。属于敏感个人信息：加密保存，工作人员平时只看到怎样办理；看具体内容要写明理由，本人可以看到。"
        "只用于提供帮助，不影响权利和赔偿。可以随时结束或者撤回同意，撤回后内容随即清除。"
        "依据：个人信息保护法第二十八条至第三十条。",
        back=home_of(found, request),
    )  # fmt: skip


@login_required
@fresh_login_required
@sensitive_variables()
@require_http_methods(["GET", "POST"])
def reveal_need(request: HttpRequest, number: int, need: int) -> HttpResponse:
    """Which need it is, with a reason, shown this once."""
    found = visible(request, number)
    shown = need_of(request, found, need)
    if not noting.may_note(found, request.acting):
        raise Http404

    def step(given: Any) -> HttpResponse:
        values = noting.reveal_need(need=shown, reason=given["reason"], acting=request.acting, now=timezone.now())
        context = {"party": found, "values": values, "need": shown, "back": home_of(found, request)}
        response = render(request, "parties/need_revealed.html", context)
        response["Cache-Control"] = "private, no-store"
        return response

    return one_step(
        request, RevealForm(request.POST or None), step, title="查看特殊需要的内容", button="查看",
        purpose=f"查看 {found.name} 的特殊需要的种类、具体情形和依据。您的姓名、时间和理由会记入审计，本人可以看到。",
        help="平时按“怎样办理”的提示办理就可以，不必查看。内容只显示这一次。", back=home_of(found, request),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def review_need(request: HttpRequest, number: int, need: int) -> HttpResponse:
    """It was looked at again and still holds."""
    found, now = visible(request, number), timezone.now()
    shown = need_of(request, found, need, ended_at=None)
    if not noting.may_note(found, request.acting):
        raise Http404

    def step(given: Any) -> HttpResponse:
        noting.review_need(
            need=shown, detail=given.get("detail", ""), review_on=given["review_on"], evidence=given["evidence"],
            acting=request.acting, now=now,
        )  # fmt: skip
        messages.success(request, "已经复核，下一次复核的日期已经保存。")
        return back_to(home_of(found, request))

    initial = {"review_on": noting.next_review(shown.key, now) or noting.months_later(timezone.localdate(now), 12)}
    return one_step(
        request, ReviewForm(request.POST or None, kind=shown.key, initial=initial), step, title="复核特殊需要",
        button="仍然符合，保存", purpose=f"{found.name}的“{shown.shown}”是否仍然符合，按本人的说明或者新的证明复核。",
        help="复核的间隔由本平台约定（待核：社会救助的定期核查以主管机关的规定为准）。不再符合的，返回后结束这一项。",
        back=home_of(found, request),
    )  # fmt: skip


@login_required
@require_POST
def end_need(request: HttpRequest, number: int, need: int) -> HttpResponse:
    """A need holds no longer."""
    found = visible(request, number)
    noting.end_need(
        need=need_of(request, found, need, ended_at=None), acting=request.acting, now=timezone.now()
    )  # fmt: skip
    messages.success(request, "已经结束。")
    return back_to(home_of(found, request))


@login_required
@require_http_methods(["GET", "POST"])
def notice(request: HttpRequest, number: int) -> HttpResponse:
    """What somebody can be told of social assistance and legal aid; staff hand the notice out, and it is kept."""
    found, acting, now = visible(request, number), request.acting, timezone.now()
    kinds, handles = needs.kinds_of(found, now), queries.may_handle(found, acting)
    form = ToldForm(request.POST or None)
    if request.method == "POST":
        if not handles:
            raise Http404
        if form.is_valid():
            file = noting.note_told(party=found, how=form.cleaned_data["how"], acting=acting, now=now)
            messages.success(request, "告知书已经生成并存入登记。请打印，由本人和您签名。")
            return redirect("documents:preview", file.pk)
    social, legal = needs.told_of(kinds)
    return render(
        request, "parties/notice.html",
        {
            "party": found, "social": social, "legal": legal, "form": form, "handed": queries.handed_out(found),
            "to_tell": handles and needs.untold(found, kinds), "home": home_of(found, request),
            "today": timezone.localdate(), "care": needs.care_of(found, now),
        },
    )  # fmt: skip
