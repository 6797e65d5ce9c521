"""What was sent and never reported goes back to staff."""

from __future__ import annotations

import datetime as dt

from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running
from fengqiao.portal.service import queries, settling

AT_MOST = 500


@kind("service.watch", every=dt.timedelta(minutes=10), title="查看送达是否到达")
def watch(running: Running) -> Outcome:
    """Each in a transaction of its own; a second run finds nothing twice."""
    numbers = list(queries.overdue(running.now()).values_list("pk", flat=True)[:AT_MOST])
    back = sum(settling.give_up_waiting(number=number, now=running.now()) for number in numbers)
    return Outcome({"handed_back": back})
