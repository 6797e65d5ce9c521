"""Columns of Parquet row groups decoded here, straight from their pages to the values that are wanted.

A column with few distinct values stands in the file as a dictionary and positions in it. So what is to become of a
value is worked out for the dictionary once, and a row costs one look-up. Whatever is out of the ordinary (other
encodings, empty cells, damage) is no business of this module: `NotPlainError`, and pyarrow takes the row group.
"""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.native import address, kernels
from fengqiao.engine.loss.reading.arrays import int32_array
from fengqiao.engine.loss.reading.footer import BYTE_ARRAY, DOUBLE_TYPE, INT32, INT64

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from fengqiao.engine.loss.reading.footer import ColumnFacts

# Arrow types whose cells are in the file as they are in memory, by physical type
FIXED: dict[Any, tuple[int, np.dtype[Any]]] = {
    pa.date32(): (INT32, np.dtype(np.int32)), pa.time32("ms"): (INT32, np.dtype(np.int32)),
    pa.int32(): (INT32, np.dtype(np.int32)), pa.time64("us"): (INT64, np.dtype(np.int64)),
    pa.int64(): (INT64, np.dtype(np.int64)), pa.float64(): (DOUBLE_TYPE, np.dtype(np.float64)),
}  # fmt: skip
TEXTS = (pa.string(), pa.large_string())
CODECS = {0: "", 1: "snappy", 2: "gzip", 4: "brotli", 6: "zstd", k.CODEC_LZ4: ""}  # "": unpacked by the kernel
MOST_PAGES = 1 << 14
HEADER_ROOM = 90
LARGEST_DICTIONARY = 1 << 28
SPREADS = {np.dtype(np.int8): "spread_8", np.dtype(np.int32): "spread_32", np.dtype(np.int64): "spread_64"}


class NotPlainError(Exception):
    """The column has to be read by the general reader."""


def file_bytes(path: Path) -> NDArray[np.uint8]:
    """The bytes of a file, mapped into memory. Errors: OSError, ValueError when it is empty."""
    with path.open("rb") as stream:
        return np.frombuffer(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)


