"""Investors with an account hear that their measured result is published: once a person and published run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.claims.models import CaseInvestor, MassCase
from fengqiao.portal.claims.own_results import result_for
from fengqiao.portal.jobs import actions as jobs
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running
from fengqiao.portal.notices.actions import send
from fengqiao.portal.parties.models import Party
from fengqiao.portal.vault.fields import lookup
from fengqiao.portal.vault.sealed import open_sealed

SAID = "您在“{title}”中的损失测算结果已经公布，登录后在工作台查看金额和逐笔说明；有疑问请联系{body}"


def tell_later(*, case: MassCase, stamp: Stamp, now: dt.datetime, only: Sequence[int] | None = None) -> None:
    """Have everybody who is noted for the case told, or only some rows of them; nothing happens while no result of it
    is published."""
    jobs.start(
        kind="claims.tell", title=f"告知测算结果已经公布：{case.title}", stamp=stamp, subject=case.number, now=now,
        arguments={"case": case.pk, "only": None if only is None else list(only)},
    )  # fmt: skip


@kind("claims.tell", title="告知投资者测算结果已经公布")
def tell(running: Running) -> Outcome:
    """Each in a transaction of their own; whoever was told of this run is not told again."""
    case = MassCase.objects.select_related("organisation", "published").get(pk=running.arguments["case"])
    told = 0
    if case.published is None or not case.published.is_finished:
        return Outcome({"told": 0})
    only = running.arguments.get("only")
    people = case.people.all() if only is None else case.people.filter(pk__in=only)
    numbers = list(people.order_by("pk").values_list("pk", flat=True))
    for place, number in enumerate(numbers):
        told += tell_one(case=case, number=number, now=running.now())
        running.progress(place + 1, len(numbers), "告知")
    return Outcome({"told": told})


@transaction.atomic
def tell_one(*, case: MassCase, number: int, now: dt.datetime) -> bool:
    """One of them, where an account has the same identity number and mobile."""
    row = CaseInvestor.objects.filter(pk=number, case=case, case__published=case.published).first()
    party = account_of(row) if row else None
    if row is None or party is None:
        return False
    made = send(
        to=party, template="general.told", values={"what": SAID.format(title=case.title, body=case.organisation.name)},
        subject=("claims.caseinvestor", str(row.pk)), case=case.number, organisation=case.organisation,
        once_key=f"claims.published:{case.published_id}:{row.pk}:{party.pk}", now=now,
    )  # fmt: skip
    return made is not None


@sensitive_variables()
def account_of(row: CaseInvestor) -> Party | None:
    """The record of the person with an account whose both numbers these are."""
    same = Party.objects.filter(lookup(Party, "number", open_sealed(row.number)), user__isnull=False, disposed_at=None)
    mobile = open_sealed(row.mobile)
    found = same.filter(user__is_active=True).select_related("user")
    return next((one for one in found if one.contact_mobile and open_sealed(one.contact_mobile) == mobile), None)


def page(acting: Acting, number: str) -> str | None:
    """Where such a message leads: to one's own result, while it is published."""
    from django.utils import timezone

    seen = number.isdecimal() and result_for(int(number), acting, timezone.now())
    return reverse("claims:own", args=(number,)) if seen else None
