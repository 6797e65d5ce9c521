"""The commands as their users see them, in a second process, on a database file changed by hand."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection

from fengqiao.portal.audit import digests
from fengqiao.portal.audit.evidence_check import check_export, read_anchor
from fengqiao.portal.audit.models import ALL, Event, Head
from fengqiao.portal.audit.verification import verify
from fengqiao.portal.keystore import KeyStoreError
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


def signed_anew(evidence: Path, change: Callable[[dict[str, bytes]], dict[str, Any]]) -> Path:
    """A copy by somebody who changes files and then makes the list of digests and the signature anew, with a key of
    their own. change: changes the files, and says what else the list is to say."""
    with zipfile.ZipFile(evidence) as source:
        files = {name: source.read(name) for name in source.namelist()}
    more = change(files)
    key, manifest = Ed25519PrivateKey.generate(), json.loads(files["manifest.json"])
    for listed in manifest["files"]:
        content = files[listed["name"]]
        listed.update(
            bytes=len(content), sha256=digests.sha256(content).hex(), sm3=digests.sm3(content).hex()
        )  # fmt: skip
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    files["manifest.json"] = json.dumps({**manifest, "public_key": pem, **more}).encode()
    files["manifest.sig"] = base64.b64encode(key.sign(files["manifest.json"]))
    copy = evidence.with_name("anew.zip")
    with zipfile.ZipFile(copy, "w") as target:
        for name, content in files.items():
            target.writestr(name, content)
    return copy


def line_of_another_case(files: dict[str, bytes]) -> int:
    """Where in chain 3 an event stands that is not among those exported, between two that are."""
    own = {
        event["chain_number"] for event in map(json.loads, files["events.jsonl"].splitlines()) if event["chain"] == 3
    }
    return next(number for number in range(min(own) + 1, max(own)) if number not in own)


def without_line(files: dict[str, bytes], which: int) -> dict[str, Any]:
    lines = files["chain-3.txt"].splitlines(keepends=True)
    files["chain-3.txt"] = b"".join(lines[:which] + lines[which + 1 :] if which >= 0 else lines[:which])
    return {}


def with_words(files: dict[str, bytes], old: str, new: str) -> dict[str, Any]:
    assert old.encode() in files["events.jsonl"]
    files["events.jsonl"] = files["events.jsonl"].replace(old.encode(), new.encode(), 1)
    return {}


def without_event(files: dict[str, bytes]) -> dict[str, Any]:
    files["events.jsonl"] = files["events.jsonl"].split(b"\n", 1)[1]
    return {}


SIGNED_ANEW: dict[str, tuple[Callable[[dict[str, bytes]], dict[str, Any]], str]] = {
    "a word of an event": (lambda files: with_words(files, "当事人", "代理人"), "与链中的摘要不符"),
    "an event of another case": (
        lambda files: with_words(files, '"disputes.dispute:1"', '"disputes.dispute:2"'), "不属于本案"
    ),
    "an event left out": (without_event, "个事件，实有"),
    "the end of a chain": (lambda files: without_line(files, -1), "走不到清单所列的链头"),
    "a line of a chain": (lambda files: without_line(files, line_of_another_case(files)), "之后缺少内容"),
}  # fmt: skip


@pytest.mark.parametrize("what", SIGNED_ANEW)
def test_what_was_changed_and_signed_anew_does_not_fit_its_chains(evidence: Path, what: str) -> None:
    change, said = SIGNED_ANEW[what]
    problems = check_export(signed_anew(evidence, change)).problems
    assert any(said in problem for problem in problems), problems
    assert not any("签名" in problem or "摘要不符，被改动过" in problem for problem in problems)


def forged(files: dict[str, bytes]) -> dict[str, Any]:
    """One word of an event, and the whole chain after it computed anew: what only an anchor finds."""
    with_words(files, "当事人", "代理人")
    events = files["events.jsonl"].splitlines()
    chain = json.loads(events[0])["chain"]
    contents = {json.loads(line)["chain_number"]: line for line in events if json.loads(line)["chain"] == chain}
    first, *lines = (line.split() for line in files[f"chain-{chain}.txt"].decode().splitlines())
    sha, sm = bytes.fromhex(first[1]), bytes.fromhex(first[2])
    made = [" ".join(first)]
    for number, *kept in lines:
        content = contents.get(int(number))
        mine = [bytes.fromhex(one) for one in kept]
        if content is not None:
            mine = [digests.sha256(content), digests.sm3(content)]
        sha, sm = digests.link(sha, mine[0], digests.sha256), digests.link(sm, mine[1], digests.sm3)
        made.append(f"{number} {mine[0].hex()} {mine[1].hex()}")
    files[f"chain-{chain}.txt"] = ("\n".join(made) + "\n").encode()
    last = {"sha256": sha.hex(), "sm3": sm.hex()}
    heads = json.loads(files["manifest.json"])["heads"]
    return {"heads": [{**head, **last} if head["chain"] == chain else head for head in heads]}


def test_a_chain_computed_anew_and_signed_by_somebody_else_is_found_by_an_anchor(
    evidence: Path, exported: Path, tmp_path: Path
) -> None:
    out = tmp_path / "anchor.json"
    assert run(exported, "audit", "anchor", "--out", out).returncode == 0
    anchor = read_anchor(out)
    assert check_export(evidence, anchors=(anchor,)).problems == []
    copy = signed_anew(evidence, forged)
    assert check_export(copy).problems == [], "a key of their own, everything fits: held against nothing known"
    assert any("与锚点不符" in problem for problem in check_export(copy, anchors=(anchor,)).problems)
    changed = json.loads(out.read_text(encoding="utf-8"))
    changed["heads"][0]["number"] += 1
    out.write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(KeyStoreError, match="签名不符"):
        read_anchor(out)


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
