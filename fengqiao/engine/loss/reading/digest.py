"""Digests of input files, so that a result says exactly what it was computed from."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.reading.content import cannot_open

if TYPE_CHECKING:
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
