"""The deadlines that pages show: those of the demo, and one that runs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting, acting_for
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
    return {**named, "running": running.pk, **_other_kinds(mediator, now)}


def _other_kinds(mediator: Acting, now: dt.datetime) -> dict[str, int]:
    """A limitation period that runs, one that was interrupted, and a period in hours."""
    today = timezone.localtime(now).date()
    common: dict[str, Any] = {
        "subject": ("tests.thing", "1"), "user": mediator.user, "organisation": mediator.organisation,
        "acting": mediator, "now": now,
    }  # fmt: skip
    limited = {
        name: actions.open_deadline(
            rule="limitation.misrepresentation_years", title="虚假陈述诉讼时效",
            starts_on=today - dt.timedelta(days=200), once_key=f"tests:{name}", **common,
        )
        for name in ("limitation", "interrupted")
    }  # fmt: skip
    if limited["interrupted"].state == Deadline.State.RUNNING:
        actions.interrupt(
            deadline=limited["interrupted"], reason="权利人提起诉讼或者申请仲裁", pending=True, acting=mediator, now=now
        )
    hours = actions.open_deadline(
        rule=None, starts_at=now, length="48H", length_source="举证通知书", title="补充证据", once_key="tests:hours",
        **common,
    )  # fmt: skip
    return {**{name: row.pk for name, row in limited.items()}, "hours": hours.pk}
