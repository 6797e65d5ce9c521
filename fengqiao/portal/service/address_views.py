"""Pages on which people confirm where they take documents, and staff register what was signed on paper."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from fengqiao.portal.accounts.models import User
from fengqiao.portal.documents import actions as documents
from fengqiao.portal.documents import intake
from fengqiao.portal.documents.models import Content
from fengqiao.portal.parties.actions import open_own_party
from fengqiao.portal.parties.models import Party
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.service import by_law, confirming, queries
from fengqiao.portal.service.forms import AddressForm, PaperAddressForm, WithdrawForm
from fengqiao.portal.service.models import Confirmation
from fengqiao.portal.shell.uploads import Limits

PAPER = Limits((".pdf", ".jpg", ".jpeg", ".png"), largest=20 << 20)
PAPER_KINDS = (Content.Kind.PDF, Content.Kind.JPEG, Content.Kind.PNG)


@require_http_methods(["GET", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """Where I take documents: what holds, and a new confirmation."""
    acting, now = request.acting, timezone.now()
    if not queries.may_confirm(acting, now):
        raise Http404
    to = queries.who_confirms(acting, now)
    if to is None:
        to = open_own_party(acting=acting, now=now)
    right = by_law.right_of(to, acting, now)
    ward = right is None and by_law.applies_to(to, now)
    form = AddressForm(request.POST or None, to=to, right=right, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            confirming.confirm(to=to, given=form.given(), acting=acting, now=now)
        except Refusal as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, "已确认送达地址。您可以随时重新确认或者撤回。")
            return redirect("service:address")
    rows = list(queries.addresses_of(to))
    put_states(rows, to, now)
    for row in rows:
        row.may_withdraw = confirming.may_withdraw(row, acting, now)
    context = {
        "form": form, "rows": rows, "current": any(row.now_in_force for row in rows), "right": right, "ward": ward,
        "guardians": by_law.names_of(to, now) if ward and isinstance(to, Party) else "",
    }  # fmt: skip
    return render(request, "service/address.html", context)


def put_states(rows: list[Confirmation], to: Party | User, now: dt.datetime) -> None:
    """Put in what each is worth today: one in force that does not count for who acts now says so."""
    for row in rows:
        row.said, row.now_in_force = row.state_on(now), row.in_force(now)
        if row.now_in_force and queries.address_for(to, row.case, now) != row:
            row.now_in_force = False
            row.said = (
                "不适用：不是现在的法定代理人确认的" if by_law.applies_to(to, now) else "不适用：是原法定代理人确认的"
            )


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take a confirmation back: one's own, or for a party who said so on paper."""
    acting = request.acting
    rows = Confirmation.objects.select_related("party", "user", "guardianship")
    found = get_object_or_404(rows, pk=number, ended_at=None)
    own = confirming.may_withdraw(found, acting, timezone.now())
    assisting = queries.parties_at_hand(acting).filter(pk=found.party_id).exists()
    if not own and not assisting:
        raise Http404
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            confirming.withdraw(
                confirmation=found, reason=form.cleaned_data["reason"], acting=acting, now=timezone.now()
            )  # fmt: skip
        except Refusal as error:
            form.add_error("reason", error.sentence)
        else:
            messages.success(request, "已撤回。此前已经送达的文书不受影响；今后请按邮寄等方式送达，或者重新确认地址。")
            return redirect("service:address") if own else redirect("service:address_on_paper", found.party_id)
    return render(request, "service/withdraw.html", {"confirmation": found, "form": form, "own": own})


def at_hand(request: HttpRequest, number: int) -> Party:
    """The party, if the organisation deals with their matter."""
    found: Party = get_object_or_404(queries.parties_at_hand(request.acting), pk=number)
    return found


@csrf_exempt  # the token is checked by `intake.receive`, after the person and before the file is used
@require_http_methods(["GET", "POST"])
def address_on_paper(request: HttpRequest, number: int) -> HttpResponse:
    """Register a confirmation that a party signed on paper."""
    party = at_hand(request, number)
    if request.method == "POST":
        return intake.receive(request, PAPER, partial(take_paper, party=party))
    return paper_page(request, party, PaperAddressForm(to=party, now=timezone.now()))


def take_paper(request: HttpRequest, party: Party) -> HttpResponse:
    """Keep the paper, then the confirmation."""
    now = timezone.now()
    form = PaperAddressForm(request.POST, to=party, now=now)
    if not form.is_valid():
        return paper_page(request, party, form)
    try:
        confirming.check(form.given(), party, confirming.signer(party, form.given(), now), now)
        kept = documents.keep(
            file=intake.files_of(request, PAPER)[0], subject=("service.paper", str(party.pk)), kinds=PAPER_KINDS,
            acting=request.acting, case=party.case, now=now,
        )  # fmt: skip
        confirming.confirm(to=party, given=form.given(), paper=kept, acting=request.acting, now=now)
    except Refusal as error:
        form.add_error(None, error.sentence)
        return paper_page(request, party, form)
    messages.success(request, f"已登记{party.name}书面确认的送达地址。")
    return redirect("service:address_on_paper", party.pk)


def paper_page(request: HttpRequest, party: Party, form: PaperAddressForm) -> HttpResponse:
    """The form with what holds now."""
    now = timezone.now()
    rows = list(queries.addresses_of(party))
    put_states(rows, party, now)
    context = {
        "party": party, "form": form, "limits": PAPER, "rows": rows, "by_law": by_law.applies_to(party, now),
        "guardians": by_law.names_of(party, now),
    }  # fmt: skip
    return render(request, "service/address_on_paper.html", context)
