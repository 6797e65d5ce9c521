"""Backup and restore through the commands, in processes of their own."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from fengqiao.portal.accounts.models import Organisation
from tests import second_process

pytestmark = pytest.mark.django_db(transaction=True)


def command(*words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "fengqiao.cli.main", *map(str, words)]
    given = second_process.environment(**more)
    return subprocess.run(line, env=given, text=True, capture_output=True, check=False)


@pytest.fixture
def filled() -> list[str]:
    names = [f"示例机构{number:02d}" for number in range(20)]
    Organisation.objects.bulk_create(Organisation(kind="firm", name=name) for name in names)
    folder = Path(settings.ENVIRONMENT.home) / "files" / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "abcdef").write_bytes(random.Random(1).randbytes(300_000))  # the same for all: they share a home
    anchors = Path(settings.ENVIRONMENT.home) / "anchors"
    anchors.mkdir(exist_ok=True)
    (anchors / "2026-11-20.json").write_text("{}")
    return names


def fresh(tmp_path: Path) -> dict[str, str]:
    """The settings of an empty installation of the same kind."""
    home = tmp_path / "restored"
    if connection.vendor == "sqlite":
        return {"FENGQIAO_HOME": str(home), "DATABASE_URL": f"sqlite:///{home / 'fengqiao.sqlite3'}"}
    with connection.cursor() as cursor:
        name = f"{connection.settings_dict['NAME']}_restored"  # other processes of the tests restore at the same time
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    url = f"{second_process.database_url().rpartition('/')[0]}/{name}"
    return {"FENGQIAO_HOME": str(home), "DATABASE_URL": url}


def organisations(**more: str) -> list[str]:
    script = (
        "from fengqiao.portal.accounts.models import Organisation as O; import json;"
        "print(json.dumps(sorted(O.objects.values_list('name', flat=True))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", second_process.BEGIN + script], env=second_process.environment(**more), text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_what_was_backed_up_comes_back(filled: list[str], tmp_path: Path) -> None:
    archive = tmp_path / "one.tar"
    done = command("backup", "--out", archive)
    assert done.returncode == 0, done.stderr
    assert command("restore", archive, "--check").returncode == 0
    empty = fresh(tmp_path)
    done = command("restore", archive, **empty)
    assert done.returncode == 0, done.stderr
    assert organisations(**empty) == filled
    there, back = (Path(home) / "files/ab/abcdef" for home in (settings.ENVIRONMENT.home, empty["FENGQIAO_HOME"]))
    assert there.read_bytes() == back.read_bytes()
    assert (Path(empty["FENGQIAO_HOME"]) / "anchors/2026-11-20.json").exists(), "what shows that an end was cut off"
    missing = command("restore", tmp_path / "none.tar", "--check")
    assert missing.returncode == 2 and "is not there" in missing.stderr
    again = command("restore", archive, **empty)
    assert again.returncode == 2, "nothing is ever overwritten"
    assert "already" in again.stderr
    assert "Traceback" not in again.stderr


def test_a_backup_that_was_touched_is_refused(filled: list[str], tmp_path: Path) -> None:
    archive = tmp_path / "one.tar"
    assert command("backup", "--out", archive).returncode == 0
    whole = archive.read_bytes()
    chance = random.Random(20261120)
    for _ in range(4):
        place = chance.randrange(len(whole) // 2)
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        done = command("restore", archive, "--check")
        # a changed byte may be padding between parts, which belongs to nothing
        assert done.returncode == 2 or padding(whole, place), place
        assert "Traceback" not in done.stderr
    archive.write_bytes(whole[: len(whole) // 3])
    assert command("restore", archive, "--check").returncode == 2


def padding(whole: bytes, place: int) -> bool:
    """True when a byte of an archive belongs to no part and to no name."""
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        return not any(
            entry.offset <= place < entry.offset + 345 or entry.offset_data <= place < entry.offset_data + entry.size
            for entry in archive
        )


def test_an_archive_that_points_elsewhere_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "evil.tar"
    for name in ("../outside", "/etc/passwd", "files/../../outside", "keys/seal.key"):
        with tarfile.open(archive, "w") as made:
            entry = tarfile.TarInfo(name)
            entry.size = 4
            made.addfile(entry, io.BytesIO(b"evil"))
        done = command("restore", archive, "--check")
        assert done.returncode == 2, name
        assert "Nothing was done" in done.stderr
    assert not (tmp_path.parent / "outside").exists()


def test_a_backup_while_others_write_is_one_moment(filled: list[str], tmp_path: Path) -> None:
    script = (
        "from fengqiao.portal.accounts.models import Organisation as O; from django.db import transaction\n"
        "print('ready', flush=True)\n"
        "for n in range(100000):\n"
        "    with transaction.atomic():\n"
        "        O.objects.create(kind='firm', name=f'左{n}'); O.objects.create(kind='firm', name=f'右{n}')\n"
    )
    writer: Any = second_process.start(script)
    try:
        assert writer.stdout.readline().strip() == "ready"
        archive = tmp_path / "busy.tar"
        done = command("backup", "--out", archive)
        assert done.returncode == 0, done.stderr
    finally:
        writer.kill()
        writer.communicate()
    empty = fresh(tmp_path)
    assert command("restore", archive, **empty).returncode == 0
    names = organisations(**empty)
    left, right = (sum(name.startswith(sign) for name in names) for sign in "左右")
    assert left == right, "both rows of a transaction, or none"


def test_an_existing_file_is_not_overwritten(filled: list[str], tmp_path: Path) -> None:
    archive = tmp_path / "one.tar"
    archive.write_text("mine")
    done = command("backup", "--out", archive)
    assert done.returncode == 2
    assert archive.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["one.tar"]
