"""Tidying up after uploads that were broken off."""

from __future__ import annotations

import datetime as dt

from fengqiao.portal.documents.previews import remove_unused
from fengqiao.portal.documents.store import remove_abandoned
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running

DAY = 24 * 3600


@kind("documents.tidy", every=dt.timedelta(hours=6), title="清理中断的上传")
def tidy(running: Running) -> Outcome:
    """Remove what has not grown for a day, as its sender has gone, and pictures of pages made a week ago."""
    return Outcome({"removed": remove_abandoned(older_than=DAY), "previews": remove_unused(older_than=7 * DAY)})
