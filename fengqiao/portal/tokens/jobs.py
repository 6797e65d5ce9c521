"""The worker looks after tokens."""

from __future__ import annotations

import datetime as dt

from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running
from fengqiao.portal.tokens import actions, ending


@kind("tokens.look_after", every=dt.timedelta(minutes=15), title="接口令牌的到期提醒和失效")
def look_after(running: Running) -> Outcome:
    """Tell ahead, and write down what is over."""
    now = running.now()
    ended = sum(actions.write_end_down(token=token, now=now) for token in list(ending.over(now)))
    return Outcome({"ended": ended, "told": ending.tell_ahead(now)})
