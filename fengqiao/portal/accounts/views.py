"""Pages about oneself, and about the people of an organisation."""

from __future__ import annotations

import time

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fengqiao.portal.accounts import actions, links, queries
from fengqiao.portal.accounts.acting import BEHALF_KEY, SESSION_KEY, acting_for, address_of
from fengqiao.portal.accounts.adapter import last_code_login
from fengqiao.portal.accounts.forms import (
    EndRoleForm,
    InvitationForm,
    NewPasswordForm,
    NewStaffForm,
    OrganisationContactForm,
    OrganisationForm,
)
from fengqiao.portal.accounts.lists import invitations_list, people_list
from fengqiao.portal.accounts.models import Identity, Invitation, Organisation, Role, User
from fengqiao.portal.shell.context import ELDER_COOKIE
from fengqiao.portal.shell.errors import Refusal

YEAR = 365 * 24 * 3600
INVITATION = "invitation"
CODE_LOGIN_COUNTS = 15 * 60
"""Seconds in which a log-in by code is enough for setting a new password."""


def safe_next(request: HttpRequest) -> str:
    """Where to go afterwards: only within this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if allowed and wanted.startswith("/") and wanted.isprintable() else "/"


@login_required
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """My account: who I am here, my roles, how I log in."""
    identity = Identity.objects.filter(user=request.user).first()
    context = {
        "identity": identity,
        "second_factor": is_mfa_enabled(request.user),
        "by_code": came_by_code(request),
        "has_tokens": any(role.is_staff for role in request.acting.roles) and request.acting.behalf is None,
        "at_rest": queries.bodies_at_rest(request.user, timezone.now()),
    }
    return render(request, "accounts/me.html", context)


@login_required
@require_POST
def wear_role(request: HttpRequest) -> HttpResponse:
    """Change into another of one's roles."""
    number = request.POST.get("role", "")
    acting = acting_for(
        request.user, role_id=int(number) if number.isdecimal() else None, address=request.acting.address
    )
    if acting.role is None or str(acting.role.pk) != number:
        raise Http404
    request.session[SESSION_KEY] = acting.role.pk
    request.session.pop(BEHALF_KEY, None)  # who changes the role acts for nobody but themselves at first
    actions.note_role_changed(role=acting.role, acting=acting, now=timezone.now())
    messages.success(request, f"现在的角色：{acting.role}。")
    return redirect(safe_next(request))


@login_required
@require_POST
def become_agent(request: HttpRequest) -> HttpResponse:
    """Take up the role of an agent, and wear it."""
    role = actions.become_agent(acting=request.acting, now=timezone.now())
    request.session[SESSION_KEY] = role.pk
    messages.success(request, "已开通代理人身份，现在的角色：代理人。下一步：提交授权委托书或者监护证明。")
    return redirect("parties:authorisations")


@require_POST
@login_not_required
def elder_mode(request: HttpRequest) -> HttpResponse:
    """Larger and quieter pages, or the usual ones: kept with the account, for visitors in a cookie."""
    on = request.POST.get("on") == "1"
    response = HttpResponseRedirect(safe_next(request))
    if request.acting:
        actions.set_elder_mode(on=on, acting=request.acting, now=timezone.now())
    response.set_cookie(
        ELDER_COOKIE,
        "1" if on else "0",
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def came_by_code(request: HttpRequest) -> bool:
    """Whether this person logged in by a code, without the password, a moment ago."""
    moment = last_code_login(request)
    return moment is not None and time.time() - moment <= CODE_LOGIN_COUNTS


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """A new password for somebody who forgot the old one and has just logged in by code."""
    if not came_by_code(request):
        raise Refusal("设置新密码前，请先用短信验证码登录一次（15 分钟内有效）。请退出后选择“短信验证码登录”。")
    form = NewPasswordForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        actions.set_new_password(
            user=request.user,
            password=form.cleaned_data["password"],
            address=request.acting.address,
            now=timezone.now(),
        )
        messages.success(request, "新密码已生效。请用它重新登录。")
        request.session.flush()
        return redirect("account_login")
    return render(request, "accounts/new_password.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Take an organisation in."""
    if not queries.runs_the_platform(request.acting):
        raise Http404
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_organisation(**form.cleaned_data, acting=request.acting, now=timezone.now())
        except Refusal as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, f"已登记“{made.name}”。下一步：邀请它的管理员。")
            return redirect("accounts:people", made.pk)
    return render(request, "accounts/new_organisation.html", {"form": form})


def administered(request: HttpRequest, number: int) -> Organisation:
    """The organisation, if the person looks after its people."""
    return get_object_or_404(queries.administered_by(request.acting), pk=number)


@login_required
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest, number: int) -> HttpResponse:
    """How an organisation is reached."""
    body = administered(request, number)
    form = OrganisationContactForm(request.POST or None, instance=body)
    if request.method == "POST" and form.is_valid():
        changed = actions.change_contact(
            organisation=body, **form.cleaned_data, acting=request.acting, now=timezone.now()
        )  # fmt: skip
        messages.success(request, "已更新联系方式。" if changed else "内容没有变化。")
        return redirect("accounts:people", body.pk)
    return render(request, "accounts/organisation_contact.html", {"form": form, "organisation": body})


