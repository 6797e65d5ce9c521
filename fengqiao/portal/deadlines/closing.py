"""What closing an account has to do with deadlines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from fengqiao.portal.accounts import closing
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import User
from fengqiao.portal.deadlines.feeds import revoke_feed
from fengqiao.portal.deadlines.models import Deadline


def in_the_way(user: User, now: dt.datetime) -> Iterable[str]:
    """Deadlines that this person sees to."""
    running = Deadline.objects.filter(user=user, is_open=True).order_by("due_at")
    count = running.count()
    if count:
        yield f"您还有 {count} 个没有了结的期限，最近的是“{running[0].title}”。请先办结、撤销或者交给别人。"


def ending(user: User, acting: Acting, now: dt.datetime) -> dict[str, int]:
    """What calendar programs read with."""
    return {"feeds": int(revoke_feed(acting=acting, now=now))}


closing.IN_THE_WAY.append(in_the_way)
closing.ENDING.append(ending)
