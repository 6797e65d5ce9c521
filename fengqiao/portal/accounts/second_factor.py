"""Staff work with a second factor. Until they have set one up, every page leads them to it."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

WITHOUT = ("account_", "mfa_", "usersessions_", "shell:", "operations:")
"""Addresses that work without: logging in and out, setting up the factor itself, help."""
SENTENCE = "机构人员登录需要第二道验证。请先添加验证器应用或通行密钥，再继续。"


class SecondFactorMiddleware:
    """Sends staff without a second factor to where they set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Before a view runs."""
        acting = request.acting
        match = request.resolver_match
        name = (match.view_name if match else "") or ""
        if acting is None or not any(role.is_staff for role in acting.roles) or name.startswith(WITHOUT):
            return None
        if is_mfa_enabled(acting.user):
            return None
        messages.warning(request, SENTENCE)
        return redirect("mfa_index")
