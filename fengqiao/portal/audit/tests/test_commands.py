"""The commands as their users see them, in a second process, on a database file changed by hand."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from fengqiao.portal.audit.evidence_check import check_export
from fengqiao.portal.audit.models import ALL, Event, Head
from fengqiao.portal.audit.verification import verify
from tests.second_process import ROOT, command, start

MAKE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
import datetime as dt
from django.db import transaction
from fengqiao.portal.audit import actions
from fengqiao.portal.audit.stamp import Stamp
for number in range(20):
    with transaction.atomic():
        actions.record(
            stamp=Stamp(7, "调解员甲", "mediator", "调解员", 3 + number % 2, "调解组织甲"), verb="disputes.noted",
            subject=("disputes.dispute", number), case=f"disputes.dispute:{number % 3}", reason="<b>当事人申请</b>",
            before={"state": 1}, after={"state": 2}, now=dt.datetime(2026, 11, 20, 9, number, tzinfo=dt.UTC),
        )
"""


def at_home(home: Path) -> dict[str, str]:
    """An installation of its own with a database file."""
    return {
        **os.environ, "PYTHONPATH": str(ROOT), "FENGQIAO_HOME": str(home), "FENGQIAO_KEYS": str(home / "keys"),
        "DATABASE_URL": f"sqlite:///{home / 'fengqiao.sqlite3'}", "DJANGO_SETTINGS_MODULE": "fengqiao.portal.settings",
    }  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with twenty events."""
    home = tmp_path_factory.mktemp("home")
    process = start(MAKE, env=at_home(home))
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err[-2000:]
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "home"))


def run(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """A command in an installation."""
    return command(*words, env=at_home(home))


def by_hand(home: Path, *statements: str) -> None:
    """Change the file with SQLite's own module; the triggers are dropped and put back as they were."""
    with sqlite3.connect(home / "fengqiao.sqlite3") as file:
        kept = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in kept:
            file.execute(f"DROP TRIGGER {name}")
        for statement in (*statements, *(sql for _, sql in kept)):
            file.execute(statement)
    file.close()


def test_the_file_itself_refuses(home: Path) -> None:
    file = sqlite3.connect(home / "fengqiao.sqlite3")
    for statement in ("UPDATE audit_event SET name = 'x'", "DELETE FROM audit_event", "DELETE FROM audit_head"):
        with pytest.raises(sqlite3.IntegrityError):
            file.execute(statement)
    file.close()


def test_verify_finds_a_row_changed_by_hand_in_the_database_file(home: Path) -> None:
    sound = run(home, "audit", "verify")
    assert (sound.returncode, sound.stdout) == (0, "核验了 20 个事件、2 条链，没有发现问题。\n"), sound.stderr
    by_hand(home, "UPDATE audit_event SET name = '调解员乙' WHERE number = 7")
    found = run(home, "audit", "verify")
    assert found.returncode == 1
    assert "[内容被改] 事件 7 的内容与其摘要不符" in found.stdout and "发现 1 处问题" in found.stdout
    shown = json.loads(run(home, "audit", "verify", "--json").stdout)
    assert (shown["sound"], [(each["problem"], each["number"]) for each in shown["findings"]]) == (
        False,
        [("content", 7)],
    )
    assert run(home, "audit", "verify", "--organisation", "4").returncode == 0
    assert run(home, "audit", "verify", "--organisation", "3").returncode == 1
    assert run(home, "audit", "verify", "--since", "2026-11-21").returncode == 0


