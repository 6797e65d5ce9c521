"""The portal's side of the process that looks into files: started when first needed, kept, replaced when it fails."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

AT_ONCE = 4
"""Files that one process of the portal has looked into at the same time."""
MARGIN = 10.0
"""Seconds beyond the limit of the work after which the process itself is given up."""
WAITS = 60.0
CHILD = "fengqiao.portal.documents.examining.child"
ROOT = Path(__file__).parents[4]


class Busy(Exception):  # noqa: N818 - it is an answer
    """Too many files are looked into already."""


class Examiner:
    """One such process, of one kind."""

    def __init__(self, module: str = CHILD) -> None:
        self.module = module
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; from {module} import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}, cwd=ROOT,
        )  # fmt: skip
        self.owner = os.getpid()

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """Have a piece of work done; a process that does not answer is ended."""
        assert self.process.stdin and self.process.stdout  # noqa: S101 - both are pipes
        try:
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()
            until, answer = time.monotonic() + job["seconds"] + MARGIN, b""
            while not answer.endswith(b"\n"):
                ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, until - time.monotonic()))
                piece = os.read(self.process.stdout.fileno(), 1 << 16) if ready else b""
                if not piece:
                    raise OSError("no answer")
                answer += piece
            return json.loads(answer)
        except (OSError, ValueError):
            self.end()
            return {"failed": "crash"}

    def end(self) -> None:
        """End it and what it started."""
        with suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        self.process.wait()

    @property
    def usable(self) -> bool:
        """True when it runs and belongs to this process (not to the one this was forked from)."""
        return self.owner == os.getpid() and self.process.poll() is None


_idle: list[Examiner] = []
_lock = threading.Lock()
_places = threading.BoundedSemaphore(AT_ONCE)


def ask(job: dict[str, Any], *, module: str = CHILD) -> dict[str, Any]:
    """Have a piece of work done by a process that is free, or a new one; module holds its `main`. One that had died
    while it waited says nothing about the file: then a new one is asked."""
    if not _places.acquire(timeout=WAITS):
        raise Busy
    try:
        with _lock:
            one = next((each for each in reversed(_idle) if each.module == module), None)
            if one is not None:
                _idle.remove(one)
        waited = one is not None and one.usable
        if one is None or not waited:
            one = Examiner(module)
        got = one.ask(job)
        if waited and not one.usable:
            one = Examiner(module)
            got = one.ask(job)
        if one.usable:
            with _lock:
                _idle.append(one)
        return got
    finally:
        _places.release()


def running() -> list[int]:
    """The numbers of the processes that wait for work."""
    with _lock:
        return [one.process.pid for one in _idle if one.usable]


@atexit.register
def end_all() -> None:
    """End them with the portal's process."""
    with _lock:
        for one in _idle:
            if one.owner == os.getpid():
                one.end()
        _idle.clear()
