"""Pages of access tokens: one's own, a new one, ending one, those of the people one looks after."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.tokens import actions, queries
from fengqiao.portal.tokens.forms import RevokeForm, TokenForm
from fengqiao.portal.tokens.lists import managed_list


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """One's own tokens, those that hold first."""
    if not queries.may_have(request.acting):
        raise Http404
    now = timezone.now()
    rows = [(one, one.state_at(now), one.why_over(now)) for one in queries.own(request.acting).order_by("-id")]
    shown = {
        "live": [one for one, _, why in rows if not why],
        "over": [(one, state) for one, state, why in rows if why],
        "may_issue": queries.may_issue(request.acting), "most": actions.MOST_LIVE,
    }  # fmt: skip
    return render(request, "tokens/mine.html", shown)


@login_required
@fresh_login_required
@never_cache
@sensitive_variables("text")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a token. Its text is shown once, in the answer; only its digest is kept."""
    if not queries.may_issue(request.acting):
        raise Http404
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token, text = actions.issue(**form.cleaned_data, acting=request.acting, now=timezone.now())
        except Refusal as error:
            form.add_error(None, str(error))
        else:
            return render(request, "tokens/issued.html", {"token": token, "text": text})
    return render(request, "tokens/new.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """End a token, with a reason. Nothing is asked besides: whoever fears for a token should not wait."""
    token = get_object_or_404(queries.visible_to(request.acting).filter(ended_at=None), pk=number)
    back = "tokens:mine" if token.owner_id == request.acting.user.pk else "tokens:managed"
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.revoke(
                token=token, reason=form.cleaned_data["reason"], acting=request.acting, now=timezone.now()
            )  # fmt: skip
        except Refusal as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"接口令牌“{token}”已撤销，立即失效。")
            return redirect(back)
    return render(request, "tokens/revoke.html", {"form": form, "token": token, "back": back})


@login_required
@require_GET
def managed(request: HttpRequest) -> HttpResponse:
    """Tokens of the organisations whose people one looks after."""
    if not request.acting.is_a(Role.Kind.ADMINISTRATOR):
        raise Http404
    return managed_list(request)
