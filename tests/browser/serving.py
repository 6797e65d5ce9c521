"""Services for the pages: one that was served and not read, one read with its proof, one that has to go another way."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.utils import timezone

from fengqiao.engine.identity import with_check_digit
from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.documents.actions import keep_made
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties import authorising
from fengqiao.portal.parties.models import Party
from fengqiao.portal.service import actions, confirming, proving, queries, reading
from fengqiao.portal.service.confirming import Given
from fengqiao.portal.service.reading import Person
from fengqiao.portal.signing.tests.made_round import text_pdf
from fengqiao.portal.vault.sealed import open_sealed
from tests.browser.parties import picture

WARD = with_check_digit("11010119850101" + "008")


def make_ward(user: Any, mediator: Acting, now: dt.datetime) -> tuple[Party, Acting]:
    """Somebody who does not act themself, with their guardian, who acts for them."""
    guardian = acting_for(user)
    made = authorising.submit_guardian(
        name="投资者壬", kind="id_card", number=WARD, reviewer=mediator.organisation, ground="none", relation="spouse",
        valid_until=None, document=picture(), acting=guardian, now=now,
    )  # fmt: skip
    authorising.accept(authorisation=made, checked="判决书和户口簿原件", acting=mediator, now=now)
    return made.party, guardian.for_person(made.party.pk, made.party.name)


def make_services(users: dict[str, Any], people: dict[str, int]) -> dict[str, Any]:
    """Put them into the database; returns their numbers."""
    now = timezone.now()
    mediator, investor = acting_for(users["mediator"]), acting_for(users["investor"])
    own, helped = Party.objects.get(pk=people["own"]), Party.objects.get(pk=people["helped"])

    def document(words: str) -> Any:
        return keep_made(
            data=text_pdf(words), name=f"{words}.pdf", subject=(queries.FILES, f"cast-{words}"), acting=mediator,
            now=now,
        )  # fmt: skip

    def serve(words: str, stage: str, kind: str, *to: Party, **more: Any) -> Any:
        made = actions.serve(
            title=words, documents=[(document(words), kind)], to=list(to), stage=stage, case="演示-送达",
            acting=mediator, now=now, checked=True, **more,
        )  # fmt: skip
        return made.recipients.order_by("id").first()

    confirmed = confirming.confirm(
        to=own,
        given=Given(electronic=True, use_account=True, post_address="测试地区演示路1号"),
        acting=investor,
        now=now,
    )
    unread = serve("权利义务告知书", "mediation", "notice", own)
    read = serve(
        "调解书", "judgment", "mediation_statement", own, deadline_rule="procedure.fee_pay_days",
        deadline_title="交纳费用",
    )  # fmt: skip
    reading.open_document(
        recipient=read, document=queries.documents_of(read)[0], person=Person(investor, None, "192.0.2.1", ""), now=now
    )
    reading.ask_paper(recipient=read, person=Person(investor, None, "192.0.2.1", ""), now=now)
    proving.make_proof(recipient=queries.visible_to(mediator).get(pk=read.pk), acting=mediator, now=now)
    ward, guardian = make_ward(users["agent_b"], mediator, now)
    unheard = serve("材料补正通知", "intake", "notice", ward)
    confirming.confirm(to=ward, given=Given(electronic=True, use_account=True), acting=guardian, now=now)
    of_ward = serve("调解受理告知", "mediation", "notice", ward)
    back = serve("材料补正通知", "intake", "notice", helped)
    paper = document("paper")
    on_paper = confirming.confirm(
        to=helped, given=Given(electronic=True, mobile="137" + "00000089"), paper=paper, acting=mediator, now=now
    )
    sending = serve("开庭通知", "trial", "notice", helped)
    text = open_sealed(Notice.objects.get(subject_id=str(sending.pk), channel="sms", template="service.arrived").text)
    token = re.search(r"/service/link/([\w-]+)/", text)
    read.refresh_from_db()
    people["ward"] = ward.pk
    return {
        "unread": unread.pk, "read": read.pk, "back": back.pk, "sending": sending.pk, "service": read.service_id,
        "address": confirmed.pk, "on_paper": on_paper.pk, "code": read.code, "helped": helped.pk,
        "token": token[1] if token else "", "ward": ward.pk, "unheard": unheard.pk, "of_ward": of_ward.pk,
    }  # fmt: skip
