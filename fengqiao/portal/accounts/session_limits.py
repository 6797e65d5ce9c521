"""How long a session lasts: it ends after a time without a request, and in any case after some hours."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

MINUTE, HOUR = 60, 3600
STAFF = (30 * MINUTE, 12 * HOUR)
"""Without a request; altogether. Staff see other people's data, often at shared desks."""
OTHERS = (60 * MINUTE, 12 * HOUR)
NOTED_EVERY = 5 * MINUTE
"""How often the last request is written down: a page costs no writing in between."""
BEGAN, LAST = "began_at", "last_at"
ENDED = "为了安全，登录已自动结束：{reason}。存过草稿的内容，登录后可以接着填。"


class SessionLimitsMiddleware:
    """Ends sessions that are too old; the request goes on as a visitor's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.acting is not None:
            reason = self.ended(request)
            if reason:
                logout(request)
                request.acting = None
                messages.info(request, ENDED.format(reason=reason))
        return self.get_response(request)

    def ended(self, request: HttpRequest) -> str:
        """Why the session is over; empty while it lasts. Notes when it began and when it was last used."""
        now, session = time.time(), request.session  # to the fraction: who is put out may be back within a second
        began, last = session.get(BEGAN), session.get(LAST)
        if not isinstance(began, int | float) or not isinstance(last, int | float):
            session[BEGAN] = session[LAST] = now
            return ""
        put_out = request.acting.user.sessions_end_before
        if put_out is not None and began < put_out.timestamp():
            return "管理员结束了这个账号此前的登录"
        idle, whole = STAFF if any(role.is_staff for role in request.acting.roles) else OTHERS
        if now - last > idle + NOTED_EVERY:
            return f"{idle // MINUTE} 分钟没有操作"
        if now - began > whole:
            return f"登录已满 {whole // HOUR} 小时"
        if now - last >= NOTED_EVERY:
            session[LAST] = now
        return ""
