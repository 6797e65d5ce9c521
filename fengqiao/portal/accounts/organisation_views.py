"""Pages of the platform's administrators: which organisations are in use; taking one out of use, and back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from fengqiao.portal.accounts import queries, resting
from fengqiao.portal.accounts.forms import RestForm
from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.accounts.lists import ORGANISATIONS
from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.shell.errors import Refusal

RESTED = "{name}已停用：{members} 名人员不能再以该机构的身份办理，{sessions} 台设备已退出，{invitations} 份邀请作废。"


@login_required
@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    """All organisations, those at rest among them."""
    if not queries.runs_the_platform(request.acting):
        raise Http404
    return ORGANISATIONS.respond(request, queries.visible_to(request.acting), "accounts/organisations.html")


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def rest(request: HttpRequest, number: int) -> HttpResponse:
    """Take an organisation out of use, or back: first what is open there and what becomes of it."""
    acting, now = request.acting, timezone.now()
    if not queries.runs_the_platform(acting):
        raise Http404
    house = get_object_or_404(Organisation, pk=number)
    form = RestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, done(request, house, form.cleaned_data["reason"]))
            return redirect("accounts:organisations")
        except Refusal as error:
            form.add_error(None, str(error))
    shown = {
        "form": form, "house": house, "open": resting.open_in(house, now),
        "itself": house.kind == Organisation.Kind.PLATFORM,
    }  # fmt: skip
    return render(request, "accounts/rest.html", shown)


def done(request: HttpRequest, house: Organisation, reason: str) -> str:
    """Do what was asked for on the page as it was shown: who wanted to take out of use what somebody else took out of
    use meanwhile does not put it back."""
    acting, now = request.acting, timezone.now()
    if request.POST.get("wanted") == "back":
        resting.put_back(organisation=house, reason=reason, acting=acting, now=now)
        return f"{house.name}已恢复：人员照原来的角色办理，已作废的邀请要重新发出。"
    ended = resting.rest(organisation=house, reason=reason, acting=acting, now=now)
    return RESTED.format(name=house.name, **ended)
