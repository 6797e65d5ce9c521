"""`fengqiao serve` as people start it: a real process with its children, killed and ended."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgresql import cluster, free_port

HERE = Path(__file__).parents[4]


def wait_for(what: Callable[[], Any], seconds: float = 240) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.1)
    pytest.fail("it never came to be so")


class Served:
    """A running installation."""

    def __init__(self, home: Path, **more: str) -> None:
        self.port = free_port()
        given = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE_URL", "FENGQIAO_"))}
        self.environment = {
            **given,
            "FENGQIAO_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "fengqiao.portal.settings",
            **more,
        }
        command = [sys.executable, "-m", "fengqiao.cli.main", "serve", "--port", str(self.port), "--processes", "1"]
        self.process = subprocess.Popen(
            command, cwd=HERE, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            start_new_session=True,
        )  # fmt: skip

    def status(self, path: str = "/operations/ready/") -> int:
        """How an address answers; 0 when nobody does."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def ready(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/operations/ready/", timeout=10) as answer:
            return dict(json.loads(answer.read()))

    def children(self, word: str) -> list[int]:
        """Processes below this one whose command line holds the word."""
        found = subprocess.run(["pgrep", "-P", str(self.process.pid), "-f", word], check=False, stdout=subprocess.PIPE)
        return [int(pid) for pid in found.stdout.decode().split()]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an installation that was served once: its tables take longer to make than all else."""
    home = tmp_path_factory.mktemp("begun") / "home"
    running = Served(home)
    wait_for(lambda: running.status() == 200)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(120) == 0
    return home


@pytest.fixture
def served(begun: Path, tmp_path: Path) -> Iterator[Served]:
    shutil.copytree(begun, tmp_path / "home")
    running = Served(tmp_path / "home")
    wait_for(lambda: running.status() == 200)
    yield running
    if running.process.poll() is None:
        os.killpg(running.process.pid, signal.SIGKILL)
    running.process.communicate()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_serves_restarts_what_dies_and_ends_as_a_whole(served: Served) -> None:
    web, worker = (wait_for(lambda word=word: served.children(word)) for word in ("gunicorn", "cli.main worker"))
    assert len(web) == len(worker) == 1
    assert served.status("/") == 200
    os.kill(worker[0], signal.SIGKILL)
    wait_for(lambda: served.children("cli.main worker") not in ([], worker))
    os.kill(web[0], signal.SIGKILL)
    wait_for(lambda: served.children("gunicorn") not in ([], web))
    wait_for(lambda: served.status("/") == 200)
    left = [*served.children("gunicorn"), *served.children("cli.main worker")]
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(120) == 0
    wait_for(lambda: not any(alive(pid) for pid in left))
    assert served.status() == 0


def test_children_do_not_outlive_a_kill(served: Served) -> None:
    left = [*served.children("gunicorn"), *served.children("cli.main worker")]
    served.process.send_signal(signal.SIGKILL)
    served.process.wait()
    wait_for(lambda: not any(alive(pid) for pid in left))


def test_a_port_that_is_taken_is_said(served: Served) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fengqiao.cli.main", "serve", "--port", str(served.port)], cwd=HERE,
        env=served.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_restarted_is_found_again(tmp_path: Path) -> None:
    with cluster() as server:
        given = {"DATABASE_URL": server.url}
        environment = {**os.environ, **given, "FENGQIAO_HOME": str(tmp_path / "home")}
        environment["DJANGO_SETTINGS_MODULE"] = "fengqiao.portal.settings"
        subprocess.run([sys.executable, "-m", "fengqiao.cli.main", "migrate"], cwd=HERE, env=environment, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        running = Served(tmp_path / "home", **given)
        try:
            wait_for(lambda: running.status() == 200)
            worker = wait_for(lambda: running.children("cli.main worker"))
            server.stop()
            wait_for(lambda: running.status() == 503)
            assert running.status("/about/help/") in (200, 503), "an answer, not silence"
            with pytest.raises(urllib.error.HTTPError) as refused:  # a page that needs the database says what is wrong
                urllib.request.urlopen(f"http://127.0.0.1:{running.port}/deadlines/feed.ics", timeout=30)
            assert (refused.value.code, refused.value.headers["Retry-After"]) == (503, "30")
            assert "系统暂时连不上数据库" in refused.value.read().decode()
            server.start()
            wait_for(lambda: running.status() == 200)
            assert running.children("cli.main worker") == worker, "the worker waited instead of dying"
        finally:
            os.killpg(running.process.pid, signal.SIGKILL)
            running.process.communicate()
