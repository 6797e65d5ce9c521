"""Who is at a service, and what they do there: open documents, take them away, ask for paper."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.parties.models import Authorisation
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.service import by_law, queries, settling
from fengqiao.portal.service.models import IdentityCheck, Recipient, ServedDocument, Trace
from fengqiao.portal.service.recording import note


@dataclass(frozen=True)
class Person:
    """Somebody with an account, or whom a code to their mobile has proved."""

    acting: Acting | None
    check: IdentityCheck | None
    address: str = ""
    device: str = ""
    right: Authorisation | None = None
    """By what right they act for the person served, where the law has them act."""

    def identity(self) -> str:
        """How it was made sure who this is."""
        if self.acting is not None:
            return f"登录账号“{self.acting.user.username}”"
        return f"短信验证码，发送到确认的手机号码 {self.check.mobile_shown}" if self.check else ""

    def who(self, recipient: Recipient) -> str:
        """By name, and for whom."""
        if self.acting is None:
            return recipient.name
        if self.right is not None:
            return f"法定代理人 {self.acting.user.name} 代 {recipient.name}"
        return self.acting.behalf_line or self.acting.user.name

    def stamp(self, recipient: Recipient) -> Stamp:
        """For the audit. Who came by a link has no account: their name stands for it."""
        if self.acting is not None:
            return self.acting.stamp
        return Stamp(None, recipient.name, "recipient", "受送达人", None, "", address=self.address)


def counts(recipient: Recipient, person: Person, now: dt.datetime) -> bool:
    """Whether this person's reading shows that it arrived. Staff who assist do not read for anybody; an agent does, but
    for a mediation statement, which goes to the party themself or whom they named (司法解释 art. 132, 133). Of who does
    not act themself the guardian's reading counts, for everything; their own does not (民事诉讼法 art. 60)."""
    if person.acting is None or person.acting.behalf is None:
        return not by_law.applies_to(recipient.party, now)
    if by_law.right_of(recipient.party, person.acting, now) is not None:
        return True
    if not person.acting.is_a(Role.Kind.AGENT):
        return False
    named = recipient.confirmation and recipient.confirmation.designee_id == person.acting.user.pk
    kinds = {one.kind for one in queries.documents_of(recipient)}
    return bool(named) or ServedDocument.Kind.MEDIATION_STATEMENT not in kinds


@transaction.atomic
def open_document(*, recipient: Recipient, document: ServedDocument, person: Person, now: dt.datetime) -> None:
    """A document was opened: the receipt is written the first time by each person, and may be the moment of service."""
    who = person.who(recipient)
    if recipient.traces.filter(what=Trace.What.READ, document=document, who=who).exists():
        return
    found = settling.held(recipient.pk)
    if found.traces.filter(what=Trace.What.READ, document=document, who=who).exists():
        return  # opened twice in the same moment
    counted = counts(found, person, now)
    note(
        what=Trace.What.READ, recipient=found, stamp=person.stamp(found), who=who, document=document,
        device=person.device, identity=person.identity(), note=document.document.name, counts=counted, now=now,
    )  # fmt: skip
    if counted and found.read_at is None:
        found.read_at, found.read_by = now, who[:200]
        found.save(update_fields=("read_at", "read_by"))
    settling.settle(found, now=now)


@transaction.atomic
def note_taken(*, recipient: Recipient, document: ServedDocument, person: Person, now: dt.datetime) -> None:
    """Taking a document away is opening it, too."""
    open_document(recipient=recipient, document=document, person=person, now=now)
    note(
        what=Trace.What.TAKEN, recipient=recipient, stamp=person.stamp(recipient), who=person.who(recipient),
        document=document, device=person.device, identity=person.identity(), note=document.document.name, now=now,
    )  # fmt: skip


@transaction.atomic
def ask_paper(*, recipient: Recipient, person: Person, now: dt.datetime) -> None:
    """Judgments, rulings and mediation statements are given on paper to who asks (民事诉讼法 art. 90)."""
    found = settling.held(recipient.pk)
    if not any(one.kind in ServedDocument.ON_PAPER for one in queries.documents_of(found)):
        raise Refusal("没有登记：这里没有可以要求纸质文本的文书（判决书、裁定书、调解书）。其他文书可以下载后打印。")
    if found.paper_asked_at is not None:
        return
    found.paper_asked_at = now
    found.save(update_fields=("paper_asked_at",))
    note(
        what=Trace.What.PAPER_ASKED, recipient=found, stamp=person.stamp(found), who=person.who(found),
        device=person.device, identity=person.identity(), now=now,
    )  # fmt: skip
    settling.tell_staff(found, "受送达人要求提供纸质文书", "paper", now)
