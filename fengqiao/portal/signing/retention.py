"""How long signed documents are kept: text, files and names go, digests, states and moments stay. The evidence stays as
it is: the database refuses to change it, and what is checked later against a digest or a code rests on it."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from fengqiao.portal.documents.dropping import drop_unless_needed
from fengqiao.portal.documents.models import Document
from fengqiao.portal.parties.models import LegalHold, Party
from fengqiao.portal.parties.retention import OPEN_MATTERS, RULES, Rule
from fengqiao.portal.signing.models import KeptSignature, Signatory, SigningRound

NAME = "（已处置）"
State = SigningRound.State


def ended_rounds() -> QuerySet[SigningRound]:
    """Rounds in which nobody signs any more."""
    return SigningRound.objects.filter(closed_at__isnull=False, disposed_at=None)


def never_opened() -> QuerySet[SigningRound]:
    """Rounds that nobody was asked to sign."""
    return SigningRound.objects.filter(state=State.DRAFT, closed_at=None, disposed_at=None)


def parties_of(round_: SigningRound) -> QuerySet[Party]:
    """All that were to sign it and are on record."""
    return Party.objects.filter(pk__in=Signatory.objects.filter(round=round_, party__isnull=False).values("party"))


def holds() -> QuerySet[LegalHold]:
    """Legal holds on any of them, for use within a query of rounds."""
    places = Signatory.objects.filter(round=OuterRef(OuterRef("pk")), party__isnull=False)
    return LegalHold.objects.filter(party__in=places.values("party"), lifted_at=None)


def clear_round(round_: SigningRound) -> None:
    """What says who signed what, within the caller's transaction. A file that was served, too, is kept as long as that
    service."""
    for place in round_.signatories.all():
        place.name, place.mobile, place.drawn = NAME, "", ""
        place.decline_reason, place.token_digest, place.token_until = "", None, None
        place.save()
        place.checks.update(mobile_shown="")
    for kept in KeptSignature.objects.filter(signatory__round=round_):
        kept.address, kept.device, kept.problem, kept.drawn = "", "", "", ""
        kept.save()
    for document in Document.objects.filter(
        subject_kind="signing.signinground", subject_id=str(round_.pk), replaces=None
    ):
        drop_unless_needed(document)


def under_way() -> Q:
    """Parties whose signature is waited for, their own or others'."""
    return Q(Exists(Signatory.objects.filter(party=OuterRef("pk"), round__state__in=(State.OPEN, State.DRAFT))))


CLEAR: dict[str, Any] = {"title": NAME, "reason": "", "places": [], "text": None, "current": None}
ROUNDS = Rule(
    "signing", "签署的文书", SigningRound, "records.signing_years", "签署结束", "closed_at", ended_rounds, CLEAR,
    with_it=clear_round, parties=parties_of, held_by=holds,
)  # fmt: skip
DRAFTS = Rule(
    "signing_draft", "没有发起的签署", SigningRound, "records.party_years", "登记", "created_at", never_opened,
    {**CLEAR, "state": State.VOID}, with_it=clear_round, parties=parties_of, held_by=holds,
)  # fmt: skip
RULES.extend((ROUNDS, DRAFTS))
OPEN_MATTERS.append(under_way)
