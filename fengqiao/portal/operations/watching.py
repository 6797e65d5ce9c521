"""One line and one measurement for every answer."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

from fengqiao.portal import figures

log = logging.getLogger("fengqiao.requests")
ANSWERS = Counter("fengqiao_answers_total", "Answers by page, method and status", ("page", "method", "status"))
SECONDS = Histogram(
    "fengqiao_answer_seconds", "Time until an answer was ready, by page", ("page",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
QUIET = ("operations:health", "operations:ready", "operations:metrics")


class WatchingMiddleware:
    """Notes page, status and time. Pages go by their names: addresses may hold what must not be in a log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request.number = secrets.token_urlsafe(9)
        response = self.get_response(request)
        passed = time.perf_counter() - started
        match = getattr(request, "resolver_match", None)
        page = match.view_name if match and match.view_name else "unknown"
        method = request.method if request.method in ("GET", "HEAD", "POST") else "other"
        figures.add(lambda: ANSWERS.labels(page, method, str(response.status_code)).inc())
        figures.add(lambda: SECONDS.labels(page).observe(passed))
        response["X-Request-Id"] = request.number
        if page not in QUIET:
            self.note(request, page, method, response.status_code, passed)
        return response

    def note(self, request: HttpRequest, page: str, method: str, status: int, passed: float) -> None:
        """The line: numbers instead of names."""
        acting = getattr(request, "acting", None)
        organisation = acting.organisation if acting else None
        log.info(
            "answer",
            extra={
                "page": page, "method": method, "status": status, "ms": round(passed * 1000, 1),
                "number": request.number, "user": acting.user.pk if acting else None,
                "organisation": organisation.pk if organisation else None,
            },
        )  # fmt: skip
