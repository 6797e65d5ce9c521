"""Every address of the portal: each app under its own word."""

from __future__ import annotations

from allauth.usersessions.views import list_usersessions
from django.urls import URLPattern, URLResolver, include, path

from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.api.document import addresses

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("fengqiao.portal.workbench.urls")),
    path("about/", include("fengqiao.portal.shell.urls")),
    path("accounts/", include("fengqiao.portal.accounts.urls")),
    path("operations/", include("fengqiao.portal.operations.urls")),
    path("documents/", include("fengqiao.portal.documents.urls")),
    path("drafting/", include("fengqiao.portal.drafting.urls")),
    path("deadlines/", include("fengqiao.portal.deadlines.urls")),
    path("notices/", include("fengqiao.portal.notices.urls")),
    path("tokens/", include("fengqiao.portal.tokens.urls")),
    path("service/", include("fengqiao.portal.service.urls")),
    path("signing/", include("fengqiao.portal.signing.urls")),
    path("claims/", include("fengqiao.portal.claims.urls")),
    path("parties/", include("fengqiao.portal.parties.urls")),
    path("api/v1/", addresses()),
    path("developers/", include("fengqiao.portal.api.urls")),
    path("login/", include("fengqiao.portal.accounts.urls_login")),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", fresh_login_required(list_usersessions), name="usersessions_list"),
]

handler400 = "fengqiao.portal.shell.errors.bad_request"
handler403 = "fengqiao.portal.shell.errors.forbidden"
handler404 = "fengqiao.portal.shell.errors.not_found"
handler429 = "fengqiao.portal.shell.errors.too_many_requests"  # asked for by allauth
handler500 = "fengqiao.portal.shell.errors.server_error"
