"""Addresses of the accounts. Logging in and out, second factors and sessions are allauth's."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.accounts import access_views, organisation_views, views

app_name = "accounts"
urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/role/", views.wear_role, name="wear_role"),
    path("me/agent/", views.become_agent, name="become_agent"),
    path("me/elder-mode/", views.elder_mode, name="elder_mode"),
    path("me/new-password/", views.new_password, name="new_password"),
    path("people/", views.my_people, name="my_people"),
    path("organisations/", organisation_views.organisations, name="organisations"),
    path("organisations/<int:number>/rest/", organisation_views.rest, name="rest"),
    path("organisations/new/", views.new_organisation, name="new_organisation"),
    path("organisations/<int:number>/contact/", views.contact, name="organisation_contact"),
    path("organisations/<int:number>/people/", views.people, name="people"),
    path("organisations/<int:number>/invitations/", views.invitations, name="invitations"),
    path("organisations/<int:number>/invitations/new/", views.invite, name="invite"),
    path("invitations/<int:number>/revoke/", views.revoke_invitation, name="revoke_invitation"),
    path("invitations/accept/<str:token>/", views.accept_invitation, name="accept_invitation"),
    path("invitations/<int:number>/", views.invitation, name="invitation"),
    path("people/find/", access_views.find_person, name="find_person"),
    path("people/<int:number>/", access_views.person, name="person"),
    path("people/<int:number>/sessions/end/", access_views.end_sessions, name="end_sessions"),
    path("people/<int:number>/lock/lift/", access_views.lift_lock, name="lift_lock"),
    path("people/<int:number>/suspend/", access_views.suspend, name="suspend"),
    path("people/<int:number>/mobile/", access_views.change_mobile, name="change_mobile"),
    path("people/<int:number>/second-factor/", access_views.reset_second_factor, name="reset_second_factor"),
    path("me/close/", access_views.close_account, name="close_account"),
    path("me/devices/", access_views.devices, name="devices"),
    path("me/devices/<int:number>/end/", access_views.end_device, name="end_device"),
    path("me/sessions/<int:number>/end/", access_views.end_own_session, name="end_own_session"),
    path("roles/<int:number>/end/", views.end_role, name="end_role"),
]
