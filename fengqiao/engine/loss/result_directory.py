"""Finished files into their directory: nothing half-written, and nothing left from a run before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fengqiao.engine.loss.locked_folder import new_folder, remove_stale, unlock


@contextmanager
def work_directory(out: Path) -> Iterator[Path]:
    """A directory beside `out` that is gone afterwards, as are folders on the way to `out` that then hold nothing.

    It is held by this process; what killed runs left is removed before.
    """
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        remove_stale(out)
        work, held = new_folder(out)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
            unlock(held)
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def move_finished(work: Path, out: Path, known: Sequence[str]) -> list[Path]:
    """Put the finished files where they belong; a format that was not asked for this time is not left from before.

    known: the names a run of this kind may write. All or nothing: when something goes wrong in between, what was there
    before is put back.
    """
    out.mkdir(parents=True, exist_ok=True)
    finished, before = sorted(work.iterdir()), work / ".before"
    before.mkdir()
    steps = [(out / name, before / name) for name in known if (out / name).exists()]
    steps += [(item, out / item.name) for item in finished]
    try:
        for source, target in steps:
            source.rename(target)
    except BaseException:
        for source, target in reversed(steps):
            if target.exists() and not source.exists():
                target.rename(source)
        raise
    return sorted(path for path in out.rglob("*") if path.is_file())
