"""The clock's side: what a deadline needs next, done once however many workers there are.

A row that is due is taken by one conditional update that names its version; the event with that number, and what the
channels write, are in the same transaction. A worker that is killed leaves all of it or nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F

from fengqiao.engine.deadlines import rule
from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Channel, system_stamp
from fengqiao.portal.deadlines import hours
from fengqiao.portal.deadlines.models import ONE_SECOND, Deadline, Event

log = logging.getLogger(__name__)
CHANNELS: list[Callable[[Deadline, str, dt.datetime], None]] = []
"""Told of every reminder (deadline, kind of `Deadline.Act`, now) inside the transaction that wrote it. A channel writes
to an outbox and sends nothing itself."""
EARLIER: list[Callable[[Any, dt.datetime], int]] = []
"""Asked when a deadline is opened for a person: how many working days before its end they are to be reminded, at
least. Later apps know who needs more time."""
BATCH = 100
AGAIN = dt.timedelta(minutes=15)
SYSTEM = "系统"
Act = Deadline.Act


def plan(deadline: Deadline, *, after: str = "", now: dt.datetime) -> dict[str, Any]:
    """The next act after one that was done, and when: never outside office hours. Reads due_on, due_at, warn_at."""
    nothing = {"next_act": "", "next_act_at": None}
    if deadline.state != Deadline.State.RUNNING or deadline.due_at is None or deadline.due_on is None:
        return nothing
    over = deadline.due_at + ONE_SECOND
    last = hours.last_opening(over)
    if deadline.starts_at is not None:  # in hours: one reminder, the last while offices are open
        near = _near_end(deadline, over, last, now)
        if not after and near < over:
            return {"next_act": Act.WARN, "next_act_at": near}
        after = after or Act.LAST_DAY
    if not after and now < over and deadline.warn_at is not None and deadline.warn_at < last:
        return {"next_act": Act.WARN, "next_act_at": hours.next_working(max(deadline.warn_at, now))}
    if after in ("", Act.WARN) and now < over and deadline.starts_at is None:
        moment = hours.next_working(max(last, now))
        if moment < over:
            return {"next_act": Act.LAST_DAY, "next_act_at": moment}
    if after in ("", Act.WARN, Act.LAST_DAY):
        return {"next_act": Act.OVERDUE, "next_act_at": hours.next_working(max(over, now))}
    soft = bool(deadline.rule) and rule(deadline.rule).sense == "soft"
    if soft or deadline.level >= len(deadline.chain):
        return nothing
    return {"next_act": Act.ESCALATE, "next_act_at": hours.next_working(now + dt.timedelta(days=1))}


def _near_end(deadline: Deadline, over: dt.datetime, last: dt.datetime, now: dt.datetime) -> dt.datetime:
    near = hours.next_working(max(deadline.warn_at or last, now))
    return near if near < over else hours.next_working(max(last, now))


def due_rows(now: dt.datetime) -> list[Deadline]:
    """Some of the rows that need something now, the oldest first."""
    rows = Deadline.objects.filter(next_act_at__isnull=False, next_act_at__lte=now)
    return list(rows.order_by("next_act_at", "id")[:BATCH])


def act_on_due(*, now: dt.datetime, most: int = 100_000) -> dict[str, int]:
    """Do what is due; each row in a transaction of its own. Returns how many were done, and how many failed."""
    done = failed = 0
    while done + failed < most and (rows := due_rows(now)):
        for row in rows:
            version = row.version
            try:
                done += act_on(row, now=now)
            except Exception:
                failed += 1
                log.exception("a deadline could not be reminded of", extra={"deadline": row.pk})
                put_off(row.pk, version, now=now)
    return {"done": done, "failed": failed}


@transaction.atomic
def act_on(row: Deadline, *, now: dt.datetime) -> bool:
    """Take one row as it was read and do its act; False when it is no longer as it was read, or it is not the hour."""
    held = Deadline.objects.filter(pk=row.pk, version=row.version, next_act_at=row.next_act_at)
    hour = hours.next_working(now)
    if hour > now:  # the worker was away, and is back outside office hours
        held.update(next_act_at=hour)
        return False
    act = row.next_act
    if row.overdue_at(now) and act in (Act.WARN, Act.LAST_DAY):
        act = Act.OVERDUE  # a reminder of what is to come would be too late
    changes: dict[str, Any] = {}
    if act == Act.ESCALATE:
        goal = row.chain[row.level]
        changes = {
            "user_id": goal.get("user"), "organisation_id": goal.get("organisation"),
            "role_kind": goal.get("role_kind") or "", "level": row.level + 1,
        }  # fmt: skip
        row.level += 1
    changes |= plan(row, after=act, now=now)
    if not held.update(**changes, version=F("version") + 1):
        return False
    row.refresh_from_db(from_queryset=Deadline.objects.select_related("user", "organisation"))
    Event.objects.create(
        deadline=row, number=row.version, kind=act, at=now, who=SYSTEM, due_on=row.due_on, responsible=row.responsible
    )
    for channel in CHANNELS:
        channel(row, act, now)
    if act == Act.ESCALATE:
        audit.record(
            stamp=system_stamp(Channel.WORKER), verb="deadlines.escalated", subject=row, case=row.case,
            organisation_id=row.organisation_id, after={"level": row.level, "responsible": row.responsible}, now=now,
        )  # fmt: skip
    return True


@transaction.atomic
def put_off(number: int, version: int, *, now: dt.datetime) -> None:
    """One that could not be reminded of: later again, so that it stops nobody else; the history says so."""
    held = Deadline.objects.filter(pk=number, version=version, state=Deadline.State.RUNNING)
    if held.update(next_act_at=hours.next_working(now + AGAIN), version=version + 1):
        Event.objects.create(deadline_id=number, number=version + 1, kind=Event.Kind.FAILED, at=now, who=SYSTEM)
