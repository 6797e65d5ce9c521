"""The page for developers."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fengqiao.portal.api import problems, reference
from fengqiao.portal.api.gatekeeper import OPEN
from fengqiao.portal.signing.public_views import VERIFICATIONS
from fengqiao.portal.tokens.gate import REQUESTS, WRONG_TOKENS
from fengqiao.portal.tokens.scopes import SCOPES


@login_not_required
@require_safe
def developers(request: HttpRequest) -> HttpResponse:
    """How to get a token, the first request, pages, errors, limits, every address."""
    context = {
        "base": f"{settings.ENVIRONMENT.public_url}/api/v1", "groups": reference.groups(),
        "kinds": problems.KINDS.values(), "scopes": SCOPES.values(),
        "rates": [
            ("不带令牌的请求，同一网络", OPEN), ("核验文件，同一网络", VERIFICATIONS), ("每个令牌", REQUESTS),
            ("无效的令牌，同一网络", WRONG_TOKENS),
        ],
    }  # fmt: skip
    return render(request, "api/developers.html", context)
