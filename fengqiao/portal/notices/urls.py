"""Addresses of notices."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.notices import sent_views, views

app_name = "notices"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("<uuid:number>/", views.notice, name="notice"),
    path("preferences/", views.preferences, name="preferences"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("unsubscribe/", views.opt_out, name="opt_out"),
    path("templates/", views.template_list, name="templates"),
    path("sent/", sent_views.sent, name="sent"),
    path("sent/<uuid:number>/", sent_views.delivery, name="delivery"),
    path("sent/<uuid:number>/letter/", sent_views.letter, name="letter"),
    path("sent/<uuid:number>/again/", sent_views.again, name="again"),
    path("sent/<uuid:number>/called/", sent_views.called, name="called"),
    path("report/", views.report, name="report"),
]
