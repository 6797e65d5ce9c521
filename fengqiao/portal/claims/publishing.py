"""Results for the investors themselves: which run is published, and whose the numbers in the files are."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from fengqiao.engine.identity import identity_number_problem, mobile_problem
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.claims import queries, telling
from fengqiao.portal.claims.actions import required
from fengqiao.portal.claims.models import CaseInvestor, MassCase, MeasurementRun
from fengqiao.portal.refusal import Conflict
from fengqiao.portal.vault.sealed import open_sealed

LINES_AT_MOST = 1_000
SHOWN_AT_MOST = 20


@dataclass(frozen=True)
class Person:
    """One line: a number of the files, and whose it is."""

    investor: str
    number: str
    mobile: str


@sensitive_variables()
def read_people(text: str, case: MassCase, today: dt.date) -> tuple[list[Person], list[str]]:
    """What was pasted, and what is wrong with it, line by line."""
    people: list[Person] = []
    wrong: list[str] = []
    lines = [(place, line.strip()) for place, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > LINES_AT_MOST:
        return [], [f"一次最多登记 {LINES_AT_MOST:,} 行，现在有 {len(lines):,} 行，没有登记。请分几次粘贴。"]
    for place, line in lines:
        parts = re.split(r"[,，;；\s]+", line)
        if place == lines[0][0] and "编号" in parts[0]:
            continue
        if len(parts) != 3:
            wrong.append(f"第 {place} 行：应当是编号、证件号码、手机号码三项，读到 {len(parts)} 项。")
            continue
        person = Person(parts[0], parts[1].upper(), parts[2])
        problem = identity_number_problem(person.number, today) or mobile_problem(person.mobile)
        if problem:
            wrong.append(f"第 {place} 行：{problem}")
        people.append(person)
    wrong += _doubles(people) + _unknown(people, case)
    if not people and not wrong:
        wrong.append("没有读到要登记的人。请一行一人，写编号、证件号码和手机号码。")
    rest = len(wrong) - SHOWN_AT_MOST
    return people, wrong[:SHOWN_AT_MOST] + ([f"还有 {rest} 处没有列出。"] if rest > 0 else [])


def _doubles(people: list[Person]) -> list[str]:
    seen: set[str] = set()
    double = {one.investor for one in people if one.investor in seen or seen.add(one.investor)}  # type: ignore[func-returns-value]
    return [f"编号 {name} 写了不止一行，请只留一行。" for name in sorted(double)]


def _unknown(people: list[Person], case: MassCase) -> list[str]:
    """Numbers that the last finished measurement does not have; before there is one, any is taken."""
    run, missing = queries.not_measured(case, [one.investor for one in people])
    return [f"第{run.number}次测算的结果里没有编号 {name}。" for name in missing] if run else []


@dataclass(frozen=True)
class Noted:
    """What putting people down came to. rows: the numbers of the rows that are new or changed."""

    new: int
    changed: int
    same: int
    rows: list[int]


@sensitive_variables()
def put_down(case: MassCase, people: list[Person], *, by_id: int, now: dt.datetime) -> Noted:
    """Whose the numbers are, within the caller's transaction, which holds the case and leaves the event. Who is there
    already under a number is replaced; who is there just so stays as they are."""
    there = {row.investor: row for row in case.people.filter(investor__in=[one.investor for one in people])}
    fresh: list[CaseInvestor] = []
    changed: list[CaseInvestor] = []
    for one in people:
        row = there.get(one.investor)
        if row is None:
            row = CaseInvestor(case=case, investor=one.investor)
            fresh.append(row)
        elif (open_sealed(row.number), open_sealed(row.mobile)) == (one.number, one.mobile):
            continue
        else:
            changed.append(row)
        row.number, row.mobile, row.added_by_id, row.added_at = one.number, one.mobile, by_id, now
    CaseInvestor.objects.bulk_create(fresh)
    for row in changed:
        row.save()
    return Noted(
        len(fresh), len(changed), len(people) - len(fresh) - len(changed), [row.pk for row in (*fresh, *changed)]
    )


@transaction.atomic
@sensitive_variables()
def note_people(*, case: MassCase, people: list[Person], acting: Acting, now: dt.datetime) -> Noted:
    """Put down what was pasted, all or none."""
    case = required(case, acting)
    noted = put_down(case, people, by_id=acting.user.pk, now=now)
    audit.record(
        stamp=acting.stamp, verb="claims.people_noted", subject=case, case=case.number,
        after={"new": noted.new, "changed": noted.changed}, now=now,
    )  # fmt: skip
    tell_noted(case, noted, stamp=acting.stamp, now=now)
    return noted


def tell_noted(case: MassCase, noted: Noted, *, stamp: Stamp, now: dt.datetime) -> None:
    """While a result is published, those newly put down hear of it."""
    if case.published_id is not None and noted.rows:
        telling.tell_later(case=case, stamp=stamp, now=now, only=noted.rows)


@transaction.atomic
def forget_person(*, row: CaseInvestor, acting: Acting, now: dt.datetime) -> None:
    """Take the person away from a number."""
    case = required(row.case_id, acting)
    if not CaseInvestor.objects.filter(pk=row.pk, case=case).delete()[0]:
        raise Conflict("这一行已经被删除，没有再次删除。请刷新页面查看现在的名单。")
    audit.record(
        stamp=acting.stamp, verb="claims.person_forgotten", subject=case, case=case.number,
        after={"investor": row.investor}, now=now,
    )  # fmt: skip


@transaction.atomic
def publish(*, run: MeasurementRun, acting: Acting, now: dt.datetime, when_done: bool = False) -> None:
    """Let the investors see what this run found, each their own; an earlier one is no longer seen. when_done: it may
    still be going on, and is seen when it is finished."""
    case = required(run.case_id, acting)
    if not run.is_finished and not when_done:
        raise Http404
    if case.published_id == run.pk:
        raise Conflict(f"第{run.number}次测算的结果已经公布，没有再次公布。")
    MassCase.objects.filter(pk=case.pk).update(published=run, published_at=now)
    audit.record(
        stamp=acting.stamp, verb="claims.results_published", subject=run, case=case.number,
        before={"run": case.published_id}, after={"run": run.pk}, now=now,
    )  # fmt: skip
    if run.is_finished:
        telling.tell_later(case=case, stamp=acting.stamp, now=now)


@transaction.atomic
def withdraw(*, case: MassCase, acting: Acting, now: dt.datetime) -> None:
    """The investors see no result any more."""
    case = required(case, acting)
    if case.published_id is None:
        raise Conflict("这个案件现在没有公布的结果，没有撤回。请刷新页面查看。")
    MassCase.objects.filter(pk=case.pk).update(published=None, published_at=None)
    audit.record(
        stamp=acting.stamp, verb="claims.results_withdrawn", subject=case, case=case.number,
        before={"run": case.published_id}, now=now,
    )  # fmt: skip


def today_of(now: dt.datetime) -> dt.date:
    """The day here."""
    return timezone.localtime(now).date()
