"""The files of runs: a folder for each attempt, there as a whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from fengqiao.portal.claims.models import MeasurementRun
from fengqiao.portal.claims.queries import runs_root
from fengqiao.portal.documents.store import sync_folder


def name_of(run: MeasurementRun, attempt: int) -> str:
    """The folder of an attempt, below that of all runs. A job's number is never given again, not even after the
    database was put back to an earlier day."""
    return f"{run.job_id}/{attempt}"


def sync(folder: Path) -> None:
    """Make everything in a folder safe on the disk."""
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
            continue
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(folder)


def publish(work: Path, run: MeasurementRun, attempt: int) -> str:
    """Move finished results to where they are kept, by one rename; returns the folder's name."""
    goal = runs_root() / name_of(run, attempt)
    goal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync(work)
    try:
        work.rename(goal)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        near = goal.with_name(f".{attempt}.partial")  # the working folder is on another disk
        shutil.rmtree(near, ignore_errors=True)
        shutil.copytree(work, near)
        sync(near)
        near.rename(goal)
    sync_folder(goal.parent)
    return name_of(run, attempt)


def remove_leftovers(run: MeasurementRun, *, before_attempt: int) -> None:
    """Remove what earlier attempts left; what the run names is kept."""
    folder = runs_root() / str(run.job_id)
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        number = path.name.strip(".").removesuffix(".partial")
        if number.isdecimal() and int(number) < before_attempt and f"{run.job_id}/{path.name}" != run.folder:
            shutil.rmtree(path, ignore_errors=True)
