"""`fengqiao serve`: web server and worker together, restarted when one of them dies, ended together."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from fengqiao.portal.jobs.worker import die_with_parent

log = logging.getLogger(__name__)
PAUSES = (0.5, 1, 2, 5, 10, 30)
"""Seconds before a process that died is started again."""
STEADY = 60.0
"""A process that lived so long is started again at once."""
GRACE = 20.0


@dataclass
class Part:
    """One process of the installation."""

    name: str
    command: Sequence[str]
    lines: int | None = None
    """Where its log goes, an open file; None: where this process's goes."""
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    again_at: float = field(default=0.0)

    def start(self) -> None:
        """Start the process; it dies with this one, also by kill -9."""
        parent = os.getpid()
        self.process = subprocess.Popen(  # noqa: S603 - our own programs
            list(self.command), preexec_fn=lambda: die_with_parent(parent),  # noqa: PLW1509 - one thread only here
            start_new_session=True, stderr=self.lines,
        )  # fmt: skip
        self.started = time.monotonic()

    def look(self) -> None:
        """Start again what has died, with a growing pause."""
        moment = time.monotonic()
        if self.process and self.process.poll() is not None:
            self.deaths = 0 if moment - self.started > STEADY else self.deaths + 1
            pause = PAUSES[min(self.deaths, len(PAUSES) - 1)]
            log.error("%s ended with %s; starting again in %s s", self.name, self.process.returncode, pause)
            self.process, self.again_at = None, moment + pause
        if self.process is None and moment >= self.again_at:
            self.start()

    def stop(self) -> None:
        """Ask the process to end."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait for the end; after the deadline it is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def gather_static_files() -> None:
    """Put styles and scripts into one folder with digests in their names; what is unchanged stays."""
    from django.core.management import call_command
    from django.test.utils import override_settings

    storage = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": storage}):
        call_command("collectstatic", interactive=False, verbosity=0)


def room_for_figures(port: int) -> str:
    """An empty folder in which the processes of the web server add up their figures; one a port, so that a second
    server of the same home leaves those of the first alone."""
    folder = Path(settings.ENVIRONMENT.home) / "run" / "figures" / str(port)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return str(folder)


def web_command(*, address: str, port: int, processes: int, threads: int) -> list[str]:
    """The web server's command line."""
    return [
        sys.executable, "-m", "gunicorn", "fengqiao.portal.wsgi:application",
        "--bind", f"{address}:{port}", "--workers", str(processes), "--threads", str(threads),
        "--worker-class", "gthread", "--timeout", "60", "--graceful-timeout", "15", "--max-requests", "20000",
        "--max-requests-jitter", "2000", "--no-control-socket", "--log-level", "warning",
        "--limit-request-line", "4094",
        "--forwarded-allow-ips", "*" if os.environ.get("FENGQIAO_PROXIES") else "127.0.0.1",
    ]  # fmt: skip


def worker_command(*, slots: int) -> list[str]:
    """The worker's command line."""
    return [sys.executable, "-m", "fengqiao.cli.main", "worker", "--jobs", str(slots)]


def serve(*, address: str, port: int, processes: int, threads: int, slots: int, log_file: Path | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code. log_file: where the lines of web server and worker go."""
    lines = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log_file else None
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = room_for_figures(port)
    parts = [
        Part("web server", web_command(address=address, port=port, processes=processes, threads=threads), lines),
        Part("worker", worker_command(slots=slots), lines),
    ]
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: asked.append(received))
    for part in parts:
        part.start()
    while not asked:
        time.sleep(0.2)
        for part in parts:
            part.look()
    for part in parts:
        part.stop()
    deadline = time.monotonic() + GRACE
    for part in parts:
        part.wait(deadline)
    return 0
