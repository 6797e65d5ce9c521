"""Pages of those who sign: the way in by a link, reading, signing, declining."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fengqiao.portal.accounts import links
from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.accounts.rate_limits import INVITATIONS, network_of, take
from fengqiao.portal.documents.queries import place_of
from fengqiao.portal.parties.needs import care_of
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.signing import acts, drawing, due, identity, keeping, queries, reading, rights, service
from fengqiao.portal.signing.forms import CodeForm, DrawingForm, ReasonForm, SignForm
from fengqiao.portal.signing.models import IdentityCheck, Signatory
from fengqiao.portal.signing.persons import Person
from fengqiao.portal.signing.words import CONSENT_VERSION, consent_of

GRANTS = "signing_checks"
"""In the session of somebody who came by a link: place -> the check that was passed."""
LINK = "signing"
CHECK_LASTS = dt.timedelta(hours=2)
KEPT = (
    "已收下您的签署，还没有签到文书上：签名服务暂时没有应答。平台会自动完成，签好后通知您，不用再次提交。"
    "改变主意的，可以选择不签署。"
)
EXPIRED = (
    "距上次核对身份已超过2小时，这一页没有打开；读到的位置和手写的签名都还在。"
    "请重新打开收到的链接，再次核对身份后继续。"
)
View = Callable[..., HttpResponse]


def device_of(request: HttpRequest) -> str:
    """What the browser says it is."""
    return str(request.META.get("HTTP_USER_AGENT", ""))[:300]


def person_at(request: HttpRequest, number: int, now: dt.datetime) -> tuple[Signatory, Person] | None:
    """The place and who is at it: by their account, or by the code they were sent."""
    own = queries.places_of(request.acting, now).filter(pk=number).first()
    if own is not None:
        return own, acts.person_of(request.acting, device_of(request))
    check = request.session.get(GRANTS, {}).get(str(number))
    passed = IdentityCheck.objects.filter(pk=check, signatory=number, passed_at__gt=now - CHECK_LASTS).first()
    found = Signatory.objects.select_related("round", "party", "organisation").filter(pk=number).first()
    if check is None or passed is None or found is None:
        return None
    return found, Person(None, passed, address_of(request), device_of(request))


def in_large(request: HttpRequest, place: Signatory) -> None:
    """Who came by a link and sees or reads with difficulty gets large pages, unless they chose otherwise."""
    if request.acting is None:
        request.elder_by_default = care_of(place.party, timezone.now()).has("elder_mode")  # type: ignore[attr-defined]


def at_a_place(*, fresh: bool = False) -> Callable[[View], View]:
    """Wraps a view of one place. fresh: those with an account prove first that it is still them."""

    def wrap(view: View) -> View:
        @login_not_required
        @never_cache
        @wraps(view)
        def seen(request: HttpRequest, number: int, **named: Any) -> HttpResponse:
            found = person_at(request, number, timezone.now())
            if found is None:
                if str(number) in request.session.get(GRANTS, {}):
                    raise Refusal(EXPIRED, status=403)
                if request.acting is None:
                    return redirect_to_login(request.path)
                raise Http404
            place, person = found
            in_large(request, place)
            if fresh and person.acting is not None:
                proved = replace(person, fresh=True)
                return fresh_login_required(view)(request, place=place, person=proved, **named)
            return view(request, place=place, person=person, **named)

        return seen

    return wrap


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the person is to sign, and what they have signed."""
    now = timezone.now()
    places = list(queries.places_of(request.acting, now).order_by("-id")[:100])
    for row in places:
        row.turn = row.round.state == "open" and row.state in ("waiting", "read") and queries.is_turn(row)
    return render(request, "signing/mine.html", {"places": places, "now": now})


def linked(digest: str, now: dt.datetime) -> Signatory:
    """The place a link leads to, while it may be opened."""
    place = queries.by_digest(digest)
    if place is None:
        raise Http404
    if place.token_until is None or now >= place.token_until:
        raise Refusal("这个链接已经过期，不能再使用。请联系发起签署的机构重新发送。", status=410)
    return place