@login_required
@require_GET
def my_people(request: HttpRequest) -> HttpResponse:
    """To the people of one's own organisation."""
    if not request.acting.is_a(Role.Kind.ADMINISTRATOR):
        raise Http404
    return redirect("accounts:people", request.acting.organisation.pk)


@login_required
@require_GET
def people(request: HttpRequest, number: int) -> HttpResponse:
    """The people of an organisation and their roles."""
    return people_list(request, administered(request, number))


@login_required
@require_GET
def invitations(request: HttpRequest, number: int) -> HttpResponse:
    """Whom the organisation has asked in."""
    return invitations_list(request, administered(request, number))


@login_required
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, number: int) -> HttpResponse:
    """Ask somebody in. The link is shown once; only its digest is kept."""
    organisation = administered(request, number)
    form = InvitationForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        invitation, token = actions.invite(
            organisation=organisation, **form.cleaned_data, acting=request.acting, now=timezone.now()
        )
        link = request.build_absolute_uri(f"/accounts/invitations/accept/{token}/")
        shown = {"organisation": organisation, "invitation": invitation, "link": link}
        return render(request, "accounts/invited.html", shown)
    return render(request, "accounts/invite.html", {"form": form, "organisation": organisation})


@login_required
@require_POST
def revoke_invitation(request: HttpRequest, number: int) -> HttpResponse:
    """Withdraw an invitation."""
    invitation = get_object_or_404(queries.invitations_visible_to(request.acting), pk=number)
    actions.revoke(invitation=invitation, acting=request.acting, now=timezone.now())
    messages.success(request, f"已撤回对 {invitation.name} 的邀请，原链接不再有效。")
    return redirect("accounts:invitations", invitation.organisation_id)


@login_required
@require_http_methods(["GET", "POST"])
@reauthentication_required(allow_get=True)
def end_role(request: HttpRequest, number: int) -> HttpResponse:
    """End a person's role, with a reason."""
    role = get_object_or_404(queries.roles_visible_to(request.acting).filter(ended_at=None), pk=number)
    form = EndRoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_role(role=role, reason=form.cleaned_data["reason"], acting=request.acting, now=timezone.now())
        except Refusal as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{role.user.name} 的角色“{role.get_kind_display()}”已终止。")
            return redirect("accounts:people", role.organisation_id)
    left = [line for ask in actions.LEFT_BEHIND for line in ask(role)]
    return render(request, "accounts/end_role.html", {"form": form, "role": role, "left": left})


def open_invitation(digest: str) -> Invitation:
    """The invitation that a link stands for, while it can be accepted."""
    invitation = queries.invitation_by(digest)
    if invitation is None:
        raise Http404
    if not invitation.open_at(timezone.now()):
        raise Refusal(
            f"这份邀请{invitation.state_at(timezone.now())}，不能再使用。请联系邀请您的机构管理员重新发送。", status=410
        )
    return invitation


@login_not_required
@never_cache
@require_GET
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link of an invitation leads: to its page, whose address has no token."""
    found = open_invitation(actions.digest_of(token))
    links.hold(request, INVITATION, found.pk, found.token_digest)
    return redirect("accounts:invitation", found.pk)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, number: int) -> HttpResponse:
    """Accept an invitation: with the account one is logged in with, or with a new one."""
    invitation = open_invitation(links.digest_held(request, INVITATION, number))
    if request.user.is_authenticated:
        if request.method == "POST":
            actions.accept(invitation=invitation, user=request.user, address=address_of(request), now=timezone.now())
            messages.success(request, f"您已加入{invitation.organisation.name}。可在页面上方切换角色。")
            return redirect("/")
        return render(request, "accounts/accept_with_account.html", {"invitation": invitation})
    form = NewStaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = take_up(invitation, form, request)
        except Refusal as error:
            form.add_error(None, str(error))
        else:
            record_authentication(request, user, method="password", username=user.username)
            return perform_login(request, user, redirect_url="/")
    return render(request, "accounts/accept_as_new.html", {"form": form, "invitation": invitation})


def take_up(invitation: Invitation, form: NewStaffForm, request: HttpRequest) -> User:
    """The new account of somebody who was invited, with its roles: all or nothing."""
    given = form.cleaned_data
    return actions.accept_as_new(
        invitation=invitation, username=given["username"], password=given["password"], mobile=given["mobile"],
        address=address_of(request), now=timezone.now(),
    )  # fmt: skip
