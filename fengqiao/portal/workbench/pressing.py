"""Who comes first among what is due at the same time: people with special needs. The number, never which need it is;
and only for staff, who choose what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Max

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Role
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.parties.models import Party
from fengqiao.portal.service.models import Recipient
from fengqiao.portal.signing.models import Signatory

PARTY, ROUND, RECIPIENT = "parties.party", "signing.signinground", "service.recipient"


def chooses(acting: Acting) -> bool:
    """True for those who work through the matters of several people."""
    return acting.behalf is None and not acting.is_a(Role.Kind.INVESTOR, Role.Kind.AGENT)


def first_of(rows: Sequence[Deadline], acting: Acting | None) -> set[int]:
    """The deadlines that come first, for the lists of deadlines; nothing for who does not choose what to do next."""
    return set(of_deadlines(rows)) if acting is not None and chooses(acting) else set()


def of_rounds(numbers: Iterable[int]) -> dict[int, int]:
    """The most pressing party of each round."""
    rows = Signatory.objects.filter(round__in=set(numbers), party__priority__gt=0)
    return dict(rows.values_list("round").annotate(first=Max("party__priority")))


def of_deadlines(rows: Sequence[Deadline]) -> dict[int, int]:
    """Of each deadline the priority of the party it is about, in at most three queries."""
    about: dict[str, dict[str, list[int]]] = {}
    for row in rows:
        kind, number = row.subject_kind, row.subject_id
        if kind not in (PARTY, ROUND, RECIPIENT) and row.case.startswith(f"{PARTY}:"):
            kind, number = PARTY, row.case.partition(":")[2]
        if number.isdecimal():
            about.setdefault(kind, {}).setdefault(number, []).append(row.pk)
    found: dict[str, dict[int, int]] = {}
    if PARTY in about:
        found[PARTY] = dict(Party.objects.filter(pk__in=about[PARTY], priority__gt=0).values_list("pk", "priority"))
    if RECIPIENT in about:
        served = Recipient.objects.filter(pk__in=about[RECIPIENT], party__priority__gt=0)
        found[RECIPIENT] = dict(served.values_list("pk", "party__priority"))
    if ROUND in about:
        found[ROUND] = of_rounds(int(number) for number in about[ROUND])
    return {
        deadline: weight
        for kind, weights in found.items()
        for number, weight in weights.items()
        for deadline in about[kind][str(number)]
    }
