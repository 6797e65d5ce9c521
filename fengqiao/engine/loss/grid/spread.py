"""How far the scenarios lie apart for single investors, from ranges.parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from fengqiao.engine.loss.grid.result import WIDTHS, Spread
from fengqiao.engine.loss.grid.writing import RANGES

if TYPE_CHECKING:
    from numpy.typing import NDArray


def spread_of(directory: Path) -> Spread:
    """Counts and sums over all investors, read one row group after the other."""
    investors = zero = same = lowest = highest = 0
    classes = np.zeros(len(WIDTHS) + 1, dtype=np.int64)
    with pq.ParquetFile(directory / RANGES) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=["lowest", "highest"])
            low, high = (fen_of(table[name]) for name in ("lowest", "highest"))
            investors += len(table)
            zero += int((high == 0).sum())
            same += int((high == low).sum())
            lowest, highest = lowest + total_of(low), highest + total_of(high)
            width = high[high > 0] - low[high > 0]
            classes += np.bincount(np.searchsorted(WIDTHS, width, side="right"), minlength=len(classes))
    return Spread(investors, zero, same, lowest, highest, tuple(classes.tolist()))


def fen_of(column: Any) -> NDArray[np.int64]:
    """A column of amounts as fen: the low half of each decimal, which no amount exceeds."""
    parts = [
        np.frombuffer(part.buffers()[1], np.int64, 2 * len(part), 16 * part.offset)[::2]
        for part in column.chunks
        if len(part)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def total_of(values: NDArray[np.int64]) -> int:
    """A sum, also where it is larger than 64 bits."""
    if not len(values) or float(values.max()) * len(values) < 2.0**62:
        return int(values.sum())
    return sum(values.tolist())
