"""The steps of logging in that are our own: a code, the password after it, a forgotten password."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.stagekit import get_pending_stage, redirect_to_pending_stage, stash_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from fengqiao.portal.accounts import login_codes, mobile_codes, proofs, queries, trusted_devices, voice
from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.login_forms import CodeForm, ForgottenPasswordForm, LoginPasswordForm, RequestCodeForm
from fengqiao.portal.accounts.login_stages import PASSWORD_STAGE, MobileCodeStage, PasswordStage
from fengqiao.portal.accounts.models import Identity
from fengqiao.portal.accounts.rate_limits import CODE_REQUESTS, network_of, take
from fengqiao.portal.accounts.sms import FileGateway, gateway
from fengqiao.portal.accounts.views import safe_next
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.vault.sealed import open_sealed

CALLED = "新的验证码会打电话念给您听，同时发短信；以前的那条不再有效。"
SENT = "已重新发送验证码，以前的那条不再有效。"
WRONG = "密码不对。请检查后重试；忘记密码的，请选“忘记密码，设置新密码”。"


def demo_message(mobile: str) -> str:
    """In a demo, where no message leaves the machine: what the last one to a mobile says."""
    sender = gateway()
    return sender.last(mobile) if settings.DEMO and isinstance(sender, FileGateway) else ""


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def request_login_code(request: HttpRequest) -> HttpResponse:
    """Come in by a code to the mobile; also the way to a new password for who forgot theirs."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    pending = get_pending_stage(request)
    if pending is not None:
        return redirect_to_pending_stage(request, pending)
    form = RequestCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        take(CODE_REQUESTS, network_of(address_of(request)))
        phone = form.cleaned_data["phone"]
        user = get_adapter(request).get_user_by_phone(phone)
        return perform_login(
            request, Login(user=user, phone=None if user else phone, redirect_url=safe_next(request))
        )  # fmt: skip
    return render(request, "account/request_login_code.html", {"form": form, "next": safe_next(request)})


@login_stage_required(stage=MobileCodeStage.key, redirect_urlname="account_login")
@require_http_methods(["GET", "POST"])
def confirm_login_code(request: HttpRequest) -> HttpResponse:
    """The code of the short message."""
    stage, now = request._login_stage, timezone.now()
    user, after_password = stage.login.user, stage.after_password
    attempt = stage.attempt
    if user is not None and attempt is None:
        return stage.abort()
    if request.method == "POST" and request.POST.get("action") in ("resend", "call"):
        return send_again(request, stage, now, spoken=request.POST["action"] == "call" and voice.available())
    may_trust = after_password and not queries.holds_a_staff_role(user, now)
    form = CodeForm(request.POST or None, may_trust=may_trust)
    if request.method == "POST" and form.is_valid():
        try:
            check(request, stage, form.cleaned_data["code"], now)
        except Refusal as error:
            form.add_error("code", str(error))
        else:
            record_authentication(request, user, method=proofs.CODE)
            request.session[trusted_devices.WISH] = bool(form.cleaned_data.get("trust"))
            return stage.exit()
    shown = {"form": form, "may_call": voice.available(), "after_password": after_password, **sent_to(stage)}
    return render(request, "account/confirm_login_code.html", shown)


def sent_to(stage: MobileCodeStage) -> dict[str, Any]:
    """What the page says of the message: the same whether the mobile has an account or not."""
    minutes = int(mobile_codes.CODE_LASTS.total_seconds() // 60)
    if stage.login.user is None:
        return {"shown": stage.state["shown"], "minutes": minutes}
    identity = Identity.objects.get(user=stage.login.user)
    return {"shown": identity.mobile, "minutes": minutes, "demo_text": demo_message(open_sealed(identity.mobile))}


def send_again(request: HttpRequest, stage: MobileCodeStage, now: dt.datetime, *, spoken: bool) -> HttpResponse:
    """Another message, read out by a call besides when whoever asks wants to hear it."""
    try:
        if stage.attempt is None:
            state = stage.state
            sent_at = dt.datetime.fromtimestamp(state["sent_at"], dt.UTC)
            login_codes.require_patience(sent_at, state["sent"], now)
            state.update(sent_at=now.timestamp(), sent=state["sent"] + 1, tries=0)
            stash_login(request, stage.login)
        else:
            login_codes.send_again(
                attempt=stage.attempt, after_password=stage.after_password, address=address_of(request), now=now,
                spoken=spoken,
            )  # fmt: skip
        messages.success(request, CALLED if spoken else SENT)
    except Refusal as error:
        messages.warning(request, str(error))
    return redirect("account_confirm_login_code")


def check(request: HttpRequest, stage: MobileCodeStage, code: str, now: dt.datetime) -> None:
    """Refuse a code that does not open this log-in."""
    if stage.attempt is not None:
        login_codes.check(attempt=stage.attempt, code=code, now=now)
        return
    state = stage.state  # nobody has this mobile: no code is right, and what is said is what others are told
    if now.timestamp() >= state["sent_at"] + mobile_codes.CODE_LASTS.total_seconds():
        raise Refusal(mobile_codes.USED_UP)
    if state["tries"] >= mobile_codes.TRIES:
        raise Refusal(mobile_codes.TOO_MANY)
    state["tries"] += 1
    stash_login(request, stage.login)
    raise Refusal(mobile_codes.WRONG)


@login_stage_required(stage=PASSWORD_STAGE, redirect_urlname="account_login")
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def login_password(request: HttpRequest) -> HttpResponse:
    """The password of somebody who came by a code."""
    stage: PasswordStage = request._login_stage
    form = LoginPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = stage.login.user
        try:
            found = get_adapter(request).authenticate(
                request, username=user.username, password=form.cleaned_data["password"]
            )
        except ValidationError as error:  # too often
            found = None
            form.add_error("password", error)
        if found is not None and found.pk == user.pk:
            record_authentication(request, user, method=proofs.PASSWORD, username=user.username)
            return stage.exit()
        if not form.errors:
            form.add_error("password", WRONG)
    return render(request, "account/login_password.html", {"form": form})


@login_stage_required(stage=PASSWORD_STAGE, redirect_urlname="account_login")
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """A new password for who proved the mobile and says whose papers the account was registered with."""
    stage: PasswordStage = request._login_stage
    attempt, now = stage.attempt, timezone.now()
    if attempt is None:
        return stage.abort()
    form = ForgottenPasswordForm(request.POST or None, user=stage.login.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            login_codes.require_papers(attempt=attempt, name=given["name"], number=given["number"], now=now)
            login_codes.set_forgotten_password(
                attempt=attempt, password=given["password"], address=address_of(request), now=now
            )
        except Refusal as error:
            form.add_error(None, str(error))
        else:
            stage.login.user.refresh_from_db()
            record_authentication(request, stage.login.user, method=proofs.PAPERS)
            messages.success(request, "新密码已生效，其他设备上的登录已经失效。")
            return stage.exit()
    return render(request, "account/forgotten_password.html", {"form": form})
