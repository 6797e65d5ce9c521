"""Addresses of deadlines."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.deadlines import views

app_name = "deadlines"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("new/", views.new, name="new"),
    path("organisation/", views.organisation, name="organisation"),
    path("closed/", views.mine_closed, name="mine_closed"),
    path("organisation/closed/", views.organisation_closed, name="organisation_closed"),
    path("calendar/", views.calendar, name="calendar"),
    path("feed/", views.feed_settings, name="feed_settings"),
    path("feed/revoke/", views.revoke_feed, name="revoke_feed"),
    path("feed/<str:token>.ics", views.feed, name="feed"),
    path("<int:number>/", views.deadline, name="deadline"),
    path("<int:number>/<slug:step>/", views.step, name="step"),
]
