"""Due rows a second: deadlines reminded of and escalated, against a bare UPDATE of the same rows in the same run.

    python -m benchmarks.due_rows
    python -m tests.postgresql python -m benchmarks.due_rows

One row is one transaction: the conditional update, the event, the notice in the outbox and, when it is escalated, the
audit event. The bare loop updates the same rows one by one, each in a transaction of its own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.portal_home import portal

HEAD = (
    "| due rows | rows a second | bare UPDATE | ratio | processor time a row | bare UPDATE |\n|---|---|---|---|---|---|"
)
ROUNDS, ROWS = 5, 200
LAST_DAY = dt.date(2026, 9, 11)
UPDATE = """
UPDATE deadlines_deadline SET next_act = %s, next_act_at = %s, version = version + 1 WHERE id = %s AND version = %s"""


def rows(quick: bool = False, rounds: int = ROUNDS, count: int = ROWS) -> list[str]:
    """The lines of the table; the portal is set up."""
    if quick:
        rounds, count = 1, 50
    from django.db import connection

    from fengqiao.portal.deadlines import hours, reminding

    who, manager = people()
    found = []
    for what, escalating, channels in (
        ("reminding, with the notice to the person", False, True),
        ("escalating, with the notice and the audit event", True, True),
        ("reminding alone", False, False),
    ):
        kept = list(reminding.CHANNELS)
        reminding.CHANNELS[:] = kept if channels else []
        day = LAST_DAY if not escalating else LAST_DAY - dt.timedelta(days=3)
        now = hours.at(LAST_DAY, dt.time(10))
        ours, bare = [], []
        for turn in range(rounds + 1):
            made = make(count, day, who, manager, escalating)
            took = timed(lambda now=now: reminding.act_on_due(now=now))
            assert reminding.act_on_due(now=now) == {"done": 0, "failed": 0}
            plain = timed(lambda made=made: update_one_by_one(made))
            if turn:  # the first one warms up
                ours.append(took)
                bare.append(plain)
        reminding.CHANNELS[:] = kept
        own, loop = (count / statistics.median(wall for wall, _ in times) for times in (ours, bare))
        busy, least = (statistics.median(used for _, used in times) / count * 1000 for times in (ours, bare))
        found.append(
            f"| {connection.vendor}: {what} | {own:,.0f} | {loop:,.0f} | {own / loop:.2f} | {busy:.2f} ms "
            f"| {least:.2f} ms |"
        )
        print(found[-1], flush=True)
    return found


def people() -> tuple[Any, Any]:
    """Who is responsible, and to whom it goes when it is overdue."""
    from django.utils import timezone

    from fengqiao.portal.accounts.models import Organisation, Role, User

    body = Organisation.objects.create(kind=Organisation.Kind.MEDIATION, name="示例调解组织")
    made = []
    for name, kind in (("调解员A", Role.Kind.MEDIATOR), ("调解管理员A", Role.Kind.MEDIATION_MANAGER)):
        user = User.objects.create(username=f"bench-{kind}", name=name, joined_at=timezone.now())
        Role.objects.create(user=user, organisation=body, kind=kind, granted_at=timezone.now())
        made.append((user, body))
    return made[0], made[1]


def make(count: int, day: dt.date, who: Any, manager: Any, escalating: bool) -> list[int]:
    """Rows that need something now: due today, or overdue with somebody to go to."""
    from fengqiao.portal.deadlines import counting, hours
    from fengqiao.portal.deadlines.models import Deadline, Event

    opened = hours.at(day - dt.timedelta(days=10), dt.time(10))
    act = Deadline.Act.ESCALATE if escalating else Deadline.Act.LAST_DAY
    chain = [{"user": manager[0].pk, "organisation": manager[1].pk, "role_kind": ""}] if escalating else []
    built = [
        Deadline(
            title=f"提交材料{number}", subject_kind="bench", subject_id=str(number), starts_on=opened.date(),
            given_due_on=day, user=who[0], organisation=who[1], chain=chain, opened_at=opened, version=1,
            next_act=act, next_act_at=hours.at(LAST_DAY, dt.time(9)), **counting.moments(day, 3),
        )
        for number in range(count)
    ]  # fmt: skip
    made = Deadline.objects.bulk_create(built)
    Event.objects.bulk_create(
        Event(deadline=row, number=1, kind=Event.Kind.OPENED, at=opened, who="调解员A", due_on=day) for row in made
    )
    return [row.pk for row in made]


def update_one_by_one(numbers: list[int]) -> None:
    """The same rows, by nothing but an UPDATE each."""
    from django.db import connection

    from fengqiao.portal.deadlines.models import Deadline

    versions = dict(Deadline.objects.filter(pk__in=numbers).values_list("pk", "version"))
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute(UPDATE, ["", None, number, versions[number]])
            assert cursor.rowcount == 1


def timed(call: Callable[[], Any]) -> tuple[float, float]:
    """How long it takes, and how long this process was at work: the latter is the same on a busy machine."""
    begun, used = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - begun, time.process_time() - used


def main() -> None:
    """Set the portal up, measure, print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.due_rows")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--rows", type=int, default=ROWS)
    arguments = parser.parse_args()
    with portal():
        print(HEAD, flush=True)
        rows(rounds=arguments.rounds, count=arguments.rows)


if __name__ == "__main__":
    main()
