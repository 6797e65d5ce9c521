"""Addresses of drafting."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "drafting"
urlpatterns: list[URLPattern | URLResolver] = []
