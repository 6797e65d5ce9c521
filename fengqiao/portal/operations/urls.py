"""Addresses for those who watch over the installation."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.operations import views

app_name = "operations"
urlpatterns = [
    path("health/", views.health, name="health"),
    path("ready/", views.ready, name="ready"),
    path("metrics/", views.metrics, name="metrics"),
]
