"""Pages on which administrators look at somebody's access and end it; and on which one ends one's own sessions."""

from __future__ import annotations

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fengqiao.portal.accounts import access, closing, lockout, queries, trusted_devices
from fengqiao.portal.accounts.forms import (
    AccessReasonForm,
    ChangeMobileForm,
    CloseAccountForm,
    FactorResetForm,
    FindPersonForm,
)
from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.accounts.models import Identity, Role, User
from fengqiao.portal.shell.errors import Refusal

CLOSED = "您的账号已注销，全部设备已退出。以后要恢复，请带上证件到就近的调解组织，或致电 12386。"
NOT_FOUND = (
    "没有找到您管理的这个账号。请核对登录名，或者输入完整的手机号码、证件号码；"
    "别的机构的人员请找其所在机构或者平台的管理员，自己的账号在“我的账号”中。"
)


def managed(request: HttpRequest, number: int) -> User:
    """The person, if their access may be ended by who asks."""
    found = get_object_or_404(User, pk=number)
    if not queries.may_put_out(found, request.acting, timezone.now()):
        raise Http404
    return found


@login_required
@require_GET
def person(request: HttpRequest, number: int) -> HttpResponse:
    """One person: roles, second factor, devices; what can be ended. One's own are on a page of their own."""
    if number == request.acting.user.pk and request.acting.is_a(Role.Kind.ADMINISTRATOR):
        return redirect("accounts:me")
    found, now = managed(request, number), timezone.now()
    shown = {
        "person": found, "identity": Identity.objects.filter(user=found).first(),
        "roles": queries.roles_held(found, now), "second_factor": is_mfa_enabled(found),
        "sessions": UserSession.objects.filter(user=found).order_by("-last_seen_at"),
        "may_manage": queries.may_manage(found, request.acting, now), "locked_until": lockout.locked_until(found, now),
    }  # fmt: skip
    return render(request, "accounts/person.html", shown)


@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def find_person(request: HttpRequest) -> HttpResponse:
    """Find one account by its login name, or its whole mobile or number: for those who call for help."""
    if not request.acting.is_a(Role.Kind.ADMINISTRATOR):
        raise Http404
    form = FindPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = queries.account_by(form.cleaned_data["text"])
        if found is not None and queries.may_put_out(found, request.acting, timezone.now()):
            return redirect("accounts:person", found.pk)
        form.add_error("text", NOT_FOUND)
    return render(request, "accounts/find_person.html", {"form": form})


