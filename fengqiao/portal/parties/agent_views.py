"""Pages of those who act for others: authorisations, and the choice for whom one acts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fengqiao.portal.accounts.acting import BEHALF_KEY
from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.accounts.views import safe_next
from fengqiao.portal.documents import actions as documents
from fengqiao.portal.documents.downloads import attachment
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.parties import authorising, guardians, queries
from fengqiao.portal.parties.forms import (
    AuthorisationForm,
    CheckedForm,
    ConfirmForm,
    EndingForm,
    GuardianForm,
    OptionalReasonForm,
    ReasonForm,
)
from fengqiao.portal.parties.lists import AUTHORISATIONS
from fengqiao.portal.parties.models import Authorisation, Scope
from fengqiao.portal.shell.errors import Refusal

ENTRUSTED_HELP = (
    "请先下载并核对授权委托书：签名、范围、期限是否与这里一致。当事人可以随时撤销，撤销后立即失效。"
    "当事人由法定代理人办理的，委托书须由法定代理人签名。"
)
GUARDIAN_HELP = (
    "请核对原件：未成年人的，核对出生日期和亲属关系；成年人的，核对人民法院认定其无或者限制民事行为能力的判决"
    "（民法典第二十四条），以及谁是监护人（第二十七条至第三十三条）。对谁是监护人有争议的，不要接受：由居民委员会、"
    "村民委员会、民政部门或者人民法院指定（第三十一条）。接受后，签署、和解由法定代理人办理，本人不再单独办理。（民法典条文待核）"
)


@login_required
@require_GET
def authorisations(request: HttpRequest) -> HttpResponse:
    """The agent's own authorisations; of staff those that their organisation reviews."""
    acting = request.acting
    if not acting.is_a(Role.Kind.AGENT, *queries.REVIEWERS):
        raise Http404
    rows = queries.authorisations_visible_to(acting)
    return AUTHORISATIONS.respond(request, rows, "parties/authorisations.html", is_agent=acting.is_a(Role.Kind.AGENT))


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def submit_authorisation(request: HttpRequest) -> HttpResponse:
    """An agent hands in an authorisation."""
    if not request.acting.is_a(Role.Kind.AGENT):
        raise Http404
    now = timezone.now()
    form = AuthorisationForm(
        request.POST or None, request.FILES or None, initial={"valid_from": timezone.localtime(now).date()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = authorising.submit(**form.cleaned_data, acting=request.acting, now=now)
        except Refusal as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "授权已经提交。由当事人本人或者审核机构接受后，您就可以代为办理。")
            return redirect("parties:authorisation", made.pk)
    return render(request, "parties/submit_authorisation.html", {"form": form})


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def submit_guardian(request: HttpRequest) -> HttpResponse:
    """A guardian hands in what proves it."""
    if not request.acting.is_a(Role.Kind.AGENT):
        raise Http404
    form = GuardianForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = {key: value for key, value in form.cleaned_data.items() if key != "promised"}
        try:
            made = authorising.submit_guardian(**given, acting=request.acting, now=timezone.now())
        except Refusal as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"监护证明已经提交。由{made.reviewer.name}核对接受后，您就可以代为办理。")
            return redirect("parties:authorisation", made.pk)
    return render(request, "parties/submit_guardian.html", {"form": form})


def visible(request: HttpRequest, number: int) -> Authorisation:
    """The authorisation, if the person may see it."""
    return get_object_or_404(queries.authorisations_visible_to(request.acting), pk=number)


@login_required
@require_GET
def authorisation(request: HttpRequest, number: int) -> HttpResponse:
    """One authorisation, with what can be done with it."""
    found, acting, now = visible(request, number), request.acting, timezone.now()
    state = found.state
    decide = queries.may_decide(found, acting)
    is_agent = acting.is_a(Role.Kind.AGENT)
    return render(
        request,
        "parties/authorisation.html",
        {
            "authorisation": found,
            "state": found.state_on(now),
            "sign": "good" if found.in_force(now) else "waiting" if state == Authorisation.State.SUBMITTED else "quiet",
            "scopes": [(Scope(scope).label, scope in found.scopes) for scope in Scope.values],
            "may_decide": decide and state == Authorisation.State.SUBMITTED,
            "may_end": (decide or is_agent) and state == Authorisation.State.ACCEPTED,
            "may_choose": is_agent and found.in_force(now),
            "decide": f"核对{found.paper_title}，决定是否接受",
            "is_agent": is_agent,
            "end_title": end_title(found, acting),
            "ward": found.is_guardian and acting.is_a(Role.Kind.INVESTOR),
            "numbers": found.party if queries.may_decide(found, acting) else None,
        },
    )


@login_required
@require_GET
def authorisation_document(request: HttpRequest, number: int) -> HttpResponse:
    """The uploaded paper, as it came; browsers save it and do not open it here."""
    found = visible(request, number)
    if found.paper is None:
        raise Http404
    documents.note_download(document=found.paper, acting=request.acting, now=timezone.now())
    ending = Path(found.paper.name).suffix.lower()
    return attachment(place_of(found.paper), f"{found.paper_title}-{found.pk}{ending}")


