"""Reading services, addresses and traces. What is not there for a person is not found: 404."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from fengqiao.engine import law
from fengqiao.engine.deadlines import Rule, rules
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.audit import queries as audit
from fengqiao.portal.parties import queries as parties
from fengqiao.portal.parties.models import Authorisation, Party
from fengqiao.portal.service import by_law
from fengqiao.portal.service.models import (
    Confirmation,
    IdentityCheck,
    Recipient,
    ServedDocument,
    Service,
    Trace,
)  # fmt: skip

SERVERS = (Role.Kind.MEDIATOR, Role.Kind.MEDIATION_MANAGER, Role.Kind.JUDGE, Role.Kind.CLERK)
BODIES = (Organisation.Kind.MEDIATION, Organisation.Kind.SERVICES_CENTRE, Organisation.Kind.COURT)
FOR_THEIR_HOUSE = (Role.Kind.COMPLAINT_HANDLER,)
"""Roles whose people take documents for their organisation."""
FILES = "service.batch"


def may_serve(acting: Acting | None) -> bool:
    """True for those who serve documents for their organisation."""
    return bool(
        acting
        and acting.organisation
        and acting.behalf is None
        and acting.organisation.kind in BODIES
        and acting.is_a(*SERVERS)
    )


def visible_to(acting: Acting | None) -> QuerySet[Recipient]:
    """What the organisation serves."""
    if acting is None or not may_serve(acting):
        return Recipient.objects.none()
    return Recipient.objects.filter(organisation=acting.organisation)


def services_visible_to(acting: Acting | None) -> QuerySet[Service]:
    """The same, whole services."""
    if acting is None or not may_serve(acting):
        return Service.objects.none()
    return Service.objects.filter(organisation=acting.organisation)


def received_by(acting: Acting | None, now: dt.datetime) -> QuerySet[Recipient]:
    """What is served on this person: on themselves, on their house through them, on whom they act for as agent."""
    rows = Recipient.objects.select_related("service", "organisation", "party", "user", "confirmation", "deadline")
    if acting is None:
        return rows.none()
    if acting.behalf is not None:
        held = parties.in_force_for(acting, now).filter(party=acting.behalf[0])
        return rows.filter(party=acting.behalf[0]) if held.exists() else rows.none()
    if acting.is_a(Role.Kind.INVESTOR):
        return rows.filter(party__user=acting.user)
    return rows.filter(user=acting.user)


def of_wards(acting: Acting | None, now: dt.datetime) -> QuerySet[Recipient]:
    """What is served on those for whom this person acts by law, whoever they have chosen. To open it they choose."""
    rows = Recipient.objects.select_related("service", "organisation", "party", "user", "confirmation", "deadline")
    held = parties.in_force_for(acting, now).filter(kind=Authorisation.Kind.GUARDIAN)
    return rows.filter(party__in=held.order_by().values("party"))


def role_that_sees(acting: Acting, number: int, now: dt.datetime) -> Role | None:
    """In which other of their roles something was served on this person, or on whom they act for by law."""
    for role in acting.roles:
        other = replace(acting, role=role, behalf=None)
        rows = received_by(other, now) | of_wards(other, now)
        if role != acting.role and rows.filter(pk=number).exists():
            return role
    return None


def unread_of(acting: Acting, now: dt.datetime) -> QuerySet[Recipient]:
    """What this person has not opened yet; of guardians who act for nobody at the moment that of all their wards."""
    rows = received_by(acting, now) if acting.behalf else received_by(acting, now) | of_wards(acting, now)
    rows = rows.filter(read_at=None).exclude(state=Recipient.State.OTHER_WAY)
    return rows.order_by("created_at", "id")


def to_serve_otherwise(acting: Acting) -> QuerySet[Recipient]:
    """Whom the organisation has to reach in another way: who comes first, then the longest waiting."""
    rows = visible_to(acting).filter(state=Recipient.State.OTHER_WAY).select_related("service", "party")
    return rows.order_by(Coalesce("party__priority", 0).desc(), "id")


def paper_asked(acting: Acting) -> QuerySet[Recipient]:
    """Who asked for documents on paper and has none yet."""
    rows = visible_to(acting).filter(paper_asked_at__isnull=False, paper_given_at=None)
    return rows.select_related("service", "party").order_by(
        Coalesce("party__priority", 0).desc(), "paper_asked_at", "id"
    )


def addresses_of(to: Party | User) -> QuerySet[Confirmation]:
    """All confirmations of somebody, the newest first."""
    whose = Q(party=to) if isinstance(to, Party) else Q(user=to)
    rows = Confirmation.objects.filter(whose).select_related("designee", "organisation", "guardianship__agent")
    return rows.order_by("-made_at", "-id")


def address_for(to: Party | User, case: str, now: dt.datetime) -> Confirmation | None:
    """The confirmation that counts for a case: one made for it, else one for all matters. Of who does not act themself
    only what a guardian of today confirmed; of all others only what they confirmed themselves."""
    rows = [row for row in addresses_of(to).filter(ended_at=None, case__in=("", case)) if row.in_force(now)]
    if by_law.applies_to(to, now):
        guardians = {one.agent_id for one in by_law.held(to, now)}
        rows = [row for row in rows if row.guardianship and row.guardianship.agent_id in guardians]
    else:
        rows = [row for row in rows if row.guardianship is None]
    return min(rows, key=lambda row: row.case == "", default=None)


def who_confirms(acting: Acting | None, now: dt.datetime) -> Party | User | None:
    """For whom the person at the screen confirms addresses: their own record, their house, or as a guardian whoever
    they act for."""
    if acting is None:
        return None
    if acting.behalf is not None:
        ward = Party.objects.filter(pk=acting.behalf[0], disposed_at=None).first()
        return ward if by_law.right_of(ward, acting, now) else None
    if acting.is_a(Role.Kind.INVESTOR):
        return parties.own_party(acting)
    return acting.user if acting.is_a(*FOR_THEIR_HOUSE) else None


def may_confirm(acting: Acting | None, now: dt.datetime) -> bool:
    """True for those who confirm addresses of their own, and for guardians who act for somebody."""
    if acting is not None and acting.behalf is not None:
        return who_confirms(acting, now) is not None
    return bool(acting and acting.is_a(Role.Kind.INVESTOR, *FOR_THEIR_HOUSE))


def agents_of(party: Party, now: dt.datetime) -> QuerySet[User]:
    """Whom a party may name to receive for them: their agents today."""
    day = timezone.localtime(now).date()
    held = Authorisation.objects.filter(
        parties.not_over(day), party=party, state=Authorisation.State.ACCEPTED, valid_from__lte=day
    )
    return User.objects.filter(authorisations__in=held, is_active=True).distinct().order_by("name")


def designee_of(confirmation: Confirmation, now: dt.datetime) -> User | None:
    """Who receives for the party now: named, and still their agent."""
    if confirmation.designee is None or confirmation.party is None:
        return None
    return agents_of(confirmation.party, now).filter(pk=confirmation.designee_id).first()


def parties_at_hand(acting: Acting | None) -> QuerySet[Party]:
    """On whom the organisation may serve: parties whose matters it deals with."""
    if acting is None or not may_serve(acting):
        return Party.objects.none()
    return parties.handled_by(acting.organisation).filter(disposed_at=None)


def people_of_houses() -> QuerySet[User]:
    """Who takes documents for a firm or a listed company."""
    held = Role.objects.filter(kind__in=FOR_THEIR_HOUSE, ended_at=None, organisation__is_active=True)
    return User.objects.filter(roles__in=held, is_active=True).distinct().order_by("name")


def earlier_in_stage(*, organisation: Organisation, case: str, stage: str, to: Party | User) -> Recipient | None:
    """The last time this organisation served this person in this stage of the case (一次性送达)."""
    if not case:
        return None
    whose = Q(party=to) if isinstance(to, Party) else Q(user=to)
    rows = Recipient.objects.filter(
        whose, service__organisation=organisation, service__case=case, service__stage=stage
    ).select_related("service")  # fmt: skip
    return rows.order_by("-id").first()


def rules_from_service() -> list[tuple[Rule, str]]:
    """Legal periods that begin with a service or receipt, with their titles."""
    found = []
    for item in rules():
        event = law.parameter(item.length).start_event if item.length else ""
        if item.length and re.search(r"送达|收到", event or ""):
            found.append((item, f"{law.parameter(item.length).title}（{event}起算）"))
    return found


def by_code(code: str) -> Recipient | None:
    """The service whose code is printed on a proof."""
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())
    rows = Recipient.objects.select_related("service", "organisation", "proof__content")
    return rows.filter(code=plain).first() if plain else None


def digest_of(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_digest(digest: str) -> Recipient | None:
    """Whose link this is."""
    rows = Recipient.objects.select_related("service", "organisation", "party", "confirmation")
    return rows.filter(token_digest=digest).first()


def open_check(recipient: Recipient, now: dt.datetime) -> IdentityCheck | None:
    """The code that was sent last, while it may be tried."""
    found = recipient.checks.order_by("-id").first()
    return found if found and found.usable_at(now) else None


def documents_of(recipient: Recipient) -> list[ServedDocument]:
    """What is served, in order."""
    rows = ServedDocument.objects.filter(service=recipient.service_id)
    return list(rows.select_related("document__content").order_by("position"))


def read_by_document(recipient: Recipient) -> dict[int, Trace]:
    """The first time each document was opened."""
    found: dict[int, Trace] = {}
    for row in recipient.traces.filter(what=Trace.What.READ).order_by("id"):
        found.setdefault(row.document_id, row)
    return found


def may_read_files(acting: Acting | None, number: str) -> bool:
    """True when files that were uploaded to be served may be read: by the organisation. Recipients have pages of their
    own, on which reading leaves a trace."""
    rows = ServedDocument.objects.filter(document__subject_kind=FILES, document__subject_id=number)
    return rows.filter(service__in=services_visible_to(acting)).exists()


def may_read_proof(acting: Acting | None, number: str) -> bool:
    """Proofs: the organisation, and the person served."""
    if not number.isdecimal():
        return False
    mine = received_by(acting, timezone.now()).filter(pk=int(number)).exists()
    return mine or visible_to(acting).filter(pk=int(number)).exists()


def may_read_paper(acting: Acting | None, number: str) -> bool:
    """Confirmations on paper, by the number of the party: the party, and who deals with their matter."""
    party = Party.objects.filter(pk=int(number)).first() if number.isdecimal() else None
    if party is None or acting is None:
        return False
    return parties.is_own(party, acting) or parties_at_hand(acting).filter(pk=party.pk).exists()


def overdue(now: dt.datetime) -> QuerySet[Recipient]:
    """Of whose arrival nobody has heard in time."""
    return Recipient.objects.filter(state=Recipient.State.SENDING, watch_until__lte=now).order_by("watch_until")


def values_of(row: Trace) -> dict[str, Any]:
    """A trace as the audit's digest holds it."""
    names = ("what", "who", "address", "device", "identity", "document_id", "note", "counts")
    return {"recipient": row.recipient_id, "at": row.at.astimezone(dt.UTC).isoformat(),
            **{name: getattr(row, name) for name in names}}  # fmt: skip


def untrue(recipient: Recipient) -> list[int]:
    """Traces that the audit chain does not bear out: empty when nothing was changed."""
    found = []
    for row in recipient.traces.order_by("id"):
        event = audit.of_subject(row).first()
        if event is None or not audit.was(event, "after", values_of(row)):
            found.append(row.pk)
    return found
