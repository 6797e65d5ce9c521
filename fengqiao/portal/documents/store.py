"""The folder of contents: written to the side while they are hashed, synced, renamed; there as a whole or not."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from fengqiao.portal.audit.digests import sm3_stream
from fengqiao.portal.refusal import Refusal, TooLarge

KEPT_FREE = 256 << 20
"""Bytes of the disk that uploads leave free: the database and running jobs need them."""
FULL = {errno.ENOSPC, errno.EDQUOT}
FULL_SENTENCE = "服务器的存储空间不足，文件没有保存，原有内容没有改变。请告诉平台管理员清理空间，之后再上传一次。"
TOO_LARGE_SENTENCE = (
    "文件超过服务器允许的单个文件大小，没有保存，原有内容没有改变。请拆成几个文件，或者请平台管理员调整限制。"
)


class StorageFull(Refusal):
    """There is no room left."""

    status = 507
    title = "存储空间不足"


def root() -> Path:
    """The folder of all contents."""
    return Path(settings.ENVIRONMENT.home) / "files"


def place_of(sha256: str) -> Path:
    """Where a content lies."""
    return root() / sha256[:2] / sha256[2:]


def room_for(size: int) -> bool:
    """True when the disk has room for so much and some more."""
    folder = root() / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return shutil.disk_usage(folder).free > size + KEPT_FREE


def refusal_of(error: BaseException) -> Refusal | None:
    """What is said to people about a full disk; None for other faults."""
    if isinstance(error, OSError) and error.errno in FULL:
        return StorageFull(FULL_SENTENCE)
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return TooLarge(TOO_LARGE_SENTENCE)
    if isinstance(error, DatabaseError) and any(word in str(error) for word in ("disk is full", "No space left")):
        return StorageFull(FULL_SENTENCE)
    return None


@contextmanager
def full_disk_said(sentence: str = "") -> Iterator[None]:
    """A full disk in here becomes a refusal. sentence: what is said in place of that about a file."""
    try:
        yield
    except (OSError, DatabaseError) as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise (StorageFull(sentence) if sentence else refusal) from error


@dataclass(frozen=True)
class Digests:
    """What names and proves a content."""

    sha256: str
    sm3: str
    size: int


class Incoming:
    """A file on its way in."""

    def __init__(self) -> None:
        folder = root() / "incoming"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / uuid.uuid4().hex
        self._file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=1 << 20)
        self._sha256, self._sm3 = hashlib.sha256(), sm3_stream()
        self.size = 0

    def write(self, data: bytes) -> None:
        """More of it."""
        self._file.write(data)
        self._sha256.update(data)
        self._sm3.update(data)
        self.size += len(data)

    def finish(self) -> Digests:
        """All is here, and safe on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Digests(self._sha256.hexdigest(), self._sm3.hexdigest(), self.size)

    def publish(self, digests: Digests) -> Path:
        """Put it into its place; a content that is there already is not stored again."""
        place = place_of(digests.sha256)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.exists() and place.stat().st_size == digests.size:
            self.discard()
            return place
        self.path.chmod(0o400)
        self.path.replace(place)
        sync_folder(place.parent)
        sync_folder(root())
        return place

    def discard(self) -> None:
        """Nothing of it stays."""
        with suppress(OSError):  # what cannot be flushed to a full disk is thrown away all the same
            self._file.close()
        self.path.unlink(missing_ok=True)

    close = discard


def sync_folder(folder: Path) -> None:
    """Make the names in a folder safe on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_abandoned(*, older_than: float) -> int:
    """Remove uploads that were broken off (seconds since the last byte); returns how many."""
    removed = 0
    for path in (root() / "incoming").glob("*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > older_than:
                path.unlink()
                removed += 1
    return removed
