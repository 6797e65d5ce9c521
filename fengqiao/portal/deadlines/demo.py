"""Deadlines to see in the demo: paused, rolled over National Day, overdue and escalated, and one that is near."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.deadlines import actions, hours, reminding
from fengqiao.portal.deadlines.models import Deadline

KEY = "demo:deadline"
CASE = "演示-期限"
MORNING = dt.time(10)
NATIONAL_DAY = dt.date(2026, 9, 3)
"""Thirty days from here end in the holiday of 2026 and roll to its first working day; 10-10 is worked in exchange."""


@transaction.atomic
def fill(*, mediator: Acting, manager: Acting, now: dt.datetime) -> int:
    """Put them in; a second time changes nothing. Returns how many were new."""
    before = Deadline.objects.count()
    today = timezone.localtime(now).date()
    long_ago = today - dt.timedelta(days=60)
    rolled = _one(
        "rolled", "共同申请司法确认（国庆假期顺延）", "confirmation.apply_days", NATIONAL_DAY, mediator, manager
    )
    if rolled.is_open and rolled.due_on and rolled.overdue_at(now):
        on_time = hours.at(rolled.due_on, MORNING)
        actions.meet(deadline=rolled, reason="最后一日提交申请", acting=mediator, now=on_time)
    _one("near", "确认调解员", "mediation.confirm_days", today, mediator, manager)
    since = today - dt.timedelta(days=9)
    paused = _one("paused", "诉前调解（鉴定期间暂停）", "mediation.before_filing_days", since, mediator, manager)
    if paused.version == 1:
        actions.pause(deadline=paused, reason="委托鉴定，鉴定期间不计入", acting=mediator, now=now)
    overdue = _one("overdue", "选派调解员（逾期并已升级）", "mediation.appoint_days", long_ago, mediator, manager)
    while overdue.level == 0 and overdue.next_act_at is not None and overdue.next_act_at <= now:
        reminding.act_on(overdue, now=overdue.next_act_at)
        overdue.refresh_from_db()
    return Deadline.objects.count() - before


def _one(name: str, title: str, rule: str, starts_on: dt.date, mediator: Acting, manager: Acting) -> Deadline:
    chain = [actions.responsible(user=manager.user, organisation=manager.organisation)]
    return actions.open_deadline(
        rule=rule, subject=("demo.deadline", name), case=CASE, title=title, starts_on=starts_on, user=mediator.user,
        organisation=mediator.organisation, chain=chain, once_key=f"{KEY}:{name}", acting=mediator,
        now=hours.at(starts_on, MORNING),
    )  # fmt: skip
