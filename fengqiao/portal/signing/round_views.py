"""Pages of initiators: rounds, who signs, links, batches."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.documents import intake
from fengqiao.portal.parties.needs import care_of
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.shell import drafts
from fengqiao.portal.shell.uploads import Limits
from fengqiao.portal.signing import actions, due, formed, identity, queries, service
from fengqiao.portal.signing.forms import SIGNERS, ReasonForm, ReissueForm, RoundForm, end_of
from fengqiao.portal.signing.lists import ROUNDS
from fengqiao.portal.signing.models import Signatory, SigningRound

LIMITS = Limits((".pdf",), largest=20 << 20)
NEW_ROUND = "signing.new_round"
"""What drafts of the form are kept under."""


def visible(request: HttpRequest, number: int) -> SigningRound:
    """The round, if this person may see it."""
    rows = queries.visible_to(request.acting).select_related(
        "organisation", "created_by", "text", "current__content", "replaces", "replaced_by"
    )
    found: SigningRound = get_object_or_404(rows, pk=number)
    return found


def require_initiator(request: HttpRequest) -> None:
    """404 for all others."""
    if not queries.may_initiate(request.acting):
        raise Http404


@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """The rounds of one's organisation."""
    require_initiator(request)
    return ROUNDS.respond(request, queries.visible_to(request.acting), "signing/rounds.html")


def file_of(request: HttpRequest) -> tuple[bytes, str]:
    """The text that was sent along."""
    file = intake.files_of(request, LIMITS)[0]
    if file.incoming is None:
        raise Refusal("文件没有收到，没有保存。请再上传一次。")
    return file.incoming.path.read_bytes(), str(file.name)


@csrf_exempt  # the token is checked by `intake.receive`, after the person and before the file is used
@require_http_methods(["GET", "POST"])
def new_round(request: HttpRequest) -> HttpResponse:
    """Register a text to be signed."""
    require_initiator(request)
    if request.method == "POST":
        return intake.receive(request, LIMITS, take_new)
    draft = drafts.of(request, NEW_ROUND)
    return new_page(request, RoundForm(acting=request.acting, initial=draft.initial(RoundForm)))


def new_page(request: HttpRequest, form: RoundForm) -> HttpResponse:
    """The form."""
    return render(request, "signing/new_round.html", {
        "form": form, "limits": LIMITS, "draft": drafts.of(request, NEW_ROUND),
    })  # fmt: skip


def take_new(request: HttpRequest) -> HttpResponse:
    """Keep what was sent."""
    draft = drafts.of(request, NEW_ROUND)
    if draft.to_save:
        return draft.save(request)
    form = RoundForm(request.POST, acting=request.acting)
    if not form.is_valid():
        return new_page(request, form)
    given, places = form.cleaned_data, []
    if given["output"]:
        text = formed.text_of(given["output"])
        data, name, places, given["form"] = text.data, text.name, text.places, text.form
    else:
        data, name = file_of(request)
    made = actions.create_round(
        title=given["title"], form=given["form"], places=places, data=data, name=name, order=given["order"],
        level=given["level"], case=given["case"], due_at=end_of(given["due"]), acting=request.acting,
        now=timezone.now(),
    )  # fmt: skip
    draft.sent()
    messages.success(request, f"已登记 {made.number}。下一步：添加签署人，然后发起签署。")
    return redirect("signing:round", made.pk)


@require_safe
def round_page(request: HttpRequest, number: int) -> HttpResponse:
    """A round: how far it is, who has signed, files and evidence."""
    found, now = visible(request, number), timezone.now()
    rows = queries.signatories_of(found)
    for row in rows:
        row.care = care_of(row.party, now)
        row.can_have_link = found.state == "open" and identity.mobile_of(row) is not None and row.state != "signed"
    context = {
        "round": found, "rows": rows, "signers": [(kind, one[0]) for kind, one in SIGNERS.items()],
        "evidence": found.evidence.select_related("signatory").order_by("id"),
        "confirmation": due.confirmation_of(found), "untrue": queries.untrue(found),
        "test_authority": service.is_test(),
        "mine": queries.places_of(request.acting, timezone.now()).filter(round=found),
        "replaced_by": SigningRound.objects.filter(replaces=found).first(),
    }  # fmt: skip
    return render(request, "signing/round.html", context)


@require_http_methods(["GET", "POST"])
def add_signatory(request: HttpRequest, number: int, kind: str) -> HttpResponse:
    """Name somebody who is to sign."""
    found = visible(request, number)
    if kind not in SIGNERS or found.state != SigningRound.State.DRAFT:
        raise Http404
    title, made_form, knows = SIGNERS[kind]
    form = made_form(request.POST or None, **({"acting": request.acting} if knows else {}))
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = dict(form.cleaned_data)
        if kind == Signatory.Kind.SEAL:
            given["organisation"] = request.acting.organisation
        try:
            made = actions.add_signatory(
                round_=found, kind=kind, acting=request.acting, now=timezone.now(), **given
            )  # fmt: skip
        except Refusal as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, f"已添加{made.role_title}“{made.name}”。")
            return redirect("signing:round", found.pk)
    return render(request, "signing/add_signatory.html", {"round": found, "form": form, "heading": title})


