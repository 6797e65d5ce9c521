"""The side of a job that does the work: in a process of its own, so that it can be stopped and takes nobody with it."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.jobs import leases
from fengqiao.portal.jobs.folders import make_folder
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.jobs.registry import KINDS, Outcome
from fengqiao.portal.shell.errors import Refusal

log = logging.getLogger(__name__)
REPORT_EVERY = 0.5
AWAY = "数据库的连接中断过，这一次没有做完，也没有留下不完整的结果；几秒钟后自动重新开始。"


class TakenOverError(Exception):
    """Another worker has taken the job up; what this one does no longer matters."""


class Running:
    """A job at work: its arguments, and how it says how far it is."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._reported = 0.0
        self._step = ""

    @property
    def arguments(self) -> dict[str, Any]:
        """What the work was asked for with."""
        return dict(self.job.arguments)

    @property
    def folder(self) -> Path:
        """A folder for files on the way; it is removed when the attempt ends."""
        return make_folder(self.job.pk, self.job.attempt)

    def now(self) -> dt.datetime:
        """The present moment: work in the background reads the clock here."""
        return timezone.now()

    def progress(self, done: int, total: int, step: str = "") -> None:
        """Say how far the work is, as often as one likes: written at most twice a second, and at every new step."""
        moment = time.monotonic()
        if step == self._step and moment - self._reported < REPORT_EVERY:
            return
        self._reported, self._step = moment, step
        try:
            if not leases.report(self.job.pk, self.job.attempt, done=done, total=total, step=step):
                raise TakenOverError
        except DatabaseError:  # the database may be restarting; the work need not stop for that
            log.warning("progress was not written", extra={"job": str(self.job.pk)})
            close_old_connections()


def run_job(job: Job) -> None:
    """Do the work of a job that was taken, and write what came of it."""
    known = KINDS.get(job.kind)
    if known is None:
        leases.end(
            job, attempt=job.attempt, state=Job.State.FAILED, now=timezone.now(),
            message=f"本平台没有名为“{job.kind}”的后台任务，可能是由更新版本的程序发起的。请联系平台管理员。",
        )  # fmt: skip
        return
    try:
        outcome = known.run(Running(job))
    except TakenOverError:
        log.warning("job was taken over by another worker", extra={"job": str(job.pk)})
        return
    except (Refusal, FengqiaoError) as refused:
        persist(partial(fail, job, str(refused)))
        return
    except Exception as error:
        if isinstance(error, DatabaseError) and database_lost():
            log.warning("the database went away under a job", extra={"job": str(job.pk)})
            close_old_connections()
            persist(lambda: leases.interrupted(job, message=AWAY, now=timezone.now()))
            return
        number = uuid.uuid4().hex[:8]
        log.exception("job broke", extra={"job": str(job.pk), "number": number})
        message = f"程序出错（编号 {number}），已记录。原有数据没有改动；如重试后仍未完成，请把编号告诉平台管理员。"
        persist(partial(leases.broke, job, message=message, now=timezone.now()))
        return
    persist(partial(complete, job, outcome))


def database_lost() -> bool:
    """True when the connection is dead: the database was restarted, or the line was cut."""
    try:
        return not connection.is_usable()
    except Exception:  # there is not even a connection
        return True


def complete(job: Job, outcome: Outcome) -> None:
    """Finish with the effect; an effect that is refused ends the job with its sentence."""
    try:
        leases.finish(job, outcome, now=timezone.now())
    except Refusal as refused:
        fail(job, str(refused))


def fail(job: Job, sentence: str) -> None:
    """End with a sentence for the person who asked."""
    leases.end(job, attempt=job.attempt, state=Job.State.FAILED, message=sentence, now=timezone.now())


def persist(write: Callable[[], object], *, tries: int = 20) -> None:
    """Write the end of a job, also when the database is away for some seconds."""
    for tried in range(tries):
        try:
            write()
            return
        except DatabaseError:
            if tried == tries - 1:
                raise
            log.warning("the database did not answer; trying again")
            close_old_connections()
            time.sleep(min(0.2 * 2**tried, 3))
