"""Addresses of forms that are filled in."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.drafting import views

app_name = "drafting"
urlpatterns = [
    path("", views.fillings, name="fillings"),
    path("new/", views.new, name="new"),
    path("new/<slug:form>/", views.begin, name="begin"),
    path("<int:number>/", views.filling_page, name="filling"),
    path("<int:number>/steps/<slug:step>/", views.step_page, name="step"),
    path("<int:number>/preview/", views.preview, name="preview"),
    path("<int:number>/finish/", views.finish, name="finish"),
    path("<int:number>/remove/", views.remove, name="remove"),
]
