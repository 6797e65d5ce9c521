"""Agreements to see in the demo: one waits for its four signatures, one bears them all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from fengqiao.engine import forms
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.parties.actions import open_own_party
from fengqiao.portal.signing import actions, acts, formed
from fengqiao.portal.signing.models import Signatory, SigningRound

FORM = "mediation_agreement"
KEY = "demo:signing"
TITLE = "调解协议书（虚构示例）"
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Signers:
    """Who signs: two parties, the mediator, and who may put the seal of the mediation organisation."""

    one: Acting
    other: Acting
    mediator: Acting
    manager: Acting


def agreement(signers: Signers, today: dt.date) -> dict[str, Any]:
    """What the invented agreement says."""
    first, second = signers.one.user.name, signers.other.user.name
    given = forms.sample(FORM)
    claimant = given["claimants"][0]
    organisation = signers.mediator.organisation
    return given | {
        "claimants": [claimant | {"name": first}],
        "respondents": [claimant | {"name": second, "address": "测试地区演示路3号", "phone": "演示号码三"}],
        "agents": [],
        "organisation": organisation.name if organisation else "",
        "mediator": signers.mediator.user.name,
        "accepted_on": str(today - 20 * DAY), "signed_on": str(today),
        "facts": f"{second}受{first}委托代为操作证券账户，约定只买入交易所交易基金。{second}另行买入股票，卖出后亏损。",
        "issues": "超出委托范围的交易造成的损失由谁承担。",
        "liability": f"{second}承认超出委托范围，同意承担亏损；{first}放弃其他请求。",
        "instalments": [{"pay_by": str(today + 30 * DAY), "amount": 1_000_000},
                        {"pay_by": str(today + 61 * DAY), "amount": 234_567}],
        "account_name": first,
        "breach": f"任何一期逾期满十日的，{first}可以要求支付全部余款。",
        "signing": "electronic",
    }  # fmt: skip


def fill(*, signers: Signers, now: dt.datetime) -> int:
    """Put them in; a second time changes nothing. Returns how many were new."""
    before = SigningRound.objects.count()
    _opened(signers, "waiting", now)
    signed = _opened(signers, "signed", now)
    for place in Signatory.objects.filter(round=signed).exclude(state=Signatory.State.SIGNED).order_by("position"):
        _sign(place, signers, now)
    return SigningRound.objects.count() - before


def _opened(signers: Signers, which: str, now: dt.datetime) -> SigningRound:
    found = SigningRound.objects.filter(demo_key=f"{KEY}:{which}").first()
    given: dict[str, Any] = {"acting": signers.mediator, "now": now}
    if found is None:
        today = timezone.localtime(now).date()
        data = agreement(signers, today)
        text = forms.render_pdf(FORM, data, as_of=today)
        found = actions.create_round(
            title=TITLE, data=text, name=f"{TITLE}.pdf", order="free", level="B-T", due_at=now + 14 * DAY,
            form=FORM, places=formed.places_on(FORM, data, today), demo_key=f"{KEY}:{which}", **given,
        )  # fmt: skip
    if found.state != SigningRound.State.DRAFT:
        return found
    if not found.signatories.exists():
        for title, acting in (("申请人", signers.one), ("被申请人", signers.other)):
            party = open_own_party(acting=acting, now=now)
            actions.add_signatory(round_=found, kind="party", role_title=title, party=party, **given)
        actions.add_signatory(round_=found, kind="staff", role_title="调解员", user=signers.mediator.user, **given)
        organisation = signers.mediator.organisation
        actions.add_signatory(round_=found, kind="seal", role_title="盖章", organisation=organisation, **given)
    return actions.open_round(round_=found, **given)


def _sign(place: Signatory, signers: Signers, now: dt.datetime) -> None:
    acting = _who(place, signers)
    person = acts.person_of(acting)
    for page in range(1, place.round.pages + 1):
        acts.read_page(signatory=place, page=page, person=person, now=now)
    acts.sign(signatory=Signatory.objects.select_related("round", "party").get(pk=place.pk), person=person, now=now)


def _who(place: Signatory, signers: Signers) -> Acting:
    if place.kind == Signatory.Kind.SEAL:
        return signers.manager
    if place.kind == Signatory.Kind.STAFF:
        return signers.mediator
    return signers.one if place.name == signers.one.user.name else signers.other
