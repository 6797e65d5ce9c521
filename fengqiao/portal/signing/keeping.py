"""Signatures that were agreed to while the signing service or the time-stamps were away: kept, and put later."""

from __future__ import annotations

import base64
import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import Http404

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.parties.queries import represented_by
from fengqiao.portal.refusal import Refusal
from fengqiao.portal.signing import telling
from fengqiao.portal.signing.models import Evidence, KeptSignature, Signatory
from fengqiao.portal.signing.persons import Person
from fengqiao.portal.signing.recording import note
from fengqiao.portal.vault.sealed import open_sealed

PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30))
GONE = "同意签署时的身份已经终止，没有签署。"


def of(signatory: Signatory) -> KeptSignature | None:
    """What waits at a place."""
    return KeptSignature.objects.filter(signatory=signatory, ended_at=None).first()


def keep(
    *, signatory: Signatory, person: Person, drawn: bytes | None, consent_version: str, problem: str, now: dt.datetime
) -> KeptSignature:  # fmt: skip
    """Write down that somebody agreed; a second time only that it was tried again."""
    there = of(signatory)
    if there is not None:
        failed(there, problem, now)
        return there
    try:
        with transaction.atomic():
            made = KeptSignature(
                signatory=signatory, agreed_at=now, address=person.address, device=person.device, fresh=person.fresh,
                check_passed=person.check, consent_version=consent_version, problem=problem[:300],
                next_at=now + PAUSES[0],
            )  # fmt: skip
            if person.acting is not None:
                made.user, made.role = person.acting.user, person.acting.role.pk if person.acting.role else None
                made.behalf_id = person.acting.behalf[0] if person.acting.behalf else None
            if drawn:
                made.drawn = base64.b64encode(drawn).decode()
            made.save(force_insert=True)
            note(
                what=Evidence.What.AGREED, round_=signatory.round, signatory=signatory,
                stamp=person.stamp(signatory), who=person.who(signatory), device=person.device,
                identity=person.identity(), consent_version=consent_version, reason=problem[:300], now=now,
            )  # fmt: skip
    except IntegrityError:  # pressed twice in the same moment
        found = of(signatory)
        if found is None:
            raise
        return found
    return made


def failed(kept: KeptSignature, problem: str, now: dt.datetime) -> None:
    """Once more in vain."""
    pause = PAUSES[min(kept.tries, len(PAUSES) - 1)]
    KeptSignature.objects.filter(pk=kept.pk, ended_at=None).update(
        tries=F("tries") + 1, problem=problem[:300], next_at=now + pause
    )


def done(signatory: Signatory, now: dt.datetime) -> dt.datetime | None:
    """It was signed, in the caller's transaction; returns when it was agreed to."""
    kept = of(signatory)
    if kept is None:
        return None
    _end(kept, KeptSignature.Outcome.SIGNED, now)
    return kept.agreed_at


@transaction.atomic
def refused(kept: KeptSignature, why: str, now: dt.datetime) -> None:
    """It cannot be put any more; the person is told."""
    if _end(kept, KeptSignature.Outcome.REFUSED, now, why):
        telling.not_put(kept, why, now)


def _end(kept: KeptSignature, outcome: str, now: dt.datetime, problem: str = "") -> bool:
    """The drawn signature is not kept longer than it is needed."""
    return bool(
        KeptSignature.objects.filter(pk=kept.pk, ended_at=None).update(
            ended_at=now, outcome=outcome, problem=problem[:300], drawn=b""
        )
    )


def person_of(kept: KeptSignature, now: dt.datetime) -> Person:
    """Who agreed, if they may still sign."""
    if kept.user is None:
        return Person(None, kept.check_passed, kept.address, kept.device)
    acting = acting_for(kept.user, role_id=kept.role, address=kept.address)
    if not kept.user.is_active or (acting.role.pk if acting.role else None) != kept.role:
        raise Refusal(GONE)
    if kept.behalf_id is not None:
        party = represented_by(acting, kept.behalf_id, now)
        if party is None:
            raise Http404
        acting = acting.for_person(party.pk, party.name)
    return Person(acting, None, kept.address, kept.device, kept.fresh)


def drawn_of(kept: KeptSignature) -> bytes | None:
    """The drawn signature."""
    return base64.b64decode(open_sealed(kept.drawn)) if kept.drawn else None
