"""How long it is kept whose the numbers in the files of a case are: years after it was noted, unless a result is
published. These people need not be parties, so the rule is not among those of the parties and has a job of its own."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.claims.models import CaseInvestor, PeopleFile
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running
from fengqiao.portal.parties.disposing import digest_of
from fengqiao.portal.parties.models import Disposal, LegalHold, Party
from fengqiao.portal.parties.retention import APART, Rule
from fengqiao.portal.vault.fields import lookup
from fengqiao.portal.vault.sealed import open_sealed

PEOPLE = Rule(
    "case_investor", "案件中登记的投资者本人", CaseInvestor, "records.party_years", "登记", "added_at",
    lambda: CaseInvestor.objects.filter(case__published=None), {},
)  # fmt: skip


def is_held(row: CaseInvestor) -> bool:
    """True while everything of this person is to be kept; their records are locked, so a hold comes before or after."""
    same = Party.objects.select_for_update().filter(lookup(Party, "number", open_sealed(row.number)))
    return LegalHold.objects.filter(party__in=[party.pk for party in same], lifted_at=None).exists()


FILES = Rule(
    "people_file", "投资者本人的名单文件的记录和没有登记的行", PeopleFile, "records.party_years", "登记结束",
    "ended_at",
    lambda: PeopleFile.objects.filter(ended_at__isnull=False), {},
)  # fmt: skip
VERBS = {"case_investor": "person_disposed", "people_file": "people_file_disposed"}
RULES = ((PEOPLE, is_held, "投资者编号、证件号码、手机号码"), (FILES, lambda row: False, "文件名、没有登记的行"))
"""Each with what keeps a row back, and what goes with it. Rows that were not put down name no person: no hold."""
APART.extend((PEOPLE, FILES))


@transaction.atomic
def dispose(*, rule: Rule, number: int, now: dt.datetime) -> bool:
    """Delete one row and leave the proof; False when it may not be after all."""
    held, fields = next((held, fields) for one, held, fields in RULES if one is rule)
    row = rule.over(now).select_related("case").select_for_update(of=("self",)).filter(pk=number).first()
    if row is None or held(row):
        return False
    today = timezone.localtime(now).date()
    Disposal.objects.create(
        rule=rule.name, record_kind=row._meta.label_lower, record_id=str(row.pk),
        started_at=getattr(row, rule.start_field), period=rule.period_text(today), basis=rule.basis(today),
        digest=digest_of(row), disposed_at=now, fields=fields,
    )  # fmt: skip
    audit.record(
        stamp=system_stamp("worker"), verb=f"claims.{VERBS[rule.name]}", subject=row, case=row.case.number,
        reason=f"{rule.title}：{rule.period_text(today)}", organisation_id=row.case.organisation_id, now=now,
    )  # fmt: skip
    row.delete()
    return True


@kind("claims.dispose", every=dt.timedelta(days=1), title="到期处置案件中登记的投资者本人")
def dispose_due(running: Running) -> Outcome:
    """All that is past its period and not held, each row for itself."""
    done = 0
    for rule, _, _ in RULES:
        numbers = list(rule.over(running.now()).order_by("pk").values_list("pk", flat=True))
        for place, number in enumerate(numbers):
            done += dispose(rule=rule, number=number, now=running.now())
            running.progress(place + 1, len(numbers), rule.title)
    return Outcome({"disposed": done})
