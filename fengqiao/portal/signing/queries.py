"""Reading rounds, places to sign and evidence. What is not there for a person is not found: 404."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.audit import queries as audit
from fengqiao.portal.parties import queries as parties
from fengqiao.portal.parties.models import Party, Scope
from fengqiao.portal.signing.models import Batch, Evidence, IdentityCheck, KeptSignature, Signatory, SigningRound

INITIATORS = (Role.Kind.MEDIATOR, Role.Kind.MEDIATION_MANAGER)
SEAL_KEEPERS = (Role.Kind.MEDIATION_MANAGER,)
"""Whose people put the seal of their organisation."""
REMIND_BEFORE, REMIND_AFTER = dt.timedelta(days=2), dt.timedelta(days=1)
"""When people are reminded: that near the end, and not on the day they were asked."""
State = SigningRound.State
Kind = Signatory.Kind


def may_initiate(acting: Acting | None) -> bool:
    """True for those who may put a text before others to sign."""
    return bool(
        acting
        and acting.organisation
        and acting.organisation.kind in (Organisation.Kind.MEDIATION, Organisation.Kind.SERVICES_CENTRE)
        and acting.is_a(*INITIATORS)
    )


def visible_to(acting: Acting | None) -> QuerySet[SigningRound]:
    """The rounds of the organisation for which the person acts."""
    if acting is None or not may_initiate(acting):
        return SigningRound.objects.none()
    return SigningRound.objects.filter(organisation=acting.organisation)


def first_of_parties() -> Coalesce:
    """The priority of the most pressing party that signs, for use within a query of rounds; 0 without one."""
    rows = Signatory.objects.filter(round=OuterRef("pk")).order_by().values("round")
    return Coalesce(Subquery(rows.annotate(first=Max("party__priority")).values("first")), 0)


def places_of(acting: Acting | None, now: dt.datetime) -> QuerySet[Signatory]:
    """Where this person may sign: for themselves, for whom they act, for their organisation."""
    rows = Signatory.objects.exclude(round__state=State.DRAFT).select_related("round", "party", "organisation")
    if acting is None:
        return rows.none()
    if acting.behalf is not None:
        usable = parties.in_force_for(acting, now).filter(party=acting.behalf[0])
        if any(one.covers(Scope.SIGN, now) for one in usable):
            return rows.filter(kind=Kind.PARTY, party=acting.behalf[0])
        return rows.none()
    if acting.is_a(Role.Kind.INVESTOR):
        return rows.filter(kind=Kind.PARTY, party__user=acting.user)
    if acting.organisation is None:
        return rows.none()
    wanted = Q(kind=Kind.STAFF, user=acting.user, round__organisation=acting.organisation)
    if acting.is_a(*SEAL_KEEPERS):
        wanted |= Q(kind=Kind.SEAL, organisation=acting.organisation)
    return rows.filter(wanted)


def places_due(acting: Acting, now: dt.datetime) -> QuerySet[Signatory]:
    """Where this person is to sign now: it is their turn, and they have not agreed yet."""
    rows = places_of(acting, now).filter(
        on_turn(), round__state=State.OPEN, round__due_at__gt=now,
        state__in=(Signatory.State.WAITING, Signatory.State.READ),
    ).exclude(pk__in=KeptSignature.objects.filter(ended_at=None).values("signatory"))  # fmt: skip
    return rows.order_by("round__due_at", "id")


def due_places(acting: Acting, now: dt.datetime) -> list[Signatory]:
    """The first of them."""
    return list(places_due(acting, now)[:200])


def on_turn() -> Q:
    """The same as is_turn, asked of many."""
    before = Signatory.objects.filter(round=OuterRef("round")).exclude(state=Signatory.State.SIGNED)
    others = Exists(before.exclude(kind=Kind.SEAL))
    earlier = Exists(before.filter(position__lt=OuterRef("position")))
    return Q(kind=Kind.SEAL) & ~Q(others) | ~Q(kind=Kind.SEAL) & (Q(round__order=SigningRound.Order.FREE) | ~Q(earlier))


def is_turn(signatory: Signatory) -> bool:
    """True when all before have signed, or the order is free; the seal comes when everybody else has."""
    before = Signatory.objects.filter(round=signatory.round_id).exclude(state=Signatory.State.SIGNED)
    if signatory.kind == Kind.SEAL:
        return not before.exclude(kind=Kind.SEAL).exists()
    if signatory.round.order == SigningRound.Order.FREE:
        return True
    return not before.filter(position__lt=signatory.position).exists()


def batchable(acting: Acting | None, now: dt.datetime) -> list[Signatory]:
    """Where this person may sign or seal at once with others: own places read to the end, and the seal's."""
    if acting is None or not may_initiate(acting):
        return []
    return [row for row in due_places(acting, now) if row.kind == Kind.SEAL or row.state == Signatory.State.READ]


