"""Commands of operators when the database is away or was never made: one line that says so, never a stack trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from fengqiao.portal.operations.matter import Grade
from fengqiao.portal.operations.readiness import histories, matters
from tests.postgresql import free_port

COMMANDS = (["migrate"], ["serve"], ["audit", "verify"], ["backup", "--out", "b.tar"], ["keys", "rotate"])


def asked(words: list[str], home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    given = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE_URL", "FENGQIAO_"))}
    settings = {"FENGQIAO_HOME": str(home / "home"), "DJANGO_SETTINGS_MODULE": "fengqiao.portal.settings", **more}
    return subprocess.run(
        [sys.executable, "-m", "fengqiao.cli.main", *words], env={**given, **settings}, cwd=home, text=True,
        capture_output=True, check=False, timeout=300,
    )  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_a_database_server_that_is_away_is_said_in_one_line(words: list[str], tmp_path: Path) -> None:
    done = asked(words, tmp_path, DATABASE_URL=f"postgresql://fengqiao:geheim@127.0.0.1:{free_port()}/fengqiao")
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert len(said) == 1, done.stderr
    assert said[0].startswith("fengqiao: ")
    assert "Connection refused" in said[0]
    assert not (tmp_path / "b.tar").exists()


@pytest.mark.parametrize(
    "url",
    [
        "user:geheim@host/db", "postgresql://", "postgresql://u:geheim@host/", "postgresql://u:geheim@host:abc/db",
        "postgresql://u:geheim@host:99999/db", "postgresql://[::1/db", "sqlite://", "sqlite://:memory:",
    ],
)  # fmt: skip
def test_an_address_of_a_database_that_cannot_be_read_is_named(url: str, tmp_path: Path) -> None:
    done = asked(["migrate"], tmp_path, DATABASE_URL=url)
    assert (done.returncode, "Traceback" in done.stderr, "geheim" in done.stderr) == (2, False, False)
    assert "DATABASE_URL cannot be read" in done.stderr


def test_a_file_that_is_no_database_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes").write_bytes(b"these are only words, and many of them. " * 300)
    done = asked(["migrate"], tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'notes'}")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "file is not a database" in done.stderr


UNUSABLE = {
    "FENGQIAO_URL": ("https://h:99999", "http://[::1", "ftp://x", "portal.example"),
    "FENGQIAO_SMTP_URL": ("smtp://u:geheim@mail.example:abc", "https://mail.example"),
    "FENGQIAO_LOG_URL": ("syslogs://logs.example:abc", "syslogs://"),
    "FENGQIAO_SMS_URL": ("https://", "sms.example"),
    "FENGQIAO_TSA_URL": ("https://tsa.example:0",),
    "FENGQIAO_CLAMD": ("clamd.example:99999999", ":3310", "clamd"),
    "FENGQIAO_SIGNING_SERVICE": ("https://[::1", "nowhere.Service", "fengqiao.portal.signing.provider.Nothing"),
    "FENGQIAO_SMS_GATEWAY": ("nonsense", "nowhere.Gateway"),
    "FENGQIAO_VOICE_GATEWAY": ("nowhere.Voice",),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in UNUSABLE for value in UNUSABLE[name]])
def test_a_setting_that_cannot_be_used_is_named_at_the_start(name: str, value: str, tmp_path: Path) -> None:
    done = asked(["migrate"], tmp_path, **{name: value})
    assert (done.returncode, "Traceback" in done.stderr, "geheim" in done.stderr) == (2, False, False), done.stderr
    assert done.stderr.startswith(f"fengqiao: {name} is ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--port", "70000"], "ports go from 1 to 65535"), (["--address", ""], "--address is empty")],
)
def test_where_it_cannot_listen_is_said_in_one_line(words: list[str], said: str, tmp_path: Path) -> None:
    done = asked(["serve", *words], tmp_path)
    assert (done.returncode, "Traceback" in done.stderr, said in done.stderr) == (2, False, True), done.stderr


def test_a_database_that_was_never_made_is_said_in_one_line(tmp_path: Path) -> None:
    done = asked(["audit", "verify"], tmp_path)
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr
    assert "fengqiao migrate" in done.stderr


def test_check_deploy_says_what_is_wrong_once(tmp_path: Path) -> None:
    away = asked(["check-deploy"], tmp_path, DATABASE_URL=f"postgresql://fengqiao@127.0.0.1:{free_port()}/fengqiao")
    assert (away.returncode, "Traceback" in away.stderr) == (1, False)
    assert away.stdout.count("[缺] 数据库没有应答") == 1
    empty = asked(["check-deploy"], tmp_path)
    assert (empty.returncode, "Traceback" in empty.stderr) == (1, False)
    assert "数据库没有应答" not in empty.stdout, "it does answer; it only has no tables yet"
    assert "请运行 fengqiao migrate" in empty.stdout


@pytest.mark.django_db
def test_check_deploy_misses_a_trigger_that_was_taken_away() -> None:
    assert histories().grade == Grade.GOOD
    with transaction.atomic():
        on = " ON deadlines_event" if connection.vendor == "postgresql" else ""
        connection.cursor().execute(f"DROP TRIGGER deadlines_event_delete{on}")
        found = [one for one in matters(timezone.now()) if "deadlines_event_delete" in one.what]
        assert [one.grade for one in found] == [Grade.LACKING]
        transaction.set_rollback(True)
    assert histories().grade == Grade.GOOD
