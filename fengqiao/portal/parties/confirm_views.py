"""Pages on which assisted people confirm what was done for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.audit.labels import verb_label
from fengqiao.portal.parties import confirming, queries
from fengqiao.portal.parties.agent_views import one_step
from fengqiao.portal.parties.confirmations import ActsConfirmation
from fengqiao.portal.parties.forms import ReasonForm
from fengqiao.portal.parties.uploaded import LIMITS, give_up, keep_paper
from fengqiao.portal.parties.views import back_to, home_of, visible
from fengqiao.portal.shell.words import moment_text

WORDS_HELP = "不认可的必须写明哪一项、应当怎样。加密保存，办理机构会看到。"


class AnswerForm(forms.Form):
    """Whether it was their will."""

    verdict = forms.ChoiceField(label="是否本人的意思", widget=forms.RadioSelect)
    words = forms.CharField(label="说明", max_length=300, required=False, help_text=WORDS_HELP)
    paper = forms.CharField(
        label="签名的确认单存放在哪里", max_length=200, required=False, help_text="例如：卷3第8页。上传了的可以不填。"
    )
    file = forms.FileField(
        label="签名的确认单", required=False, help_text=LIMITS.sentence,
        widget=forms.ClearableFileInput(attrs={"accept": LIMITS.accept}),
    )  # fmt: skip

    def __init__(self, *args: Any, own: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        yes, no = ("都是我的意思", "有的不是我的意思") if own else ("本人签名确认", "本人不认可其中的事项")
        self.fields["verdict"].choices = (("yes", yes), ("no", no))  # type: ignore[attr-defined]
        if own:
            del self.fields["paper"], self.fields["file"]


@login_required
@require_GET
def confirmation(request: HttpRequest, number: int) -> HttpResponse:
    """The sheet on which an assisted person confirms what was done for them."""
    found, acting = visible(request, number), request.acting
    if not queries.may_handle(found, acting):
        raise Http404
    waiting = queries.confirmations_visible_to(acting).filter(party=found, staff=acting.user, answer="waiting").first()
    events = queries.acts_of(waiting) if waiting else queries.acts_to_confirm(found, acting)
    before = queries.confirmations_visible_to(acting).filter(party=found).exclude(answer="waiting")
    context = {
        "party": found, "rows": [(event.at, verb_label(event.verb), event.number) for event in events],
        "today": timezone.localdate(), "waiting": waiting, "before": before.order_by("-answered_at")[:20],
    }  # fmt: skip
    return render(request, "parties/confirmation.html", context)


@login_required
@require_POST
def ask_confirmation(request: HttpRequest, number: int) -> HttpResponse:
    """Put before the person what was done for them."""
    found = visible(request, number)
    made = confirming.ask(party=found, acting=request.acting, now=timezone.now())
    how = "本人登录后可以确认，也可以" if found.user_id else "请"
    messages.success(request, f"已固定 {made.count} 项。{how}打印请本人签名，再登记结果。")
    return redirect("parties:confirmation", found.pk)


def one(request: HttpRequest, number: int) -> ActsConfirmation:
    """The confirmation, if the person may see it."""
    return get_object_or_404(queries.confirmations_visible_to(request.acting), pk=number)


@login_required
@fresh_login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def answer_confirmation(request: HttpRequest, number: int) -> HttpResponse:
    """The person answers themself; staff note what was signed."""
    found, acting, now = one(request, number), request.acting, timezone.now()
    own = queries.is_own(found.party, acting)
    if not own and not queries.may_handle(found.party, acting):
        raise Http404

    def step(given: Any) -> HttpResponse:
        upload = given.get("file")
        file = keep_paper(upload, subject=queries.NEED_FILES, acting=acting, now=now) if upload else None
        try:
            confirming.answer(
                confirmation=found, agreed=given["verdict"] == "yes", words=given["words"], file=file,
                paper=given.get("paper", ""), acting=acting, now=now,
            )  # fmt: skip
        except BaseException:
            if file is not None:
                give_up(file)
            raise
        messages.success(request, "已经保存。" if given["verdict"] == "yes" else "已经保存，办理机构会联系并更正。")
        return back_to(home_of(found.party, request))

    acts = [
        (moment_text(event.at), f"{verb_label(event.verb)}（审计序号 {event.number}）")
        for event in queries.acts_of(found)
    ]
    who = f"{found.organisation.name}的{found.staff.name}"
    return one_step(
        request, AnswerForm(request.POST or None, request.FILES or None, own=own), step,
        title="确认代办的事项" if own else "登记本人的确认", button="提交", upload=not own,
        facts=(("办理人", who), ("当事人", found.party.name), *acts),
        purpose=f"{who}代您办理了下面 {found.count} 项，请核对是不是您的意思。" if own
        else f"按 {found.party.name} 签名的确认单登记：这 {found.count} 项是不是本人的意思。",
        help="确认以后仍然可以更正自己的信息、撤回申请。不认可的，由办理人以外的人核对并更正；结果可以在“我的信息”里看到。",
        back=home_of(found.party, request),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def settle_dispute(request: HttpRequest, number: int) -> HttpResponse:
    """What the person did not agree to has been put right."""
    found, acting = one(request, number), request.acting
    may = queries.may_handle(found.party, acting) and acting.user.pk != found.staff_id
    if not may or found.answer != ActsConfirmation.Answer.DISPUTED or found.settled_at:
        raise Http404

    def step(given: Any) -> HttpResponse:
        confirming.settle(confirmation=found, reason=given["reason"], acting=acting, now=timezone.now())
        messages.success(request, "已经登记处理结果。")
        return redirect("parties:party", found.party_id)

    acts = [(moment_text(event.at), verb_label(event.verb)) for event in queries.acts_of(found)]
    return one_step(
        request, ReasonForm(request.POST or None), step, title="处理不认可的代办", button="登记处理结果",
        facts=(("办理人", found.staff.name), ("本人的说明", queries.words_of(found)), *acts),
        purpose=f"{found.party.name} 不认可 {found.staff.name} 代办的事项。请核对、更正，告知本人，再登记怎样处理。",
        help="由办理人以外的人处理。“原因”里写明怎样处理，会记入审计。", back=("parties:party", found.party_id),
    )  # fmt: skip
