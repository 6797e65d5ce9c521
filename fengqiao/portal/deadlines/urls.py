"""Addresses of deadlines."""

from __future__ import annotations

from django.urls import path, re_path

from fengqiao.portal.deadlines import feed_views, views

app_name = "deadlines"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("new/", views.new, name="new"),
    path("organisation/", views.organisation, name="organisation"),
    path("closed/", views.mine_closed, name="mine_closed"),
    path("organisation/closed/", views.organisation_closed, name="organisation_closed"),
    path("calendar/", views.calendar, name="calendar"),
    path("feed/", feed_views.feed_settings, name="feed_settings"),
    path("feed/revoke/", feed_views.revoke_feed, name="revoke_feed"),
    path("feed.ics", feed_views.feed, name="feed"),
    re_path(r"^feed/.+\.ics$", feed_views.ended_feed, name="ended_feed"),
    path("mine.ics", feed_views.calendar_file, name="calendar_file"),
    path("<int:number>/", views.deadline, name="deadline"),
    path("<int:number>/<slug:step>/", views.step, name="step"),
]
