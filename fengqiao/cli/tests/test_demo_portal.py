"""`fengqiao demo` and its portal: a real server in a real process, filled once, ended by Ctrl-C."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fengqiao.cli import demo_portal

COMMAND = [sys.executable, "-m", "fengqiao.cli.main", "demo", "--investors", "300"]
OTHER = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/other", "FENGQIAO_HOME": "elsewhere", "FENGQIAO_DEBUG": "1"}


def demo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, env={**os.environ, **OTHER}, capture_output=True, text=True, timeout=600,
        check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a demo that was not served, and what was printed."""
    folder = tmp_path_factory.mktemp("demo")
    done = demo(folder, "--no-serve")
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def rows(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the demo's database."""
    with sqlite3.connect(folder / "demo" / "portal" / "fengqiao.sqlite3") as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names}


def test_a_second_run_changes_nothing_and_prints_the_same_accounts(
    filled: tuple[Path, str], capfd: pytest.CaptureFixture[str]
) -> None:
    folder, said = filled
    before = rows(folder)
    assert len(before["accounts_user"]) > 20
    assert demo_portal.fill(folder / "demo", 8000) == 0
    again = capfd.readouterr().out
    assert "没有改动" in again
    assert rows(folder) == before
    table = re.compile(r"^姓名.*?\n\n", re.MULTILINE | re.DOTALL)
    assert table.search(again)[0] == table.search(said)[0]


def test_an_installation_of_the_caller_is_left_alone(filled: tuple[Path, str]) -> None:
    folder, _ = filled
    assert not (folder / "elsewhere").exists()
    given = demo_portal.environment(folder, 8123, {**OTHER, "PATH": "x"})
    assert "DATABASE_URL" not in given
    assert given["FENGQIAO_URL"] == "http://127.0.0.1:8123"
    assert given["PATH"] == "x"


def test_passwords_differ_between_installations_and_lie_nowhere(filled: tuple[Path, str]) -> None:
    folder, said = filled
    passwords = re.findall(r"\b(?:[a-z2-7]{4}-){3}[a-z2-7]{4}\b", said)
    assert len(set(passwords)) == len(passwords) > 20
    for path in (folder / "demo" / "portal").rglob("*"):
        assert not path.is_file() or not any(word.encode() in path.read_bytes() for word in passwords), path


def test_codes_are_shown_for_those_who_wait_for_one(filled: tuple[Path, str]) -> None:
    folder, _ = filled
    assert re.fullmatch(r"\d{6}\n", demo(folder, "--code", "mediator").stdout)
    refused = demo(folder, "--code", "investor")
    assert refused.returncode == 2
    assert "请先在登录页输入密码" in refused.stderr
    assert demo(folder, "--code", "nobody").returncode == 2
    nowhere = demo(folder, "--dir", "nothing-here", "--code", "mediator")
    assert nowhere.returncode == 2
    assert "没有演示环境" in nowhere.stderr
    assert not (folder / "nothing-here").exists()


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    yield number


def test_a_taken_port_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = demo(tmp_path, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert not (tmp_path / "demo").exists()


def test_it_serves_until_ctrl_c_and_every_page_says_that_it_is_a_demo(filled: tuple[Path, str], port: int) -> None:
    folder, _ = filled
    server = subprocess.Popen(
        [*COMMAND, "--port", str(port)], cwd=folder, env={**os.environ, **OTHER}, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        page = answer(port)
        assert "演示环境，数据均为虚构" in page
        assert "sms.jsonl" in page
        assert "演示环境" in answer(port, "/nowhere/", 404)
    finally:
        os.killpg(server.pid, signal.SIGINT)
        said = server.communicate(timeout=180)[0]
    assert server.returncode == 0, said[-500:]
    assert f"http://127.0.0.1:{port}" in said
    assert not [line for line in said.splitlines() if line.startswith("{")], "the accounts stay on the screen"
    log = folder / "demo" / "portal" / "log.jsonl"
    assert f"运行日志写在 {log.relative_to(folder)}" in said
    assert {json.loads(line)["logger"] for line in log.read_text("utf-8").splitlines()} >= {"fengqiao.requests"}
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "nothing listens any more"


def answer(port: int, path: str = "/", status: int = 200) -> str:
    """A page, as soon as the server answers."""
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", path)
            got = connection.getresponse()
            assert got.status == status
            return got.read().decode()
        except OSError:  # nobody listens yet, or too busy to answer
            time.sleep(0.2)
    raise AssertionError("the server did not answer")
