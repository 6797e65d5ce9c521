"""What special needs change, for every app: ask `care_of(party, now)` or `care_of_user(user, now)`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from fengqiao.engine import law
from fengqiao.engine.errors import FengqiaoError
from fengqiao.engine.identity import read_identity_number
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Identity, Role, User
from fengqiao.portal.accounts.voice import Way
from fengqiao.portal.parties.guardians import represented
from fengqiao.portal.parties.measures import Measure, joined, measures, need_kinds
from fengqiao.portal.parties.models import Party, SpecialNeed
from fengqiao.portal.vault.sealed import open_sealed

ELDERLY = str(SpecialNeed.Kind.ELDERLY)


@dataclass(frozen=True)
class Care:
    """How somebody is to be treated: what to do, never why."""

    asked: frozenset[str] = frozenset()
    """Keys of `measures.measures()`."""

    def __bool__(self) -> bool:
        return bool(self.asked)

    def has(self, measure: str) -> bool:
        """True when this measure is asked for."""
        if measure not in measures():
            raise ValueError(f"No measure is called {measure}; there are: {', '.join(measures())}.")
        return measure in self.asked

    @property
    def measures(self) -> list[Measure]:
        """The measures in the order they are shown."""
        return [one for key, one in measures().items() if key in self.asked]

    @property
    def marks(self) -> str:
        """All in one line, for lists and tasks."""
        return "、".join(one.title for one in self.measures if one.key not in ("assisted", "social_aid", "legal_aid"))

    @property
    def contact(self) -> str:
        """How to reach and meet the person, in one sentence; nothing where it makes no difference."""
        keys = ("no_calls", "call", "written", "sign_language", "interpreter", "read_aloud", "large_print", "paper",
                "visit", "representative", "capacity")  # fmt: skip
        found = [measures()[key].staff.rstrip("。") for key in keys if key in self.asked]
        return "；".join(found) + ("。" if found else "")


NONE = Care()


def care_of(party: Party | None, now: dt.datetime) -> Care:
    """How a person is to be treated at this moment: by the needs that hold, and by age."""
    if party is None:
        return NONE
    asked = [need.asked for need in held(party, now)]
    if _elderly_unnoted(party, now):
        asked.append(frozenset(need_kinds()[ELDERLY].measures))
    if represented(party, now):
        asked.append(frozenset({"representative"}))
    return Care(joined(asked))


def care_of_user(user: User, now: dt.datetime) -> Care:
    """The same for somebody with an account; those who have no record yet are known by the age in their papers."""
    party = Party.objects.filter(user=user).first()
    if party is not None:
        return care_of(party, now)
    identity = Identity.objects.filter(user=user).first()
    if identity is None or not identity.number:
        return NONE
    old = is_elderly(identity.kind, open_sealed(identity.number), timezone.localtime(now).date())
    return Care(frozenset(need_kinds()[ELDERLY].measures)) if old else NONE


def held(party: Party, now: dt.datetime) -> list[SpecialNeed]:
    """The needs that were noted and hold today."""
    today = timezone.localtime(now).date()
    rows = [need for need in party.needs.all() if need.ended_at is None]
    return [need for need in rows if need.until is None or need.until >= today]


def priority_of(kinds: Iterable[str]) -> int:
    """The number by which lists and queues are sorted, larger first; 0 without a special need. The most pressing one
    counts, and each further need a little."""
    weights = sorted((need_kinds()[kind].weight for kind in set(kinds) if kind in need_kinds()), reverse=True)
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


def age_was_noted(party: Party) -> bool:
    """True when it was noted that somebody is elderly, be it that it was ended by hand since."""
    return any(need.source == SpecialNeed.Source.PAPERS or need.key == ELDERLY for need in party.needs.all())


def _elderly_unnoted(party: Party, now: dt.datetime) -> bool:
    return not age_was_noted(party) and elderly_now(party, now)


def kinds_of(party: Party, now: dt.datetime) -> set[str]:
    """The kinds that count now: those that were noted and hold, and age by the papers, unless it was ended by hand."""
    found = {need.key for need in held(party, now)}
    return found | ({ELDERLY} if _elderly_unnoted(party, now) else set())


def offers_elder_mode(acting: Acting, now: dt.datetime) -> bool:
    """True for investors who may want larger pages, by their needs or their papers, and do not have them yet."""
    if acting.elder_mode or not acting.is_a(Role.Kind.INVESTOR):
        return False
    return care_of_user(acting.user, now).has("elder_mode")


def told_of(kinds: Iterable[str]) -> tuple[bool, bool]:
    """Whether somebody with these needs is told of social assistance, and of legal aid."""
    asked = joined(frozenset(need_kinds()[kind].measures) for kind in kinds if kind in need_kinds())
    return "social_aid" in asked, "legal_aid" in asked


def untold(party: Party, kinds: set[str]) -> bool:
    """True when somebody has yet to be told of social assistance or legal aid."""
    told = {need.key for need in party.needs.all() if need.ended_at is None and need.told_at is not None}
    return any(told_of(kinds - told))


def early_days(user: User, now: dt.datetime) -> int:
    """How many working days before its end somebody is reminded of a deadline, at least; 0: as everybody."""
    if not care_of_user(user, now).has("early"):
        return 0
    return int(law.value_on("special_needs.early_warning_days", timezone.localtime(now).date()).value)


def code_way(party: Party | None, now: dt.datetime) -> Way:
    """How a code reaches this person, and how long it can be used."""
    return way_of(care_of(party, now), now)


def code_way_of_user(user: User, now: dt.datetime) -> Way:
    """The same for who logs in."""
    return way_of(care_of_user(user, now), now)


def way_of(care: Care, now: dt.datetime) -> Way:
    """Read out by a call for those who cannot read it; longer for those who are given more time."""
    minutes = int(law.value_on("special_needs.code_minutes", timezone.localtime(now).date()).value)
    return Way(care.has("voice_codes"), dt.timedelta(minutes=minutes) if care.has("more_time") else None)
