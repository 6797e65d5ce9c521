"""Taking a job, keeping it, letting it go: each is one conditional update, safe with any number of workers.

A job that runs belongs to one attempt. Whoever writes for it names the attempt; when somebody else has taken the job up
in the meantime, the update meets no row and the writer learns that it no longer matters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.jobs.registry import KINDS, Outcome

LEASE = dt.timedelta(seconds=30)
PAUSES = (5, 60, 600)
"""Seconds before an attempt that broke is made anew."""
MOST_INTERRUPTIONS = 2
INTERRUPTED = (
    "这项工作已连续{count}次被意外中断（例如服务器断电或内存不足），不再自动重试。"
    "原有数据没有改动；请联系平台管理员查明原因后重新发起。"
)


def held(job_id: UUID, attempt: int) -> QuerySet[Job]:
    """The row, as long as this attempt holds it."""
    return Job.objects.filter(pk=job_id, state=Job.State.RUNNING, attempt=attempt)


def take(*, worker: str, now: dt.datetime, lease: dt.timedelta = LEASE) -> Job | None:
    """Take the most urgent job that is due or whose worker is lost; None when there is none."""
    give_up_lost(now=now)
    lost = Q(state=Job.State.RUNNING, lease_until__lt=now)
    for found in (
        Job.objects.filter(lost).order_by("lease_until"),
        Job.objects.filter(state=Job.State.WAITING, due_at__lte=now).order_by("-priority", "due_at", "id"),
    ):
        for job in found[:8]:
            was_lost = job.state == Job.State.RUNNING
            taken = Job.objects.filter(pk=job.pk, state=job.state, attempt=job.attempt, lease_until=job.lease_until)
            changed = taken.update(
                state=Job.State.RUNNING, attempt=F("attempt") + 1, worker=worker, lease_until=now + lease,
                started_at=job.started_at or now, interruptions=F("interruptions") + int(was_lost), message="",
            )  # fmt: skip
            if changed:
                job.refresh_from_db()
                return job
    return None


def give_up_lost(*, now: dt.datetime) -> None:
    """End the jobs whose workers were lost too often."""
    for job in Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now, interruptions__gte=MOST_INTERRUPTIONS)[
        :8
    ]:
        end(
            job, attempt=job.attempt, state=Job.State.FAILED, now=now,
            message=INTERRUPTED.format(count=job.interruptions + 1),
        )  # fmt: skip


def renew(jobs: Iterable[tuple[UUID, int]], *, now: dt.datetime, lease: dt.timedelta = LEASE) -> dict[UUID, bool]:
    """Keep the jobs; per job: still ours? A job that is missing in the answer is no longer ours."""
    kept = {}
    for job_id, attempt in jobs:
        if held(job_id, attempt).update(lease_until=now + lease):
            kept[job_id] = Job.objects.filter(pk=job_id, cancel_asked_at__isnull=False).exists()
    return kept


def report(job_id: UUID, attempt: int, *, done: int, total: int, step: str) -> bool:
    """Write how far the work is; False when the job is no longer ours."""
    return bool(held(job_id, attempt).update(done=done, total=total, step=step[:200]))


@transaction.atomic
def finish(job: Job, outcome: Outcome, *, now: dt.datetime) -> bool:
    """Finish a job together with its effect; False, and no effect, when the job is no longer ours."""
    changed = held(job.pk, job.attempt).update(
        state=Job.State.DONE,
        result=outcome.result,
        finished_at=now,
        lease_until=None,
        done=F("total"),
        step="",
        message="",
    )
    if not changed:
        return False
    if outcome.effect:
        outcome.effect()
    note(job, "jobs.finished", now=now)
    return True


@transaction.atomic
def end(job: Job, *, attempt: int, state: Job.State, message: str, now: dt.datetime) -> bool:
    """End a running job without a result."""
    changed = held(job.pk, attempt).update(
        state=state, message=message, finished_at=now, lease_until=None, step="", worker=""
    )
    if not changed:
        return False
    kind = KINDS.get(job.kind)
    if kind and kind.ended:
        kind.ended(job, state)
    note(job, f"jobs.{state}", reason=message, now=now)
    return True


def put_back(job: Job, *, now: dt.datetime, message: str = "", pause: float = 0, failures: int = 0,
             interruptions: int = 0) -> bool:  # fmt: skip
    """Let a job wait again: its worker stops, or the attempt broke or was interrupted."""
    changed = held(job.pk, job.attempt).update(
        state=Job.State.WAITING, lease_until=None, worker="", step="", message=message,
        due_at=now + dt.timedelta(seconds=pause), failures=F("failures") + failures,
        interruptions=F("interruptions") + interruptions,
    )  # fmt: skip
    return bool(changed)


def broke(job: Job, *, message: str, now: dt.datetime) -> None:
    """An attempt failed for a reason that is not the input's: again later, or the end."""
    kind = KINDS.get(job.kind)
    if kind and job.failures + 1 < kind.attempts:
        put_back(job, now=now, message=message, pause=PAUSES[min(job.failures, len(PAUSES) - 1)], failures=1)
    else:
        end(job, attempt=job.attempt, state=Job.State.FAILED, message=message, now=now)


def interrupted(job: Job, *, message: str, now: dt.datetime) -> None:
    """The attempt was cut off from outside: again soon, or, after the third time, the end."""
    if job.interruptions < MOST_INTERRUPTIONS:
        put_back(job, now=now, message=message, pause=PAUSES[0], interruptions=1)
    else:
        said = INTERRUPTED.format(count=job.interruptions + 1)
        end(job, attempt=job.attempt, state=Job.State.FAILED, message=said, now=now)


def note(job: Job, verb: str, *, now: dt.datetime, reason: str = "") -> None:
    """Leave an audit event of what a worker did."""
    audit.record(
        stamp=system_stamp("worker"), verb=verb, subject=("jobs.job", str(job.pk)), case=job.subject,
        organisation_id=job.stamp.get("organisation_id"), reason=reason, after={"kind": job.kind}, now=now,
    )  # fmt: skip