def one_step(request: HttpRequest, found: User, form: Any, step: Any, **shown: Any) -> HttpResponse:
    """A page with a reason: do the step when it is sent, show the sentence when it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, step(form.cleaned_data))
            return redirect("accounts:person", found.pk)
        except Refusal as error:
            form.add_error(None, str(error))
    return render(request, "accounts/access_step.html", {"form": form, "person": found, **shown})


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def end_sessions(request: HttpRequest, number: int) -> HttpResponse:
    """Put somebody out on all devices."""
    found = managed(request, number)

    def step(given: Any) -> str:
        ended = access.end_sessions(user=found, reason=given["reason"], acting=request.acting, now=timezone.now())
        return f"{found.name} 已在全部设备上退出（{ended} 台）。"

    return one_step(
        request, found, AccessReasonForm(request.POST or None), step, title="让此人在全部设备上退出", button="全部退出",
        purpose=f"立即结束 {found.name} 在所有设备上的登录；本人可以重新登录。",
        help="手机或者电脑遗失、怀疑有人冒用时使用。怀疑密码已经泄露的，请一并停用账号，核对本人后再恢复。",
    )  # fmt: skip


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def lift_lock(request: HttpRequest, number: int) -> HttpResponse:
    """Let somebody who mistyped their password try again at once."""
    found = managed(request, number)

    def step(given: Any) -> str:
        lockout.lift(user=found, reason=given["reason"], acting=request.acting, now=timezone.now())
        return f"{found.name} 现在可以重新用密码登录。"

    form = AccessReasonForm(request.POST or None)
    form.fields["reason"].help_text = "例如：本人输错密码，已当面核对。会记入审计日志。"
    return one_step(
        request, found, form, step, title="解除登录锁定", button="解除锁定",
        purpose=f"{found.name} 输错密码次数太多、暂时不能登录时，确认是本人后提前解除。",
        help="锁定只针对输错密码的那个地方，到时间会自行解除。不能确认是本人输错的，不要解除：可能有人在试密码。",
    )  # fmt: skip


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def suspend(request: HttpRequest, number: int) -> HttpResponse:
    """Suspend an account, or take it up again."""
    found = managed(request, number)
    if not queries.may_manage(found, request.acting, timezone.now()):
        raise Http404

    def step(given: Any) -> str:
        doing = access.suspend if found.is_active else access.take_up_again
        doing(user=found, reason=given["reason"], acting=request.acting, now=timezone.now())
        return f"{found.name} 的账号已{'停用，全部设备已退出' if found.is_active else '恢复'}。"

    title = "停用账号" if found.is_active else "恢复账号"
    purpose = (
        f"停用后 {found.name} 立即在全部设备上退出，不能再登录；角色和办理过的记录保留。"
        if found.is_active
        else f"恢复后 {found.name} 可以重新登录，角色不变。"
    )
    return one_step(
        request, found, AccessReasonForm(request.POST or None), step, title=title, button=title, purpose=purpose,
        danger=found.is_active, help="账号不会被删除：办理过的记录要能说明是谁办的。离职的，请终止其角色。",
    )  # fmt: skip


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def reset_second_factor(request: HttpRequest, number: int) -> HttpResponse:
    """Take away a lost second factor."""
    found = managed(request, number)
    if not queries.may_manage(found, request.acting, timezone.now()):
        raise Http404

    def step(given: Any) -> str:
        access.reset_second_factor(
            user=found, check=given["check"], reason=given["reason"], acting=request.acting, now=timezone.now()
        )
        return f"{found.name} 的第二道验证已重置，并已发短信告知本人。请本人重新登录，添加新的第二道验证。"

    return one_step(
        request, found, FactorResetForm(request.POST or None), step, title="重置第二道验证", button="重置", danger=True,
        purpose=f"{found.name} 丢失了验证器和恢复码时，核对身份后取消原来的第二道验证。",
        help="核对身份要和当初加入时一样严格：只凭电话、邮件里说的不能办。重置后全部设备退出，本人会收到短信；方式和原因记入审计。",
    )  # fmt: skip


@login_required
@fresh_login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def change_mobile(request: HttpRequest, number: int) -> HttpResponse:
    """Change the mobile of somebody who has lost theirs."""
    found = managed(request, number)
    if not queries.may_manage(found, request.acting, timezone.now()):
        raise Http404

    def step(given: Any) -> str:
        access.change_mobile(user=found, **given, acting=request.acting, now=timezone.now())
        return f"{found.name} 的手机号码已更换，并已发短信告知原号码。请本人重新登录，用发到新号码的验证码确认。"

    return one_step(
        request, found, ChangeMobileForm(request.POST or None), step, title="更换手机号码", button="更换", danger=True,
        purpose=f"{found.name} 原来的手机号码不能用了、收不到登录验证码时，核对身份后登记新的号码。",
        help="核对身份要和当初加入时一样严格：只凭电话、邮件里说的不能办。更换后全部设备退出，原号码会收到短信；方式和原因记入审计。",
    )  # fmt: skip


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def close_account(request: HttpRequest) -> HttpResponse:
    """Close one's own account, or see what stands in the way."""
    if request.acting.behalf is not None:
        raise Http404
    now, form = timezone.now(), CloseAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            closing.close(reason=form.cleaned_data["reason"], acting=request.acting, now=now)
        except Refusal as error:
            form.add_error(None, str(error))
        else:
            logout(request)
            messages.success(request, CLOSED)
            return redirect("workbench:start")
    shown = {"form": form, "obstacles": closing.in_the_way(request.user, now), "kept": closing.kept(request.user, now)}
    return render(request, "accounts/close_account.html", shown)


@login_required
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    """The devices on which one asked not to be sent a code."""
    kept = trusted_devices.live_ones(request.user, timezone.now())
    return render(request, "accounts/devices.html", {"devices": kept})


@login_required
@require_POST
def end_device(request: HttpRequest, number: int) -> HttpResponse:
    """Remember one of them no longer."""
    trusted_devices.end(number=number, acting=request.acting, now=timezone.now())
    messages.success(request, "已不再记住那台设备，下次在那里登录要输入短信验证码。")
    return redirect("accounts:devices")


@login_required
@fresh_login_required
@require_POST
def end_own_session(request: HttpRequest, number: int) -> HttpResponse:
    """Put one of one's own devices out."""
    access.end_own_session(number=number, acting=request.acting, now=timezone.now())
    messages.success(request, "那台设备已经退出。")
    return redirect("usersessions_list")
