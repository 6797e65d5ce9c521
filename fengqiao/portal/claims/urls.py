"""Addresses of the claims. No investor's number stands in one."""

from __future__ import annotations

from django.urls import path

from fengqiao.portal.claims import case_views, own_views, people_views, run_views

app_name = "claims"
urlpatterns = [
    path("", case_views.cases, name="cases"),
    path("new/", case_views.new_case, name="new_case"),
    path("<int:number>/", case_views.case, name="case"),
    path("<int:number>/edit/", case_views.edit_case, name="edit_case"),
    path("<int:number>/files/<slug:part>/", case_views.upload, name="upload"),
    path("<int:number>/files/remove/<int:row>/", case_views.remove_file, name="remove_file"),
    path("<int:number>/run/", run_views.start_run, name="start_run"),
    path("<int:number>/people/", own_views.people, name="people"),
    path("<int:number>/people/<int:row>/remove/", own_views.forget, name="forget_person"),
    path("<int:number>/people/file/", people_views.upload, name="people_upload"),
    path("people/<int:number>/", people_views.people_file, name="people_file"),
    path("people/<int:number>/cancel/", people_views.cancel, name="people_cancel"),
    path("people/<int:number>/refused/", people_views.refused, name="people_refused"),
    path("<int:number>/withdraw/", own_views.withdraw, name="withdraw"),
    path("own/<int:number>/", own_views.own, name="own"),
    path("own/<int:number>/pdf/", own_views.own_pdf, name="own_pdf"),
    path("runs/<int:number>/publish/", own_views.publish, name="publish"),
    path("runs/<int:number>/", run_views.run, name="run"),
    path("runs/<int:number>/cancel/", run_views.cancel_run, name="cancel_run"),
    path("runs/<int:number>/investors/", run_views.investors, name="investors"),
    path("runs/<int:number>/investors/find/", run_views.find_investor, name="find_investor"),
    path("runs/<int:number>/investors/<int:row>/", run_views.statement, name="statement"),
    path("runs/<int:number>/investors/<int:row>/pdf/", run_views.statement_pdf, name="statement_pdf"),
    path("runs/<int:number>/findings/", run_views.findings, name="findings"),
    path("runs/<int:number>/files/<str:name>/", run_views.result_file, name="result_file"),
    path("runs/<int:number>/charts/<str:name>/", run_views.chart, name="chart"),
]
