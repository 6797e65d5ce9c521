"""Work by the clock: drafts that nobody has touched for long."""

from __future__ import annotations

import datetime as dt

from fengqiao.portal.drafting import actions
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running


@kind("drafting.housekeeping", every=dt.timedelta(days=1), title="清理久未填写的文书草稿")
def housekeeping(running: Running) -> Outcome:
    """Never finished, not touched for DRAFT_DAYS days."""
    return Outcome({"removed": actions.remove_forgotten(now=running.now())})