def may_read_files(acting: Acting | None, number: str) -> bool:
    """True when the files of this round may be read by this organisation: asked by the app of the documents."""
    return number.isdecimal() and visible_to(acting).filter(pk=int(number)).exists()


def signatories_of(round_: SigningRound) -> list[Signatory]:
    """In their order."""
    rows = round_.signatories.select_related("party", "party__user", "user", "organisation")
    return list(rows.annotate(pages_done=Count("pages_read")).order_by("position"))


def digest_of(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_digest(digest: str) -> Signatory | None:
    """Whose link this is."""
    return Signatory.objects.select_related("round", "party").filter(token_digest=digest).first()


def open_check(signatory: Signatory, now: dt.datetime) -> IdentityCheck | None:
    """The code that was sent last, while it may be tried."""
    found = signatory.checks.order_by("-id").first()
    return found if found and found.usable_at(now) else None


def code_ran_out(signatory: Signatory, now: dt.datetime) -> bool:
    """True when the code that was sent last was never used, and is too old now."""
    found = signatory.checks.order_by("-id").first()
    return found is not None and found.passed_at is None and now >= found.expires_at


def pages_read(signatory: Signatory) -> set[int]:
    """Which pages they have gone through."""
    return set(signatory.pages_read.values_list("page", flat=True))


def by_code(code: str) -> SigningRound | None:
    """The round whose code is printed on a document."""
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())
    return SigningRound.objects.select_related("current", "organisation", "replaced_by").filter(
        code=plain
    ).exclude(state=State.DRAFT).first()  # fmt: skip


def by_file(sha256: str) -> SigningRound | None:
    """The round one of whose files this is, as it was made here."""
    from fengqiao.portal.documents.models import Document

    found = Document.objects.filter(content_id=sha256, subject_kind="signing.signinground", made=True).first()
    return SigningRound.objects.filter(pk=int(found.subject_id)).first() if found else None


def batches_of(acting: Acting | None) -> QuerySet[Batch]:
    """Those the person started."""
    if acting is None or not may_initiate(acting):
        return Batch.objects.none()
    return Batch.objects.filter(started_by=acting.user, organisation=acting.organisation).select_related("job")


def kept_due(now: dt.datetime) -> list[int]:
    """Signatures that wait for the service and are to be tried now; their numbers."""
    rows = KeptSignature.objects.filter(ended_at=None, next_at__lte=now).order_by("next_at", "id")
    return list(rows.values_list("pk", flat=True)[:200])


def overdue(now: dt.datetime) -> QuerySet[SigningRound]:
    """Open rounds past their day."""
    return SigningRound.objects.filter(state=State.OPEN, due_at__lte=now).order_by("due_at")


def values_of(row: Evidence) -> dict[str, Any]:
    """A row of evidence as the audit's digest holds it."""
    names = ("what", "who", "address", "device", "text_sha256", "file_sha256", "pages", "identity", "consent",
             "consent_version", "note")  # fmt: skip
    return {"signatory": row.signatory_id, "at": row.at.isoformat(), **{name: getattr(row, name) for name in names}}


def untrue(round_: SigningRound) -> list[int]:
    """Rows of evidence that the audit chain does not bear out: empty when nothing was changed."""
    found = []
    for row in round_.evidence.order_by("id"):
        event = audit.of_subject(row).first()
        if event is None or not audit.was(event, "after", values_of(row)):
            found.append(row.pk)
    return found


def parties_at_hand(acting: Acting) -> QuerySet[Party]:
    """Whom the initiator may name as party."""
    return parties.visible_to(acting).filter(disposed_at=None)


def seal_keepers(organisation: Organisation) -> QuerySet[Any]:
    """Who may put the seal of this organisation."""
    from fengqiao.portal.accounts.models import User

    held = Role.objects.filter(organisation=organisation, kind__in=SEAL_KEEPERS, ended_at=None)
    return User.objects.filter(roles__in=held, is_active=True).distinct().order_by("pk")


def to_remind(now: dt.datetime) -> list[Signatory]:
    """Whose signature is missing while the end of the period is near, and whose turn it is."""
    rows = Signatory.objects.select_related("round__organisation", "party__user", "user", "organisation").filter(
        on_turn(), round__state=State.OPEN, round__due_at__gt=now, round__due_at__lte=now + REMIND_BEFORE,
        round__opened_at__lte=now - REMIND_AFTER, state__in=(Signatory.State.WAITING, Signatory.State.READ),
    )  # fmt: skip
    return list(rows.order_by("round__due_at", "id")[:500])


def staff_of(organisation: Organisation) -> QuerySet[Any]:
    """Who may sign as mediator for this organisation."""
    from fengqiao.portal.accounts.models import User

    held = Role.objects.filter(organisation=organisation, kind__in=INITIATORS, ended_at=None)
    return User.objects.filter(roles__in=held, is_active=True).distinct().order_by("name")
