"""A throw-away PostgreSQL cluster for tests: made, used, stopped and removed by one command.

python -m tests.postgresql COMMAND...    runs the command with DATABASE_URL pointing at a new cluster
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SYSTEM_USER = "postgres"
HOW_TO_INSTALL = (
    "PostgreSQL's server programs were not found. Install them (Debian, Ubuntu: sudo apt-get install postgresql), "
    "then run this again."
)
SERVER = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200",
    "shared_buffers": "64MB", "listen_addresses": "127.0.0.1",
}  # fmt: skip
"""Safety against power loss is off: the data are thrown away. Every open page of a browser may hold a connection."""


def programs() -> Path | None:
    """The folder with initdb and pg_ctl."""
    on_path = shutil.which("initdb")
    places = [Path(on_path).parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    return next((place for place in places if (place / "pg_ctl").exists()), None)


def install() -> None:
    """Install the server where this process may: root on a system with apt."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("tests: installing postgresql", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "postgresql"]):
        subprocess.run(command, check=False, env=environment, stdout=sys.stderr)


def free_port() -> int:
    """A port nobody listens on now, below those that the system gives to outgoing connections of other tests."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Cluster:
    """One PostgreSQL server with its data in a folder of its own."""

    def __init__(self, folder: Path, found: Path) -> None:
        self.folder, self.programs, self.port = folder, found, free_port()
        self.as_user = SYSTEM_USER if os.geteuid() == 0 else None
        if self.as_user:
            shutil.chown(folder, self.as_user)
        self.call("initdb", "-D", str(folder / "data"), "-U", "fengqiao", "-A", "trust", "-E", "UTF8",
                  "--locale=C", "--no-sync")  # fmt: skip

    @property
    def url(self) -> str:
        """What DATABASE_URL is to be."""
        return f"postgresql://fengqiao@127.0.0.1:{self.port}/postgres"

    def call(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's programs; it refuses to run as root."""
        done = subprocess.run(
            [str(self.programs / program), *words], cwd=self.folder, user=self.as_user, group=self.as_user,
            extra_groups=[] if self.as_user else None, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = " ".join(f"-c {name}={value}" for name, value in SERVER.items())
        self.call("pg_ctl", "-D", "data", "-w", "-t", "180", "-l", "log", "-o",
                  f"-p {self.port} -c unix_socket_directories={self.folder} {settings}", "start")  # fmt: skip

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server; immediate is what a crash looks like."""
        self.call("pg_ctl", "-D", "data", "-w", "-m", mode, "stop")


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster; gone at the end."""
    if not programs():
        install()
    found = programs()
    if not found:
        raise SystemExit(HOW_TO_INSTALL)
    folder = Path(tempfile.mkdtemp(prefix="fengqiao-postgresql-"))
    try:
        server = Cluster(folder, found)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(command: Sequence[str]) -> int:
    """Run a command with a database of its own."""
    with cluster() as server:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": server.url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
