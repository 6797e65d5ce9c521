"""Pages of those who are served: what has come, opening it, the way in by a link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fengqiao.portal.accounts import links
from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.rate_limits import INVITATIONS, network_of, take
from fengqiao.portal.documents import previews
from fengqiao.portal.documents.downloads import attachment, picture
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.service import by_law, frames, identity, queries, reading
from fengqiao.portal.service.forms import CodeForm
from fengqiao.portal.service.models import IdentityCheck, Recipient, ServedDocument
from fengqiao.portal.service.reading import Person

GRANTS = "service_checks"
"""In the session of somebody who came by a link: recipient -> the check that was passed."""
LINK = "service"
CHECK_LASTS = dt.timedelta(hours=2)
MOST = 100
View = Callable[..., HttpResponseBase]


def device_of(request: HttpRequest) -> str:
    """What the browser says it is."""
    return str(request.META.get("HTTP_USER_AGENT", ""))[:300]


def person_at(request: HttpRequest, number: int, now: dt.datetime) -> tuple[Recipient, Person] | None:
    """What was served and who is there: by their account, or by the code they were sent."""
    own = queries.received_by(request.acting, now).filter(pk=number).first()
    if own is not None:
        right = by_law.right_of(own.party, request.acting, now)
        return own, Person(request.acting, None, address_of(request), device_of(request), right)
    check = request.session.get(GRANTS, {}).get(str(number))
    passed = IdentityCheck.objects.filter(pk=check, recipient=number, passed_at__gt=now - CHECK_LASTS).first()
    rows = Recipient.objects.select_related("service", "organisation", "party", "confirmation", "deadline")
    found = rows.filter(pk=number).first()
    if check is None or passed is None or found is None:
        return None
    return found, Person(None, passed, address_of(request), device_of(request))


def at_a_service(view: View) -> View:
    """Wraps a view of one service on one person."""

    @login_not_required
    @never_cache
    @wraps(view)
    def seen(request: HttpRequest, number: int, **named: Any) -> HttpResponseBase:
        found = person_at(request, number, timezone.now())
        if found is None:
            if request.acting is None:
                return redirect_to_login(request.path)
            ward = queries.of_wards(request.acting, timezone.now()).filter(pk=number).first()
            if ward is not None and request.method in ("GET", "HEAD"):
                return render(request, "service/choose.html", {"recipient": ward, "service": ward.service})
            role = queries.role_that_sees(request.acting, number, timezone.now())
            if role is not None and request.method in ("GET", "HEAD"):
                return render(request, "service/other_role.html", {"role": role, "number": number})
            raise Http404
        return view(request, recipient=found[0], person=found[1], **named)

    return seen


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What was served on me: what was not read first, then the newest."""
    acting, now = request.acting, timezone.now()
    rows = list(queries.received_by(acting, now).order_by("-id")[:MOST])
    wards = [] if acting.behalf else list(queries.of_wards(acting, now).order_by("-id")[:MOST])
    rows.sort(key=lambda row: row.read_at is not None or row.state == Recipient.State.OTHER_WAY)
    wards.sort(key=lambda row: row.read_at is not None or row.state == Recipient.State.OTHER_WAY)
    context = {"rows": rows, "wards": wards, "may_confirm": queries.may_confirm(acting, now)}
    return render(request, "service/mine.html", context)


@at_a_service
@require_safe
def received(request: HttpRequest, recipient: Recipient, person: Person) -> HttpResponse:
    """One service: the documents, since when it counts, what follows."""
    documents = queries.documents_of(recipient)
    opened = queries.read_by_document(recipient)
    for one in documents:
        one.opened = opened.get(one.pk)
    context = {
        "recipient": recipient, "service": recipient.service, "documents": documents, "person": person,
        "unopened": [one for one in documents if one.opened is None], "now": timezone.now(),
        "on_paper": any(one.kind in ServedDocument.ON_PAPER for one in documents),
        "counts": reading.counts(recipient, person, timezone.now()), "rule": frames.COUNTS,
    }  # fmt: skip
    return render(request, "service/received.html", context)


def document_of(recipient: Recipient, document: int) -> ServedDocument:
    """One of the documents, by its place."""
    found = next((one for one in queries.documents_of(recipient) if one.position == document), None)
    if found is None:
        raise Http404
    return found


