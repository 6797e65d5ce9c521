"""Kinds of work for the tests of jobs: they leave marks in a folder, so that other processes can see what happened."""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path

from fengqiao.portal.audit import actions as audit
from fengqiao.portal.audit.stamp import system_stamp
from fengqiao.portal.jobs.registry import Outcome, kind
from fengqiao.portal.jobs.running import Running
from fengqiao.portal.shell.errors import Refusal


def mark(running: Running, word: str) -> None:
    """Leave a mark: one file for each time."""
    folder = Path(running.arguments["marks"])
    (folder / f"{word}-{running.job.attempt}-{os.getpid()}").touch()


@kind("tests.count")
def count(running: Running) -> Outcome:
    """Count slowly, then leave exactly one event."""
    total, pause = running.arguments.get("total", 10), running.arguments.get("pause", 0.0)
    mark(running, "began")
    (running.folder / "half-done").touch()
    for done in range(total):
        running.progress(done, total, "计数")
        time.sleep(pause)

    def effect() -> None:
        audit.record(
            stamp=system_stamp("worker"), verb="tests.counted", subject=("tests.count", running.arguments["name"]),
            now=running.now(),
        )  # fmt: skip

    return Outcome({"counted": total}, effect)


@kind("tests.refuse")
def refuse(running: Running) -> Outcome:
    """Bad input."""
    raise Refusal("交易记录里没有“日期”一列。请补上后重新上传。")


@kind("tests.break", attempts=2)
def break_down(running: Running) -> Outcome:
    """A mistake in the program."""
    mark(running, "began")
    raise ZeroDivisionError(running.arguments.get("secret", ""))


@kind("tests.die")
def die(running: Running) -> Outcome:
    """What running out of memory looks like."""
    mark(running, "began")
    os._exit(137)


@kind("tests.hang")
def hang(running: Running) -> Outcome:
    """Work that looks at nothing while it works."""
    mark(running, "began")
    time.sleep(600)
    return Outcome()


@kind("tests.round", every=dt.timedelta(hours=1), title="整点工作")
def come_round(running: Running) -> Outcome:
    """Work by the clock."""
    return Outcome({"at": running.job.once_key})
