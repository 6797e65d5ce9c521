"""Deadlines: stored due moments, pauses, reminders in office hours, escalation; done once whoever dies on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting, acting_for
from fengqiao.portal.accounts.models import Organisation, Role, User
from fengqiao.portal.audit.models import Event as Audited
from fengqiao.portal.deadlines import actions, hours, jobs, queries, reminding
from fengqiao.portal.deadlines.models import Deadline, Event
from fengqiao.portal.deadlines.triggers import HISTORY
from fengqiao.portal.refusal import Conflict, Refusal
from tests import second_process

pytestmark = pytest.mark.django_db(transaction=True)


def beijing(year: int, month: int, day: int, hour: int = 10, minute: int = 0) -> dt.datetime:
    return hours.at(dt.date(year, month, day), dt.time(hour, minute))


NOW = beijing(2026, 9, 1)


def person(name: str, kind: str = Role.Kind.MEDIATOR, place: str = "测试调解") -> Acting:
    house = Organisation.objects.get_or_create(kind=Organisation.Kind.MEDIATION, name=place)[0]
    user = User.objects.create_user(f"test-{name}", name=name, joined_at=NOW)
    role = Role.objects.create(user=user, organisation=house, kind=kind, granted_at=NOW)
    return acting_for(user, role_id=role.pk)


@pytest.fixture
def mediator() -> Acting:
    return person("调解员甲")


@pytest.fixture
def manager() -> Acting:
    return person("调解管理员甲", Role.Kind.MEDIATION_MANAGER)


@pytest.fixture
def told() -> Iterator[list[tuple[int, str, dt.datetime]]]:
    heard: list[tuple[int, str, dt.datetime]] = []

    def channel(deadline: Deadline, kind: str, now: dt.datetime) -> None:
        heard.append((deadline.pk, kind, now))

    reminding.CHANNELS.append(channel)
    yield heard
    reminding.CHANNELS.remove(channel)


def opened(
    who: Acting, *, rule: str | None = "confirmation.apply_days", now: dt.datetime = NOW, **more: Any
) -> Deadline:
    if rule:
        more.setdefault("starts_on", timezone.localtime(now).date())
    return actions.open_deadline(
        rule=rule, subject=("tests.thing", 1), case="T1", title="共同申请司法确认", user=who.user,
        organisation=who.organisation, acting=who, now=now, **more,
    )  # fmt: skip


def kinds(deadline: Deadline) -> list[str]:
    return [event.kind for event in deadline.events.order_by("number")]


@pytest.mark.parametrize(
    ("start", "rule", "last", "provisional"),
    [
        (dt.date(2026, 9, 1), "confirmation.apply_days", dt.date(2026, 10, 8), False),  # 30 days end on 10-01
        (dt.date(2024, 1, 30), "confirmation.apply_days", dt.date(2024, 2, 29), False),  # the leap day
        (
            dt.date(2025, 8, 31),
            "confirmation.objection_interested_months",
            dt.date(2026, 2, 28),
            False,
        ),  # a make-up day
        (dt.date(2026, 12, 1), "confirmation.apply_days", dt.date(2026, 12, 31), False),  # the last known day
        (dt.date(2026, 12, 15), "confirmation.apply_days", dt.date(2027, 1, 14), True),  # beyond it
    ],
)
def test_the_due_day_is_the_engines(
    mediator: Acting, start: dt.date, rule: str, last: dt.date, provisional: bool
) -> None:
    now = hours.at(start, dt.time(10))
    row = opened(mediator, rule=rule, now=now)
    assert (row.due_on, row.provisional) == (last, provisional)
    assert row.due_at == beijing(last.year, last.month, last.day, 23, 59) + dt.timedelta(seconds=59)
    assert row.next_act_at is not None
    assert hours.next_working(row.next_act_at) == row.next_act_at
    assert row.steps
    assert row.basis


def test_green_yellow_red_follow_the_clock_alone(mediator: Acting) -> None:
    row = opened(mediator)  # due 2026-10-08, a Thursday; three working days before lie before the holiday
    assert row.warn_at == beijing(2026, 9, 28, 9)
    seen = [
        row.light(at)[0] for at in (NOW, beijing(2026, 9, 28, 9), beijing(2026, 10, 8, 23, 59), beijing(2026, 10, 9, 0))
    ]
    assert seen == ["good", "warning", "warning", "bad"]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (beijing(2026, 11, 20, 0), beijing(2026, 11, 20, 9)),
        (beijing(2026, 11, 20, 17, 30), beijing(2026, 11, 23, 9)),
        (beijing(2026, 10, 1, 10), beijing(2026, 10, 8, 9)),
        (beijing(2026, 10, 10, 10), beijing(2026, 10, 10, 10)),  # a Saturday that is worked
        (beijing(2026, 12, 31, 18), beijing(2027, 1, 4, 9)),  # beyond the known calendar: New Year, then a weekend
        (beijing(2060, 5, 1, 0), beijing(2060, 5, 3, 9)),  # beyond the festivals, too
    ],
)
def test_reminders_wait_for_office_hours(moment: dt.datetime, expected: dt.datetime) -> None:
    assert hours.next_working(moment) == expected


def test_reminders_and_escalation_from_the_first_to_the_last(
    mediator: Acting, manager: Acting, told: list[tuple[int, str, dt.datetime]]
) -> None:
    chain = [actions.responsible(user=manager.user, organisation=manager.organisation)]
    row = opened(mediator, chain=chain)
    at = NOW
    while at < beijing(2026, 10, 20):
        reminding.act_on_due(now=at)
        at += dt.timedelta(hours=3)
    row.refresh_from_db()
    assert kinds(row) == ["opened", "warn", "last_day", "overdue", "escalate"]
    assert [kind for _, kind, _ in told] == kinds(row)[1:]
    for _, _, moment in told:
        local = timezone.localtime(moment)
        assert settings.WORKING_HOURS[0] <= local.time() < settings.WORKING_HOURS[1]
        assert hours.is_working_day(local.date())
    assert [timezone.localtime(moment).date() for _, _, moment in told] == [
        dt.date(2026, 9, 28), dt.date(2026, 10, 8), dt.date(2026, 10, 9), dt.date(2026, 10, 10)
    ]  # fmt: skip
    assert row.user == manager.user
    assert row.next_act_at is None
    assert Audited.objects.filter(verb="deadlines.escalated").count() == 1


def test_a_worker_back_at_midnight_waits_for_the_morning(
    mediator: Acting, told: list[tuple[int, str, dt.datetime]]
) -> None:
    row = opened(mediator)
    reminding.act_on_due(now=beijing(2026, 9, 29, 0))
    row.refresh_from_db()
    assert (told, row.next_act_at) == ([], beijing(2026, 9, 29, 9))


def test_after_a_long_absence_only_what_still_matters_is_said(
    mediator: Acting, told: list[tuple[int, str, dt.datetime]]
) -> None:
    opened(mediator)
    reminding.act_on_due(now=beijing(2026, 11, 20))
    assert [kind for _, kind, _ in told] == ["overdue"]


def test_pause_and_resume_move_the_due_day(mediator: Acting) -> None:
    row = opened(mediator, rule="mediation.before_filing_days")
    before = row.due_on
    row = actions.pause(deadline=row, reason="诉前鉴定", acting=mediator, now=beijing(2026, 9, 7))
    assert (row.due_at, row.next_act_at, row.state) == (None, None, "paused")
    assert reminding.act_on_due(now=beijing(2026, 12, 1)) == {"done": 0, "failed": 0}
    row = actions.resume(deadline=row, reason="鉴定完成", acting=mediator, now=beijing(2026, 9, 16))
    assert before is not None
    assert row.due_on == dt.date(2026, 10, 12)  # 30 days to 10-01, and ten that did not count: 10-11, a Sunday
    assert kinds(row) == ["opened", "paused", "resumed"]
    assert [event.reason for event in row.events.order_by("number")] == ["", "诉前鉴定", "鉴定完成"]


def test_what_the_law_fixes_is_not_paused(mediator: Acting) -> None:
    row = opened(mediator, rule="confirmation.objection_interested_months")
    with pytest.raises(Refusal, match="不变期间"):
        actions.pause(deadline=row, reason="协商", acting=mediator, now=NOW)


def test_extension_only_by_those_the_rule_names(mediator: Acting) -> None:
    row = opened(mediator, rule="confirmation.peoples_decide_days")
    with pytest.raises(Refusal, match="只能由"):
        actions.extend(deadline=row, by="parties", length="5CD", reason="同意", acting=mediator, now=NOW)
    with pytest.raises(Refusal, match="没有保存"):
        actions.extend(deadline=row, by="president", length="900CD", reason="批准", acting=mediator, now=NOW)
    before = row.due_on
    row = actions.extend(deadline=row, by="president", length="5CD", reason="批准", acting=mediator, now=NOW)
    assert row.due_on is not None
    assert before is not None
    assert row.due_on > before
    with pytest.raises(Refusal, match="已经用完"):
        actions.extend(deadline=row, by="president", length="5CD", reason="批准", acting=mediator, now=NOW)


def test_what_was_changed_meanwhile_is_not_written_over(mediator: Acting) -> None:
    row = opened(mediator)
    stale = Deadline.objects.get(pk=row.pk)
    actions.meet(deadline=row, acting=mediator, now=NOW)
    with pytest.raises(Conflict):
        actions.pause(deadline=stale, reason="协商", acting=mediator, now=NOW)
    assert kinds(row) == ["opened", "met"]


def test_a_day_that_is_given_can_be_paused(mediator: Acting) -> None:
    row = opened(mediator, rule=None, due_on=dt.date(2026, 9, 11))
    row = actions.pause(deadline=row, reason="等待材料", acting=mediator, now=beijing(2026, 9, 3))
    row = actions.resume(deadline=row, reason="材料已到", acting=mediator, now=beijing(2026, 9, 4))
    assert row.due_on == dt.date(2026, 9, 14)  # two days more: 09-13 is a Sunday


def test_who_sees_what(mediator: Acting, manager: Acting) -> None:
    colleague, other = person("调解员乙"), person("调解员丙", place="别的调解")
    row = opened(mediator)
    assert queries.visible_to(mediator).get() == row
    assert queries.visible_to(manager).get() == row
    assert not queries.visible_to(colleague).exists()
    assert not queries.visible_to(other).exists()
    with pytest.raises(Http404):
        actions.meet(deadline=row, acting=colleague, now=NOW)
    shared = actions.open_deadline(
        rule=None, due_on=dt.date(2026, 9, 30), subject=("tests.thing", 2), title="选派调解员", acting=None, now=NOW,
        organisation=mediator.organisation, role_kind=Role.Kind.MEDIATOR,
    )  # fmt: skip
    assert queries.visible_to(colleague).get() == shared
    assert not queries.visible_to(other).exists()


def test_the_history_cannot_be_changed(mediator: Acting) -> None:
    row = opened(mediator)
    for change in (lambda: row.events.update(reason="别的"), lambda: row.events.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Event.objects.get().reason == ""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL puts no row in the place of another")
def test_no_other_row_takes_the_place_of_one_in_the_history(mediator: Acting) -> None:
    opened(mediator)
    replacing = "INSERT OR REPLACE INTO deadlines_event SELECT * FROM deadlines_event"
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        connection.cursor().execute(replacing)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no way to empty a table at one stroke")
@pytest.mark.parametrize("how", ["TRUNCATE deadlines_event", "TRUNCATE deadlines_deadline CASCADE"])
def test_the_history_cannot_be_emptied_at_one_stroke(mediator: Acting, how: str) -> None:
    opened(mediator)
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        connection.cursor().execute(how)
    assert Event.objects.count() == 1


def test_triggers_that_were_taken_away_are_missed() -> None:
    assert HISTORY.missing(connection) == []
    with transaction.atomic():
        connection.cursor().execute(
            "DROP TRIGGER deadlines_event_delete" + (" ON deadlines_event" if connection.vendor == "postgresql" else "")
        )
        assert HISTORY.missing(connection) == ["deadlines_event_delete"]
        transaction.set_rollback(True)


def test_one_that_cannot_be_reminded_of_stops_nobody_else(mediator: Acting) -> None:
    first, second = opened(mediator), opened(mediator)
    heard: list[int] = []

    def channel(deadline: Deadline, kind: str, now: dt.datetime) -> None:
        if deadline.pk == first.pk:
            raise RuntimeError("the outbox is full")
        heard.append(deadline.pk)

    reminding.CHANNELS.append(channel)
    try:
        found = reminding.act_on_due(now=beijing(2026, 9, 28))
    finally:
        reminding.CHANNELS.remove(channel)
    first.refresh_from_db()
    assert found == {"done": 1, "failed": 1}
    assert (heard, kinds(first)) == ([second.pk], ["opened", "failed"])
    assert (first.next_act, first.next_act_at) == ("warn", beijing(2026, 9, 28, 10, 15))


WORK = """
import datetime as dt, sys
from fengqiao.portal.deadlines import reminding
print("ready", flush=True); sys.stdin.readline()
reminding.act_on_due(now=dt.datetime.fromisoformat(sys.argv[1]))
"""
DIE = """
import datetime as dt, os, signal, sys
from fengqiao.portal.deadlines import reminding
reminding.CHANNELS.append(lambda deadline, kind, now: os.kill(os.getpid(), signal.SIGKILL))
reminding.act_on_due(now=dt.datetime.fromisoformat(sys.argv[1]))
"""


def test_a_worker_killed_while_escalating_leaves_all_or_nothing(
    mediator: Acting, manager: Acting, told: list[tuple[int, str, dt.datetime]]
) -> None:
    row = opened(mediator, chain=[actions.responsible(user=manager.user, organisation=manager.organisation)])
    reminding.act_on_due(now=beijing(2026, 10, 9))
    row.refresh_from_db()
    assert row.next_act == "escalate"
    connection.close()
    process = second_process.start(DIE, beijing(2026, 10, 12).isoformat())
    process.communicate(timeout=60)
    assert process.returncode == -9
    row.refresh_from_db()
    assert (row.user, row.level, kinds(row)) == (mediator.user, 0, ["opened", "overdue"])
    reminding.act_on_due(now=beijing(2026, 10, 12))
    row.refresh_from_db()
    assert (row.user, row.level, kinds(row)) == (manager.user, 1, ["opened", "overdue", "escalate"])


def test_two_workers_do_every_row_once(mediator: Acting) -> None:
    rows = [opened(mediator) for _ in range(40)]
    connection.close()
    at = beijing(2026, 9, 28).isoformat()
    workers = [second_process.start(WORK, at) for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        _, errors = worker.communicate(timeout=120)
        assert (worker.returncode, errors) == (0, "")
    assert [kinds(row) for row in rows] == [["opened", "warn"]] * len(rows)


def test_a_guess_is_counted_anew_when_the_year_is_known(mediator: Acting, tmp_path: Any, settings: Any) -> None:
    row = opened(mediator, now=beijing(2026, 12, 15))  # 2027-01-14, guessed
    assert row.provisional
    (tmp_path / "2027.toml").write_text(
        'year = 2027\nnotice = "示例"\nholidays = [{ name = "元旦", from = 2027-01-01, to = 2027-01-15 }]\n'
    )
    settings.CALENDAR_OVERRIDES = tmp_path
    assert jobs.recount_provisional(beijing(2026, 12, 16)) == 1
    row.refresh_from_db()
    assert (row.due_on, row.provisional) == (dt.date(2027, 1, 18), False)
    assert kinds(row) == ["opened", "recounted"]
