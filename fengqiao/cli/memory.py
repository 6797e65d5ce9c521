"""Keep memory that was given back for the next part of the records, instead of returning it to the system each time.

Parts are alike in size, so what one leaves the next can use; asking the system for it anew costs a page fault for every
4 KiB, about a tenth of a measurement.
"""

from __future__ import annotations

import contextlib
import ctypes
import os

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGEST_THRESHOLD = 32 * 1024 * 1024
KEPT = 1 << 30


def keep_freed_memory() -> None:
    """Tell the allocators of NumPy and Arrow to keep what is freed; without effect where they are other ones.

    For programs that measure and end. Call before numpy and pyarrow are imported: both read their settings once. All
    threads share one pool (M_ARENA_MAX), or each would keep what another could use; and the threads that numpy's
    linear algebra starts for itself would only turn in place.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("MIMALLOC_PURGE_DELAY", "-1")
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, LARGEST_THRESHOLD)
        library.mallopt(M_TRIM_THRESHOLD, KEPT)
        library.mallopt(M_ARENA_MAX, 1)
