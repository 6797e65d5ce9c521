"""People to see in the demo: one whom staff help, with an agent; an authorisation and a guardian that wait."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from fengqiao.engine import forms
from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity
from fengqiao.portal.parties import authorising, consenting
from fengqiao.portal.parties.models import Authorisation, Party, Scope
from fengqiao.portal.vault.sealed import open_sealed

FORM = "power_of_attorney"
HELPED, WARD = "投资者丙", "投资者丁"
ID = str(Identity.Kind.ID_CARD)
MOBILE = "137" + "00000090"


@dataclass(frozen=True)
class People:
    """Who helps and reviews, who acts for others, who is acted for."""

    mediator: Acting
    agent: Acting
    relative: Acting
    investor: Acting


def fill(*, people: People, now: dt.datetime) -> int:
    """Put them in; a second time changes nothing. Returns how many were new."""
    mediator, new = people.mediator, 0
    if not Party.objects.filter(taken_in_by=mediator.organisation, name=HELPED).exists():
        number = with_check_digit("11010119400101" + "009")
        consenting.take_in_with_consents(
            papers={"name": HELPED, "kind": ID, "number": number}, mobile=MOBILE, address="测试地区演示路9号",
            bank_account="", kinds=("sight", "hardship"), on_paper="演示卷1第1页", acting=mediator, now=now,
        )  # fmt: skip
        made = _handed_in(people.agent, people, now, name=HELPED, number=number, scopes=[Scope.FILE, Scope.NEGOTIATE])
        authorising.accept(authorisation=made, acting=mediator, now=now)
        new += 1
    identity = Identity.objects.get(user=people.investor.user)
    if not Authorisation.objects.filter(agent=people.relative.user).exists():
        _handed_in(
            people.relative, people, now, name=people.investor.user.name, number=open_sealed(identity.number),
            scopes=[Scope.FILE],
        )  # fmt: skip
        today = timezone.localtime(now).date()
        child = with_check_digit(f"110101{today.year - 10}0615" + "009")
        authorising.submit_guardian(
            name=WARD, kind=ID, number=child, reviewer=mediator.organisation, ground=Authorisation.Ground.MINOR,
            relation=Authorisation.Relation.PARENT, valid_until=None, document=_paper("监护证明", now),
            acting=people.relative, now=now,
        )  # fmt: skip
        new += 2
    return new


def _handed_in(agent: Acting, people: People, now: dt.datetime, **given: Any) -> Authorisation:
    today = timezone.localtime(now).date()
    return authorising.submit(
        kind=ID, reviewer=people.mediator.organisation, valid_from=today, valid_until=today + dt.timedelta(days=180),
        document=_paper("授权委托书", now), acting=agent, now=now, **given,
    )  # fmt: skip


def _paper(title: str, now: dt.datetime) -> SimpleUploadedFile:
    today = timezone.localtime(now).date()
    data = forms.render_pdf(FORM, forms.sample(FORM), as_of=today)
    return SimpleUploadedFile(f"{title}（虚构示例）.pdf", data, "application/pdf")