@login_not_required
@never_cache
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Where a link leads: to the page of the place, whose address has no token."""
    take(INVITATIONS, network_of(address_of(request)))
    place = linked(queries.digest_of(token), timezone.now())
    links.hold(request, LINK, place.pk, queries.digest_of(token))
    return redirect("signing:by_link", place.pk)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, number: int) -> HttpResponse:
    """Who asks, for what; then the code to the mobile on record."""
    now = timezone.now()
    place = linked(links.digest_held(request, LINK, number), now)
    in_large(request, place)
    address, device = address_of(request), device_of(request)
    if request.method == "GET":
        identity.note_opened(signatory=place, address=address, device=device, now=now)
        if queries.places_of(request.acting, now).filter(pk=place.pk).exists():
            return redirect("signing:place", place.pk)
    check = queries.open_check(place, now)
    form = CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and "code" not in request.POST:
        sent = identity.send_code(signatory=place, address=address, device=device, now=now)
        minutes = int((sent.expires_at - sent.sent_at).total_seconds() // 60)
        messages.success(request, f"验证码已发送，{minutes} 分钟内有效。")
        return redirect("signing:by_link", number)
    if form.is_bound and form.is_valid():
        try:
            passed = identity.prove(
                signatory=place, code=form.cleaned_data["code"].strip(), address=address, device=device, now=now
            )  # fmt: skip
        except Refusal as error:
            form.add_error("code", error.sentence)
        else:
            request.session[GRANTS] = {**request.session.get(GRANTS, {}), str(place.pk): passed.pk}
            return redirect("signing:place", place.pk)
    context = {"place": place, "round": place.round, "form": form, "check": check, "now": now,
               "stale": check is None and not form.is_bound and queries.code_ran_out(place, now),
               "mobile": identity.mobile_of(place), "open": place.round.state == "open"}  # fmt: skip
    return render(request, "signing/link.html", context)


@at_a_place()
@require_safe
def place(request: HttpRequest, place: Signatory, person: Person) -> HttpResponse:
    """What to sign, how far one is, what comes next."""
    read = queries.pages_read(place)
    pages = range(1, place.round.pages + 1)
    context = {
        "place": place, "round": place.round, "person": person, "read": read, "turn": queries.is_turn(place),
        "next_page": next((page for page in pages if page not in read), None), "now": timezone.now(),
        "rows": queries.signatories_of(place.round), "test_authority": service.is_test(),
        "kept": keeping.of(place), "confirmation": due.confirmation_of(place.round),
        "closed": rights.closed_said(place.round), "seal": place.kind == Signatory.Kind.SEAL,
    }  # fmt: skip
    return render(request, "signing/place.html", context)


def data_of(place: Signatory, page: int) -> bytes:
    """The file as it is now."""
    if not 1 <= page <= place.round.pages or place.round.current is None:
        raise Http404
    return place_of(place.round.current).read_bytes()


@at_a_place()
@require_http_methods(["GET", "POST"])
def read(request: HttpRequest, place: Signatory, person: Person, page: int) -> HttpResponse:
    """One page of the text; going on from it counts as having read it."""
    data = data_of(place, page)
    if request.method == "POST":
        acts.read_page(signatory=place, page=page, person=person, now=timezone.now())
        done = queries.pages_read(place)
        left = next((one for one in range(1, place.round.pages + 1) if one not in done), None)
        if left is None:
            messages.success(request, "您已读完全文。")
            return redirect("signing:place", place.pk)
        return redirect("signing:read", place.pk, page + 1 if page < place.round.pages else left)
    context = {"place": place, "round": place.round, "page": page, "text": reading.text_of(data, page),
               "done": queries.pages_read(place), "open": place.round.state == "open"}  # fmt: skip
    return render(request, "signing/read.html", context)


@at_a_place()
@require_safe
def picture(request: HttpRequest, place: Signatory, person: Person, page: int) -> HttpResponse:
    """The picture of a page."""
    response = HttpResponse(reading.picture_of(data_of(place, page), page), content_type="image/png")
    response["Cache-Control"] = "private, no-store"
    return response


@at_a_place(fresh=True)
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, place: Signatory, person: Person) -> HttpResponse:
    """Agree and sign."""
    now = timezone.now()
    rights.require_signable(place, person, now, now)
    expected = person.acting.user.name if person.acting is not None else place.name
    form = SignForm(request.POST or None, expected=expected, initial={"version": CONSENT_VERSION})
    if request.method == "POST" and form.is_valid():
        put = acts.sign(
            signatory=place, person=person, drawn=form.cleaned_data["drawn"],
            consent_version=form.cleaned_data["version"], now=now,
        )  # fmt: skip
        if put:
            messages.success(request, "已签署。签好的文件可以在本页下载；全部签齐后会通知您。")
        else:
            messages.warning(request, KEPT)
        return redirect("signing:place", place.pk)
    context = {"place": place, "round": place.round, "form": form, "test_authority": service.is_test(),
               "drawn": drawing.picture_of(place), "consent": consent_of(place, place.round, agent=person.is_agent),
               "seal": place.kind == Signatory.Kind.SEAL}  # fmt: skip
    return render(request, "signing/sign.html", context)


@at_a_place()
@require_POST
def keep_drawing(request: HttpRequest, place: Signatory, person: Person) -> HttpResponse:
    """Keep what was drawn so far: asked by the script, at every stroke."""
    form = DrawingForm(request.POST)
    if not form.is_valid():
        raise Refusal("手写签名没有保存：图片不能使用。请清除后重新手写。")
    drawing.keep(signatory=place, drawn=form.cleaned_data["drawn"], person=person, now=timezone.now())
    return HttpResponse(status=204)


@at_a_place(fresh=True)
@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, place: Signatory, person: Person) -> HttpResponse:
    """Do not sign, and say why."""
    rights.require_open(place.round, timezone.now())
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        acts.decline(signatory=place, reason=form.cleaned_data["reason"], person=person, now=timezone.now())
        messages.success(request, "已记录您拒绝签署，并已通知各方。")
        return redirect("signing:place", place.pk)
    return render(request, "signing/decline.html", {"place": place, "round": place.round, "form": form})
