"""The process that looks into files: waits for work on its standard input, and does each piece in a fork of itself.

The fork has limits on memory, time and what it writes; it may crash, hang or be taken over: this process and the portal
live on. It is started with an environment that holds no secrets.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fengqiao.portal.documents.examining import archives, compound, pdf, pictures
from fengqiao.portal.documents.examining.verdict import BROKEN, Refused, Verdict

MEMORY = 1 << 30
WRITTEN = 32 << 20
ANSWER = 1 << 16
Work = Callable[[dict[str, Any]], dict[str, Any]]
PICTURES = ("png", "jpeg", "webp", "tiff")


def limit(seconds: int) -> None:
    """What a fork may use."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    os.nice(5)


def verdict_of(path: Path, kind: str) -> Verdict:
    """Look into a file of a kind."""
    if kind == "pdf":
        return pdf.examine(path)
    if kind in PICTURES:
        return pictures.examine(path, kind)
    return compound.examine(path) if kind in ("xls", "doc") else archives.examine(path)


def do(job: dict[str, Any]) -> dict[str, Any]:
    """One piece of work, in the fork."""
    path, kind = Path(job["path"]), job["kind"]
    try:
        if job["do"] == "examine":
            found = verdict_of(path, kind)
            return {"kind": found.kind, "pages": found.pages, "said": found.said}
        target = Path(job["target"])
        if kind == "pdf":
            pdf.draw(path, job["page"], target)
        else:
            pictures.draw(path, kind, job["page"], target)
        return {"kind": kind}
    except Refused as refused:
        return {"refused": refused.sentence}
    except MemoryError:
        return {"failed": "memory"}
    except Exception as error:  # whatever a parser does with a hostile file is an answer about that file
        return {"refused": BROKEN, "error": type(error).__name__}


def in_fork(job: dict[str, Any], work: Work = do) -> dict[str, Any]:
    """Do a piece of work in a fork; what became of it."""
    reading, writing = os.pipe()
    number = os.fork()
    if number == 0:
        code = 1
        try:
            os.close(reading)
            limit(job["seconds"])
            os.write(writing, json.dumps(work(job)).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    until = time.monotonic() + job["seconds"]
    answer, failed = b"", ""
    while len(answer) < ANSWER:
        ready, _, _ = select.select([reading], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            failed = "time"
            os.kill(number, signal.SIGKILL)
            break
        piece = os.read(reading, ANSWER)
        if not piece:
            break
        answer += piece
    os.close(reading)
    _, status, used = os.wait4(number, 0)
    if not failed and status:
        failed = "time" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU else "crash"
    found = {"failed": failed} if failed else json.loads(answer)
    return {**found, "cpu": round(used.ru_utime + used.ru_stime, 4), "kilobytes": used.ru_maxrss}


def main(work: Work = do) -> None:
    """Answer line by line, until the portal closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = sys.stdout
    for line in sys.stdin:
        out.write(json.dumps(in_fork(json.loads(line), work)) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
