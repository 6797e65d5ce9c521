"""Addresses of signing."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.signing import public_views, round_views, signer_views

app_name = "signing"
urlpatterns = [
    path("", round_views.rounds, name="rounds"),
    path("new/", round_views.new_round, name="new_round"),
    path("<int:number>/", round_views.round_page, name="round"),
    path("<int:number>/signatories/<slug:kind>/", round_views.add_signatory, name="add_signatory"),
    path("signatories/<int:number>/remove/", round_views.remove_signatory, name="remove_signatory"),
    path("signatories/<int:number>/link/", round_views.make_link, name="make_link"),
    path("<int:number>/open/", round_views.open_round, name="open_round"),
    path("<int:number>/void/", round_views.void_round, name="void_round"),
    path("<int:number>/reissue/", round_views.reissue, name="reissue"),
    path("<int:number>/differences/", public_views.differences, name="differences"),
    path("<int:number>/files/<slug:what>/", public_views.download, name="download"),
    path("batch/", round_views.batch, name="batch"),
    path("batch/<int:number>/", round_views.batch_done, name="batch_done"),
    path("mine/", signer_views.mine, name="mine"),
    path("link/<str:token>/", signer_views.link, name="link"),
    path("by-link/<int:number>/", signer_views.by_link, name="by_link"),
    path("place/<int:number>/", signer_views.place, name="place"),
    path("place/<int:number>/pages/<int:page>/", signer_views.read, name="read"),
    path("place/<int:number>/pictures/<int:page>/", signer_views.picture, name="picture"),
    path("place/<int:number>/sign/", signer_views.sign, name="sign"),
    path("place/<int:number>/drawing/", signer_views.keep_drawing, name="keep_drawing"),
    path("place/<int:number>/decline/", signer_views.decline, name="decline"),
    path("verify/", public_views.verify, name="verify"),
    path("verify/find/", public_views.find_record, name="find_record"),
    path("verify/<str:code>/", public_views.record, name="record"),
]
