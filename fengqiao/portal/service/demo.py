"""Services to see in the demo: one read, with its proof; one not read yet; one that has to go another way."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from fengqiao.engine import forms
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.documents.actions import keep_made
from fengqiao.portal.parties.actions import open_own_party
from fengqiao.portal.parties.models import Party
from fengqiao.portal.service import actions, confirming, proving, queries, reading
from fengqiao.portal.service.confirming import Given
from fengqiao.portal.service.models import Recipient, Service
from fengqiao.portal.service.reading import Person

KEY = "demo:service"
CASE = "演示-送达"
FORM = "termination_notice"
RULE = "procedure.fee_pay_days"


@dataclass(frozen=True)
class People:
    """Who serves, and on whom."""

    mediator: Acting
    one: Acting
    other: Acting


def fill(*, people: People, now: dt.datetime) -> int:
    """Put them in; a second time changes nothing. Returns how many were new."""
    before = Recipient.objects.count()
    parties = [open_own_party(acting=acting, now=now) for acting in (people.one, people.other)]
    if not queries.addresses_of(parties[0]).exists():
        given = Given(electronic=True, use_account=True, post_address="测试地区演示路1号")
        confirming.confirm(to=parties[0], given=given, acting=people.one, now=now)
    read = _served("read", "调解受理和权利义务告知", "mediation", parties[:1], people, now, deadline_rule=RULE,
                   deadline_title="交纳费用（示例）")  # fmt: skip
    _read(read, people, now)
    _served("unread", "终结调解告知", "other", parties, people, now)
    return Recipient.objects.count() - before


def _served(
    which: str, title: str, stage: str, to: list[Party], people: People, now: dt.datetime, **more: Any
) -> Service:  # fmt: skip
    found = Service.objects.filter(once_key=f"{KEY}:{which}").first()
    if found is not None:
        return found
    today = timezone.localtime(now).date()
    document = keep_made(
        data=forms.render_pdf(FORM, forms.sample(FORM), as_of=today), name=f"{title}（虚构示例）.pdf",
        subject=(queries.FILES, f"demo-{which}"), acting=people.mediator, case=CASE, now=now,
    )  # fmt: skip
    return actions.serve(
        title=title, documents=[(document, "notice")], to=to, stage=stage, case=CASE, acting=people.mediator, now=now,
        once_key=f"{KEY}:{which}", checked=True, **more,
    )  # fmt: skip


def _read(service: Service, people: People, now: dt.datetime) -> None:
    row = service.recipients.select_related("service", "organisation", "party", "confirmation").get()
    if row.read_at is None:
        person = Person(people.one, None, "192.0.2.1", "演示")
        for document in queries.documents_of(row):
            reading.open_document(recipient=row, document=document, person=person, now=now)
    row.refresh_from_db()
    if row.proof is None:
        proving.make_proof(recipient=row, acting=people.mediator, now=now)