def test_an_anchor_finds_an_end_that_was_cut_off_with_the_older_file_put_back(home: Path, tmp_path: Path) -> None:
    older = shutil.copytree(home, tmp_path / "older")
    process = start(MAKE, env=at_home(home))
    assert process.communicate(timeout=120) and process.returncode == 0
    assert run(home, "audit", "anchor", "--out", tmp_path / "anchor.json").returncode == 0
    again = run(home, "audit", "anchor", "--out", tmp_path / "anchor.json")
    assert again.returncode == 2 and "anchor.json" in again.stderr
    assert run(home, "audit", "verify", "--anchor", tmp_path / "anchor.json").returncode == 0
    assert run(older, "audit", "verify").returncode == 0, "the older file is sound in itself"
    found = run(older, "audit", "verify", "--anchor", tmp_path / "anchor.json")
    assert found.returncode == 1 and "[与锚点不符] 总链的第 40 号事件在锚点中" in found.stdout
    forged = json.loads((tmp_path / "anchor.json").read_text(encoding="utf-8"))
    forged["heads"][0]["number"] = 20
    (tmp_path / "forged.json").write_text(json.dumps(forged), encoding="utf-8")
    refused = run(older, "audit", "verify", "--anchor", tmp_path / "forged.json")
    assert refused.returncode == 2 and "签名不符" in refused.stderr


def test_what_cannot_be_checked_ends_with_a_sentence(tmp_path: Path) -> None:
    nothing = run(tmp_path, "audit", "verify")
    assert nothing.returncode == 2 and "cannot be used" in nothing.stderr and "Traceback" not in nothing.stderr
    both = run(tmp_path, "audit", "verify", "--organisation", "1", "--since", "2026-01-01")
    assert both.returncode == 2 and len(both.stderr.splitlines()) == 1


# -- evidence


