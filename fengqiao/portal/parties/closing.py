"""What a person's own account has to do with parties: what hinders closing it, what ends with it, what is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

from fengqiao.portal.accounts import closing, resting
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.parties import authorising, consenting
from fengqiao.portal.parties.handing_over import in_care
from fengqiao.portal.parties.models import Authorisation, Consent, Correction, Handling, LegalHold, Party
from fengqiao.portal.parties.retention import OPEN_MATTERS, RULES

State = Authorisation.State
RUNNING = (State.SUBMITTED, State.ACCEPTED)


def party_of(user: User) -> Party | None:
    """The person as a party."""
    return Party.objects.filter(user=user, disposed_at=None).first()


def in_the_way(user: User, now: dt.datetime) -> Iterable[str]:
    """Others rely on this account, or deal with the person's matter."""
    for one in Authorisation.objects.filter(agent=user, state__in=RUNNING).select_related("party"):
        yield f"您还是{one.party.name}的代理人。请先在“授权”中辞任，并告诉当事人。"
    party = party_of(user)
    if party is None:
        return
    for handling in Handling.objects.filter(party=party, ended_at=None).select_related("organisation"):
        yield f"{handling.organisation.name}正在办理您的事项。请等办结，或者先联系该机构撤回。"
    if Correction.objects.filter(party=party, state=Correction.State.SUBMITTED).exists():
        yield "您的更正申请还没有决定。请等答复以后再注销。"
    if any(Party.objects.filter(pk=party.pk).filter(matters()).exists() for matters in OPEN_MATTERS):
        yield "您在平台上还有没有办结的事项（没有填完的文书、签署、送达或者期限）。请在首页查看，办结后再注销。"


def ending(user: User, acting: Acting, now: dt.datetime) -> dict[str, int]:
    """Consents and authorisations given end, as if the person had withdrawn each."""
    party = party_of(user)
    own = Role.objects.filter(user=user, kind=Role.Kind.INVESTOR, ended_at=None).first()
    if party is None or own is None:
        return {}
    as_investor = acting_for(user, role_id=own.pk, address=acting.address)
    consents = list(Consent.objects.filter(party=party, withdrawn_at=None).select_related("party"))
    for consent in consents:
        consenting.withdraw(consent=consent, acting=as_investor, now=now)
    entrusted = Authorisation.objects.filter(party=party, kind=Authorisation.Kind.ENTRUSTED, state__in=RUNNING)
    given = list(entrusted.select_related("party"))  # a guardian is none of the ward's making
    for one in given:
        authorising.end(authorisation=one, reason="本人注销账号", acting=as_investor, now=now)
    return {"consents": len(consents), "authorisations": len(given)}


def kept(user: User, now: dt.datetime) -> Iterable[tuple[str, str]]:
    """The periods, and holds that make them longer."""
    party = party_of(user)
    if party is None:
        return
    today = timezone.localtime(now).date()
    for rule in RULES:
        yield f"{rule.title}：{rule.period_text(today)}处置。", f"{rule.title}：{rule.basis(today)}"
    if LegalHold.objects.filter(party=party, lifted_at=None).exists():
        yield "您的资料正在保全，解除以前一律不处置，注销不影响保全。", ""


def open_there(house: Organisation, now: dt.datetime) -> Iterable[resting.Open]:
    """Whose matters a house that goes out of use deals with."""
    people = in_care(house)
    yield resting.Open(
        "办理中的当事人", people.count(), "登记保留，停用期间没有人办理；当事人自己的页面照常。可以移交给同类的机构。",
        "parties:hand_over_house",
    )  # fmt: skip
    held = LegalHold.objects.filter(party__in=people, lifted_at=None).count()
    yield resting.Open("这些当事人资料的保全", held, "不受影响：解除以前一律不处置，由平台管理员解除。")


resting.OPEN.append(open_there)
closing.IN_THE_WAY.append(in_the_way)
closing.ENDING.append(ending)
closing.KEPT.append(kept)
