"""Runs in real worker processes: finished once whatever is killed, cancelled, refused in a sentence."""

from __future__ import annotations

import datetime as dt
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.spill.frames import damaged
from fengqiao.engine.loss.spill.split import too_heavy
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.audit.models import Event
from fengqiao.portal.claims import actions, queries
from fengqiao.portal.claims.models import MassCase, MeasuredInvestor, MeasurementRun, ResultSet
from fengqiao.portal.claims.sentences import in_words
from fengqiao.portal.claims.tests.made_case import NOW, add, person, ready_case, write_files
from fengqiao.portal.environment import read_environment
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.refusal import Conflict, Refusal
from tests import second_process

pytestmark = pytest.mark.django_db(transaction=True)
INVESTORS = 300


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("case"), INVESTORS)


@pytest.fixture
def measurer() -> Acting:
    body = Organisation.objects.create(kind=Organisation.Kind.SERVICES_CENTRE, name="测试服务中心")
    return person("测算员甲", Role.Kind.MEASURER, body)


@pytest.fixture
def case(files: Path, measurer: Acting) -> MassCase:
    return ready_case(files, measurer)


@pytest.fixture
def worker() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts real workers on the database of this test; all are gone at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str, before: str = "", lease: int = 60, **more: str) -> subprocess.Popen[str]:
        script = (
            f"import datetime as dt, sys\n{before}\nfrom fengqiao.portal.jobs.worker import Worker\n"
            f"Worker(slots=1, lease=dt.timedelta(seconds={lease})).run(until_idle='idle' in sys.argv)"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", second_process.BEGIN + script, *words], env=second_process.environment(**more),
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_for(what: Callable[[], Any], seconds: float = 240) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.03)
    pytest.fail("it never came to be so")


def job(run: MeasurementRun) -> Job:
    return Job.objects.get(pk=run.job_id)


def events(verb: str) -> int:
    return Event.objects.filter(verb=verb).count()


def test_a_run_gives_the_bytes_of_the_command_line(
    case: MassCase, files: Path, measurer: Acting, worker: Any, tmp_path: Path
) -> None:
    run = actions.start_run(case=case, acting=measurer, now=NOW)
    worker("idle").wait(300)
    assert (job(run).state, job(run).message) == ("done", "")
    run.refresh_from_db()
    words = ["loss", "measure", files / "case.toml", "--trades", files / "trades.parquet", "--market",
             files / "market.csv", "--indices", files / "indices.csv", "--actions", files / "actions.csv", "--out",
             tmp_path / "out"]  # fmt: skip
    done = second_process.command(*words)
    assert done.returncode == 0, done.stderr
    for name in ("results.parquet", "results.csv", "findings.csv", "run.json", "report.pdf", "charts/price.svg"):
        assert (queries.folder_of(run) / name).read_bytes() == (tmp_path / "out" / name).read_bytes(), name
    rows = queries.investors_of(run)
    assert rows.count() == INVESTORS == run.summary["investors"]
    assert sum(rows.values_list("total", flat=True)) == run.summary["sums"]["total"] > 0
    assert events("claims.run_finished") == 1


STOP_BEFORE = {
    "while it measures": "from fengqiao.portal.claims import frames as where; name = 'summary_of'",
    "while rows are put into the tables": "from fengqiao.portal.claims import run_folders as where; name = 'publish'",
    "after the folder has its place": "from fengqiao.portal.jobs import leases as where; name = 'finish'",
}
PAUSE = """
import os, time
def pause(*given, **more):
    open({mark!r}, 'w').close()
    time.sleep(600)
setattr(where, name, pause)
"""


@pytest.mark.parametrize("moment", STOP_BEFORE)
def test_a_worker_killed_in_the_middle_leaves_all_or_nothing_and_the_next_one_finishes_once(
    moment: str, case: MassCase, measurer: Acting, worker: Any, tmp_path: Path
) -> None:
    run = actions.start_run(case=case, acting=measurer, now=NOW)
    mark = tmp_path / "there"
    first = worker(before=STOP_BEFORE[moment] + PAUSE.format(mark=str(mark)), lease=4)
    wait_for(mark.exists)
    first.send_signal(signal.SIGKILL)
    first.wait()
    run.refresh_from_db()
    assert not run.is_finished
    assert not queries.investors_of(run).exists()
    worker()
    wait_for(lambda: job(run).state == "done")
    run.refresh_from_db()
    assert (job(run).attempt, job(run).interruptions, run.folder) == (2, 1, f"{run.job_id}/2")
    assert queries.investors_of(run).count() == INVESTORS
    assert MeasuredInvestor.objects.count() == INVESTORS, "rows of the first attempt are gone"
    assert ResultSet.objects.count() == 1
    assert [path.name for path in (queries.runs_root() / str(run.job_id)).iterdir()] == ["2"]
    assert events("claims.run_finished") == 1


