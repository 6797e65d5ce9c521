"""Figures that the processes of the web server add up in files, without a fault when the disk is full.

The library maps a file with holes into memory. Writing into a hole on a full disk kills the process at once (SIGBUS),
so the room is reserved before: where there is none, a figure is not counted, and the person gets their answer.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prometheus_client import mmap_dict, values

log = logging.getLogger(__name__)
STEP = 1 << 14
"""So much is reserved at a time."""


class Reserved(mmap_dict.MmapedDict):  # type: ignore[misc]
    """The library's file, whose blocks are there before anything is written."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        self.reserved = 0
        if not read_mode:
            try:
                with Path(filename).open("a+b") as file:
                    self.reserve(file.fileno(), STEP)
            except OSError as error:  # a process that starts then counts for itself alone
                log.warning("figures of this process are not added up: %s", error.strerror)
                filename = f"/proc/self/fd/{os.memfd_create('figures')}"
                self.reserved = sys.maxsize
        super().__init__(filename, read_mode)

    def reserve(self, file: int, size: int) -> None:
        """Room for the first bytes; OSError when the disk is full. A file that grew keeps its size."""
        if size > self.reserved:
            room = -(-size // STEP) * STEP
            os.posix_fallocate(file, 0, max(room, 1 << 16) if not self.reserved else room)
            self.reserved = room

    def _init_value(self, key: str) -> None:
        longest = len(key.encode()) + 64
        self.reserve(self._f.fileno(), self._used + longest)
        super()._init_value(key)


def add(change: Callable[[], Any]) -> None:
    """Change a figure; a full disk changes none."""
    try:
        change()
    except OSError as error:
        log.warning("a figure was not counted: %s", error.strerror)


values.MmapedDict = Reserved
