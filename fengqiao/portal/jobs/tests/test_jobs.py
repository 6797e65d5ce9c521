"""Jobs: taken once, kept, finished once, said in a sentence when they cannot be done."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from fengqiao.portal.accounts.models import User
from fengqiao.portal.audit.models import Event
from fengqiao.portal.audit.stamp import Stamp
from fengqiao.portal.jobs import actions, leases, queries, rounds
from fengqiao.portal.jobs.folders import root
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.jobs.registry import KINDS, Outcome
from fengqiao.portal.jobs.tests import kinds

NOW = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)
STAMP = Stamp(
    user_id=None, name="测试", role="measurer", role_label="损失测算员", organisation_id=None, organisation_name=""
)
SECOND = dt.timedelta(seconds=1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    folder = tmp_path / "marks"
    folder.mkdir()
    return folder


def ask(kind: str, marks: Path, *, now: dt.datetime = NOW, once_key: str | None = None, **more: Any) -> Job:
    arguments = {"marks": str(marks), "name": "一", **more}
    return actions.start(kind=kind, title="测试", arguments=arguments, stamp=STAMP, now=now, once_key=once_key)


def test_people_see_the_jobs_they_asked_for_and_no_others(marks: Path) -> None:
    one, other = (
        User.objects.create(username=name, name=f"测算员{name}", joined_at=NOW) for name in ("a", "b")
    )  # fmt: skip
    mine, theirs, nobodys = (
        actions.start(kind="tests.count", title="测试", arguments={"marks": str(marks)}, now=NOW,
                      stamp=replace(STAMP, user_id=who.pk if who else None))
        for who in (one, other, None)
    )  # fmt: skip
    assert list(queries.visible_to(replace(STAMP, user_id=one.pk))) == [mine]
    assert list(queries.visible_to(replace(STAMP, user_id=other.pk))) == [theirs]
    assert not queries.visible_to(STAMP).exists()
    assert not queries.visible_to(None).exists()
    assert nobodys.owner_id is None


@pytest.fixture
def worker_process() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts real workers on the database of this test; all are gone at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str, lease: float = 60.0) -> subprocess.Popen[bytes]:
        database = connection.settings_dict["NAME"]
        code = (
            "import datetime as dt, sys; from django.conf import settings; import django;"
            f"settings.DATABASES['default']['NAME'] = {str(database)!r}; django.setup();"
            "from fengqiao.portal.jobs.tests import kinds; from fengqiao.portal.jobs.worker import Worker;"
            f"Worker(slots=2, lease=dt.timedelta(seconds={lease})).run(until_idle='idle' in sys.argv)"
        )
        process = subprocess.Popen([sys.executable, "-c", code, *words], stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_for(what: Callable[[], Any], seconds: float = 120) -> Any:
    """Wait until something is so; fails the test when it never is."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail("it never came to be so")


def state(job: Job) -> str:
    return str(Job.objects.get(pk=job.pk).state)


def counted() -> int:
    return Event.objects.filter(verb="tests.counted").count()


