"""A session gets a new key whenever its owner has proved anew that it is them: an old copy of the cookie ends there."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse


def last_proof(request: HttpRequest) -> float:
    """When the owner of this session last proved again who they are."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or ()
    return max((float(one.get("at", 0)) for one in records if one.get("reauthenticated")), default=0.0)


class RenewedKeyMiddleware:
    """Looks whether a request proved it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.acting is None or request.method != "POST":
            return self.get_response(request)
        before = last_proof(request)
        response = self.get_response(request)
        old = request.session.session_key
        if old and last_proof(request) > before:
            request.session.cycle_key()
            UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)
        return response
