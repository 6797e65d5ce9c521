"""What special needs change: who comes first, whom staff may assist, what people are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

from fengqiao.engine import law
from fengqiao.engine.errors import FengqiaoError
from fengqiao.engine.identity import read_identity_number
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Role
from fengqiao.portal.parties.models import Party, SpecialNeed
from fengqiao.portal.vault.sealed import open_sealed

Kind = SpecialNeed.Kind
PRIORITY: dict[str, int] = {
    Kind.SERIOUSLY_ILL: 40, Kind.DISABLED: 30, Kind.ELDERLY: 30, Kind.HARDSHIP: 30, Kind.LANGUAGE: 10,
    Kind.WITHOUT_DEVICE: 10,
}  # fmt: skip
"""How much a need brings somebody forward: our own order, no law sets it. The most pressing one counts, and each
further need a little."""
SOCIAL_ASSISTANCE = (Kind.HARDSHIP, Kind.SERIOUSLY_ILL, Kind.DISABLED)
LEGAL_AID = (Kind.HARDSHIP, Kind.DISABLED, Kind.ELDERLY, Kind.SERIOUSLY_ILL)
LARGE_PAGES = (Kind.ELDERLY, Kind.DISABLED)
"""Needs with which the elder mode is offered."""


def priority_of(kinds: Iterable[str]) -> int:
    """The number by which lists and queues are sorted, larger first; 0 without a special need."""
    weights = sorted((PRIORITY[kind] for kind in set(kinds)), reverse=True)
    return weights[0] + len(weights) - 1 if weights else 0


def is_elderly(kind: str, number: str, today: dt.date) -> bool:
    """By the day of birth in an identity number; False where the papers do not say."""
    if kind != Identity.Kind.ID_CARD:
        return False
    try:
        birth = read_identity_number(number, today).born
    except FengqiaoError:
        return False
    years = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    return years >= int(law.value_on("special_needs.elderly_age", today).value)


def elderly_now(party: Party, now: dt.datetime) -> bool:
    """Whether somebody is elderly by their papers at this moment, whatever was noted when they came in."""
    return bool(party.number) and is_elderly(party.kind, open_sealed(party.number), timezone.localtime(now).date())


def kinds_of(party: Party, now: dt.datetime) -> set[str]:
    """The needs that count now: those that were noted and hold, and age by the papers, unless it was ended by hand."""
    rows = list(party.needs.all())
    held = {need.kind for need in rows if need.ended_at is None}
    ended_age = any(need.kind == Kind.ELDERLY and need.ended_at is not None for need in rows)
    if Kind.ELDERLY not in held and not ended_age and elderly_now(party, now):
        held.add(Kind.ELDERLY)
    return held


def offers_elder_mode(acting: Acting, now: dt.datetime) -> bool:
    """True for investors who may want larger pages, by their needs or their papers, and do not have them yet."""
    if acting.elder_mode or not acting.is_a(Role.Kind.INVESTOR):
        return False
    if SpecialNeed.objects.filter(party__user=acting.user, kind__in=LARGE_PAGES, ended_at=None).exists():
        return True
    identity = Identity.objects.filter(user=acting.user).first()
    if identity is None or not identity.number:
        return False
    return is_elderly(identity.kind, open_sealed(identity.number), timezone.localtime(now).date())


def told_of(kinds: Iterable[str]) -> tuple[bool, bool]:
    """Whether somebody with these needs is told of social assistance, and of legal aid."""
    held = set(kinds)
    return bool(held & set(SOCIAL_ASSISTANCE)), bool(held & set(LEGAL_AID))
