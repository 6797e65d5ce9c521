"""Folders that belong to a running process: a later run knows those of dead processes and removes them.

The lock is on the folder itself and ends with the process, however it ends. Where the system has no such locks,
nothing is ever taken for dead.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

PRIVATE = 0o700
MARK = "work-"


def lock(folder: Path) -> int | None:
    """A lock on a folder that is there, as a file descriptor; None when another process has it or none can be had.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     held = lock(Path(name))
    ...     lock(Path(name)) is None, unlock(held)
    (True, None)
    """
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        file = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file).st_ino == folder.stat().st_ino:
            return file
    except OSError:
        pass
    os.close(file)
    return None


def unlock(held: int | None) -> None:
    """End a lock."""
    if held is not None:
        os.close(held)


def remove_stale(beside: Path) -> None:
    """Remove what killed runs with the same --out left: folders that no living process holds."""
    for folder in beside.parent.glob(f".{_plain(beside.name)}.{MARK}*"):
        held = lock(folder)
        if held is not None:
            shutil.rmtree(folder, ignore_errors=True)
            unlock(held)


def _plain(name: str) -> str:
    """A name in which no sign stands for others.

    >>> _plain("a[1]")
    'a[[]1]'
    """
    return "".join(f"[{sign}]" if sign in "[*?" else sign for sign in name)


def new_folder(out: Path) -> tuple[Path, int | None]:
    """A new folder and the lock on it. Another run may take it for dead before it is locked; then there is a next."""
    while True:
        work = Path(tempfile.mkdtemp(prefix=f".{out.name}.{MARK}", dir=out.parent))
        held = lock(work)
        if held is not None or (work.exists() and not _lockable(out.parent)):
            return work, held


def _lockable(folder: Path) -> bool:
    """Whether locks can be had on folders of this file system."""
    with tempfile.TemporaryDirectory(prefix=".lock-", dir=folder) as name:
        held = lock(Path(name))
        unlock(held)
        return held is not None
