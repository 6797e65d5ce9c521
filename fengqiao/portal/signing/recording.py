"""Leaving evidence: one row, and its digest in the audit chain, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.signing import queries
from fengqiao.portal.signing.models import Evidence, Signatory, SigningRound


def note(
    *, what: str, round_: SigningRound, stamp: Stamp, now: dt.datetime, signatory: Signatory | None = None,
    reason: str = "", **values: Any,
) -> Evidence:  # fmt: skip
    """Write what happened. values: the columns of the evidence that say more."""
    values.setdefault("who", stamp.name)
    values.setdefault("address", stamp.address)
    row = Evidence.objects.create(
        round=round_, signatory=signatory, what=what, at=now, text_sha256=round_.text_sha256, note=reason, **values
    )
    audit.record(
        stamp=stamp, verb=f"signing.{what}", subject=row, case=round_.number, after=queries.values_of(row),
        organisation_id=round_.organisation_id, now=now,
    )  # fmt: skip
    return row
