"""The deadlines that pages show: those of the demo, and one that runs."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from fengqiao.portal.accounts.acting import acting_for
from fengqiao.portal.accounts.models import User
from fengqiao.portal.deadlines import actions, demo
from fengqiao.portal.deadlines.models import Deadline


def make_deadlines(users: dict[str, User]) -> dict[str, int]:
    """Numbers of deadlines by what they show; made once."""
    now = timezone.now()
    mediator = acting_for(users["mediator"])
    demo.fill(mediator=mediator, manager=acting_for(users["mediation_manager"]), now=now)
    running = actions.open_deadline(
        rule="mediation.before_filing_days", subject=("tests.thing", "1"), case="演示-1", title="委派调解的期限",
        starts_on=timezone.localtime(now).date() - dt.timedelta(days=1), user=mediator.user,
        organisation=mediator.organisation, once_key="tests:running", acting=mediator, now=now,
    )  # fmt: skip
    named = {name: Deadline.objects.get(once_key=f"{demo.KEY}:{name}").pk for name in ("paused", "rolled", "overdue")}
    return {**named, "running": running.pk}
