"""Requests to /api/ end here: apart from the pages, so that no session, cookie or form token means anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.rate_limits import MINUTE, Rate, network_of, take
from fengqiao.portal.api import problems
from fengqiao.portal.api.document import parameters_of, taking_bodies, with_token

AREA = "/api/"
OPEN = Rate("interface", 120, MINUTE, "不带令牌的接口请求")
"""From one network, without a token."""
JSON_LARGEST = 64 << 10
TAKES_PDF = ("api:verify_signatures",)
TYPE_OF = {True: "application/pdf", False: "application/json"}


class GatekeeperMiddleware:
    """Answers whatever is asked of the interface; everything else goes on to the pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not f"{request.path_info}/".startswith(AREA):
            return self.get_response(request)
        request.acting = None
        asked = request.method
        try:
            response = self.answered(request)
        except Exception as error:
            response = problems.answer_to(request, error)
        finally:
            request.method = asked
        return finished(request, response)

    def answered(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the address; raised is what keeps it from one."""
        request.get_host()  # refuses hosts that are none of ours
        try:
            match = request.resolver_match = resolve(request.path_info)
        except Resolver404:
            match = None
        if match is None or match.namespace != "api":
            count(request)
            return problems.answer(request, problems.KINDS["not_found"])
        if match.view_name not in with_token() or not request.headers.get("Authorization"):
            count(request)
        if request.method == "HEAD":
            request.method = "GET"  # its headers are those of GET; the body is taken off on the way out
        if refused := look_at_body(request, match.view_name) or look_at_query(request, match.view_name):
            return refused
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        if response.status_code == 405:
            allowed = response.get("Allow", "")
            return problems.answer(request, problems.KINDS["method_not_allowed"], headers={"Allow": allowed})
        return response


def count(request: HttpRequest) -> None:
    """One more without a token from this network."""
    take(OPEN, network_of(address_of(request)))


def look_at_body(request: HttpRequest, name: str) -> HttpResponse | None:
    """Of the kind and the size that the address takes; others are not read."""
    if request.method != "POST" or name not in taking_bodies():  # other methods are refused as such
        return None
    pdf = name in TAKES_PDF
    if (request.content_type or "").lower() != TYPE_OF[pdf]:
        return problems.answer(request, problems.KINDS["unsupported_media_type"], headers={"Accept-Post": TYPE_OF[pdf]})
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return problems.answer(request, problems.KINDS["bad_request"])
    if not pdf and length > JSON_LARGEST:
        return problems.answer(request, problems.KINDS["too_large"])
    return None


def look_at_query(request: HttpRequest, name: str) -> HttpResponse | None:
    """A parameter that the address does not know is no filter that was set: refused, not left out."""
    known = parameters_of(name)
    errors = [
        {"field": f"query.{field[:60]}", "problem": problems.WORDS["unknown" if field not in known else "twice"]}
        for field, values in request.GET.lists() if field not in known or len(values) > 1
    ]  # fmt: skip
    return problems.answer(request, problems.KINDS["invalid"], errors=errors) if errors else None


def finished(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Kept by nobody on the way; the same answer is not sent twice to who has it."""
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "DENY"
    response.cookies.clear()
    patch_vary_headers(response, ("Authorization",))
    if request.method in ("GET", "HEAD") and response.status_code == 200 and isinstance(response, HttpResponse):
        tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        response["ETag"] = tag
        sent = parse_etags(request.headers.get("If-None-Match", ""))
        if tag in sent or f"W/{tag}" in sent or "*" in sent:
            kept = {name: response[name] for name in ("ETag", "Cache-Control", "Vary")}
            return HttpResponse(status=304, headers=kept)
    return response
