"""How long what is kept, and what becomes of it then. Apps add rules: `RULES.append(...)` in their `retention.py`.

The periods are in `engine/law` (topic `records`), with their sources; where no law sets one they are ours and say 待核.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from fengqiao.engine import law
from fengqiao.portal.accounts.models import Identity, Invitation
from fengqiao.portal.parties.models import (
    DISPOSED_NAME,
    Authorisation,
    Consent,
    Correction,
    Handling,
    LegalHold,
    Party,
    SpecialNeed,
)


@dataclass(frozen=True)
class Rule:
    """How long one kind of record is kept."""

    name: str
    title: str
    model: type[Model]
    period: str
    """The id of a parameter of `engine.law`, in years."""
    start: str
    """In words: what the period begins with."""
    start_field: str
    """The column with the moment from which it runs."""
    rows: Callable[[], QuerySet]
    """What could be disposed of at all; the period is looked at besides."""
    clear: dict[str, Any]
    """Columns and what they become."""
    party_path: str = "party"
    """The way from a row to the party whose legal holds count."""
    file_field: str = ""
    """A column that names a document, which is removed with its content."""
    with_it: Callable[[Any], None] | None = None
    """What else goes with a row, within the same transaction."""
    user_path: str = ""
    """For a row of an account instead of a party: the way to it. Legal holds on the account's party count."""
    parties: Callable[[Any], QuerySet[Party]] | None = None
    """For a row of several parties: all of them; each one's legal holds count."""
    held_by: Callable[[], QuerySet[LegalHold]] | None = None
    """The same holds, for use within a query of rows (`OuterRef("pk")`)."""

    def years(self, today: dt.date) -> int:
        """The period in force."""
        return int(law.value_on(self.period, today).value)

    def period_text(self, today: dt.date) -> str:
        """The period as pages show it."""
        return f"{self.start}后 {self.years(today)} 年"

    def basis(self, today: dt.date) -> str:
        """Its source, doubts included."""
        value = law.value_on(self.period, today)
        return value.source + ("" if value.verified else f"（待核：{value.missing}）")

    def over(self, now: dt.datetime) -> QuerySet:
        """Rows past their period, held or not. What began on a day is over when the same day of the last year is."""
        before = years_before(timezone.localtime(now).date(), self.years(timezone.localtime(now).date()))
        moment = dt.datetime.combine(before, dt.time(), tzinfo=timezone.get_default_timezone())
        return self.rows().filter(**{f"{self.start_field}__lt": moment})

    def holds(self) -> QuerySet:
        """The legal holds on a row's party, for use within a query."""
        if self.held_by is not None:
            return self.held_by()
        if self.user_path:
            return LegalHold.objects.filter(party__user=OuterRef(f"{self.user_path}_id"), lifted_at=None)
        key = "pk" if self.party_path == "pk" else f"{self.party_path}_id"
        return LegalHold.objects.filter(party_id=OuterRef(key), lifted_at=None)

    def due(self, now: dt.datetime) -> QuerySet:
        """Rows to be disposed of."""
        return self.over(now).filter(~Exists(self.holds())).order_by("pk")

    def held(self, now: dt.datetime) -> QuerySet:
        """Rows that would be, but for a legal hold."""
        return self.over(now).filter(Exists(self.holds())).order_by("pk")

    def parties_of(self, row: Any) -> QuerySet[Party]:
        """Whose row it is."""
        if self.parties is not None:
            return self.parties(row)
        if self.user_path:
            user = getattr(row, f"{self.user_path}_id")
            return Party.objects.filter(user=user) if user else Party.objects.none()
        return Party.objects.filter(pk=row.pk if self.party_path == "pk" else getattr(row, f"{self.party_path}_id"))

    def case_of(self, row: Any) -> str:
        """What its events are found by."""
        if self.user_path:
            return ""
        return str(row.number) if self.parties is not None else self.parties_of(row).get().case


def years_before(day: dt.date, years: int) -> dt.date:
    """The same day years ago; of the 29th of February the 28th where there is none."""
    last = calendar.monthrange(day.year - years, day.month)[1]
    return day.replace(year=day.year - years, day=min(day.day, last))


OPEN_MATTERS: list[Callable[[], Q]] = []
"""Conditions on parties that other apps still deal with: such parties stay, however long ago the last act was."""


