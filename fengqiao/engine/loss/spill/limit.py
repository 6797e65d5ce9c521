"""A limit on memory, and what fits under it: how many threads, how many rows at once, how large a partition."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fengqiao.engine.errors import InputError

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
UNITS = {
    "": 1, "b": 1, "k": KIB, "kb": 1000, "kib": KIB, "m": MIB, "mb": 1000**2, "mib": MIB, "g": GIB, "gb": 1000**3,
    "gib": GIB, "t": GIB << 10, "tb": 1000**4, "tib": GIB << 10,
}  # fmt: skip
SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([kmgt]?i?b?)", re.ASCII)

# what measuring takes in bytes; the tests hold the sum against real processes
PROGRAM = 350 * MIB  # the interpreter, what it imports (the general way over records imports most), the case, readers
ASSEMBLY = 80 * MIB  # one row group of results while it is written
THREAD = 58 * MIB  # the least that one thread can work with
READ_ROW = 1300  # a row being read, checked, packed and compressed; one left out with a finding needs most
PACKED_ROW = 60  # of a partition: its words and its place in the order, and what is being unpacked of it
DISTINCT = 150  # an investor: name, place in the table of names, start, sorting
NOTICED = 300  # a row that was left out and is to be told with its investor's result
SLICE_ROWS = 100_000  # rows unpacked and measured at once
SLICE = 24 * MIB  # what they take
HEAVY_ROW = 900  # a row of an investor of whom more than SLICE_ROWS have to be unpacked and explained at once
LARGEST_PIECE, SMALLEST_PIECE = 1 << 20, 8_000
PREFERRED = 6_000_000  # rows of a partition beyond which the table of its names no longer stays near the processor


@dataclass(frozen=True)
class Bounds:
    """What the user set. limit: bytes of memory at most. work: where the spill folder lies, None for beside the
    results. keep: leave the spill folder when the run is stopped. fresh: begin anew whatever an earlier run left."""

    limit: int
    work: Path | None = None
    keep: bool = False
    fresh: bool = False


def parse_size(text: str) -> int:
    """A size in bytes from text such as 4GiB, 512 MiB, 1.5G. Errors: InputError.

    >>> parse_size("4GiB"), parse_size("512m"), parse_size("1.5 GB")
    (4294967296, 536870912, 1500000000)
    """
    found = SIZE.fullmatch(text.strip().lower())
    if not found or found[2] not in UNITS:
        raise InputError(f'"{text}" is not a size of memory (内存大小)', todo="Write it like 4GiB or 512MiB")
    return int(float(found[1]) * UNITS[found[2]])


def shown(size: float) -> str:
    """A size for people.

    >>> shown(4 << 30), shown(600 * (1 << 20)), shown(10)
    ('4.0 GiB', '600 MiB', '1 MiB')
    """
    return f"{size / GIB:.1f} GiB" if size >= GIB else f"{max(-(-int(size) // MIB), 1)} MiB"


SMALLEST = PROGRAM + ASSEMBLY + THREAD


def require_workable(limit: int) -> None:
    """Errors: InputError when a limit is too small for any work.

    >>> require_workable(100 << 20)
    Traceback (most recent call last):
    ...
    fengqiao.engine.errors.InputError: --memory 100 MiB is too small (内存上限过小): the smallest that works is \
488 MiB. Give --memory 488MiB or more.
    """
    if limit < SMALLEST:
        raise InputError(
            f"--memory {shown(limit)} is too small (内存上限过小)", why=f"the smallest that works is {shown(SMALLEST)}",
            todo=f"Give --memory {-(-SMALLEST // MIB)}MiB or more",
        )  # fmt: skip


@dataclass(frozen=True)
class Budget:
    """What fits under a limit. jobs: threads. room: bytes for all threads together. piece: rows read at once."""

    limit: int
    jobs: int
    room: int
    piece: int

    @classmethod
    def of(cls, limit: int, jobs: int) -> Budget:
        """The budget for at most `jobs` threads. Errors: InputError when the limit is too small for one.

        >>> Budget.of(4 << 30, 2).piece, Budget.of(600 << 20, 8).jobs
        (1048576, 2)
        """
        require_workable(limit)
        room = limit - PROGRAM - ASSEMBLY
        threads = max(min(jobs, room // THREAD), 1)
        piece = max(min(room // threads // READ_ROW, LARGEST_PIECE), SMALLEST_PIECE)
        return cls(limit, threads, room, piece)

    @property
    def share(self) -> int:
        """Bytes for one thread."""
        return self.room // self.jobs

    def partitions(self, rows: int, row_bytes: float) -> int:
        """How many partitions so many rows are to be spread over; row_bytes: what a row is expected to take."""
        fitting = min(max(int((self.share - SLICE) * 0.6 / row_bytes), 1), PREFERRED)
        return max(-(-rows // fitting), 1)


def needed(rows: int, names: int, name_bytes: int, noticed: int) -> int:
    """Bytes for measuring a partition, whatever its rows are, but for an investor with very many of them.

    names, name_bytes: of all blocks, as many distinct ones there are at most.
    """
    return SLICE + rows * PACKED_ROW + names * DISTINCT + 2 * name_bytes + noticed * NOTICED
