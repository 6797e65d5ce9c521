"""Pages of those who serve: what is served, on whom, how far, what to do next."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fengqiao.portal.documents import actions as documents
from fengqiao.portal.documents import intake
from fengqiao.portal.documents.models import Content
from fengqiao.portal.parties.needs import care_of
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.service import actions, by_law, dispatching, proving, queries
from fengqiao.portal.service.address_views import PAPER, PAPER_KINDS
from fengqiao.portal.service.forms import OtherWayForm, ProvedForm, ServiceForm
from fengqiao.portal.service.lists import SERVICES
from fengqiao.portal.service.models import Recipient, Service
from fengqiao.portal.shell import drafts
from fengqiao.portal.shell.record_pages import in_fours
from fengqiao.portal.shell.uploads import Limits

Kind = Content.Kind
LIMITS = Limits((".pdf", ".docx", ".ofd", ".jpg", ".jpeg", ".png"), largest=50 << 20, most=actions.DOCUMENTS_AT_MOST)
KINDS = (Kind.PDF, Kind.DOCX, Kind.OFD, Kind.JPEG, Kind.PNG)
NEW = "service.new"
"""What drafts of the form are kept under."""
SHOWN = 50


def require_server(request: HttpRequest) -> None:
    """404 for all others."""
    if not queries.may_serve(request.acting):
        raise Http404


def visible(request: HttpRequest, number: int) -> Recipient:
    """The recipient, if this organisation serves it."""
    rows = queries.visible_to(request.acting).select_related(
        "service__created_by", "service__organisation", "party", "user", "confirmation__designee", "deadline",
        "proof__content", "way_paper", "organisation", "guardianship__agent", "guardianship__reviewer",
    )  # fmt: skip
    found: Recipient = get_object_or_404(rows, pk=number)
    return found


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """All that the organisation serves; on top what needs somebody."""
    require_server(request)
    context = {
        "back": list(queries.to_serve_otherwise(request.acting)[:SHOWN]),
        "papers": list(queries.paper_asked(request.acting)[:SHOWN]),
    }
    return SERVICES.respond(request, queries.visible_to(request.acting), "service/services.html", **context)


@csrf_exempt  # the token is checked by `intake.receive`, after the person and before the file is used
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Serve documents."""
    require_server(request)
    if request.method == "POST":
        return intake.receive(request, LIMITS, take_new)
    draft = drafts.of(request, NEW)
    linked = {name: request.GET[name][:200] for name in ("case", "parties") if name in request.GET}
    initial = draft.initial(ServiceForm) or linked
    return new_page(request, ServiceForm(acting=request.acting, initial=initial))


def new_page(request: HttpRequest, form: ServiceForm) -> HttpResponse:
    """The form."""
    return render(request, "service/new.html", {"form": form, "limits": LIMITS, "draft": drafts.of(request, NEW)})


def take_new(request: HttpRequest) -> HttpResponse:
    """Keep what was sent, and serve it."""
    draft = drafts.of(request, NEW)
    if draft.to_save:
        return draft.save(request)
    form, now = ServiceForm(request.POST, acting=request.acting), timezone.now()
    if not form.is_valid():
        return new_page(request, form)
    given = dict(form.cleaned_data)
    kind, to = given.pop("kind"), given.pop("to")
    given.pop("parties"), given.pop("people")
    try:
        for person in to:
            actions.require_once(
                person, case=given["case"], stage=given["stage"], reason=given["again_reason"], acting=request.acting
            )
        batch = uuid.uuid4().hex
        kept = [
            (documents.keep(file=file, subject=(queries.FILES, batch), kinds=KINDS, acting=request.acting,
                            case=given["case"], now=now), kind)
            for file in intake.files_of(request, LIMITS)
        ]  # fmt: skip
        made = actions.serve(documents=kept, to=to, acting=request.acting, now=now, **given)
    except Refusal as error:
        if error.status != 400:
            raise
        form.add_error("again_reason" if "再次送达" in error.sentence else None, error.sentence)
        return new_page(request, form)
    draft.sent()
    said(request, made)
    return redirect("service:service", made.pk)


def said(request: HttpRequest, made: Service) -> None:
    """How many are served, and whom somebody has to see to."""
    back = made.recipients.filter(state=Recipient.State.OTHER_WAY).count()
    messages.success(request, f"已发起送达，受送达人 {made.recipients.count()} 位。")
    if back:
        messages.warning(request, f"其中 {back} 位不能电子送达，请按本页的提示另行送达。")


@require_safe
def service(request: HttpRequest, number: int) -> HttpResponse:
    """One service: documents, and everybody on whom they are served."""
    found = get_object_or_404(
        queries.services_visible_to(request.acting).select_related("created_by", "organisation"), pk=number
    )
    rows = found.recipients.select_related("service").order_by("id")
    documents_ = found.documents.select_related("document__content").order_by("position")
    context = {"service": found, "rows": rows, "documents": documents_,
               "back": [row for row in rows if row.state == Recipient.State.OTHER_WAY]}  # fmt: skip
    return render(request, "service/service.html", context)


