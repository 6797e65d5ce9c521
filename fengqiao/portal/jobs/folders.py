"""Where a job may write while it works: a folder of its own for every attempt, gone when the attempt ends."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings


def root() -> Path:
    """The folder above all working folders."""
    return Path(settings.ENVIRONMENT.home) / "work"


def folder_of(job_id: UUID, attempt: int) -> Path:
    """The working folder of one attempt; not made here."""
    return root() / f"{job_id}" / str(attempt)


def make_folder(job_id: UUID, attempt: int) -> Path:
    """The working folder of one attempt, readable by this user alone."""
    folder = folder_of(job_id, attempt)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def remove_folders(job_id: UUID, *, except_attempt: int | None = None) -> None:
    """Remove what earlier attempts left behind."""
    above = root() / f"{job_id}"
    if not above.is_dir():
        return
    for folder in above.iterdir():
        if folder.name != str(except_attempt):
            shutil.rmtree(folder, ignore_errors=True)
