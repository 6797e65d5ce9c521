"""Another organisation takes over from one that goes out of use: its parties, and the deadlines that run there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.accounts.queries import runs_the_platform
from fengqiao.portal.deadlines import actions as deadlines
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.parties import queries
from fengqiao.portal.parties.actions import pass_to
from fengqiao.portal.parties.models import Consent, Handling, Party
from fengqiao.portal.refusal import Refusal

AT_ONCE = 500
"""How many parties one step hands over: it holds up everybody else who leaves an event meanwhile."""
NOBODY = (
    "没有移交：没有可以移交给{to}的当事人和期限。本人没有单独同意提供给{to}的，要写明依法无须同意的依据"
    "（个人信息保护法第十三条、第二十三条）。"
)
TOLD: list[Callable[[Handling, Organisation, dt.datetime], None]] = []
"""Told inside the transaction, of each party: the new relation, and who dealt with the matter before."""


@dataclass(frozen=True)
class HandedOver:
    """What was handed over, and how many parties still stand with the old organisation alone."""

    parties: int
    deadlines: int
    left: int


def receivers(house: Organisation) -> QuerySet[Organisation]:
    """Who can take over: organisations in use, of the same kind."""
    return Organisation.objects.filter(kind=house.kind, is_active=True).exclude(pk=house.pk).order_by("name")


def in_care(house: Organisation) -> QuerySet[Party]:
    """Whose matters it deals with and nobody else has taken over."""
    return queries.handled_by(house).filter(disposed_at=None)


def not_yet_with(house: Organisation, to: Organisation) -> QuerySet[Party]:
    """Those of them that the other one does not deal with yet."""
    there = Handling.objects.filter(party=OuterRef("pk"), organisation=to, ended_at=None)
    return in_care(house).filter(~Exists(there)).exclude(taken_in_by=to)


@transaction.atomic
def hand_over_house(
    *, house: Organisation, organisation: Organisation, matter: str, basis: str, acting: Acting, now: dt.datetime
) -> HandedOver:
    """Hand the parties of one organisation to another, as far as they agreed to it or a law named in `basis` allows it;
    and the open deadlines with them. With a basis the deadlines that belong to no party go along, too."""
    if not runs_the_platform(acting):
        raise Http404
    if not receivers(house).filter(pk=organisation.pk).exists():
        raise Refusal("没有移交：接收的机构要和原机构类型相同，并且在用。请重新选择。")
    # All rows are taken before the first event is left, so nobody waits for us who has what we want.
    open_ones = Deadline.objects.filter(organisation=house, is_open=True)
    running = list(open_ones.select_for_update(of=("self",)).select_related("user", "organisation").order_by("pk"))
    agreed = Consent.objects.filter(
        party=OuterRef("pk"), purpose="pass_on", passed_to=organisation, withdrawn_at=None
    )  # fmt: skip
    allowed = Q() if basis.strip() else Q(Exists(agreed))
    people = list(
        not_yet_with(house, organisation).filter(allowed).select_for_update(of=("self",)).order_by("pk")[:AT_ONCE]
    )
    for party in people:
        handling = pass_to(party, organisation, matter, basis, acting, now)
        for told in TOLD:
            told(handling, house, now)
    left = not_yet_with(house, organisation)
    stay = {party.case for party in left.only("pk")}
    there = {party.case for party in in_care(house).only("pk")} - stay
    moving = [row for row in running if row.case in there or (basis.strip() and row.case not in stay)]
    deadlines.hand_to(rows=moving, house=house, to=organisation, acting=acting, now=now)
    if not people and not moving:
        raise Refusal(NOBODY.format(to=organisation.name))
    return HandedOver(len(people), len(moving), len(stay))
