"""When each session was last at work, for the list of devices: written every five minutes, not with every page."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)
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
        """Write if it was not written just now. A note that cannot be written, as on a full disk, keeps nobody from
        reading; whatever the page itself needs of the database still fails as it should."""
        key, moment = (request.session.session_key, request.acting.address), time.monotonic()
        if moment - self.noted.get(key, -EVERY) < EVERY:
            return
        if len(self.noted) >= AT_MOST:
            self.noted.clear()
        self.noted[key] = moment
        try:
            UserSession.objects.create_from_request(request)
        except DatabaseError as error:
            log.warning("when a session was last at work could not be noted: %s", type(error).__name__)
