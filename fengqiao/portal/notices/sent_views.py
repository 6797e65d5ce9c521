"""Pages of what became of the messages an organisation sent, and of those that nobody could be reached by."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.notices import by_staff, queries, resending
from fengqiao.portal.notices.lists import SENT
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties import queries as parties
from fengqiao.portal.vault.sealed import open_sealed

CALLS_SHOWN = 50


def page_of_notice(acting: Acting, number: str) -> str | None:
    """Where what became of a message is looked at."""
    try:
        key = UUID(number)
    except ValueError:
        return None
    return reverse("notices:delivery", args=(key,)) if queries.sent_by(acting).filter(pk=key).exists() else None


def visible(request: HttpRequest, number: UUID) -> Notice:
    """The message, for those who may see what became of it."""
    rows = queries.sent_by(request.acting).select_related(
        "user", "party", "sender", "organisation", "called_by", "repeats"
    )
    found: Notice = get_object_or_404(rows, pk=number)
    return found


@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """All messages, what became of them; on top those whose recipient has to be called."""
    if not queries.looks_after_notices(request.acting):
        raise Http404
    calls = list(queries.to_call(request.acting)[: CALLS_SHOWN + 1])
    now = timezone.now()
    shown = [(row, by_staff.way_of(row, now)) for row in calls[:CALLS_SHOWN]]
    context = {"calls": shown, "more_calls": len(calls) > CALLS_SHOWN}
    return SENT.respond(request, queries.sent_by(request.acting), "notices/sent.html", **context)


@require_GET
def delivery(request: HttpRequest, number: UUID) -> HttpResponse:
    """One message: who, by what, every attempt."""
    found, now = visible(request, number), timezone.now()
    seen = parties.visible_to(request.acting).filter(pk=found.party_id).exists()
    context = {
        "party_page": reverse("parties:party", args=(found.party_id,)) if seen else "",
        "notice": found, "tries": found.tries.order_by("at", "id"), "others": queries.others_of(found),
        "may_send_again": queries.may_send_again(found), "uncertain": found.uncertain,
        "repeated": Notice.objects.filter(repeats=found).first(), "way": by_staff.way_of(found, now),
        "care": by_staff.care_of_notice(found, now) if seen or queries.may_read_aloud(found, request.acting) else None,
        "text": open_sealed(found.text) if queries.may_read_aloud(found, request.acting) else "",
    }  # fmt: skip
    return render(request, "notices/delivery.html", context)


@require_GET
def letter(request: HttpRequest, number: UUID) -> HttpResponse:
    """A message as a letter to print, in large letters for whom that helps; for those who are to tell it."""
    found = visible(request, number)
    if not queries.may_read_aloud(found, request.acting):
        raise Http404
    care = by_staff.care_of_notice(found, timezone.now())
    context = {"notice": found, "text": open_sealed(found.text), "large": care.has("large_print")}
    return render(request, "notices/letter.html", context)


@require_POST
def again(request: HttpRequest, number: UUID) -> HttpResponse:
    """Send it once more."""
    made = resending.send_again(notice=visible(request, number), acting=request.acting, now=timezone.now())
    messages.success(request, "已放入发件箱重新发送。发送情况见本页。")
    return redirect("notices:delivery", made.pk)


@require_POST
def called(request: HttpRequest, number: UUID) -> HttpResponse:
    """Somebody called."""
    resending.note_call(
        notice=visible(request, number), said=request.POST.get("said", ""), acting=request.acting, now=timezone.now(),
        reached="not_reached" not in request.POST,
    )  # fmt: skip
    messages.success(request, "已登记告知的结果。")
    return redirect("notices:delivery", number)
