"""Taking a backup up again: everything is checked before anything is put in its place."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.db import connection, connections

from fengqiao.engine.errors import InputError
from fengqiao.portal.operations.backup import CHUNK, DATABASE, FOLDERS, FORMAT, MANIFEST, home, run_postgresql

NOT_OURS = "{path} is no backup of this program, or it is cut off (不是完整的枫桥备份): {why}. Use another one."


def check_backup(path: Path) -> dict[str, Any]:
    """Read a backup from beginning to end and compare every digest; returns its manifest."""
    with unpacked(path) as (_, manifest):
        return manifest


@contextlib.contextmanager
def unpacked(path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The content of a backup in a temporary folder, checked."""
    if not path.is_file():
        raise InputError(f"{path} is not there, or is no file (没有这个备份文件). Check the name of the backup.")
    home().mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="fengqiao-restore-", dir=home()) as name:
        folder = Path(name)
        try:
            found = unpack(path, folder)
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except (tarfile.TarError, FileNotFoundError, ValueError, EOFError) as error:
            raise InputError(NOT_OURS.format(path=path, why=type(error).__name__)) from error
        compare(manifest, found, path)
        yield folder, manifest


def unpack(path: Path, folder: Path) -> dict[str, tuple[int, str]]:
    """Write the parts out; returns size and digest of each."""
    found = {}
    with tarfile.open(path, mode="r|") as archive:
        for entry in archive:
            place = PurePosixPath(entry.name)
            top = place.parts[0] if place.parts else ""
            known = top in (*FOLDERS, *DATABASE.values(), MANIFEST)
            if not entry.isfile() or place.is_absolute() or ".." in place.parts or not known:
                raise InputError(
                    f"{path} holds {entry.name!r}, which no backup of this program holds (不是枫桥的备份). "
                    "Nothing was done."
                )
            source = archive.extractfile(entry)
            if source is None:
                raise tarfile.ReadError
            goal = folder / entry.name
            goal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            digest, size = hashlib.sha256(), 0
            with goal.open("wb") as out:
                while part := source.read(CHUNK):
                    digest.update(part)
                    size += len(part)
                    out.write(part)
            goal.chmod(0o600)
            found[entry.name] = (size, digest.hexdigest())
    return found


def compare(manifest: dict[str, Any], found: dict[str, tuple[int, str]], path: Path) -> None:
    """Every part is there, unchanged, and nothing besides."""
    if manifest.get("format") != FORMAT:
        raise InputError(f"{path} has format {manifest.get('format')!r} (备份格式不符); this version reads {FORMAT}.")
    parts = manifest["parts"]
    changed = [
        name for name, part in parts.items() if found.get(name) != (part["size"], part["sha256"])
    ] + [name for name in found if name not in parts and name != MANIFEST]  # fmt: skip
    if changed:
        raise InputError(
            f"{path} was changed or is damaged (备份损坏或者被改动): {', '.join(sorted(changed)[:5])}. "
            "Use another backup."
        )


def restore(path: Path) -> dict[str, Any]:
    """Put a backup into an empty installation; one that holds anything already is refused."""
    refuse_unless_empty()
    with unpacked(path) as (folder, manifest):
        if manifest["database"] != connection.vendor:
            raise InputError(
                f"{path} is of {manifest['database']}, this installation uses {connection.vendor} (数据库种类不同). "
                "Set DATABASE_URL."
            )
        for name in FOLDERS:
            if (folder / name).is_dir():
                shutil.move(folder / name, home() / name)
        database = folder / DATABASE[connection.vendor]
        connections.close_all()
        if connection.vendor == "sqlite":
            goal = Path(settings.DATABASES["default"]["NAME"])
            goal.parent.mkdir(parents=True, exist_ok=True)
            database.replace(goal)
        else:
            run_postgresql("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(database))
    return manifest


def refuse_unless_empty() -> None:
    """Nothing is ever overwritten by a restore."""
    there = [name for name in FOLDERS if (home() / name).is_dir() and any((home() / name).iterdir())]
    if there:
        raise InputError(
            f"{home()} holds {', '.join(there)} already (不是空的安装). Restore into an empty FENGQIAO_HOME."
        )
    if connection.vendor == "sqlite":
        goal = Path(settings.DATABASES["default"]["NAME"])
        if goal.exists() and goal.stat().st_size:
            raise InputError(f"{goal} exists already (不是空的安装). Restore into an empty FENGQIAO_HOME.")
    elif connection.introspection.table_names():
        raise InputError(
            "The database holds tables already (数据库不是空的). Make an empty one and name it in DATABASE_URL."
        )
