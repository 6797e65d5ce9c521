"""Addresses of the access tokens."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.tokens import views

app_name = "tokens"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("new/", views.new, name="new"),
    path("organisation/", views.managed, name="managed"),
    path("<int:number>/revoke/", views.revoke, name="revoke"),
]