@at_a_service
@require_safe
def open_document(request: HttpRequest, recipient: Recipient, person: Person, document: int) -> HttpResponse:
    """A page of a document; opening it is the read receipt."""
    found = document_of(recipient, document)
    content = found.document.content
    pages = content.pages if content.kind in previews.PAGED else 0
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0
    if not 1 <= page <= max(pages, 1):
        raise Http404
    if request.method == "GET":
        reading.open_document(recipient=recipient, document=found, person=person, now=timezone.now())
    others = queries.documents_of(recipient)
    following = next((one for one in others if one.position > found.position), None)
    context = {
        "recipient": recipient, "service": recipient.service, "document": found, "content": content, "page": page,
        "pages": pages, "before": page - 1, "after": page + 1 if page < pages else 0, "following": following,
    }  # fmt: skip
    return render(request, "service/open.html", context)


@at_a_service
@require_safe
def page_picture(
    request: HttpRequest, recipient: Recipient, person: Person, document: int, page: int
) -> HttpResponseBase:  # fmt: skip
    """The picture of a page."""
    content = document_of(recipient, document).document.content
    if content.kind not in previews.PAGED or not 1 <= page <= content.pages:
        raise Http404
    return picture(previews.page_of(content, page))


@at_a_service
@require_safe
def take_document(
    request: HttpRequest, recipient: Recipient, person: Person, document: int
) -> HttpResponseBase:  # fmt: skip
    """The document as it was served, byte for byte."""
    found = document_of(recipient, document)
    response = attachment(place_of(found.document), found.document.name)
    if request.method == "GET":
        reading.note_taken(recipient=recipient, document=found, person=person, now=timezone.now())
    return response


@at_a_service
@require_safe
def proof(request: HttpRequest, recipient: Recipient, person: Person) -> HttpResponseBase:
    """The proof of service, when one was made."""
    if recipient.proof is None:
        raise Http404
    return attachment(place_of(recipient.proof), recipient.proof.name)


@at_a_service
@require_POST
def ask_paper(request: HttpRequest, recipient: Recipient, person: Person) -> HttpResponse:
    """The documents on paper, too."""
    reading.ask_paper(recipient=recipient, person=person, now=timezone.now())
    messages.success(request, "已登记：需要纸质文书。送达机构会另行提供，送达日期不因此改变。")
    return redirect("service:received", recipient.pk)


def linked(digest: str, now: dt.datetime) -> Recipient:
    """The service a link leads to, while it may be opened."""
    found = queries.by_digest(digest)
    if found is None:
        raise Http404
    if found.token_until is None or now >= found.token_until:
        raise Refusal("这个链接已经过期，不能再使用。请联系送达文书的机构。", status=410)
    return found


@login_not_required
@never_cache
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Where a link leads: to the page of the service, whose address has no token."""
    take(INVITATIONS, network_of(address_of(request)))
    found = linked(queries.digest_of(token), timezone.now())
    links.hold(request, LINK, found.pk, queries.digest_of(token))
    return redirect("service:by_link", found.pk)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, number: int) -> HttpResponse:
    """Who serves what; then the code to the mobile that was confirmed."""
    now = timezone.now()
    found = linked(links.digest_held(request, LINK, number), now)
    address, device = address_of(request), device_of(request)
    if request.method == "GET":
        identity.note_opened(recipient=found, address=address, device=device, now=now)
    check = queries.open_check(found, now)
    form = CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and "code" not in request.POST:
        sent = identity.send_code(recipient=found, address=address, device=device, now=now)
        minutes = int((sent.expires_at - sent.sent_at).total_seconds() // 60)
        messages.success(request, f"验证码已发送，{minutes} 分钟内有效。")
        return redirect("service:by_link", number)
    if form.is_bound and form.is_valid():
        try:
            passed = identity.prove(
                recipient=found, code=form.cleaned_data["code"].strip(), address=address, device=device, now=now
            )  # fmt: skip
        except Refusal as error:
            form.add_error("code", error.sentence)
        else:
            request.session[GRANTS] = {**request.session.get(GRANTS, {}), str(found.pk): passed.pk}
            return redirect("service:received", found.pk)
    context = {"recipient": found, "service": found.service, "form": form, "check": check,
               "mobile": identity.mobile_of(found)}  # fmt: skip
    return render(request, "service/link.html", context)
