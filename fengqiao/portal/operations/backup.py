"""Backup and restore: database and files of an installation in one archive, every part with its digest.

The archive is made while the portal works: first a consistent copy of the database, then the files. A file is always
written before the row that names it, so every file that the copy of the database names is there, unless it was disposed
of in between; what is missing is listed. Keys are not in it: they must lie elsewhere than what they open.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from fengqiao import __version__
from fengqiao.engine.errors import InputError

FOLDERS = ("files", "runs", "anchors")
MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
FORMAT = 1
CHUNK = 1 << 20


class Hashing:
    """Reads a file and computes its digest on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest, self.size = file, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        part = self.file.read(size)
        self.digest.update(part)
        self.size += len(part)
        return part


def home() -> Path:
    """The installation's home."""
    return Path(settings.ENVIRONMENT.home)


def write_backup(out: Path, *, now: dt.datetime) -> dict[str, Any]:
    """Write an archive; returns its manifest. The name appears only when everything is in it."""
    if out.exists():
        raise InputError(f"{out} exists already (文件已存在). Give another name, or move it away first.")
    out.parent.mkdir(parents=True, exist_ok=True)
    parts: dict[str, dict[str, Any]] = {}
    handle, temporary = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    try:
        with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as archive:
            with copy_of_database() as database:
                add(archive, database, DATABASE[connection.vendor], parts)
            for path in files_of_home():
                with contextlib.suppress(FileNotFoundError):
                    add(archive, path, path.relative_to(home()).as_posix(), parts)
            manifest = manifest_of(parts, now)
            content = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size, entry.mode = len(content), 0o600
            archive.addfile(entry, io.BytesIO(content))
            archive.close()
            raw.flush()
            os.fsync(raw.fileno())
        Path(temporary).replace(out)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return manifest


def manifest_of(parts: dict[str, dict[str, Any]], now: dt.datetime) -> dict[str, Any]:
    """What the archive says of itself."""
    return {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "version": __version__,
        "database": connection.vendor,
        "migrations": sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()),
        "parts": parts,
    }


def files_of_home() -> Iterator[Path]:
    """Everything the portal keeps in files, but what is only on its way."""
    for folder in FOLDERS:
        root = home() / folder
        if root.is_dir():
            yield from sorted(path for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))


def add(archive: tarfile.TarFile, path: Path, name: str, parts: dict[str, dict[str, Any]]) -> None:
    """Put a file into the archive and its digest into the manifest."""
    with path.open("rb") as file:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = os.fstat(file.fileno()).st_size, 0o600
        reading = Hashing(file)
        archive.addfile(entry, reading)  # type: ignore[arg-type]
    parts[name] = {"size": reading.size, "sha256": reading.digest.hexdigest()}


@contextlib.contextmanager
def copy_of_database() -> Iterator[Path]:
    """A consistent copy of the database as it is at one moment."""
    with tempfile.TemporaryDirectory(prefix="fengqiao-backup-", dir=home()) as folder:
        goal = Path(folder) / DATABASE[connection.vendor]
        if connection.vendor == "sqlite":
            copy_sqlite(str(settings.DATABASES["default"]["NAME"]), goal)
        else:
            run_postgresql("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={goal}")
        yield goal


def copy_sqlite(name: str, goal: Path) -> None:
    """SQLite's own way of copying a database that is in use."""
    with (
        contextlib.closing(sqlite3.connect(name, timeout=60)) as source,
        contextlib.closing(sqlite3.connect(goal)) as target,
    ):
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")


def run_postgresql(program: str, *words: str) -> None:
    """Run one of PostgreSQL's client programs on our database."""
    found = shutil.which(program)
    if not found:
        raise InputError(
            f"{program} was not found (缺少数据库的客户端程序). "
            "Install PostgreSQL's client programs (Debian, Ubuntu: postgresql-client)."
        )
    given = settings.DATABASES["default"]
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environment = {**os.environ, **{name: str(given[key]) for name, key in names.items() if given.get(key)}}
    extra = ("--dbname", str(given["NAME"])) if program == "pg_restore" else ()
    done = subprocess.run(  # noqa: S603 - a program of the system, no words from outside
        [found, *extra, *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["?"]
        why = said[0].removeprefix(f"{program}: error: ")
        raise InputError(
            f"{why} ({program}, 数据库没有备份). Nothing was kept; check the database, then run the command again."
        )
