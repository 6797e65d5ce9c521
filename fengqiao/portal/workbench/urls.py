"""Addresses of the workbench."""

from __future__ import annotations

from django.urls import URLPattern, path

from fengqiao.portal.workbench import views

app_name = "workbench"
urlpatterns: list[URLPattern] = [
    path("", views.start, name="start"),
    path("search/", views.search, name="search"),
    path("organisations/", views.organisations, name="organisations"),
]
