"""The matters of an investor, or of the person an agent acts for: what the apps know of each, put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.urls import reverse

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.claims import own_results
from fengqiao.portal.service import queries as services
from fengqiao.portal.service.models import Recipient
from fengqiao.portal.signing import queries as signing
from fengqiao.portal.signing.models import Signatory, SigningRound
from fengqiao.portal.workbench.found import DueItem, Matter, Matters
from fengqiao.portal.workbench.signing import key_of

READ = 60
"""Services and places to sign that are looked at: those of many years."""
LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


def of_person(acting: Acting, now: dt.datetime, due: Sequence[DueItem]) -> Matters:
    """The matters, those with something to do first, then those where something happened last."""
    found: dict[str, Matter] = {}
    for one in (*_measured(acting, now), *_signed(acting, now), *_served(acting, now)):
        there = found.get(one.key)
        if there is None or (one.when or LONG_AGO) > (there.when or LONG_AGO):
            found[one.key] = one
    first: dict[str, DueItem] = {}
    for item in due:  # the most pressing comes first
        if item.case:
            first.setdefault(item.case, item)
    rows = [replace(one, next=first.get(one.key)) for one in found.values()]
    rows.sort(key=lambda one: one.when or LONG_AGO, reverse=True)
    rows.sort(key=lambda one: due.index(one.next) if one.next else len(due))
    title = "我的案件" if acting.is_a(Role.Kind.INVESTOR) else "当事人的案件"
    return Matters(title, rows)


def _measured(acting: Acting, now: dt.datetime) -> Iterator[Matter]:
    for one in own_results.results_of(acting, now):
        url = reverse("claims:own", args=(one.person.pk,)) if one.rows else ""
        state = "测算结果已公布" if one.rows else "公布的结果里没有您的编号"
        yield Matter(
            f"{one.case.number}:{one.person.pk}", one.case.title, url, "good" if one.rows else "warning", state,
            one.case.number, one.total if one.rows else None, "测算的损失", one.case.organisation, "公布",
            one.case.published_at,
        )  # fmt: skip


def _signed(acting: Acting, now: dt.datetime) -> Iterator[Matter]:
    rows = signing.places_of(acting, now).select_related("round__organisation").order_by("-id")
    for place in rows[:READ]:
        round_ = place.round
        steps = ((round_.closed_at, "结束"), (place.signed_at, "您已签署"), (round_.opened_at, "发起签署"))
        when, latest = next(((at, word) for at, word in steps if at), (round_.created_at, "登记"))
        own = round_.state == SigningRound.State.OPEN and place.state == Signatory.State.SIGNED
        state = "您已签署，等其他人签" if own else round_.get_state_display()
        yield Matter(
            key_of(round_), f"《{round_.title}》", reverse("signing:place", args=(place.pk,)), round_.sign, str(state),
            round_.case or round_.number, office=round_.organisation, latest=latest, when=when,
        )  # fmt: skip


def _served(acting: Acting, now: dt.datetime) -> Iterator[Matter]:
    rows = services.received_by(acting, now).order_by("-id")
    for row in rows[:READ]:
        when, latest = (row.read_at, "您已阅读") if row.read_at else (row.created_at, "发出文书")
        sign = "good" if row.state in (Recipient.State.SERVED, Recipient.State.SERVED_OTHERWISE) else "waiting"
        yield Matter(
            row.service.case or f"service:{row.pk}", row.service.title, reverse("service:received", args=(row.pk,)),
            sign, f"文书{row.get_state_display()}", row.service.case, office=row.organisation, latest=latest,
            when=when,
        )  # fmt: skip