def one_step(request: HttpRequest, form: Any, step: Any, **shown: Any) -> HttpResponse:
    """A page with one short form: do the step when it is sent, show the sentence when it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            return step(form.cleaned_data)
        except Refusal as error:
            form.add_error(None, str(error))
    return render(request, "parties/one_step.html", {"form": form, **shown})


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def accept_authorisation(request: HttpRequest, number: int) -> HttpResponse:
    """Accept, as the party or for them."""
    found = visible(request, number)
    if not queries.may_decide(found, request.acting):
        raise Http404

    def step(given: Any) -> HttpResponse:
        checked = given.get("checked", "")
        authorising.accept(authorisation=found, acting=request.acting, now=timezone.now(), checked=checked)
        messages.success(request, f"已接受。{found.agent.name} 现在可以代 {found.party.name} 办理。")
        return redirect("parties:authorisation", found.pk)

    facts = [("种类", found.get_kind_display()), ("范围", found.scope_said), ("期限", found.days)]
    if found.is_guardian:
        facts[1:1] = [("原因", found.get_ground_display()), ("关系", found.get_relation_display())]
    form_class = CheckedForm if found.is_guardian else ConfirmForm
    return one_step(
        request, form_class(request.POST if request.method == "POST" else None), step, title="接受授权",
        button="接受授权",
        purpose=f"接受后，代理人 {found.agent.name} 可以在授权范围和期限内代 {found.party.name} 办理。",
        facts=facts,
        help=GUARDIAN_HELP if found.is_guardian else ENTRUSTED_HELP,
        back=("parties:authorisation", found.pk),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def decline_authorisation(request: HttpRequest, number: int) -> HttpResponse:
    """Not accept, with the reason."""
    found = visible(request, number)
    if not queries.may_decide(found, request.acting):
        raise Http404

    def step(given: Any) -> HttpResponse:
        authorising.decline(authorisation=found, reason=given["reason"], acting=request.acting, now=timezone.now())
        messages.success(request, "没有接受这份授权，代理人会看到原因。")
        return redirect("parties:authorisation", found.pk)

    return one_step(
        request, ReasonForm(request.POST or None), step, title="不接受授权", button="不接受", danger=True,
        purpose=f"不接受后，{found.agent.name} 不能代 {found.party.name} 办理；改正后可以重新提交。",
        help="常见的原因：没有签名、范围不清楚、没有截止日、照片看不清。", back=("parties:authorisation", found.pk),
    )  # fmt: skip


def end_title(authorisation: Authorisation, acting: Any) -> str:
    """What ending it is called, by who does it."""
    if acting.is_a(Role.Kind.AGENT):
        return "不再代办" if authorisation.is_guardian else "辞去代理"
    return "撤销授权" if queries.is_own(authorisation.party, acting) else "终止授权"


@login_required
@require_http_methods(["GET", "POST"])
def end_authorisation(request: HttpRequest, number: int) -> HttpResponse:
    """Withdraw or resign."""
    found, acting = visible(request, number), request.acting
    is_agent = acting.is_a(Role.Kind.AGENT)
    if not is_agent and not queries.may_decide(found, acting):
        raise Http404
    own = queries.is_own(found.party, acting)
    data = request.POST or None
    if is_agent or own:
        form: Any = OptionalReasonForm(data) if own else ReasonForm(data)
    else:
        form = EndingForm(data, endings=guardians.BY_LAW if found.is_guardian else guardians.BY_PARTY)

    def step(given: Any) -> HttpResponse:
        ending = given.get("ending") or Authorisation.Ending.REVOKED
        authorising.end(authorisation=found, reason=given["reason"], ending=ending, acting=acting, now=timezone.now())
        messages.success(request, "授权已经终止，从现在起不能再凭它代办。")
        return redirect("parties:authorisation", found.pk)

    return one_step(
        request, form, step, title=end_title(found, acting),
        button="终止授权", danger=True,
        purpose=f"终止后，{found.agent.name} 立即不能再凭这份授权代 {found.party.name} 办理。",
        help=f"已经办理的事项和记录保留不变。需要继续代理的，须重新提交{found.paper_title}。",
        back=("parties:authorisation", found.pk),
    )  # fmt: skip


@login_required
@require_GET
def represented(request: HttpRequest) -> HttpResponse:
    """For whom the person may act, and for whom they act now."""
    acting, now = request.acting, timezone.now()
    if not acting.is_a(Role.Kind.AGENT) and not queries.may_take_in(acting):
        raise Http404
    rows = list(queries.in_force_for(acting, now))
    helped = queries.assistable_by(acting)[:50]
    return render(
        request, "parties/represented.html",
        {"rows": rows, "helped": helped, "is_agent": acting.is_a(Role.Kind.AGENT)},
    )  # fmt: skip


@login_required
@require_POST
def act_for(request: HttpRequest) -> HttpResponse:
    """Begin to act for a person: both names stand on every page and beside every act from now on."""
    number = request.POST.get("party", "")
    now = timezone.now()
    party = queries.represented_by(request.acting, number, now) if number.isdecimal() and len(number) < 15 else None
    if party is None:
        raise Http404
    authorising.note_choice(acting=request.acting, party=party, now=now)
    request.session[BEHALF_KEY] = party.pk
    messages.success(request, f"现在代 {party.name} 办理。办完请按页面上方的“不再代办”。")
    if queries.may_take_in(request.acting):
        return redirect("parties:party", party.pk)
    if "next" in request.POST:
        return redirect(safe_next(request))
    return redirect("parties:represented")


@login_required
@require_POST
def stop_acting(request: HttpRequest) -> HttpResponse:
    """Act for oneself again."""
    request.session.pop(BEHALF_KEY, None)
    messages.success(request, "已经不再代办，现在以您自己的身份办理。")
    return redirect("/")
