"""Work that comes round by the clock: asked for once a slot, however many workers there are."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from fengqiao.portal.jobs.models import Job
from fengqiao.portal.jobs.registry import KINDS, Kind

KEEP = dt.timedelta(days=7)
"""How long the jobs of past rounds are kept."""


def slot_of(kind: Kind, now: dt.datetime) -> int:
    """The number of the slot that a moment lies in."""
    every = kind.every or dt.timedelta(days=1)
    return int(now.timestamp() // every.total_seconds())


def ask_for_due(*, now: dt.datetime) -> int:
    """Ask for the work of the present slots that nobody has asked for yet; returns how many jobs were made."""
    made = 0
    for kind in KINDS.values():
        if kind.every is None:
            continue
        key = f"round:{kind.name}:{slot_of(kind, now)}"
        if Job.objects.filter(once_key=key).exists():
            continue
        try:
            with transaction.atomic():
                Job.objects.create(
                    kind=kind.name, title=kind.title or kind.name, once_key=key, due_at=now, created_at=now, priority=-1
                )
            made += 1
        except IntegrityError:
            continue  # another worker was quicker
    return made


def forget_old(*, now: dt.datetime) -> int:
    """Remove the rows of rounds that are long over; what people asked for is kept."""
    old = Job.objects.filter(once_key__startswith="round:", state=Job.State.DONE, finished_at__lt=now - KEEP)
    return old.delete()[0]
