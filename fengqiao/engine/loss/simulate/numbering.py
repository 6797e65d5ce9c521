"""Sequence numbers: every record's rank within its day, over all investors, in order of time.

A first pass over all records counts them by date and moment; the running sum of the counts gives each date and
moment its first place in the file as it is when sorted by date, time and sequence. The second pass hands the
places out in order of investor. So the numbers are dense, and do not depend on how the work was cut up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.simulate.tape import SLOTS
from fengqiao.engine.loss.simulate.walk import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.simulate.walk import Walked

LARGEST_ROWS = 2**31 - 1


class Numbering:
    """Counts first (`count`), then hands out places (`places`), then tells sequence numbers (`sequence`).

    Memory: four bytes for every second of every date on the axis, some 60 kB a date.
    """

    def __init__(self, dates: int, rows: int) -> None:
        if rows > LARGEST_ROWS:
            raise InputError(f"At most {LARGEST_ROWS:,} records can be simulated", why=f"{rows:,} were asked for")
        self._cells = np.zeros(dates * SLOTS, dtype=np.int32)
        self._day_starts = np.zeros(dates + 1, dtype=np.int64)

    def count(self, walked: Walked) -> None:
        """Count the records of one part."""
        _count(self._cells, walked.axis, walked.slot)

    def finish_counting(self) -> None:
        """Turn counts into first places, once all parts were counted."""
        by_day = self._cells.reshape(-1, SLOTS).sum(axis=1, dtype=np.int64)
        self._day_starts = np.concatenate([[0], np.cumsum(by_day)]).astype(np.int64)
        _running_sum(self._cells)

    def places(self, walked: Walked) -> NDArray[np.int64]:
        """Place of each record in the file sorted by date, time, sequence; int64[n]. Call in order of investors."""
        out = np.empty(len(walked.axis), dtype=np.int64)
        _take(self._cells, walked.axis, walked.slot, out)
        return out

    def sequence(
        self, axis: NDArray[np.int32], places: NDArray[np.int64], repeated: NDArray[np.int8]
    ) -> NDArray[np.int64]:
        """Sequence number of each record, from 1 within its day; a repeated record carries that of the first."""
        numbers: NDArray[np.int64] = places - self._day_starts[axis] + 1 - repeated
        return numbers


@compiled
def _count(cells: NDArray[np.int32], axis: NDArray[np.int32], slot: NDArray[np.int32]) -> None:
    for i in range(len(axis)):
        cells[np.int64(axis[i]) * SLOTS + slot[i]] += 1


@compiled
def _running_sum(cells: NDArray[np.int32]) -> None:
    """Replace every count by the sum of the counts before it, in place."""
    total = np.int64(0)
    for i in range(len(cells)):
        count = cells[i]
        cells[i] = total
        total += count


@compiled
def _take(cells: NDArray[np.int32], axis: NDArray[np.int32], slot: NDArray[np.int32], out: NDArray[np.int64]) -> None:
    for i in range(len(axis)):
        cell = np.int64(axis[i]) * SLOTS + slot[i]
        out[i] = cells[cell]
        cells[cell] += 1
