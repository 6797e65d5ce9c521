"""Where spilled records lie: a folder that only its owner may read, held by one run at a time, removed at the end."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.locked_folder import PRIVATE, lock, unlock
from fengqiao.engine.loss.spill.limit import Bounds, shown

DIGITS = 8


def folder_of(out: Path, work: Path | None) -> Path:
    """The spill folder of a run, always the same one for the same --out (and --work).

    >>> folder_of(Path("/a/results"), None).as_posix()
    '/a/.results.spill'
    """
    if work is None:
        return out.parent / f".{out.name}.spill"
    place = hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:DIGITS]
    return work / f"{out.name}-{place}.spill"


class OtherRunError(InputError):
    """What lies in the spill folder is of other inputs or options: it stays, somebody may want to go on with it."""


@contextmanager
def held(out: Path, bounds: Bounds) -> Iterator[Path]:
    """The spill folder, made where it is not there yet; nobody else uses it meanwhile.

    It is removed at the end, also after an error or Ctrl-C, unless bounds say to keep what may be continued.
    Errors: InputError when another process has it.
    """
    folder = folder_of(out, bounds.work)
    if bounds.work is not None and not bounds.work.is_dir():
        raise InputError(f"There is no folder {bounds.work}", todo="Make it, or give another --work")
    while True:
        folder.mkdir(PRIVATE, parents=True, exist_ok=True)
        mine = lock(folder)
        if mine is not None:
            break
        if folder.exists():
            raise InputError(
                f"The spill folder {folder} cannot be locked (临时目录被占用)",
                why="another run with the same --out uses it, or its file system has no locks",
                todo="Wait for that run, or give another --work",
            )
    try:
        folder.chmod(PRIVATE)
        if bounds.fresh:
            empty(folder)
        try:
            yield folder
        except OtherRunError:
            raise
        except BaseException:
            if not bounds.keep:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        unlock(mine)


def empty(folder: Path) -> None:
    """Remove what is in a spill folder."""
    for path in folder.iterdir():
        path.unlink()


def require_free(folder: Path, wanted: int) -> int:
    """Bytes free on the disk of a folder. Errors: InputError when they are fewer than wanted."""
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise InputError(
            f"The disk is too full for the spilled records (磁盘空间不足): {shown(wanted)} are needed",
            why=f"{shown(free)} are free in {folder.parent}",
            todo="Give a folder on another disk with --work, or make room",
        )  # fmt: skip
    return free