def test_a_cancelled_run_leaves_nothing(case: MassCase, measurer: Acting, worker: Any, tmp_path: Path) -> None:
    run = actions.start_run(case=case, acting=measurer, now=NOW)
    mark = tmp_path / "there"
    worker(before=STOP_BEFORE["while rows are put into the tables"] + PAUSE.format(mark=str(mark)))
    wait_for(mark.exists)
    actions.cancel_run(run=queries.runs_visible_to(measurer).get(), acting=measurer, now=NOW)
    wait_for(lambda: job(run).state == "cancelled")
    run.refresh_from_db()
    assert not run.is_finished
    assert (events("claims.run_cancelled"), events("claims.run_ended"), events("claims.run_finished")) == (1, 1, 0)
    assert queries.abandoned().count() == 1
    for made in queries.abandoned():
        actions.remove_result_set(made)
    assert not MeasuredInvestor.objects.exists()
    with pytest.raises(Conflict, match="已经结束"):
        actions.cancel_run(run=queries.runs_visible_to(measurer).get(), acting=measurer, now=NOW)


def test_a_full_disk_ends_a_run_in_a_sentence(case: MassCase, measurer: Acting, worker: Any) -> None:
    run = actions.start_run(case=case, acting=measurer, now=NOW)
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limit += "from fengqiao.portal.claims import frames; real = frames.measure\n"
    limit += "def measure(*a, **b):\n    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))\n"
    limit += "    try:\n        return real(*a, **b)\n    finally:\n"
    limit += "        resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))\nframes.measure = measure"
    worker("idle", before=limit).wait(300)
    assert job(run).state == "failed"
    assert "存储空间不足，测算没有完成" in job(run).message
    assert not (queries.runs_root() / str(run.job_id)).exists()


def test_a_run_within_a_limit_on_memory_goes_through_the_disk_and_gives_the_same(
    case: MassCase, files: Path, measurer: Acting, worker: Any, tmp_path: Path
) -> None:
    by_date = tmp_path / "by_date.parquet"
    records = pq.read_table(files / "trades.parquet").sort_by([("date", "ascending")])
    pq.write_table(records, by_date, row_group_size=1000)  # every investor stands in many groups
    actions.remove_file(row=case.inputs.get(part="trades", removed_at=None), acting=measurer, now=NOW)
    add(case, "trades", "by_date.parquet", by_date.read_bytes(), measurer)
    run = actions.start_run(case=case, acting=measurer, now=NOW)
    worker("idle", FENGQIAO_MEASURE_MEMORY="600MiB").wait(300)
    assert (job(run).state, job(run).message) == ("done", "")
    run.refresh_from_db()
    assert run.summary["memory"]["limit"] == 600 << 20
    assert run.summary["memory"]["partitions"] > 0
    words = ["loss", "measure", files / "case.toml", "--trades", by_date, "--market", files / "market.csv", "--indices",
             files / "indices.csv", "--actions", files / "actions.csv", "--out", tmp_path / "out"]  # fmt: skip
    done = second_process.command(*words)
    assert done.returncode == 0, done.stderr
    for name in ("results.parquet", "results.csv"):
        assert (queries.folder_of(run) / name).read_bytes() == (tmp_path / "out" / name).read_bytes(), name


def test_a_limit_that_is_too_small_is_said_before_anything_starts() -> None:
    with pytest.raises(InputError, match=r"FENGQIAO_MEASURE_MEMORY.*488MiB"):
        read_environment({"FENGQIAO_SECRET_KEY": "x", "FENGQIAO_MEASURE_MEMORY": "100MiB"})
    with pytest.raises(InputError, match="FENGQIAO_MEASURE_MEMORY"):
        read_environment({"FENGQIAO_SECRET_KEY": "x", "FENGQIAO_MEASURE_MEMORY": "much"})


def test_what_does_not_fit_the_limit_is_said_in_chinese() -> None:
    heavy = too_heavy("甲1", 100_000_000, 91 << 30, 4 << 30)
    assert in_words(heavy).startswith("投资者“甲1”有100,000,000条记录，超过了每次测算的内存上限")
    for error in (heavy, damaged(Path("/spill/a/b"))):
        assert not re.search("[A-Za-z]{3,}", in_words(error))


def test_a_run_is_started_once_and_the_second_is_told_who_did(case: MassCase, measurer: Acting) -> None:
    other = person("测算员乙", Role.Kind.MEASURER, measurer.organisation)
    actions.start_run(case=case, acting=measurer, now=NOW)
    with pytest.raises(Conflict, match="测算员甲 已在 2026年11月20日 09:00 开始了第1次测算"):
        actions.start_run(case=case, acting=other, now=NOW + dt.timedelta(minutes=1))
    assert MeasurementRun.objects.count() == Job.objects.filter(kind="claims.measure").count() == 1


def test_nothing_starts_while_something_is_missing(case: MassCase, measurer: Acting) -> None:
    row = case.inputs.get(part="indices", removed_at=None)
    actions.remove_file(row=row, acting=measurer, now=NOW)
    with pytest.raises(Refusal, match="还没有指数文件"):
        actions.start_run(case=case, acting=measurer, now=NOW)
    with pytest.raises(Conflict):
        actions.remove_file(row=row, acting=measurer, now=NOW)
    assert not MeasurementRun.objects.exists()
