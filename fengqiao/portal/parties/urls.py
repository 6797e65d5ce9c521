"""Addresses of the parties."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.parties import (
    agent_views,
    confirm_views,
    house_views,
    need_views,
    own_views,
    retention_views,
    views,
)

app_name = "parties"
urlpatterns = [
    path("me/", own_views.mine, name="mine"),
    path("me/export/", own_views.export_mine, name="export_mine"),
    path("me/consents/", own_views.my_consents, name="my_consents"),
    path("me/consents/pass-on/", own_views.agree_to_pass_on, name="agree_to_pass_on"),
    path("me/consents/<int:number>/withdraw/", own_views.withdraw_consent, name="withdraw_consent"),
    path("me/consents/<slug:purpose>/agree/", own_views.agree, name="agree"),
    path("me/agents/", own_views.my_agents, name="my_agents"),
    path("people/", views.people, name="people"),
    path("people/new/", views.take_in, name="take_in"),
    path("people/<int:number>/", views.party, name="party"),
    path("people/<int:number>/reveal/<slug:field>/", views.reveal, name="reveal"),
    path("people/<int:number>/contact/", views.contact, name="contact"),
    path("people/<int:number>/correction/", views.ask_correction, name="ask_correction"),
    path("people/<int:number>/needs/new/", need_views.note_need, name="note_need"),
    path("people/<int:number>/needs/<int:need>/reveal/", need_views.reveal_need, name="reveal_need"),
    path("people/<int:number>/needs/<int:need>/review/", need_views.review_need, name="review_need"),
    path("people/<int:number>/needs/<int:need>/end/", need_views.end_need, name="end_need"),
    path("people/<int:number>/notice/", need_views.notice, name="notice"),
    path("people/<int:number>/confirmation/", confirm_views.confirmation, name="confirmation"),
    path("people/<int:number>/confirmation/ask/", confirm_views.ask_confirmation, name="ask_confirmation"),
    path("confirmations/<int:number>/", confirm_views.answer_confirmation, name="answer_confirmation"),
    path("confirmations/<int:number>/settle/", confirm_views.settle_dispute, name="settle_dispute"),
    path("people/<int:number>/account/", views.link_account, name="link_account"),
    path("people/<int:number>/consent/", views.note_consent_to_pass_on, name="note_consent_to_pass_on"),
    path("people/<int:number>/hand-over/", views.hand_over, name="hand_over"),
    path("organisations/<int:number>/hand-over/", house_views.hand_over_house, name="hand_over_house"),
    path("corrections/<int:number>/", views.decide_correction, name="decide_correction"),
    path("authorisations/", agent_views.authorisations, name="authorisations"),
    path("authorisations/new/", agent_views.submit_authorisation, name="submit_authorisation"),
    path("authorisations/guardian/", agent_views.submit_guardian, name="submit_guardian"),
    path("authorisations/<int:number>/", agent_views.authorisation, name="authorisation"),
    path("authorisations/<int:number>/document/", agent_views.authorisation_document, name="authorisation_document"),
    path("authorisations/<int:number>/accept/", agent_views.accept_authorisation, name="accept_authorisation"),
    path("authorisations/<int:number>/decline/", agent_views.decline_authorisation, name="decline_authorisation"),
    path("authorisations/<int:number>/end/", agent_views.end_authorisation, name="end_authorisation"),
    path("represented/", agent_views.represented, name="represented"),
    path("represented/act/", agent_views.act_for, name="act_for"),
    path("represented/stop/", agent_views.stop_acting, name="stop_acting"),
    path("retention/", retention_views.retention, name="retention"),
    path("retention/disposals/", retention_views.disposals, name="disposals"),
    path("retention/holds/new/", retention_views.place_hold, name="place_hold"),
    path("retention/holds/<int:number>/lift/", retention_views.lift_hold, name="lift_hold"),
]
