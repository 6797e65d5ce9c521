"""Pages of one's own messages, of opting out, of the templates; the door for the gateway's reports."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fengqiao.portal.accounts.links import LinkNeeded
from fengqiao.portal.accounts.models import User
from fengqiao.portal.accounts.queries import runs_the_platform
from fengqiao.portal.audit.stamp import Channel, system_stamp
from fengqiao.portal.notices import actions, callbacks, delivering, queries, subjects, templates
from fengqiao.portal.notices.lists import MINE
from fengqiao.portal.parties.models import Party
from fengqiao.portal.vault.sealed import open_sealed

LARGEST = 4096
OPTING_OUT = "opting_out"
"""In the session of somebody who came by the link of a message: whose messages they are."""


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """All that was said to me."""
    return MINE.respond(request, queries.visible_to(request.acting), "notices/mine.html")


@login_required
@require_GET
def notice(request: HttpRequest, number: UUID) -> HttpResponse:
    """One message; opening it marks it as read."""
    found = get_object_or_404(queries.visible_to(request.acting), pk=number)
    actions.read(notice=found, acting=request.acting, now=timezone.now())
    page = subjects.page_of(found, request.acting)
    return render(request, "notices/notice.html", {"notice": found, "text": open_sealed(found.text), "page": page})


@login_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """What I want to be told of."""
    user, now = request.acting.user, timezone.now()
    if request.method == "POST":
        if request.POST.get("news") == "on":
            actions.opt_in(user=user, stamp=request.acting.stamp, now=now)
        else:
            actions.opt_out(user=user, party=None, way="page", stamp=request.acting.stamp, now=now)
        messages.success(request, "已保存您的通知设置。")
        return redirect("notices:preferences")
    begin, end = settings.ENVIRONMENT.quiet_hours
    values = {"news": not queries.opted_out(user, None), "begin": begin, "end": end}
    return render(request, "notices/preferences.html", values)


@login_not_required
@never_cache
@require_GET
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in a message leads: to the page of opting out, whose address has no token."""
    try:
        said: dict[str, Any] = signing.loads(token, salt=actions.SALT)
    except signing.BadSignature as error:
        raise Http404 from error
    request.session[OPTING_OUT] = {"u": said.get("u"), "p": said.get("p")}
    return redirect("notices:opt_out")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def opt_out(request: HttpRequest) -> HttpResponse:
    """Opting out by the link in a message: no log-in, one button."""
    said = request.session.get(OPTING_OUT)
    if said is None:
        raise LinkNeeded
    user = User.objects.filter(pk=said.get("u")).first()
    party = Party.objects.filter(pk=said.get("p")).first()
    if user is None and party is None:
        raise Http404
    if request.method == "POST":
        actions.opt_out(user=user, party=party, way="link", stamp=system_stamp(Channel.WEB), now=timezone.now())
    return render(request, "notices/unsubscribe.html", {"done": queries.opted_out(user, party)})


@login_required
@require_GET
def template_list(request: HttpRequest) -> HttpResponse:
    """All texts with their previews, for administrators of the platform."""
    if not runs_the_platform(request.acting):
        raise Http404
    rows = [
        {
            "template": one, "newest": one is versions[-1],
            "texts": [(label, one.render(name, one.example)) for name, label in CHANNELS if name in one.texts],
        }
        for versions in templates.known().values()
        for one in versions
    ]  # fmt: skip
    return render(request, "notices/templates.html", {"rows": rows, "outbox": queries.outbox(timezone.now())})


CHANNELS = (("in_app", "站内"), ("sms", "短信"), ("email", "电子邮件"))


@csrf_exempt
@login_not_required
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """The gateway reports whether a message arrived."""
    now, key = timezone.now(), settings.ENVIRONMENT.sms_callback_key
    signature = request.headers.get("X-Signature", "")
    moment = request.headers.get("X-Time", "")
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST or not callbacks.believable(
        key=key, moment=moment, signature=signature, body=request.body, now=now
    ):
        raise Http404
    try:
        said = json.loads(request.body)
        number, delivered, detail = str(said["key"]), bool(said["delivered"]), str(said.get("detail", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"accepted": False}, status=400)
    if not callbacks.first_time(signature):
        return JsonResponse({"accepted": True, "again": True})
    known = delivering.report(key=number, delivered=delivered, detail=detail[:200], now=now)
    return JsonResponse({"accepted": known}, status=200 if known else 404)
