"""The distinct names of a partition, numbered as they are first met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from fengqiao.engine.loss.native import address, kernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST_SLOTS = 1 << 12
FULL = 0.5


class NameTable:
    """A table of names that grows.

    >>> table = NameTable()
    >>> table.numbers(np.array([1, 2, 1], np.uint16), np.frombuffer(b"abba", np.uint8)).tolist()
    [0, 1, 0]
    >>> table.texts().to_pylist()
    ['a', 'bb']
    """

    def __init__(self) -> None:
        self.state = np.array([FIRST_SLOTS - 1, 0], dtype=np.int64)
        self.table = np.zeros(FIRST_SLOTS, dtype=np.int64)
        self.offsets = np.zeros(FIRST_SLOTS, dtype=np.int64)
        self.store = np.empty(FIRST_SLOTS * 16, dtype=np.uint8)

    def __len__(self) -> int:
        return int(self.state[1])

    def numbers(self, lengths: NDArray[np.uint16], data: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Numbers of names that stand one after the other in data; unknown ones get the next."""
        known, names = len(self), len(lengths)
        used = int(self.offsets[known])
        self.offsets = _grown(self.offsets, known + names + 1)
        self.store = _grown(self.store, used + len(data))
        if known + names > FULL * len(self.table):
            self._rehash(known + names)
        ids = np.empty(names, dtype=np.int32)
        if names:
            arrays: list[NDArray[Any]] = [
                lengths, data, self.table, self.state, self.offsets, self.store, ids,
            ]  # fmt: skip
            kernels()["intern"](names, *(address(array) for array in arrays))
        return ids

    def _rehash(self, names: int) -> None:
        slots = len(self.table)
        while names > FULL * slots:
            slots *= 2
        self.table = np.zeros(slots, dtype=np.int64)
        self.state[0] = slots - 1
        arrays = [self.offsets, self.store, self.state, self.table]
        kernels()["rehash"](len(self), *(address(array) for array in arrays))

    def texts(self) -> pa.Array:
        """All names by number, as a string array; the table cannot be used afterwards."""
        known = len(self)
        offsets = self.offsets[: known + 1].astype(np.int32)
        self.table = self.offsets = np.zeros(1, dtype=np.int64)
        data = pa.py_buffer(self.store[: offsets[-1]])
        return pa.Array.from_buffers(pa.string(), known, [None, pa.py_buffer(offsets), data])


def _grown(array: NDArray[Any], size: int) -> NDArray[Any]:
    """The array with room for `size` elements at least."""
    if size <= len(array):
        return array
    larger = np.empty(max(size, len(array) * 3 // 2), dtype=array.dtype)
    larger[: len(array)] = array
    return larger