class EncodedColumn:
    """One column of one row group of `rows` cells, none of them empty.

    kind: its Arrow type. distinct: Arrow array of the values in the dictionary, of which each may occur or not; None
    when cells stand for themselves. Errors of all methods: NotPlainError.
    """

    def __init__(self, data: NDArray[np.uint8], facts: ColumnFacts, kind: Any, rows: int) -> None:
        self.kind, self.rows, self.optional = kind, rows, facts.optional
        if facts.optional is None or facts.values != rows or facts.codec not in CODECS or not _fits(kind, facts.kind):
            raise NotPlainError
        if facts.start < 0 or facts.length < 0 or facts.start + facts.length > len(data):
            raise NotPlainError
        self._pages = _scanned(data[facts.start : facts.start + facts.length])
        self._task = np.zeros(k.T_FIELDS, np.int64)
        self._task[[k.T_PAGES, k.T_CODEC, k.T_OPTIONAL]] = len(self._pages), facts.codec, facts.optional
        self._kept: list[Any] = [data]
        if CODECS[facts.codec]:
            self._unpack(CODECS[facts.codec])
        room = int(self._pages[:, k.PAGE_SIZE].max(initial=0))
        self._scratch = np.empty(room + k.PAGE_SLACK, np.uint8)
        self._task[k.T_SCRATCH] = room
        self.distinct = self._dictionary()

    def _unpack(self, codec: str) -> None:
        """Unpack what the kernel cannot."""
        unpacker = pa.Codec(codec)
        for page in self._pages:
            levels = int(page[k.PAGE_LEVELS])
            if not page[k.PAGE_PACKED] or page[k.PAGE_SIZE] == levels:
                continue
            packed = _view(int(page[k.PAGE_AT]), int(page[k.PAGE_STORED]))
            try:
                body = unpacker.decompress(packed[levels:], int(page[k.PAGE_SIZE]) - levels)
            except (pa.ArrowException, OSError, ValueError) as error:
                raise NotPlainError from error
            whole = np.concatenate((packed[:levels], np.frombuffer(body, np.uint8)))
            if len(whole) != page[k.PAGE_SIZE]:
                raise NotPlainError
            self._kept.append(whole)
            page[k.PAGE_AT], page[k.PAGE_STORED] = address(whole), len(whole)
            page[k.PAGE_PACKED] = 0

    def _dictionary(self) -> Any:
        pages = self._pages
        first = len(pages) and pages[0, k.PAGE_KIND] == k.DICTIONARY_PAGE
        data = pages[1:] if first else pages
        if (data[:, k.PAGE_KIND] == k.DICTIONARY_PAGE).any() or int(data[:, k.PAGE_VALUES].sum()) != self.rows:
            raise NotPlainError
        plain = data[:, k.PAGE_ENCODING] == k.PLAIN
        if (self.kind in TEXTS and plain.any()) or (not first and not plain.all()):
            raise NotPlainError
        if not first:
            return None
        count = int(pages[0, k.PAGE_VALUES])
        if not 0 < count <= LARGEST_DICTIONARY or pages[0, k.PAGE_ENCODING] not in (k.PLAIN, k.PLAIN_DICTIONARY):
            raise NotPlainError
        size = kernels()["page_body"](0, address(pages), address(self._task), address(self._scratch))
        self._task[k.T_DISTINCT] = count
        self._distinct = _texts(self._scratch, size, count) if self.kind in TEXTS else self._values(size, count)
        return None if plain.any() else self._distinct

    def _values(self, size: int, count: int) -> Any:
        dtype = FIXED[self.kind][1]
        if size != count * dtype.itemsize:
            raise NotPlainError
        return _fixed(self.kind, self._scratch[:size].copy().view(dtype))

    def spread(self, table: NDArray[Any]) -> NDArray[Any]:
        """The row's entry in a table of int8, int32 or int64, one entry for each of `distinct`."""
        return self._spread(SPREADS[table.dtype], np.ascontiguousarray(table), table.dtype)

    def codes(self) -> NDArray[np.int32]:
        """The row's position in `distinct`."""
        return self.spread(np.arange(self._task[k.T_DISTINCT], dtype=np.int32))

    def array(self) -> Any:
        """The cells as an Arrow array. For columns of fixed width."""
        dtype = FIXED[self.kind][1]
        whole = np.dtype(np.int32) if dtype.itemsize == 4 else np.dtype(np.int64)
        table = np.zeros(1, whole)
        if self._task[k.T_DISTINCT]:
            table = np.frombuffer(self._distinct.buffers()[1], whole, len(self._distinct))
        self._task[k.T_PLAIN] = dtype.itemsize
        return _fixed(self.kind, self._spread(SPREADS[whole], table, whole))

    def dictionary_array(self) -> Any:
        """The cells as an Arrow dictionary array. For texts."""
        return pa.DictionaryArray.from_arrays(int32_array(self.codes()), self.distinct, safe=False)

    def _spread(self, name: str, table: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
        out = np.empty(self.rows, dtype)
        arrays = (self._pages, self._task, self._scratch, table, out)
        if kernels()[name](self.rows, *(address(array) for array in arrays)):
            raise NotPlainError
        return out


def _fits(kind: Any, physical: int) -> bool:
    return physical == BYTE_ARRAY if kind in TEXTS else kind in FIXED and FIXED[kind][0] == physical


def _scanned(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The pages of a column chunk, see `kernel_layout`."""
    pages = np.empty((min(MOST_PAGES, len(data) // 4 + 1), k.PAGE_FIELDS), np.int64)
    header = np.zeros(HEADER_ROOM, np.int64)
    header[0] = len(pages)
    count = kernels()["scan_pages"](len(data), address(data), address(pages), address(header))
    if count < 0:
        raise NotPlainError
    pages = pages[:count]
    encoding = pages[:, k.PAGE_ENCODING]
    encoding[(encoding == k.PLAIN_DICTIONARY) & (pages[:, k.PAGE_KIND] != k.DICTIONARY_PAGE)] = k.RLE_DICTIONARY
    return pages


def _view(place: int, size: int) -> NDArray[np.uint8]:
    return np.frombuffer(pa.foreign_buffer(place, size), np.uint8)


def _fixed(kind: Any, values: NDArray[Any]) -> Any:
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _texts(data: NDArray[np.uint8], size: int, count: int) -> Any:
    """The texts of a dictionary page; nothing says yet that they are UTF-8."""
    if count > size // 4:
        raise NotPlainError
    offsets, out = np.empty(count + 1, np.int32), np.empty(size + k.PAGE_SLACK, np.uint8)
    task = np.array([size], np.int64)
    used = kernels()["texts"](count, address(data), address(task), address(offsets), address(out))
    if used < 0:
        raise NotPlainError
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(out[:used])])
