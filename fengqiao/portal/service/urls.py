"""Addresses of service."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.service import address_views, public_views, recipient_views, staff_views

app_name = "service"
urlpatterns = [
    path("", staff_views.services, name="services"),
    path("new/", staff_views.new, name="new"),
    path("<int:number>/", staff_views.service, name="service"),
    path("recipients/<int:number>/", staff_views.recipient, name="recipient"),
    path("recipients/<int:number>/again/", staff_views.try_again, name="try_again"),
    path("recipients/<int:number>/otherwise/", staff_views.other_way, name="other_way"),
    path("recipients/<int:number>/proved/", staff_views.proved, name="proved"),
    path("recipients/<int:number>/proof/", staff_views.make_proof, name="make_proof"),
    path("recipients/<int:number>/paper/", staff_views.give_paper, name="give_paper"),
    path("address/", address_views.address, name="address"),
    path("address/<int:number>/withdraw/", address_views.withdraw, name="withdraw"),
    path("address/party/<int:number>/", address_views.address_on_paper, name="address_on_paper"),
    path("mine/", recipient_views.mine, name="mine"),
    path("link/<str:token>/", recipient_views.link, name="link"),
    path("by-link/<int:number>/", recipient_views.by_link, name="by_link"),
    path("mine/<int:number>/", recipient_views.received, name="received"),
    path("mine/<int:number>/<int:document>/", recipient_views.open_document, name="open"),
    path("mine/<int:number>/<int:document>/pages/<int:page>/", recipient_views.page_picture, name="page_picture"),
    path("mine/<int:number>/<int:document>/file/", recipient_views.take_document, name="take"),
    path("mine/<int:number>/proof/", recipient_views.proof, name="proof"),
    path("mine/<int:number>/paper/", recipient_views.ask_paper, name="ask_paper"),
    path("verify/", public_views.verify, name="verify"),
    path("verify/<str:code>/", public_views.record, name="record"),
]
