"""The person's calendar: the feed that programs read, its page, and the calendar file as a download."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.accounts.rate_limits import EXPORTS, network_of, take
from fengqiao.portal.deadlines import feeds, month, queries
from fengqiao.portal.refusal import Refusal

MOST = 1000
"""Deadlines in one calendar."""
CHALLENGE = 'Basic realm="fengqiao calendar", charset="UTF-8"'
WHO_ARE_YOU = (
    "没有读取：要填写日历订阅的用户名和密码（不是登录名和登录密码）。用户名在“我的期限—订阅到我的日历”中查看；"
    "密码只在生成时显示一次，忘了就换一个。\n"
)
NOT_ENCRYPTED = (
    "没有读取：这个地址只能通过 https 读取，这一次的连接没有加密。请把日历软件中的地址改为 https 开头；"
    "刚才已经填过密码的，请在“我的期限—订阅到我的日历”中换一个新密码。"
)
ENDED = (
    "这个订阅地址已经停用：平台不再使用带密钥的地址。请登录平台，打开“我的期限—订阅到我的日历”，"
    "生成用户名和密码后重新订阅，并在日历软件中删除这个旧的订阅。"
)


def calendar_answer(data: bytes, disposition: str) -> HttpResponse:
    """A calendar file that nobody on the way keeps."""
    response = HttpResponse(data, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'{disposition}; filename="deadlines.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "POST"])
@fresh_login_required
@sensitive_variables("password")
def feed_settings(request: HttpRequest) -> HttpResponse:
    """The feed's user name; a password made, made anew, shown once; how programs are told of it."""
    password, now = "", timezone.now()
    if request.method == "POST":
        _, password = feeds.make_feed(acting=request.acting, now=now)
    context = {
        "feed": queries.feed_of(request.user), "password": password, "old": queries.ended_by_upgrade(request.user),
        "address": f"{settings.ENVIRONMENT.public_url}{reverse('deadlines:feed')}",
    }  # fmt: skip
    response = render(request, "deadlines/feed.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def revoke_feed(request: HttpRequest) -> HttpResponse:
    """The user name and its password no longer work."""
    if feeds.revoke_feed(acting=request.acting, now=timezone.now()):
        messages.success(request, "日历订阅已经停用，日历软件不再收到更新。")
    return redirect("deadlines:feed_settings")


@login_not_required
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """What a calendar program reads, with the feed's own user name and password. A session opens nothing here."""
    if settings.ENVIRONMENT.secure and not request.is_secure():
        raise Refusal(NOT_ENCRYPTED, status=403)
    now, place = timezone.now(), network_of(address_of(request))
    take(feeds.FROM_ONE_PLACE, place)
    found = feeds.feed_of_header(header=request.headers.get("Authorization", ""), place=place, now=now)
    if found is None:
        response = HttpResponse(WHO_ARE_YOU, status=401, content_type="text/plain; charset=utf-8")
        response["WWW-Authenticate"] = CHALLENGE
        response["Cache-Control"] = "private, no-store"
    else:
        feeds.note_reading(feed=found, now=now)
        response = calendar_answer(month.feed_file(queries.in_calendar(found.user, now)[:MOST], now), "inline")
    patch_vary_headers(response, ("Authorization",))
    return response


@login_not_required
@require_GET
def ended_feed(request: HttpRequest) -> HttpResponse:
    """An address of former versions, with a secret in it: nothing is looked up."""
    raise Refusal(ENDED, status=410)


@login_required
@require_GET
def calendar_file(request: HttpRequest) -> HttpResponse:
    """One's own deadlines as a file, for programs that cannot bring a password: as they are now, without updates."""
    take(EXPORTS, f"user {request.user.pk}")
    now = timezone.now()
    return calendar_answer(month.feed_file(queries.in_calendar(request.user, now)[:MOST], now), "attachment")
