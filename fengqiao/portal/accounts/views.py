"""What a person sets for themselves: the role they wear, how pages look."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from fengqiao.portal.accounts import actions
from fengqiao.portal.accounts.acting import SESSION_KEY
from fengqiao.portal.shell.context import ELDER_COOKIE

YEAR = 365 * 24 * 3600


def back(request: HttpRequest) -> str:
    """The page the person came from, if it is one of ours."""
    goal = request.POST.get("next", "")
    return goal if url_has_allowed_host_and_scheme(goal, {request.get_host()}) and goal.startswith("/") else "/"


@require_POST
def elder_mode(request: HttpRequest) -> HttpResponse:
    """Larger and quieter pages, or the usual ones: kept with the account, for visitors in a cookie."""
    on = request.POST.get("on") == "1"
    response = HttpResponseRedirect(back(request))
    if request.acting:
        actions.set_elder_mode(on=on, acting=request.acting, now=timezone.now())
    response.set_cookie(
        ELDER_COOKIE, "1" if on else "0", max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


@require_POST
def wear_role(request: HttpRequest) -> HttpResponse:
    """Change into another of one's own roles; the work that belongs to it is on the start page."""
    wanted = request.POST.get("role", "")
    if request.acting is None or wanted not in {str(role.id) for role in request.acting.roles}:
        raise Http404
    request.session[SESSION_KEY] = int(wanted)
    return HttpResponseRedirect("/")
