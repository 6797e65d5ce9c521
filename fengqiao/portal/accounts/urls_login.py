"""Logging in and out: those of allauth's addresses that are used here; e-mail is no way to log in, so its are not."""

from __future__ import annotations

from allauth.account import views
from django.urls import path

from fengqiao.portal.accounts import login_views, mobile_confirming, registering

urlpatterns = [
    path("", views.login, name="account_login"),
    path("out/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("register/", registering.register, name="account_signup"),
    path("again/", views.reauthenticate, name="account_reauthenticate"),
    path("password/", views.password_change, name="account_change_password"),
    path("code/", login_views.request_login_code, name="account_request_login_code"),
    path("code/confirm/", login_views.confirm_login_code, name="account_confirm_login_code"),
    path("code/password/", login_views.login_password, name="account_login_password"),
    path("code/new-password/", login_views.forgotten_password, name="account_forgotten_password"),
    path("mobile/verify/", mobile_confirming.verify_phone, name="account_verify_phone"),
    path("mobile/change/", views.change_phone, name="account_change_phone"),
]
