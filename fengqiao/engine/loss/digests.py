"""Digests of input files, so that a result says exactly what it was computed from.

Imports nothing heavy: a command begins with the digests of large files while the rest of the program is loaded.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from fengqiao.engine.errors import InputError, Place, cannot_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

STEP = 1 << 20


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes as "sha256:" and 64 hexadecimal digits.

    Reads 1 MiB at a time, so memory stays bounded; other threads run on meanwhile (hashlib releases the lock).
    Errors: InputError when the file cannot be read.
    """
    if path.is_dir():
        raise InputError("This is a folder, not a file (是文件夹)", todo="Name the files in it", place=Place(path.name))
    state = hashlib.sha256()
    buffer = bytearray(STEP)
    view = memoryview(buffer)
    try:
        with path.open("rb", buffering=0) as stream:
            while size := stream.readinto(buffer):
                state.update(view[:size])
    except (OSError, ValueError) as error:
        raise cannot_open(path.name, error) from error
    return f"sha256:{state.hexdigest()}"


class EarlyDigests:
    """Digests of some files, begun at once in a thread of their own."""

    def __init__(self, paths: Iterable[Path]) -> None:
        pool = ThreadPoolExecutor(1)
        self._begun: dict[Path, Future[str]] = {path: pool.submit(file_digest, path) for path in paths}
        pool.shutdown(wait=False)

    def of(self, path: Path) -> str:
        """The digest of a file, one of those or another. Errors: as `file_digest`."""
        begun = self._begun.get(path)
        return file_digest(path) if begun is None else begun.result()


def digests_of(roles: Sequence[tuple[str, Path]], early: EarlyDigests | None = None) -> dict[str, str]:
    """Digest of every input file, "role: name" -> "sha256:...". Files of one role and name are numbered."""
    digest = file_digest if early is None else early.of
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda item: digest(item[1]), roles))
    out: dict[str, str] = {}
    for (role, path), value in zip(roles, found, strict=True):
        key, number = f"{role}: {path.name}", 2
        while key in out:
            key, number = f"{role}: {path.name} ({number})", number + 1
        out[key] = value
    return out
