"""Reading jobs."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Min, QuerySet

from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.jobs.models import Job


def visible_to(stamp: Stamp | None) -> QuerySet[Job]:
    """The jobs a person asked for themselves. Apps that show a job to colleagues do so through what it works on."""
    if stamp is None or stamp.user_id is None:
        return Job.objects.none()
    return Job.objects.filter(owner_id=stamp.user_id)


def of_subject(subject: str) -> QuerySet[Job]:
    """The jobs that work on a thing, newest first."""
    return Job.objects.filter(subject=subject).order_by("-created_at")


def queue(now: dt.datetime) -> dict[str, float]:
    """How much waits and runs, and how many seconds the first has waited: for the health of the installation."""
    counts = dict(Job.objects.filter(state__in=Job.OPEN).values_list("state").annotate(Count("id")))
    oldest = Job.objects.filter(state=Job.State.WAITING, due_at__lte=now).aggregate(at=Min("due_at"))["at"]
    lost = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now).count()
    return {
        "waiting": counts.get(Job.State.WAITING, 0),
        "running": counts.get(Job.State.RUNNING, 0),
        "lost": lost,
        "waited_seconds": (now - oldest).total_seconds() if oldest else 0.0,
    }
