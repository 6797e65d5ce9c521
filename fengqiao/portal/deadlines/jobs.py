"""Work by the clock: reminders and escalation every minute, what was guessed counted anew every day."""

from __future__ import annotations

import datetime as dt
import logging

from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.deadlines import actions, reminding
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running
from fengqiao.portal.refusal import Refusal

log = logging.getLogger(__name__)


@kind("deadlines.act", every=dt.timedelta(minutes=1), title="期限提醒和逾期升级")
def act(running: Running) -> Outcome:
    """Each row is written on its own, so an attempt that is made anew goes on where the last one ended."""
    return Outcome(reminding.act_on_due(now=running.now()))


def recount_provisional(now: dt.datetime) -> int:
    """Count anew what rests on a guess; returns how many changed."""
    changed = 0
    rows = Deadline.objects.filter(is_open=True, provisional=True, state=Deadline.State.RUNNING)
    for row in rows.order_by("id").iterator():
        try:
            changed += actions.recount(deadline=row, now=now)
        except (Refusal, FengqiaoError):
            log.warning("a deadline was not counted anew", extra={"deadline": row.pk})
    return changed


@kind("deadlines.recount", every=dt.timedelta(days=1), title="按新的年度日历重新计算暂算的期限")
def recount(running: Running) -> Outcome:
    """When the calendar has a new year the guesses become known days."""
    return Outcome({"changed": recount_provisional(running.now())})
