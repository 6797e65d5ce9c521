"""Leaving a trace: one row, and its digest in the audit chain, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.service import queries
from fengqiao.portal.service.models import Recipient, Trace


def note(*, what: str, recipient: Recipient, stamp: Stamp, now: dt.datetime, **values: Any) -> Trace:
    """Write what happened. values: the columns that say more."""
    values.setdefault("who", stamp.name)
    values.setdefault("address", stamp.address)
    for name in ("note", "device"):
        values[name] = str(values.get(name, ""))[:300]
    row = Trace.objects.create(recipient=recipient, what=what, at=now, **values)
    audit.record(
        stamp=stamp, verb=f"service.{what}", subject=row, case=recipient.number, after=queries.values_of(row),
        organisation_id=recipient.organisation_id, now=now,
    )  # fmt: skip
    return row
