"""When each session was last at work, for the list of devices: written every five minutes, not with every page."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

EVERY = 300.0
AT_MOST = 10_000


class SeenMiddleware:
    """Notes that a session is at work."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.noted: dict[tuple[str, str], float] = {}
        """When this process last wrote about a session from an address."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.acting and request.session.session_key:
            self.note(request)
        return self.get_response(request)

    def note(self, request: HttpRequest) -> None:
        """Write if it was not written just now."""
        key, moment = (request.session.session_key, request.acting.address), time.monotonic()
        if moment - self.noted.get(key, -EVERY) < EVERY:
            return
        if len(self.noted) >= AT_MOST:
            self.noted.clear()
        UserSession.objects.create_from_request(request)
        self.noted[key] = moment
