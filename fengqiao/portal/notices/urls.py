"""Addresses of notices."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("<uuid:number>/", views.notice, name="notice"),
    path("preferences/", views.preferences, name="preferences"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("templates/", views.template_list, name="templates"),
    path("report/", views.report, name="report"),
]
