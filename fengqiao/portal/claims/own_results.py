"""What an investor sees of a mass case: their own published result, and nobody else's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.claims.models import CaseInvestor, MassCase, MeasuredInvestor
from fengqiao.portal.parties import queries as parties
from fengqiao.portal.parties.models import Party
from fengqiao.portal.vault.fields import lookup
from fengqiao.portal.vault.sealed import open_sealed


@dataclass(frozen=True)
class OwnResult:
    """One number of a case that is this person's."""

    person: CaseInvestor
    case: MassCase
    rows: list[MeasuredInvestor]

    @property
    def total(self) -> int:
        """In fen, over all segments of the case."""
        return sum(row.total for row in self.rows)


def whose(acting: Acting | None, now: dt.datetime) -> Party | None:
    """Whose results the person at the screen may see: their own, or those of whom they act for as an agent."""
    if acting is None:
        return None
    if acting.behalf is None:
        return parties.own_party(acting) if acting.is_a(Role.Kind.INVESTOR) else None
    held = parties.in_force_for(acting, now).filter(party=acting.behalf[0]).select_related("party").first()
    return held.party if held else None


@sensitive_variables()
def results_of(acting: Acting | None, now: dt.datetime) -> list[OwnResult]:
    """Their published results, the newest first: where identity number and confirmed mobile are those that the office
    put down."""
    party = whose(acting, now)
    if party is None:
        return []
    found = CaseInvestor.objects.filter(case__published__finished_at__isnull=False)
    found = found.select_related("case__organisation", "case__published").order_by("-case__published_at", "id")
    return [OwnResult(row, row.case, _rows(row)) for row in same_person(found, party)]


@sensitive_variables()
def same_person(rows: QuerySet[CaseInvestor], party: Party) -> list[CaseInvestor]:
    """The rows that are of this person: identity number and confirmed mobile are both theirs."""
    if not party.number or not party.contact_mobile:
        return []
    found = list(rows.filter(lookup(CaseInvestor, "number", open_sealed(party.number))))
    mobile = open_sealed(party.contact_mobile) if found else ""
    return [row for row in found if open_sealed(row.mobile) == mobile]


def _rows(person: CaseInvestor) -> list[MeasuredInvestor]:
    published = person.case.published
    rows = MeasuredInvestor.objects.filter(
        result_set=published.results_id if published else None, investor=person.investor
    )
    return list(rows.order_by("id"))


def result_for(number: int, acting: Acting | None, now: dt.datetime) -> OwnResult | None:
    """One of them, with something measured in it."""
    return next((one for one in results_of(acting, now) if one.person.pk == number and one.rows), None)
