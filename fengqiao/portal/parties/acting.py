"""For whom somebody acts: chosen visibly, kept in the session as a number, looked up again at every request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from fengqiao.portal.accounts.acting import BEHALF_KEY, Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.parties import queries
from fengqiao.portal.parties.models import Authorisation, Party, Scope
from fengqiao.portal.shell.errors import Refusal

NO_LONGER = "您不能再代刚才选择的当事人办理：授权已经终止、到期或者办理关系已经结束。现在以您自己的身份办理。"


class BehalfMiddleware:
    """Puts the person acted for into `request.acting`, if the right to it holds at this moment."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        acting = request.acting
        number = request.session.get(BEHALF_KEY) if acting else None
        if number is not None:
            party = queries.represented_by(acting, number, timezone.now())
            if party is None:
                del request.session[BEHALF_KEY]
                messages.warning(request, NO_LONGER)
            else:
                request.acting = acting.for_person(party.pk, party.name)
        return self.get_response(request)


def require_scope(acting: Acting, party: Party, scope: Scope, now: dt.datetime) -> None:
    """Let pass who may do this for the party at this moment; call it within the action's transaction.

    The person themself may do everything. An agent must have chosen the party, and one of their authorisations must
    cover it today. Staff who assist may do what is not kept from them. Everybody else is told that there is no such
    thing (404).
    """
    if queries.is_own(party, acting):
        return
    if acting.behalf is None or acting.behalf[0] != party.pk:
        raise Http404
    if acting.is_a(Role.Kind.AGENT):
        require_agents_scope(acting, party, scope, now)
        return
    if queries.assisted_by(acting, party.pk) is None:
        raise Http404
    if scope in queries.NEVER_BY_STAFF:
        raise Refusal(
            f"工作人员不能代当事人“{Scope(scope).label}”。请由{party.name}本人办理，或者由其委托的代理人凭授权办理。",
            status=403,
        )


def require_agents_scope(acting: Acting, party: Party, scope: Scope, now: dt.datetime) -> None:
    """The rows are held to the end of the transaction: a withdrawal comes before the act or after it, never between."""
    held = Authorisation.objects.select_for_update().filter(
        agent=acting.user, party=party, state=Authorisation.State.ACCEPTED
    )
    usable = [authorisation for authorisation in held if authorisation.in_force(now)]
    if not usable:
        raise Http404
    if not any(authorisation.covers(scope, now) for authorisation in usable):
        raise Refusal(
            f"{party.name}给您的授权不包括“{scope.label}”，这一步没有办理。请由本人办理，或者提交包括这一项的新授权。",
            status=403,
        )
