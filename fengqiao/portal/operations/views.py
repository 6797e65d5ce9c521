"""Addresses for those who watch over the installation."""

from __future__ import annotations

import os
import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.jobs.queries import queue
from fengqiao.portal.notices.queries import outbox
from fengqiao.portal.operations.queries import all_findings

LOCAL = ("127.0.0.1", "::1")


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"alive": True})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The installation can serve: 200, or 503. Why not is told only to those who may know."""
    found = all_findings(timezone.now())
    good = all(one.good for one in found if one.needed)
    said = {"ready": good}
    if may_watch(request):
        said["findings"] = [{"name": one.name, "good": one.good, "sentence": one.sentence} for one in found]
    return JsonResponse(said, status=200 if good else 503, json_dumps_params={"ensure_ascii": False})


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: from this machine, or with the token."""
    if not may_watch(request):
        raise Http404
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    text = generate_latest(registry) + generate_latest(now_figures())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def now_figures() -> CollectorRegistry:
    """What stands in the database at this moment."""
    registry = CollectorRegistry()
    up = Gauge("fengqiao_database_up", "1 when the database answers", registry=registry)
    try:
        found, waiting = queue(timezone.now()), outbox(timezone.now())
    except DatabaseError:
        up.set(0)
        return registry
    up.set(1)
    for name, value in found.items():
        Gauge(f"fengqiao_jobs_{name}", f"Background jobs: {name}", registry=registry).set(value)
    for name, value in waiting.items():
        Gauge(f"fengqiao_notices_{name}", f"Outbox of notices: {name}", registry=registry).set(value)
    return registry


def may_watch(request: HttpRequest) -> bool:
    """True for requests from this machine itself, and for those that bring the token."""
    token = settings.ENVIRONMENT.metrics_token
    brought = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        return secrets.compare_digest(brought.encode(), token.encode())
    return address_of(request) in LOCAL and "X-Forwarded-For" not in request.headers
