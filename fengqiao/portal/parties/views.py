"""Pages about parties: for staff who help them, and those that staff and the person themself share."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.parties import actions, consenting, needs, queries
from fengqiao.portal.parties.agent_views import one_step
from fengqiao.portal.parties.forms import (
    ContactForm,
    CorrectionForm,
    DecideForm,
    HandOverForm,
    PassOnForm,
    RevealForm,
    TakeInForm,
)
from fengqiao.portal.parties.lists import PEOPLE, PEOPLE_FOR_ADMINISTRATORS, PEOPLE_FOR_COURTS
from fengqiao.portal.parties.models import Correction, Party
from fengqiao.portal.parties.purposes import purposes


def visible(request: HttpRequest, number: int) -> Party:
    """The party, if the person may see them and they were not disposed of."""
    return get_object_or_404(queries.visible_to(request.acting).filter(disposed_at=None), pk=number)


def home_of(party: Party, request: HttpRequest) -> tuple[str, int | None]:
    """Where a page about a party leads back to."""
    return ("parties:mine", None) if queries.is_own(party, request.acting) else ("parties:party", party.pk)


def back_to(place: tuple[str, int | None]) -> HttpResponse:
    """Go there."""
    return redirect(place[0], *(() if place[1] is None else (place[1],)))


@login_required
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """The parties of an organisation, the most pressing first."""
    acting = request.acting
    if not acting.organisation or not acting.is_a(*queries.READERS):
        raise Http404
    may_take_in = queries.may_take_in(acting)
    of_court = acting.is_a(*queries.OF_COURTS)
    listing = PEOPLE if may_take_in else PEOPLE_FOR_COURTS if of_court else PEOPLE_FOR_ADMINISTRATORS
    return listing.respond(
        request, queries.taken_in_by(acting).filter(disposed_at=None), "parties/people.html",
        may_take_in=may_take_in, of_court=of_court, handed=queries.handed_over_to(acting)[:50],
    )  # fmt: skip


@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """Put somebody without an account into the system."""
    if not queries.may_take_in(request.acting):
        raise Http404

    def step(given: Any) -> HttpResponse:
        party = consenting.take_in_with_consents(
            papers={name: given[name] for name in ("name", "kind", "number")}, mobile=given["mobile"],
            address=given["address"], bank_account=given["bank_account"], kinds=given["needs"],
            on_paper=given["on_paper"], acting=request.acting, now=timezone.now(),
        )  # fmt: skip
        messages.success(request, f"已登记 {party.name}。下一步：代其办理，办完打印确认单请本人签名。")
        return redirect("parties:party", party.pk)

    return one_step(
        request, TakeInForm(request.POST or None), step, title="登记当事人", button="登记",
        purpose="为到现场、来电或者自己不便上网的人登记，由您协助办理；您和本人的姓名都会记入审计。",
        help="本人已经有账号的不要重复登记，请让本人登录办理。登记前请核对证件，并说明怎样处理个人信息。",
        back=("parties:people", None),
    )  # fmt: skip


@login_required
@require_GET
def party(request: HttpRequest, number: int) -> HttpResponse:
    """One party: who they are (masked), what they need, what to do."""
    found, acting = visible(request, number), request.acting
    if acting.is_a(Role.Kind.INVESTOR):
        raise Http404
    now, held = timezone.now(), list(queries.needs_of(found))
    handles, kinds = queries.may_handle(found, acting), needs.kinds_of(found, now)
    return render(
        request,
        "parties/party.html",
        {
            "party": found, "needs": held, "handles": handles,
            "told_how": handles or acting.is_a(*queries.OF_COURTS),
            "assist": queries.may_assist(found, acting), "acts": acting.behalf and acting.behalf[0] == found.pk,
            "to_tell": handles and needs.untold(found, kinds), "handed": queries.handed_out(found)[:5],
            "by_papers": needs.ELDERLY in kinds and not any(one.key == "elderly" for one in held),
            "care": needs.care_of(found, now), "today": timezone.localdate(now),
            "account": queries.account_with_number_of(found) if handles else None,
            "fields": [
                (name, Party._meta.get_field(name).verbose_name, value)
                for name in Party.REVEALABLE
                if (value := found.contact_mobile if name == "mobile" else getattr(found, name))
            ],
            "agents": found.authorisations.select_related("agent").filter(state="accepted"),
            "handlings": found.handlings.select_related("organisation").filter(ended_at=None),
            "consents": queries.consents_of(found).filter(withdrawn_at=None), "titles": purposes(),
            "corrections": found.corrections.filter(state="submitted"),
            "may_change": queries.may_change_contact(found, acting),
            "events": queries.revealed(found)[:20],
            "confirmations": queries.confirmations_visible_to(acting).filter(party=found).order_by("-asked_at")[:5],
        },
    )  # fmt: skip


@login_required
@fresh_login_required
@sensitive_variables()
@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, number: int, field: str) -> HttpResponse:
    """One value whole: with a reason, shown this once, kept by no browser."""
    found = visible(request, number)
    if field not in Party.REVEALABLE or not queries.may_reveal(found, request.acting):
        raise Http404
    title = Party._meta.get_field(field).verbose_name

    def step(given: Any) -> HttpResponse:
        value = actions.reveal(
            party=found, field=field, reason=given["reason"], acting=request.acting, now=timezone.now()
        )
        shown = {"party": found, "title": title, "value": value, "back": home_of(found, request)[0], "number": number}
        response = render(request, "parties/revealed.html", shown)
        response["Cache-Control"] = "private, no-store"
        return response

    return one_step(
        request, RevealForm(request.POST or None), step, title=f"查看完整的{title}", button="查看",
        purpose=f"查看 {found.name} 的{title}全文。您的姓名、时间和理由会记入审计，本人可以看到。",
        help="只在办理需要时查看。内容只显示这一次，关闭页面后要重新说明理由。", back=home_of(found, request),
    )  # fmt: skip


@login_required
@fresh_login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest, number: int) -> HttpResponse:
    """New contact data: by the person themself, or by staff for those without an account."""
    found, acting = visible(request, number), request.acting
    if not queries.may_change_contact(found, acting):
        raise Http404
    own, now = queries.is_own(found, acting), timezone.now()

    def step(given: Any) -> HttpResponse:
        if given.get("bank_account") and not queries.agreed(found, "bank_account"):
            consenting.give(
                party=found, purpose="bank_account", passed_to=None, on_paper=given.get("on_paper", ""), acting=acting,
                now=now,
            )  # fmt: skip
        values = {name: given.get(name) or None for name in ("mobile", "address", "bank_account")}
        actions.change_contact(party=found, **values, acting=acting, now=now)
        messages.success(request, "新的内容已经保存。")
        return back_to(home_of(found, request))

    form = ContactForm(request.POST or None, own=own, agreed_before=queries.agreed(found, "bank_account"))
    return one_step(
        request, form, step, title="修改联系信息", button="保存",
        purpose=f"修改 {found.name} 的地址、收款账户等，保存后立即生效。",
        help="为保护您的信息，这里不显示现在的内容；留空的一项不改。手机号码在“我的账号”中更换，要用验证码确认。"
        if own else "请按本人的说明填写，并在确认单上请本人签名。", back=home_of(found, request),
    )  # fmt: skip


@login_required
@fresh_login_required
@require_POST
def link_account(request: HttpRequest, number: int) -> HttpResponse:
    """Somebody who was taken in has an account by now."""
    found = actions.link_account(party=visible(request, number), acting=request.acting, now=timezone.now())
    messages.success(request, f"已关联。{found.name} 登录后可以看到由您登记的内容。")
    return redirect("parties:party", found.pk)


@login_required
@require_http_methods(["GET", "POST"])
def note_consent_to_pass_on(request: HttpRequest, number: int) -> HttpResponse:
    """Note a separate consent that was given on paper."""
    found, acting = visible(request, number), request.acting
    if not queries.may_handle(found, acting):
        raise Http404
    asked = purposes()["pass_on"]

    def step(given: Any) -> HttpResponse:
        consenting.give(
            party=found, purpose="pass_on", passed_to=given["organisation"], on_paper=given["on_paper"], acting=acting,
            now=timezone.now(),
        )  # fmt: skip
        messages.success(request, "已登记单独同意，现在可以转交。")
        return redirect("parties:party", found.pk)

    return one_step(
        request, PassOnForm(request.POST or None, own=False), step, title="登记单独同意", button="登记",
        purpose=f"登记 {found.name} 在书面上单独同意把信息提供给另一家机构。", facts=(("同意的内容", asked.text),),
        help="同意书须由本人签名，写明接收方的名称、目的、方式和信息的种类（个人信息保护法第二十三条）。",
        back=("parties:party", found.pk),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, number: int) -> HttpResponse:
    """Let another organisation deal with the matter."""
    found, acting = visible(request, number), request.acting
    if not queries.may_handle(found, acting):
        raise Http404

    def step(given: Any) -> HttpResponse:
        actions.hand_over(party=found, **given, acting=acting, now=timezone.now())
        messages.success(request, f"已转交{given['organisation'].name}。")
        return redirect("parties:party", found.pk)

    return one_step(
        request, HandOverForm(request.POST or None, own=acting.organisation), step, title="转交另一家机构",
        button="转交",
        purpose=f"让另一家机构办理 {found.name} 的事项；它从此可以看到办理所需的信息。",
        help="转交须有本人的单独同意，或者法律规定无须同意的依据。本人可以随时撤回同意，接收方随即看不到信息。",
        back=("parties:party", found.pk),
    )  # fmt: skip


@login_required
@fresh_login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def ask_correction(request: HttpRequest, number: int) -> HttpResponse:
    """Ask that name or papers be put right."""
    found, acting = visible(request, number), request.acting
    if not queries.is_own(found, acting) and not queries.may_handle(found, acting):
        raise Http404

    def step(given: Any) -> HttpResponse:
        consenting.ask_correction(party=found, **given, acting=acting, now=timezone.now())
        messages.success(request, "更正申请已经提交，决定后会显示在“更正申请”中。")
        return back_to(home_of(found, request))

    return one_step(
        request, CorrectionForm(request.POST or None), step, title="申请更正身份信息", button="提交申请",
        purpose="姓名或者证件登记错了、换了证件的，在这里申请更正；工作人员核对证件后决定。",
        help="新旧内容在决定前都加密保存，决定后只留下审计记录。依据：个人信息保护法第四十六条。",
        back=home_of(found, request),
    )  # fmt: skip


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def decide_correction(request: HttpRequest, number: int) -> HttpResponse:
    """Decide a request for correction."""
    acting = request.acting
    rows = queries.corrections_visible_to(acting).filter(state=Correction.State.SUBMITTED)
    found = get_object_or_404(rows, pk=number)
    if not queries.may_decide_correction(found, acting):
        raise Http404

    def step(given: Any) -> HttpResponse:
        consenting.decide_correction(
            correction=found, accepted=given["verdict"] == "yes", seen_number=given["number"],
            reason=given["reason"], acting=acting,
            now=timezone.now(),
        )  # fmt: skip
        messages.success(request, "已经决定，申请人可以看到结果。")
        return redirect("/")

    return one_step(
        request, DecideForm(request.POST or None), step, title="决定更正申请", button="决定",
        purpose=f"{found.party.name} 申请更正身份信息。请核对证件原件后决定。",
        facts=(
            ("原姓名", str(found.old_name)), ("新姓名", str(found.new_name)),
            ("原证件", f"{found.get_old_kind_display()} {found.old_number}"),
            ("新证件", f"{found.get_new_kind_display()} {found.new_number}"), ("理由", found.reason),
        ),
        help="这里只显示掩码：请让本人出示证件，照原件输入号码，由系统比对。更正后账号的实名信息一并更正。",
        back=("workbench:start", None),
    )  # fmt: skip
