"""Every address of the portal: each app under its own word."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("fengqiao.portal.accounts.urls")),
]
