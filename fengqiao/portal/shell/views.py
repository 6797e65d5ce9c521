"""Pages that say what the portal is and how it treats people; drafts that save themselves."""

from __future__ import annotations

import re

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from fengqiao.portal.shell import drafts
from fengqiao.portal.shell.errors import Refusal

FORM_KEY = re.compile(r"[a-z_]+\.[a-z_]{1,50}")
SUBJECT = re.compile(r"[\w-]{0,64}")


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How to use the portal."""
    return render(request, "shell/about_help.html")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was done so that everybody can use the portal, and whom to tell when something is in the way."""
    return render(request, "shell/about_accessibility.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Which personal data are kept, why, how long, and what people may ask for."""
    return render(request, "shell/about_privacy.html")


@login_not_required  # it says whether somebody is there
@require_safe
def session(request: HttpRequest) -> JsonResponse:
    """Asked by a page that was open for a while before it sends a form: who is logged in now, in which role, and the
    token that forms need now."""
    acting = request.acting
    role = acting.role.pk if acting and acting.role else 0
    behalf = acting.behalf[0] if acting and acting.behalf else 0
    answer = {"who": f"{acting.user.pk}.{role}.{behalf}" if acting else "", "token": get_token(request)}
    response = JsonResponse(answer)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def session_back(request: HttpRequest) -> HttpResponse:
    """Where somebody comes who logged in again in a second window: back to the first."""
    return render(request, "shell/session_back.html")


@login_not_required  # it says itself what is the matter: a form must not be answered with the log-in page
@require_POST
def save_draft(request: HttpRequest) -> HttpResponse:
    """What htmx sends while somebody is filling in a form; answers with when it was kept."""
    form, subject = request.POST.get("draft_form", ""), request.POST.get("draft_subject", "")
    if request.acting is None:
        said = "草稿没有保存：登录已过期。填写的内容都还在这一页：请在新窗口登录，再回到这里继续填写。"
        raise Refusal(said, status=401)
    if not FORM_KEY.fullmatch(form) or not SUBJECT.fullmatch(subject):
        raise Refusal("草稿没有保存：页面不完整。请先复制填写的内容，再刷新页面重新填写。")
    draft = drafts.keep(request, form, subject)
    return render(request, "shell/draft_said.html", {"draft": draft})
