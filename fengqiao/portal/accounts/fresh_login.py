"""A page that asks first whether it is really you: before signing, and before personal data are shown whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from fengqiao.portal.refusal import Refusal

View = Callable[..., HttpResponse]
SENTENCE = "距上次确认身份已超过 5 分钟，刚才的内容没有提交。请再次确认身份后重新填写。"
NO_WAY = (
    "没有执行：这一步要先确认是您本人，而您的账号没有密码，也没有第二道验证，无法确认。"
    "请退出登录，在登录页选“忘记密码”设置密码，再来办理。"
)


def form_of(request: HttpRequest) -> str:
    """The page to come back to: where a button was pressed that has no page of its own, else the page itself."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if request.method == "POST" and came_from.netloc == request.get_host() and came_from.path.startswith("/"):
        return came_from.path
    return request.path


def fresh_login_required(view: View) -> View:
    """Wraps a view that answers GET with a form: whoever has not proved within the last minutes that it is them is sent
    to do so, and back to the form.

    What was sent is not kept for afterwards, as allauth would do: it may be personal, and sessions are not sealed.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if not is_reauthentication_required(request, app=""):
            return view(request, *args, **named)
        if request.user.is_authenticated:
            methods = get_adapter().get_reauthentication_methods(request.user)
            if not methods:
                raise Refusal(NO_WAY, status=403)
            where = methods[0]["url"]
        else:
            where = reverse("account_login")
        if request.method == "POST":
            messages.warning(request, SENTENCE)
        return redirect(f"{where}?{urlencode({'next': form_of(request)})}")

    return asked
