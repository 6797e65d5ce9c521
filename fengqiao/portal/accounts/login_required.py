"""Pages need somebody who is logged in. Who is put out while filling in a form is shown what they had typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import middleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from fengqiao.portal.shell.typed import typed_in

NO_UPLOAD = "没有上传：登录已过期。请在新窗口登录，再回到这里上传一次。"


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """As Django has it, but a form that comes too late is not thrown away without a word."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponse:
        """A form with something typed in it: a page with that, and the way on. Only of a form whose token was checked,
        so that nobody else puts words there."""
        if request.method == "POST":
            if request.headers.get("X-Upload") == "1":
                return JsonResponse({"ok": False, "said": NO_UPLOAD}, status=401)
            checked = not getattr(view_func, "csrf_exempt", False)
            typed = typed_in(request) if checked and settings.SESSION_COOKIE_NAME in request.COOKIES else []
            if typed and not getattr(request, "htmx", False):
                page = render(request, "accounts/session_over.html", {"typed": typed}, status=401)
                page["Cache-Control"] = "private, no-store"
                return page
        return super().handle_no_permission(request, view_func)
