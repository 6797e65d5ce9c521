"""Quiet hours: at night nobody's telephone rings for what can wait until the morning."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone


def due_after(moment: dt.datetime, *, exempt: bool) -> dt.datetime:
    """The moment itself, or the end of the quiet hours that it lies in."""
    begin, end = settings.ENVIRONMENT.quiet_hours
    if exempt or begin == end:
        return moment
    local = timezone.localtime(moment)
    clock = local.time().replace(tzinfo=None)
    over_midnight = begin > end
    quiet = (clock >= begin or clock < end) if over_midnight else begin <= clock < end
    if not quiet:
        return moment
    day = local.date() + dt.timedelta(days=1 if over_midnight and clock >= begin else 0)
    return timezone.make_aware(dt.datetime.combine(day, end))
