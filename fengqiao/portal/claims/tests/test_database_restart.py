"""A measuring run under which the database is restarted: done once, nothing doubled, the person told meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from fengqiao.portal.claims.tests.made_case import write_files
from tests import second_process
from tests.postgresql import Cluster, cluster

pytestmark = pytest.mark.django_db  # for the settings of tests; the run has a database of its own
INVESTORS = 60
BEGIN = """
import sys
from pathlib import Path
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.claims import actions
from fengqiao.portal.claims.tests.made_case import NOW, person, ready_case
body = Organisation.objects.create(kind="services_centre", name="测试服务中心")
who = person("测算员甲", "measurer", body)
actions.start_run(case=ready_case(Path(sys.argv[1]), who), acting=who, now=NOW)
"""
WORK = """
import os, sys, time
from fengqiao.portal.claims import result_rows
real = result_rows.load
def load(*given, **more):
    open(sys.argv[1], "w").close()
    while not os.path.exists(sys.argv[2]):
        time.sleep(0.05)
    return real(*given, **more)
result_rows.load = load
from fengqiao.portal.jobs.worker import Worker
Worker(slots=1).run()
"""


def environment(server: Cluster, home: Path) -> dict[str, str]:
    return {
        **os.environ, "PYTHONPATH": str(second_process.ROOT), "DJANGO_SETTINGS_MODULE": "tests.portal_settings",
        "DATABASE_URL": server.url, "FENGQIAO_HOME": str(home), "FENGQIAO_KEYS": str(settings.KEY_FOLDER),
    }  # fmt: skip


def asked(server: Cluster, question: str) -> Any:
    """The first row of an answer; None while the database is away."""
    try:
        with psycopg.connect(server.url, connect_timeout=5) as line:
            return line.execute(question).fetchone()  # type: ignore[call-overload]
    except psycopg.OperationalError:
        return None


def wait_for(what: Callable[[], Any], seconds: float = 240) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.1)
    pytest.fail("it never came to be so")


def test_a_run_outlives_a_restart_of_the_database(tmp_path: Path) -> None:
    files = tmp_path / "case"
    files.mkdir()
    write_files(files, INVESTORS)
    there, go = tmp_path / "there", tmp_path / "go"
    with cluster() as server:
        given = environment(server, tmp_path / "home")
        done = second_process.command("migrate", env=given)
        assert done.returncode == 0, done.stderr
        begun = second_process.start(BEGIN, str(files), env=given)
        _, errors = begun.communicate(timeout=600)  # the kernels may have to be compiled first
        assert begun.returncode == 0, errors
        worker = subprocess.Popen(
            [sys.executable, "-c", second_process.BEGIN + WORK, str(there), str(go)], env=given,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(there.exists)
            server.stop()  # at once, as in a crash, while rows are about to be put into the tables
            go.touch()
            time.sleep(2)
            server.start()
            state = (
                "SELECT state, attempt, interruptions, failures, message FROM jobs_job WHERE kind = 'claims.measure'"
            )
            told = wait_for(lambda: (row := asked(server, state)) and row[0] != "running" and row)
            assert told[0] == "waiting", told
            assert "数据库的连接中断过" in told[4]
            ended = wait_for(lambda: (row := asked(server, state)) and row[0] in ("done", "failed") and row)
            assert ended == ("done", 2, 1, 0, "")
            assert asked(server, "SELECT count(*) FROM claims_measuredinvestor") == (INVESTORS,)
            assert asked(server, "SELECT count(*) FROM claims_resultset") == (1,)
            finished = "SELECT count(*) FROM audit_event WHERE verb = 'claims.run_finished'"
            assert asked(server, finished) == (1,)
            assert second_process.command("audit", "verify", env=given).returncode == 0
        finally:
            worker.kill()
            worker.wait()
