"""The portal's addresses, and pages that show the patterns of the shell, each with everything it can say."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import engines
from django.urls import path
from django.utils import timezone

from fengqiao.portal.shell import drafts, uploads
from fengqiao.portal.shell.charts import Chart, Mark, Series
from fengqiao.portal.shell.errors import Conflict, Refusal
from fengqiao.portal.shell.timeline import CaseHead, Entry, stages_of
from fengqiao.portal.urls import handler400, handler403, handler404, handler500
from fengqiao.portal.urls import urlpatterns as portal
from tests.browser.visits import Visit

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
LIMITS = uploads.Limits((".xlsx", ".xls", ".csv"), largest=200_000, most=3)
PAGE = """{% extends "shell/page.html" %}{% load shell %}
{% block title %}TITLE{% endblock %}
{% block purpose %}这一页展示页面框架里的一种样式，供检查使用。{% endblock %}
{% block next %}{% if until %}
{% include "shell/next_step.html" with what="补充 2020 年的交易记录" url="/" %}{% endif %}{% endblock %}
{% block head %}{% if job %}{% include "shell/job_refresh.html" %}{% endif %}{% endblock %}
{% block content %}BODY{% endblock %}
{% block help %}<p>每一种样式都在两种宽度、两种模式下检查。</p>{% endblock %}"""
FORM = """{% include "shell/draft_offer.html" %}
<form class="form-card" method="post" enctype="multipart/form-data" novalidate>
{% csrf_token %}{{ form }}{% include "shell/draft_fields.html" %}</form>"""
NARROW = """{% extends "shell/narrow.html" %}{% block title %}登录{% endblock %}
{% block purpose %}登录后可以办理和查看您的事项。{% endblock %}
{% block form %}<form method="post">{% csrf_token %}{{ form }}
<div class="form-buttons"><button class="btn btn-primary" type="submit">登录</button></div></form>{% endblock %}
{% block help %}<p>忘记密码时请联系管理员。</p>{% endblock %}"""
CASE = """{% include "shell/case_head.html" %}
<section class="card-plain"><h2>走势</h2>{% include "shell/chart.html" with chart=price %}</section>
<section class="card-plain"><h2>分布</h2>{% include "shell/chart.html" with chart=bars %}</section>
<section class="card-plain"><h2>时间线</h2>{% include "shell/timeline.html" %}</section>"""
JOB = '{% include "shell/job.html" %}'
UPLOAD = '{% include "shell/upload.html" %}'


def page(request: HttpRequest, title: str, body: str, **context: object) -> HttpResponse:
    """A page with this body."""
    template = engines["django"].from_string(PAGE.replace("TITLE", title).replace("BODY", body))
    return HttpResponse(template.render(context, request))


class RequestForm(forms.Form):
    """Every kind of field."""

    kind = forms.ChoiceField(label="诉求类型", choices=[("", "请选择"), ("complaint", "投诉"), ("report", "举报")])
    way = forms.ChoiceField(label="希望的处理方式", widget=forms.RadioSelect, choices=[("a", "和解"), ("b", "调解")])
    happened = forms.DateField(
        label="发生日期", widget=forms.DateInput(attrs={"type": "date"}), help_text="不记得的填大概日期。"
    )
    amount = forms.DecimalField(label="涉及金额（元）", required=False, min_value=0)
    text = forms.CharField(
        label="事情经过", widget=forms.Textarea, min_length=10, help_text="写明时间、经过和要求，10个字以上。"
    )
    proof = forms.FileField(label="证明材料", required=False)
    informed = forms.BooleanField(label="我已阅读个人信息保护说明，同意为办理本诉求处理我的信息")


class LoginForm(forms.Form):
    """A short form."""

    username = forms.CharField(label="登录名")
    password = forms.CharField(label="密码", widget=forms.PasswordInput)


def form_page(request: HttpRequest) -> HttpResponse:
    """The form pattern."""
    draft = drafts.of(request, "specimen.request")
    if draft.to_save:
        return draft.save(request)
    form = RequestForm(request.POST or None, request.FILES or None, initial=draft.initial(RequestForm))
    if request.method == "POST" and form.is_valid():
        draft.sent()
        messages.success(request, "诉求已提交，回执编号 S2026-0001。")
        return redirect("specimen_form")
    return page(request, "反映诉求", FORM, form=form, draft=draft)


def wrong_form(request: HttpRequest) -> HttpResponse:
    """The form pattern with everything wrong."""
    form = RequestForm({"text": "太短", "amount": "-3", "happened": "昨天"})
    return page(request, "反映诉求", FORM, form=form, draft=drafts.of(request, "specimen.wrong"))


def upload_page(request: HttpRequest) -> HttpResponse:
    """The upload pattern."""
    if request.method == "POST":
        files = uploads.received(request, LIMITS)
        return uploads.answer(request, said=f"已收到{len(files)}个文件。", url="/specimen/upload/")
    return page(request, "上传交割单", UPLOAD, limits=LIMITS, action=request.path)


def job_page(request: HttpRequest, state: str) -> HttpResponse:
    """A long job in one of its states; asked by htmx a second time it is done."""
    now = timezone.now()
    if request.htmx and state == "running":
        state = "done"
    job = SimpleNamespace(
        id="7f1c", title="测算 52,037 名投资者的损失", state=state, done=31_200, total=52_037 * (state == "running"),
        step="正在逐人计算", message="", created_at=now, started_at=None if state == "waiting" else now,
        finished_at=now if state in ("done", "failed", "cancelled") else None,
    )  # fmt: skip
    context = {
        "job": job, "poll_url": request.path, "cancel_url": "/specimen/refused/", "retry_url": "/specimen/refused/",
        "results": [{"title": "结果工作簿", "url": "/", "icon": "table"}, {"title": "报告", "url": "/"}],
    }  # fmt: skip
    if request.htmx:
        return render(request, "shell/job.html", context)
    return page(request, "测算任务", JOB, **context)


def case_page(request: HttpRequest) -> HttpResponse:
    """Head, time line and charts of a case, with the next step."""
    now = timezone.now()
    head = CaseHead(
        "MC2026-0007",
        "正在测算",
        facts=(("被诉公司", "示例股份有限公司"), ("揭露日", "2021年4月20日"), ("人数", "52,037")),
        due=now - dt.timedelta(days=2),
        stages=stages_of(["登记", "三日一价", "测算", "异议", "批量调解", "赔付"], 2),
    )
    entries = [
        Entry(now, "确认基准价 6.53 元", who="测算员A", detail="依据法释〔2022〕2号第26条。", kind="good"),
        Entry(now - dt.timedelta(days=3), "有 14 行交易记录没有读懂", who="系统", kind="warning", url="/"),
        Entry(dt.date(2026, 11, 1), "案件登记", who="书记员B"),
        Entry(dt.date(2026, 10, 30), "材料被退回", kind="bad"),
    ]
    days = [f"2021-04-{day:02d}" for day in range(12, 31)]
    falling = [Series("收盘价", [round(9 - n * 0.13, 2) for n in range(19)])]
    index = Series("指数（折算）", [round(9 - n * 0.02, 2) for n in range(19)])
    price = Chart(
        "price", "收盘价与关键日期", "日期", days, [*falling, index], unit="元",
        marks=(Mark("2021-04-20", "揭露日"),), summary="揭露日之后收盘价持续下跌。",
    )  # fmt: skip
    bars = Chart(
        "losses", "损失分布", "损失区间", ["1千以下", "1千至1万", "1万至10万", "10万以上"],
        [Series("人数", [9000, 30000, 12000, 1037])], kind="bar", unit="人", summary="多数人损失一千元至一万元。",
    )  # fmt: skip
    until = now + dt.timedelta(days=2)
    return page(request, "示例股份案", CASE, head=head, entries=entries, price=price, bars=bars, until=until)


def narrow_page(request: HttpRequest) -> HttpResponse:
    """A narrow form, as for logging in."""
    return HttpResponse(engines["django"].from_string(NARROW).render({"form": LoginForm()}, request))


def refused(request: HttpRequest) -> HttpResponse:
    """A refusal."""
    raise Refusal(
        "调解申请没有提交：对方机构尚未答复，法定答复期限到2026年12月4日为止。请在该日之后再申请，或者先查看机构的答复进度。"
    )


def conflict(request: HttpRequest) -> HttpResponse:
    """Two people saved the same thing."""
    raise Conflict("案件的揭露日没有保存：调解员乙在您打开页面之后改过这一项。请重新打开页面，核对新的内容后再改。")


def broken(request: HttpRequest) -> HttpResponse:
    """The page of an error within."""
    raise RuntimeError("this is what the test is for")


urlpatterns = [
    *portal,
    path("specimen/refused/", refused, name="specimen_refused"),
    path("specimen/conflict/", conflict, name="specimen_conflict"),
    path("specimen/broken/", broken, name="specimen_broken"),
    path("specimen/form/", form_page, name="specimen_form"),
    path("specimen/wrong/", wrong_form, name="specimen_wrong"),
    path("specimen/upload/", upload_page, name="specimen_upload"),
    path("specimen/job/<slug:state>/", job_page, name="specimen_job"),
    path("specimen/case/", case_page, name="specimen_case"),
    path("specimen/narrow/", narrow_page, name="specimen_narrow"),
]
SPECIMENS = (
    Visit("specimen_refused", "measurer", status=400),
    Visit("specimen_conflict", "measurer", status=409),
    Visit("specimen_form", "measurer"),
    Visit("specimen_form"),
    Visit("specimen_wrong", "measurer"),
    Visit("specimen_upload", "measurer"),
    Visit("specimen_case", "measurer"),
    Visit("specimen_narrow"),
    *(
        Visit("specimen_job", "measurer", lambda cast, state=state: {"state": state}, note=state)
        for state in ("waiting", "running", "done", "failed", "cancelled")
    ),
)