def idle_parties() -> QuerySet:
    """Parties without an account that can be used, and nothing under way."""
    rows = Party.objects.filter(Q(user=None) | Q(user__is_active=False), disposed_at=None)
    running = Authorisation.objects.filter(
        party=OuterRef("pk"), state__in=(Authorisation.State.SUBMITTED, Authorisation.State.ACCEPTED)
    )
    handled = Handling.objects.filter(party=OuterRef("pk"), ended_at=None)
    asked = Correction.objects.filter(party=OuterRef("pk"), state=Correction.State.SUBMITTED)
    rows = rows.filter(~Exists(running), ~Exists(handled), ~Exists(asked))
    for matters in OPEN_MATTERS:
        rows = rows.exclude(matters())
    return rows


def closed_identities() -> QuerySet[Identity]:
    """Who the people of closed accounts are, once the record of the person has gone, where there was one."""
    left = Party.objects.filter(user=OuterRef("user"), disposed_at=None)
    rows = Identity.objects.filter(~Exists(left), user__closed_at__isnull=False, user__is_active=False)
    return rows.exclude(number=b"", mobile=b"").annotate(closed_at=F("user__closed_at"))


RULES: list[Rule] = [
    Rule(
        "party", "当事人的登记信息", Party, "records.party_years", "最后一次办理", "last_act_at", idle_parties,
        {
            "name": DISPOSED_NAME, "kind": "", "number": "", "mobile": "", "address": "", "bank_account": "",
            "priority": 0,
        },
        party_path="pk",
    ),
    Rule(
        "special_need", "特殊需要的记录", SpecialNeed, "records.party_years", "特殊需要结束", "ended_at",
        lambda: SpecialNeed.objects.filter(ended_at__isnull=False).exclude(kind=b""),
        {"kind": "", "detail": "", "evidence": ""}, file_field="file",
    ),
    Rule(
        "authorisation", "授权委托书", Authorisation, "records.authorisation_years", "终止或者不接受", "ended_at",
        lambda: Authorisation.objects.filter(ended_at__isnull=False, disposed_at=None),
        {"decline_reason": "（已处置）", "end_reason": ""}, file_field="paper",
    ),
    Rule(
        "correction", "更正申请", Correction, "records.privacy_assessment_years", "决定", "decided_at",
        lambda: Correction.objects.filter(decided_at__isnull=False, disposed_at=None),
        {"reason": "（已处置）", "decision_reason": "（已处置）"},
    ),
    Rule(
        "consent", "已撤回的同意", Consent, "records.privacy_assessment_years", "撤回", "withdrawn_at",
        lambda: Consent.objects.filter(withdrawn_at__isnull=False).exclude(text=""), {"text": "", "on_paper": ""},
    ),
    Rule(
        "identity", "已注销账号的实名信息", Identity, "records.party_years", "注销账号", "closed_at", closed_identities,
        {"kind": "", "number": "", "mobile": ""}, user_path="user",
    ),
    Rule(
        "invitation", "发给工作人员的邀请", Invitation, "records.party_years", "邀请到期", "expires_at",
        lambda: Invitation.objects.exclude(name=DISPOSED_NAME), {"name": DISPOSED_NAME, "mobile": ""},
        user_path="accepted_by",
    ),
]  # fmt: skip


APART: list[Rule] = []
"""Rules whose rows are no party's and have a job of their own: on the schedule, not among those that are disposed of
here."""


def rule(name: str) -> Rule:
    """The rule with this name."""
    return next(found for found in RULES if found.name == name)


@dataclass(frozen=True)
class Finding:
    """One row of a dry run."""

    rule: Rule
    row: Any
    since: dt.datetime
    holds: tuple[str, ...] = ()


def findings(rules: Iterable[Rule], now: dt.datetime, *, held: bool, most: int) -> list[Finding]:
    """What would be disposed of now, or what is kept back by legal holds with their reasons."""
    found: list[Finding] = []
    for each in rules:
        rows = each.held(now) if held else each.due(now)
        for row in rows[: most - len(found)]:
            holds = LegalHold.objects.filter(party__in=each.parties_of(row), lifted_at=None).order_by("pk")
            reasons = holds.values_list("reason", flat=True) if held else ()
            found.append(Finding(each, row, getattr(row, each.start_field), tuple(reasons)))
    return found