@pytest.fixture(scope="module")
def exported(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the installation that has exported the events of one case."""
    home = Path(shutil.copytree(made, tmp_path_factory.mktemp("exported") / "home"))
    out = home / "e.zip"
    done = run(home, "audit", "export", "--case", "disputes.dispute:1", "--out", out, "--reason", "调取")
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def evidence(exported: Path, tmp_path: Path) -> Path:
    """The events of one case."""
    return Path(shutil.copy(exported / "e.zip", tmp_path))


def test_evidence_can_be_checked_without_the_installation(evidence: Path, tmp_path: Path) -> None:
    nowhere = {name: value for name, value in os.environ.items() if not name.startswith(("FENGQIAO", "D"))}
    (tmp_path / "empty").mkdir()
    done = command("audit", "check-export", evidence, env={**nowhere, "PYTHONPATH": str(ROOT)}, cwd=tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == [], "nothing is left behind"
    assert done.returncode == 0, done.stdout + done.stderr
    assert "案件“disputes.dispute:1”的 7 个事件" in done.stdout and "公钥指纹" in done.stdout
    with zipfile.ZipFile(evidence) as file:
        assert sorted(file.namelist()) == [
            "chain-3.txt", "chain-4.txt", "events.jsonl", "manifest.json", "manifest.sig", "public_key.pem",
            "summary.html",
        ]  # fmt: skip
        page = file.read("summary.html").decode()
        assert "调解员甲（调解组织甲 · 调解员）" in page and "&lt;b&gt;" in page and "<b>" not in page
        (tmp_path / "known.pem").write_bytes(file.read("public_key.pem"))
    assert check_export(evidence, known_key=(tmp_path / "known.pem").read_text()).problems == []


def test_an_export_leaves_an_event_and_overwrites_nothing(exported: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(exported, tmp_path / "home"))
    evidence = home / "e.zip"
    before = evidence.read_bytes()
    again = run(home, "audit", "export", "--case", "disputes.dispute:1", "--out", evidence)
    assert again.returncode == 2 and "已存在" in again.stderr and evidence.read_bytes() == before
    unknown = run(home, "audit", "export", "--case", "x:1", "--out", evidence.with_name("x.zip"))
    assert unknown.returncode == 2 and "没有案件" in unknown.stderr
    assert not [path for path in home.iterdir() if "x.zip" in path.name or path.name.startswith(".e.zip")]
    file = sqlite3.connect(home / "fengqiao.sqlite3")
    last = file.execute('SELECT verb, reason, "case" FROM audit_event ORDER BY number DESC LIMIT 1').fetchone()
    file.close()
    assert last == ("audit.exported", "调取", "disputes.dispute:1")


def test_nothing_is_signed_when_the_chain_is_broken(home: Path, tmp_path: Path) -> None:
    by_hand(home, "DELETE FROM audit_event WHERE number = 9")
    refused = run(home, "audit", "export", "--case", "disputes.dispute:1", "--out", tmp_path / "e.zip")
    assert refused.returncode == 2 and "不完整" in refused.stderr and not (tmp_path / "e.zip").exists()


def rewritten(evidence: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """A copy with one file changed."""
    copy = evidence.with_name("changed.zip")
    with zipfile.ZipFile(evidence) as source, zipfile.ZipFile(copy, "w") as target:
        for each in source.namelist():
            content = source.read(each)
            target.writestr(each, change(content) if each == name else content)
    return copy


CHANGES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a word of an event": ("events.jsonl", lambda content: content.replace("甲".encode(), "乙".encode(), 1)),
    "an event left out": ("events.jsonl", lambda content: content.split(b"\n", 1)[1]),
    "a line of a chain": ("chain-3.txt", lambda content: b"".join(content.splitlines(keepends=True)[:-2])),
    "the page": ("summary.html", lambda content: content.replace("调解员".encode(), "书记员".encode())),
    "the manifest": ("manifest.json", lambda content: content.replace(b'"events": 7', b'"events": 6')),
    "the signature": ("manifest.sig", lambda content: b"AAAA" + content[4:]),
    "an empty chain": ("chain-3.txt", lambda content: b""),
    "no manifest": ("manifest.json", lambda content: b"{}"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_changed_evidence_is_found(evidence: Path, what: str) -> None:
    assert check_export(evidence).problems == []
    assert check_export(rewritten(evidence, *CHANGES[what])).problems


def test_evidence_signed_by_somebody_else_is_found_by_the_known_key(evidence: Path, made: Path, tmp_path: Path) -> None:
    other = shutil.copytree(made, tmp_path / "other", ignore=shutil.ignore_patterns("keys"))
    shutil.copytree(made / "keys", other / "keys")
    assert run(other, "keys", "new", "--use", "sign").returncode == 0
    out = tmp_path / "other.zip"
    assert run(other, "audit", "export", "--case", "disputes.dispute:1", "--out", out).returncode == 0
    with zipfile.ZipFile(evidence) as file:
        known = file.read("public_key.pem").decode()
    assert check_export(out).problems == []
    assert len(check_export(out, known_key=known).problems) == 1
    assert len(check_export(Path(__file__)).problems) == 1


# -- several processes at once

WRITER = """
import datetime as dt, sys
from django.db import transaction
from fengqiao.portal.audit import actions
from fengqiao.portal.audit.stamp import Stamp
who = int(sys.argv[1])
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    with transaction.atomic():
        for chain in (who, 1, None)[: 1 + number % 3]:
            actions.record(
                stamp=Stamp(who, "x", "", "", chain, ""), verb="disputes.noted", subject=None,
                now=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
            )
        if number % 7 == 6:
            transaction.set_rollback(True)
print("done")
"""
KILLED = WRITER.replace('print("done")', "").replace("range(int(sys.argv[2]))", "range(10**9)")


@pytest.mark.django_db(transaction=True)
def test_several_processes_write_one_chain() -> None:
    """The first events of all, in chains that none of them finds there; one process is killed in the middle."""
    writers = [start(WRITER, str(who), "30") for who in (2, 3, 4)]
    victim = start(KILLED, "5", "0")
    for process in (*writers, victim):
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in writers:
        out, err = process.communicate(timeout=240)
        assert out == "done\n", err[-2000:]
    victim.kill()
    victim.communicate(timeout=60)
    connection.close()
    report = verify()
    assert report.findings == []
    kept = [sum(1 + number % 3 for number in range(30) if number % 7 != 6)] * 3
    assert Event.objects.exclude(user_id=5).count() == sum(kept)
    assert Head.objects.get(chain=ALL).number == Event.objects.count() > sum(kept)
