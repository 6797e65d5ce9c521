"""The page on which the platform's administrators hand over what an organisation that goes out of use dealt with."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from fengqiao.portal.accounts.fresh_login import fresh_login_required
from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.accounts.queries import runs_the_platform
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.parties import handing_over
from fengqiao.portal.parties.agent_views import one_step
from fengqiao.portal.parties.forms import HandOverHouseForm


@login_required
@fresh_login_required
@require_http_methods(["GET", "POST"])
def hand_over_house(request: HttpRequest, number: int) -> HttpResponse:
    """Hand parties and deadlines of one organisation to another of the same kind."""
    if not runs_the_platform(request.acting):
        raise Http404
    house = get_object_or_404(Organisation, pk=number)

    def step(given: Any) -> HttpResponse:
        done = handing_over.hand_over_house(house=house, **given, acting=request.acting, now=timezone.now())
        left = f"还有 {done.left} 名没有移交：没有单独同意，或者一次没有办完，请再办一次。" if done.left else ""
        messages.success(
            request,
            f"已移交{given['organisation'].name}：{done.parties} 名当事人、{done.deadlines} 个期限。{left}",
        )
        return redirect("accounts:rest", house.pk)

    facts = (
        ("办理中的当事人", f"{handing_over.in_care(house).count()} 名"),
        ("没有了结的期限", f"{Deadline.objects.filter(organisation=house, is_open=True).count()} 个"),
        ("可以接手的机构", f"{handing_over.receivers(house).count()} 家"),
    )
    return one_step(
        request, HandOverHouseForm(request.POST or None, house=house), step, title="移交机构的事项", button="移交",
        purpose=f"把{house.name}办理的当事人和没有了结的期限移交给另一家同类的机构。", facts=facts,
        help="当事人会收到通知。原机构的登记和历史保留。测算案件、签署、送达和填写中的文书不随之移交，由接手的机构以自己的名义重新办理。"
        f"一次最多移交 {handing_over.AT_ONCE} 名，可以接着再办。",
        back=("accounts:rest", house.pk),
    )  # fmt: skip
