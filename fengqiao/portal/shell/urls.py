"""Addresses of the shell."""

from __future__ import annotations

from django.urls import URLPattern, path

from fengqiao.portal.shell import views

app_name = "shell"
urlpatterns: list[URLPattern] = [
    path("help/", views.help_page, name="help"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("session/", views.session, name="session"),
    path("session/back/", views.session_back, name="session_back"),
    path("draft/", views.save_draft, name="save_draft"),
]
