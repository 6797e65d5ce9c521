"""Asking for work, and asking for it to stop."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.jobs.registry import KINDS


@transaction.atomic
def start(
    *,
    kind: str,
    title: str,
    arguments: Mapping[str, Any],
    stamp: Stamp,
    now: dt.datetime,
    subject: str = "",
    once_key: str | None = None,
    due_at: dt.datetime | None = None,
    priority: int = 0,
) -> Job:
    """Ask for work. With a once_key the same work is asked for only once: the second time the first job is answered."""
    if kind not in KINDS:
        raise ValueError(f"No kind of work is called {kind}; there are: {', '.join(sorted(KINDS))}.")
    if once_key and (there := Job.objects.filter(once_key=once_key).first()):
        return there
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind, title=title[:200], subject=subject, owner_id=stamp.user_id, stamp=dataclasses.asdict(stamp),
                arguments=dict(arguments), once_key=once_key, due_at=due_at or now, created_at=now, priority=priority,
            )  # fmt: skip
    except IntegrityError:
        if once_key and (there := Job.objects.filter(once_key=once_key).first()):
            return there  # somebody else asked in the same moment
        raise
    audit.record(
        stamp=stamp, verb="jobs.started", subject=("jobs.job", str(job.pk)), case=subject,
        after={"kind": kind, "title": job.title}, now=now,
    )  # fmt: skip
    return job


@transaction.atomic
def cancel(*, job: Job, stamp: Stamp, now: dt.datetime) -> bool:
    """Ask for a job to be cancelled. One that waits ends at once, one that runs is stopped by its worker; False when it
    had ended already."""
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.WAITING)
    stopped = waiting.update(state=Job.State.CANCELLED, cancel_asked_at=now, finished_at=now, message="已按要求取消。")
    if not stopped and not Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked_at=now):
        return False
    known = KINDS.get(job.kind)
    if stopped and known and known.ended:
        known.ended(job, Job.State.CANCELLED)
    audit.record(stamp=stamp, verb="jobs.cancel_asked", subject=("jobs.job", str(job.pk)), case=job.subject, now=now)
    return True
