"""The page for developers; the addresses of the interface itself are django-ninja's."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.api import views

app_name = "developers"
urlpatterns = [path("", views.developers, name="page")]