@require_safe
def recipient(request: HttpRequest, number: int) -> HttpResponse:
    """One person: state, addresses, record, what to do next."""
    found = visible(request, number)
    to = dispatching.person_of(found)
    address = queries.address_for(to, found.service.case, timezone.now())
    context: dict[str, Any] = {
        "recipient": found, "service": found.service, "documents": queries.documents_of(found),
        "dispatches": found.dispatches.select_related("notice").order_by("round", "id"),
        "traces": found.traces.select_related("document").order_by("id"), "untrue": queries.untrue(found),
        "code": in_fours(found.code), "ways": actions.described(found),
        "may_try_again": address is not None and address.electronic, "address": address,
        "care": care_of(found.party, timezone.now()),
        "by_law": by_law.applies_to(found.party, timezone.now()),
        "guardians": by_law.names_of(found.party, timezone.now()) if found.party else "",
        "guardian_said": by_law.said_of(found.guardianship) if found.guardianship else "",
        "party_at_hand": queries.parties_at_hand(request.acting).filter(pk=found.party_id).exists(),
    }  # fmt: skip
    return render(request, "service/recipient.html", context)


@require_POST
def try_again(request: HttpRequest, number: int) -> HttpResponse:
    """Electronically once more."""
    actions.try_again(recipient=visible(request, number), acting=request.acting, now=timezone.now())
    messages.success(request, "已再次发送到现在确认的地址。")
    return redirect("service:recipient", number)


@csrf_exempt  # as above
@require_http_methods(["GET", "POST"])
def other_way(request: HttpRequest, number: int) -> HttpResponse:
    """Register that it was served in another way, with the receipt."""
    found = visible(request, number)
    if found.state not in Recipient.OPEN:
        raise Http404
    if request.method == "POST":
        return intake.receive(request, PAPER, lambda request: take_other_way(request, found))
    return other_way_page(request, found, OtherWayForm(recipient=found, by_guardian=by_guardian(found)))


def by_guardian(found: Recipient) -> bool:
    """Whether a guardian has to take it."""
    return by_law.applies_to(found.party, timezone.now())


def other_way_page(request: HttpRequest, found: Recipient, form: OtherWayForm) -> HttpResponse:
    """The form, and who has to take it."""
    names = by_law.names_of(found.party, timezone.now()) if found.party else ""
    context = {"recipient": found, "form": form, "limits": PAPER, "by_law": by_guardian(found), "guardians": names}
    return render(request, "service/other_way.html", context)


def take_other_way(request: HttpRequest, found: Recipient) -> HttpResponse:
    """Keep the receipt, and the day."""
    form, now = OtherWayForm(request.POST, recipient=found, by_guardian=by_guardian(found)), timezone.now()
    if form.is_valid():
        try:
            paper = documents.keep(
                file=intake.files_of(request, PAPER)[0], subject=("service.recipient", str(found.pk)),
                kinds=PAPER_KINDS, acting=request.acting, case=found.number, now=now,
            )  # fmt: skip
            actions.serve_otherwise(
                recipient=found, paper=paper, acting=request.acting, now=now, **form.cleaned_data
            )  # fmt: skip
        except Refusal as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, "已登记另行送达的方式和日期。")
            return redirect("service:recipient", found.pk)
    return other_way_page(request, found, form)


@require_http_methods(["GET", "POST"])
def proved(request: HttpRequest, number: int) -> HttpResponse:
    """The recipient proved another time of arrival."""
    found = visible(request, number)
    if found.state != Recipient.State.SERVED:
        raise Http404
    form = ProvedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.prove_arrival(recipient=found, acting=request.acting, now=timezone.now(), **form.cleaned_data)
        except Refusal as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, "已更正送达日期；由送达起算的期限已重新登记。")
            return redirect("service:recipient", number)
    return render(request, "service/proved.html", {"recipient": found, "form": form})


@require_POST
def make_proof(request: HttpRequest, number: int) -> HttpResponse:
    """Make the proof of service as it stands now."""
    made = proving.make_proof(recipient=visible(request, number), acting=request.acting, now=timezone.now())
    messages.success(request, f"已制作送达证明（第 {made.proof.version} 版），可以下载。")
    return redirect("service:recipient", number)


@require_POST
def give_paper(request: HttpRequest, number: int) -> HttpResponse:
    """Documents on paper were given."""
    actions.give_paper(
        recipient=visible(request, number), remark=request.POST.get("remark", ""), acting=request.acting,
        now=timezone.now(),
    )  # fmt: skip
    messages.success(request, "已登记提供纸质文书。")
    return redirect("service:recipient", number)