@require_POST
def remove_signatory(request: HttpRequest, number: int) -> HttpResponse:
    """Take somebody off the list."""
    row = get_object_or_404(Signatory.objects.select_related("round"), pk=number,
                            round__in=queries.visible_to(request.acting))  # fmt: skip
    actions.remove_signatory(signatory=row, acting=request.acting, now=timezone.now())
    messages.success(request, f"已移除“{row.name}”。")
    return redirect("signing:round", row.round_id)


@require_POST
def open_round(request: HttpRequest, number: int) -> HttpResponse:
    """Put the text before its signers."""
    actions.open_round(round_=visible(request, number), acting=request.acting, now=timezone.now())
    messages.success(request, "已发起签署，并已通知可以签署的人。")
    return redirect("signing:round", number)


@require_http_methods(["GET", "POST"])
def void_round(request: HttpRequest, number: int) -> HttpResponse:
    """Take a text back."""
    found = visible(request, number)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.void_round(
            round_=found, reason=form.cleaned_data["reason"], acting=request.acting, now=timezone.now()
        )  # fmt: skip
        messages.success(request, "已作废，并已通知各签署人。")
        return redirect("signing:round", number)
    return render(request, "signing/void_round.html", {"round": found, "form": form})


@csrf_exempt  # as above
@require_http_methods(["GET", "POST"])
def reissue(request: HttpRequest, number: int) -> HttpResponse:
    """Another text in place of this one."""
    found = visible(request, number)
    if request.method == "POST":
        return intake.receive(request, LIMITS, partial(take_reissue, found=found))
    return render(request, "signing/reissue.html", {"round": found, "form": ReissueForm(), "limits": LIMITS})


def take_reissue(request: HttpRequest, found: SigningRound) -> HttpResponse:
    """Put the new text in the place of the old one."""
    form = ReissueForm(request.POST)
    if not form.is_valid():
        return render(request, "signing/reissue.html", {"round": found, "form": form, "limits": LIMITS})
    data, name = file_of(request)
    made = actions.reissue(
        round_=found, data=data, name=name, reason=form.cleaned_data["reason"], due_at=end_of(form.cleaned_data["due"]),
        acting=request.acting, now=timezone.now(),
    )  # fmt: skip
    messages.success(request, f"原文本和此前的签名已作废，新文本 {made.number} 已发起签署，并已通知各签署人。")
    return redirect("signing:round", made.pk)


@never_cache
@require_POST
def make_link(request: HttpRequest, number: int) -> HttpResponse:
    """A link for one signatory, shown once with its QR code."""
    row = get_object_or_404(
        Signatory.objects.select_related("round", "party"), pk=number, round__in=queries.visible_to(request.acting)
    )
    token = identity.make_link(signatory=row, stamp=request.acting.stamp, now=timezone.now())
    link = request.build_absolute_uri(reverse("signing:link", args=(token,)))
    return render(request, "signing/link_made.html", {"row": row, "link": link, "qr": qr_picture(link)})


def qr_picture(text: str) -> str:
    """A QR code for a page, as data of a picture."""
    import segno

    return str(segno.make(text, error="m").png_data_uri(scale=6, border=3))


@require_http_methods(["GET", "POST"])
@fresh_login_required
def batch(request: HttpRequest) -> HttpResponse:
    """Choose what to sign at once."""
    require_initiator(request)
    now: dt.datetime = timezone.now()
    if request.method == "POST":
        chosen = [int(one) for one in request.POST.getlist("places") if one.isdecimal() and len(one) < 12]
        made = actions.start_batch(
            chosen=chosen, once=request.POST.get("once", "")[:40] or uuid.uuid4().hex, acting=request.acting,
            device=request.META.get("HTTP_USER_AGENT", ""), now=now,
        )  # fmt: skip
        return redirect("signing:batch_done", made.pk)
    context = {"places": queries.batchable(request.acting, now), "once": uuid.uuid4().hex,
               "test_authority": service.is_test()}  # fmt: skip
    return render(request, "signing/batch.html", context)


@require_safe
def batch_done(request: HttpRequest, number: int) -> HttpResponse:
    """How far a batch is."""
    found = get_object_or_404(queries.batches_of(request.acting), pk=number)
    context = {"batch": found, "job": found.job, "poll_url": reverse("signing:batch_done", args=(number,)),
               "result": found.job.result}  # fmt: skip
    return render(request, "shell/job.html" if request.htmx else "signing/batch_done.html", context)
