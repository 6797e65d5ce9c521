"""Addresses of files."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.documents import views

app_name = "documents"
urlpatterns = [
    path("<uuid:number>/", views.download, name="download"),
    path("<uuid:number>/preview/", views.preview, name="preview"),
    path("<uuid:number>/pages/<int:page>/", views.page_picture, name="page_picture"),
]
