"""The worker: takes jobs, runs each in a process of its own, keeps their leases, stops those that are cancelled.

It has one thread and does nothing that takes long, so it can always answer. When it is killed its children go with it,
and their jobs are taken up again by another worker as soon as their leases have run out.
"""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connections
from django.utils import timezone

from fengqiao.portal.jobs import leases, rounds
from fengqiao.portal.jobs.folders import folder_of, remove_folders
from fengqiao.portal.jobs.models import Job

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

log = logging.getLogger(__name__)
LOOK_EVERY, RENEW_EVERY, GRACE = 0.3, 5.0, 5.0
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
CANCELLED = "已按要求取消；没有留下不完整的结果。"
LOST = "运行这项工作的进程意外中断，将自动重新开始。"


@dataclass
class Child:
    """A job at work and the process that does it."""

    job: Job
    process: ForkProcess
    stop_asked: float | None = None
    """When it was asked to stop because of a cancelled or lost job (monotonic clock)."""
    why: str = ""


def die_with_parent(parent: int) -> None:
    """Ask the system to end this process when its parent ends, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def child_main(job: Job, parent: int) -> None:
    """What the process of a job does."""
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the worker's to answer
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    from fengqiao.portal.jobs.running import run_job

    run_job(job)


class Worker:
    """Takes jobs until it is told to stop."""

    def __init__(self, *, slots: int = 1, name: str = "", lease: Any = leases.LEASE) -> None:
        self.slots, self.lease = slots, lease
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self.children: list[Child] = []
        self.stopping = False
        self._renewed = self._rounds = 0.0
        self._context = multiprocessing.get_context("fork")

    def run(self, *, until_idle: bool = False) -> None:
        """Work until told to stop; until_idle: or until nothing is due."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while not self.stopping:
            try:
                busy = self.look()
            except DatabaseError as error:
                log.warning("the database does not answer; the worker goes on trying: %s", type(error).__name__)
                connections.close_all()
                busy = True
                time.sleep(1)
            if until_idle and not busy and not self.children:
                break
            if not busy:
                time.sleep(LOOK_EVERY)
        self.release()

    def stop(self, *_: object) -> None:
        """Stop soon: the running jobs wait again, for another worker."""
        self.stopping = True

    def look(self) -> bool:
        """One round; True when a job was taken."""
        self.reap()
        self.keep()
        if time.monotonic() - self._rounds > 20:
            self._rounds = time.monotonic()
            rounds.ask_for_due(now=timezone.now())
        if len(self.children) >= self.slots:
            return False
        job = leases.take(worker=self.name, now=timezone.now(), lease=self.lease)
        if job:
            self.begin(job)
        return job is not None

    def begin(self, job: Job) -> None:
        """Give a job its process. Connections are closed before: two processes must not share one."""
        remove_folders(job.pk, except_attempt=job.attempt)
        connections.close_all()
        process = self._context.Process(target=child_main, args=(job, os.getpid()), name=f"job-{job.pk}")
        process.start()
        self.children.append(Child(job, process))
        log.info("job taken", extra={"job": str(job.pk), "kind": job.kind, "attempt": job.attempt})

    def keep(self) -> None:
        """Renew the leases; stop what was cancelled, and what is no longer ours."""
        moment = time.monotonic()
        if self.children and moment - self._renewed >= min(RENEW_EVERY, self.lease.total_seconds() / 4, 1.0):
            self._renewed = moment
            held = {child.job.pk: child for child in self.children if child.process.is_alive()}
            kept = leases.renew(
                [(pk, child.job.attempt) for pk, child in held.items()], now=timezone.now(), lease=self.lease
            )
            for pk, child in held.items():
                if pk not in kept and not child.stop_asked:
                    self.end_process(child, "lost")
                elif kept.get(pk) and not child.stop_asked:
                    self.end_process(child, "cancelled")
        for child in self.children:
            if child.stop_asked and moment - child.stop_asked > GRACE and child.process.is_alive():
                child.process.kill()

    def end_process(self, child: Child, why: str) -> None:
        """Ask a job's process to end."""
        child.stop_asked, child.why = time.monotonic(), why
        child.process.terminate()

    def reap(self) -> None:
        """Look after the processes that have ended."""
        for child in [one for one in self.children if not one.process.is_alive()]:
            child.process.join()
            self.settle(child)
            self.children.remove(child)

    def settle(self, child: Child) -> None:
        """Write what the process itself could not: it was stopped, or it died."""
        job, now = child.job, timezone.now()
        if child.why == "cancelled":
            leases.end(job, attempt=job.attempt, state=Job.State.CANCELLED, message=CANCELLED, now=now)
        elif child.process.exitcode and not child.why:
            log.warning("the process of a job died", extra={"job": str(job.pk), "exitcode": child.process.exitcode})
            leases.held(job.pk, job.attempt).update(lease_until=now, message=LOST)
        shutil.rmtree(folder_of(job.pk, job.attempt), ignore_errors=True)

    def release(self) -> None:
        """Stop all processes and let their jobs wait again."""
        for child in self.children:
            child.process.terminate()
        for child in self.children:
            child.process.join(GRACE)
            if child.process.is_alive():
                child.process.kill()
                child.process.join()
            try_write(lambda child=child: leases.put_back(child.job, now=timezone.now()))  # type: ignore[misc]
            shutil.rmtree(folder_of(child.job.pk, child.job.attempt), ignore_errors=True)
        self.children.clear()


def try_write(write: Callable[[], object]) -> None:
    """Write if the database answers; if not, the lease runs out by itself."""
    try:
        write()
    except DatabaseError:
        connections.close_all()
