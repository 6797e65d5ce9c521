"""Addresses of the accounts."""

from __future__ import annotations

from django.urls import URLPattern, path

from fengqiao.portal.accounts import views

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("elder-mode/", views.elder_mode, name="elder_mode"),
    path("role/", views.wear_role, name="wear_role"),
]
