"""Between Arrow arrays and numpy without copies, and without the detour through pandas that pyarrow takes when it is
installed (importing it would cost more than a second of reading)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

DTYPES: dict[Any, np.dtype[Any]] = {
    pa.int32(): np.dtype(np.int32), pa.int64(): np.dtype(np.int64), pa.float64(): np.dtype(np.float64),
}  # fmt: skip


def numpy_view(array: Any) -> NDArray[Any]:
    """The values of an int32, int64 or float64 array without nulls, not copied.

    >>> numpy_view(pa.array([1, 2, 3]).slice(1))
    array([2, 3])
    """
    dtype: np.dtype[Any] = DTYPES[array.type]
    data = array.buffers()[1]
    if data is None or not len(array):
        return np.zeros(0, dtype)
    values: NDArray[Any] = np.frombuffer(data, dtype, len(array), array.offset * dtype.itemsize)
    return values


def int32_array(values: NDArray[Any]) -> Any:
    """An Arrow int32 array of the values.

    >>> int32_array(np.array([1, 2])).to_pylist()
    [1, 2]
    """
    data = np.ascontiguousarray(values, np.int32)
    return pa.Array.from_buffers(pa.int32(), len(data), [None, pa.py_buffer(data)])


def taken(texts: Any, positions: NDArray[Any]) -> Any:
    """Elements of a string array by position; "" for the position -1.

    >>> taken(pa.array(["a", "b"]), np.array([1, -1])).to_pylist()
    ['b', '']
    """
    with_empty = pa.concat_arrays([texts, pa.array([""], texts.type)])
    return with_empty.take(int32_array(np.where(positions < 0, len(texts), positions)))
