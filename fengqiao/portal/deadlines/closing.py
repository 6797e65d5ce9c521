"""What closing an account has to do with deadlines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from fengqiao.portal.accounts import actions, closing, resting
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.deadlines import actions as deadlines
from fengqiao.portal.deadlines import queries
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


def left_behind(role: Role) -> Iterable[str]:
    """Before a role ends: who will see to what."""
    count = queries.left_by(role).count()
    if not count or queries.others_roles(role).filter(user=role.user).exists():
        return
    kind = Role.Kind(queries.who_takes_over(role)).label
    yield f"{role.user.name}负责的 {count} 个没有了结的期限，终止后转由本机构的{kind}负责，提醒发给他们，历史保留。"


def take_over(role: Role, acting: Acting, now: dt.datetime) -> None:
    """A role ended: nothing that runs is left with somebody who cannot act."""
    deadlines.hand_on(role=role, acting=acting, now=now)


def open_there(house: Organisation, now: dt.datetime) -> Iterable[resting.Open]:
    """What a house that goes out of use would have to see to."""
    count = Deadline.objects.filter(organisation=house, is_open=True).count()
    then = "继续计算，不因停用而停止。可以移交给同类的机构；没有移交的，提醒发给平台管理员。"
    yield resting.Open("没有了结的期限", count, then, "parties:hand_over_house")


resting.OPEN.append(open_there)
actions.LEFT_BEHIND.append(left_behind)
actions.ROLE_ENDED.append(take_over)
closing.IN_THE_WAY.append(in_the_way)
closing.ENDING.append(ending)
