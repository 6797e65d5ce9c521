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


def int64_array(values: NDArray[Any]) -> Any:
    """An Arrow int64 array of the values.

    >>> int64_array(np.array([1, 2])).to_pylist()
    [1, 2]
    """
    data = np.ascontiguousarray(values, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(data), [None, pa.py_buffer(data)])


def taken(texts: Any, positions: NDArray[Any]) -> Any:
    """Elements of a string array by position; "" for the position -1.

    >>> taken(pa.array(["a", "b"]), np.array([1, -1])).to_pylist()
    ['b', '']
    """
    with_empty = pa.concat_arrays([texts, pa.array([""], texts.type)])
    return with_empty.take(int32_array(np.where(positions < 0, len(texts), positions)))


def visible_ascii(texts: Any, longest: int) -> NDArray[np.uint8] | None:
    """The bytes of all texts, if every one is a visible ASCII sign and no text is empty or overlong; else None.

    texts: string or large_string array without nulls.

    >>> visible_ascii(pa.array(["A1"]), 9), visible_ascii(pa.array(["A 1"]), 9)
    (array([65, 49], dtype=uint8), None)
    """
    _, offset_buffer, data_buffer = texts.buffers()
    if not len(texts) or data_buffer is None:
        return None if len(texts) else np.zeros(0, np.uint8)
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    offsets = np.frombuffer(offset_buffer, width)[texts.offset : texts.offset + len(texts) + 1]
    lengths = np.diff(offsets)
    if offsets[0] < 0 or lengths.min() < 1 or lengths.max() > longest or offsets[-1] > data_buffer.size:
        return None
    data = np.frombuffer(data_buffer, np.uint8)[offsets[0] : offsets[-1]]
    return data if data.min() > ord(" ") and data.max() < 0x7F else None