def gone(pid: int) -> bool:
    """True when no process has this number, or only its remains."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_job_is_done_by_a_worker_in_another_process(marks: Path, worker_process: Any) -> None:
    job = ask("tests.count", marks)
    worker_process("idle").wait(180)
    job.refresh_from_db()
    assert (job.state, job.result, job.attempt) == ("done", {"counted": 10}, 1)
    assert counted() == 1
    verbs = [event.verb for event in Event.objects.order_by("number") if event.subject_id in (str(job.pk), "一")]
    assert verbs == ["jobs.started", "tests.counted", "jobs.finished"]
    wait_for(lambda: not (root() / f"{job.pk}" / "1").exists())


def test_bad_input_ends_in_its_sentence_and_is_not_tried_again(marks: Path, worker_process: Any) -> None:
    job = ask("tests.refuse", marks)
    worker_process("idle").wait(180)
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("failed", 1)
    assert job.message == "交易记录里没有“日期”一列。请补上后重新上传。"


def test_a_mistake_of_the_program_is_tried_again_and_then_said_without_a_trace(
    marks: Path, worker_process: Any
) -> None:
    job, asked_at = ask("tests.break", marks, secret="110101190001010000"), timezone.now()
    worker_process("idle").wait(180)
    job.refresh_from_db()
    assert (job.state, job.failures) == ("waiting", 1)
    assert job.due_at > asked_at, "it waits a while"
    Job.objects.filter(pk=job.pk).update(due_at=NOW)
    worker_process("idle").wait(180)
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("failed", 2)
    assert "编号" in job.message
    assert "Error" not in job.message
    assert "110101" not in job.message
    assert len(list(marks.iterdir())) == 2


def test_a_worker_killed_in_the_middle_loses_nothing_and_nothing_is_done_twice(
    marks: Path, worker_process: Any
) -> None:
    job = ask("tests.count", marks, total=40, pause=0.05)
    first = worker_process(lease=5.0)  # only the one that is killed: on a busy machine a short lease may run out
    wait_for(lambda: Job.objects.get(pk=job.pk).done > 2)
    first.send_signal(signal.SIGKILL)
    first.wait()
    child = int(next(marks.iterdir()).name.rpartition("-")[2])
    wait_for(lambda: gone(child))
    worker_process()
    wait_for(lambda: state(job) == "done")
    job.refresh_from_db()
    assert (job.attempt, job.interruptions) == (2, 1)
    assert counted() == 1
    assert not (root() / f"{job.pk}" / "1").exists(), "what the first attempt left behind is removed"


def test_a_job_that_kills_its_process_is_given_up_after_three_times(marks: Path, worker_process: Any) -> None:
    job = ask("tests.die", marks)
    worker_process()
    wait_for(lambda: state(job) == "failed")
    job.refresh_from_db()
    assert "连续3次被意外中断" in job.message
    assert len(list(marks.iterdir())) == 3


def test_cancelling_stops_work_that_looks_at_nothing(marks: Path, worker_process: Any) -> None:
    job = ask("tests.hang", marks)
    worker_process()
    wait_for(lambda: list(marks.iterdir()))
    assert actions.cancel(job=job, stamp=STAMP, now=NOW)
    wait_for(lambda: state(job) == "cancelled")
    wait_for(lambda: gone(int(next(marks.iterdir()).name.rpartition("-")[2])))
    assert "jobs.cancelled" in Event.objects.values_list("verb", flat=True)
    assert not actions.cancel(job=job, stamp=STAMP, now=NOW), "what has ended cannot be cancelled"


def test_a_worker_told_to_stop_lets_its_job_wait_for_another(marks: Path, worker_process: Any) -> None:
    job = ask("tests.hang", marks)
    first = worker_process()
    wait_for(lambda: list(marks.iterdir()))
    first.send_signal(signal.SIGTERM)
    assert first.wait(120) == 0
    job.refresh_from_db()
    assert (job.state, job.failures, job.interruptions) == ("waiting", 0, 0)


def test_who_was_taken_for_dead_cannot_finish(marks: Path) -> None:
    job = ask("tests.count", marks)
    first = leases.take(worker="甲", now=NOW)
    assert first is not None
    assert leases.take(worker="乙", now=NOW + SECOND) is None, "it is held"
    second = leases.take(worker="乙", now=NOW + leases.LEASE + SECOND)
    assert second is not None
    effects: list[str] = []
    assert not leases.finish(first, Outcome(effect=lambda: effects.append("甲")), now=NOW)
    assert not leases.report(first.pk, first.attempt, done=1, total=2, step="")
    assert leases.finish(second, Outcome(effect=lambda: effects.append("乙")), now=NOW)
    assert not leases.finish(second, Outcome(effect=lambda: effects.append("又")), now=NOW)
    assert effects == ["乙"]
    assert state(job) == "done"


def test_an_effect_that_fails_leaves_the_job_unfinished(marks: Path) -> None:
    other = ask("tests.count", marks, name="另一项")
    Job.objects.filter(pk=other.pk).update(due_at=NOW + 9 * SECOND)
    ask("tests.count", marks)
    job = leases.take(worker="甲", now=NOW)
    assert job is not None

    def effect() -> None:
        Job.objects.filter(pk=other.pk).update(title="改了一半")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        leases.finish(job, Outcome(effect=effect), now=NOW)
    assert state(job) == "running"
    other.refresh_from_db()
    assert other.title == "测试"


def test_one_due_job_is_taken_by_one_of_many(marks: Path) -> None:
    jobs = [ask("tests.count", marks, now=NOW) for _ in range(12)]
    taken: list[Any] = []

    def grab() -> None:
        try:
            while found := leases.take(worker=threading.current_thread().name, now=NOW):
                taken.append(found.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=grab) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(job.pk for job in jobs)


def test_the_same_work_is_asked_for_once(marks: Path) -> None:
    assert ask("tests.count", marks, once_key="k").pk == ask("tests.count", marks, once_key="k").pk
    assert Job.objects.count() == 1


def test_work_by_the_clock_is_asked_for_once_a_slot() -> None:
    assert rounds.ask_for_due(now=NOW) == sum(kind.every is not None for kind in KINDS.values())
    assert rounds.ask_for_due(now=NOW + 30 * SECOND) == 0
    assert Job.objects.filter(kind="tests.round").count() == 1
    rounds.ask_for_due(now=NOW + dt.timedelta(hours=1))
    assert Job.objects.filter(kind="tests.round").count() == 2
    Job.objects.filter(kind="tests.round").update(state="done", finished_at=NOW)
    assert rounds.forget_old(now=NOW + dt.timedelta(days=8)) >= 2


def test_the_queue_is_measured(marks: Path) -> None:
    ask("tests.count", marks, now=NOW - 5 * SECOND)
    ask("tests.hang", marks, now=NOW + dt.timedelta(hours=1))
    found = queries.queue(NOW)
    assert (found["waiting"], found["running"], found["waited_seconds"]) == (2, 0, 5.0)
    leases.take(worker="甲", now=NOW)
    assert queries.queue(NOW + 2 * leases.LEASE)["lost"] == 1


def test_unknown_work_is_refused_when_asked_for_and_said_when_found(marks: Path, worker_process: Any) -> None:
    with pytest.raises(ValueError, match="No kind of work"):
        ask("tests.unknown", marks)
    job = ask("tests.count", marks)
    Job.objects.filter(pk=job.pk).update(kind="later.version")
    worker_process("idle").wait(180)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "later.version" in job.message


def test_the_kinds_of_these_tests_are_known() -> None:
    assert kinds.count is KINDS["tests.count"].run
