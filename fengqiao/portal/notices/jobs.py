"""The worker empties the outbox."""

from __future__ import annotations

import datetime as dt
import time

from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running
from fengqiao.portal.notices.delivering import deliver_one

AT_MOST = 45.0
"""Seconds of one round; the next one goes on."""


@kind("notices.deliver", every=dt.timedelta(minutes=1), title="发送通知")
def deliver(running: Running) -> Outcome:
    """Send what is due."""
    began, done = time.monotonic(), 0
    while time.monotonic() - began < AT_MOST and deliver_one(clock=running.now):
        done += 1
        running.progress(done, done, "发送通知")
    return Outcome({"attempts": done})
