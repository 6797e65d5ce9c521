"""Bring rows of the same investor together and put investors into ascending order of their identifier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fengqiao.engine.loss.block import Rows
from fengqiao.engine.loss.packing import Packed, pack
from fengqiao.engine.loss.reading.arrays import int32_array, numpy_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.rows import Chunk, Loaded, TradeSource

OPTIONAL = ("time", "sequence", "kind", "account", "commission", "stamp_duty")


@dataclass(frozen=True)
class Grouped:
    """Rows by investor. ids: string array, strictly ascending (bytewise); rows starts[i]..starts[i + 1] are ids[i]'s.

    origin of a row = where its part begins + its place there.
    """

    ids: pa.Array
    starts: NDArray[np.int64]
    rows: Rows

    def __len__(self) -> int:
        return len(self.ids)


def group_chunk(chunk: Chunk, offset: int) -> Grouped:
    """Group one chunk; without copying where it is already in ascending order of investors.

    offset: origin of the chunk's first row.
    """
    codes, dictionary = encoded(chunk.investor)
    n = len(chunk)
    changes = np.flatnonzero(codes[1:] != codes[:-1]) + 1 if n else np.zeros(0, dtype=np.int64)
    starts = np.concatenate(([0], changes, [n])).astype(np.int64) if n else np.zeros(1, dtype=np.int64)
    ids = dictionary.take(int32_array(codes[starts[:-1]]))
    if ascending(ids):
        return Grouped(ids, starts, _as_rows(chunk, offset))
    ids, packed = _packed([chunk], [codes], dictionary, [offset], 1)
    return Grouped(ids, packed.starts, packed.rows(0, len(ids)))


def _packed(
    chunks: list[Chunk], codes: list[NDArray[np.int32]], dictionary: pa.Array, offsets: Sequence[int], jobs: int
) -> tuple[pa.Array, Packed]:
    """Rows of all chunks by investor, investors ascending; a name in the dictionary that no row has is left out."""
    used = np.zeros(len(dictionary), dtype=bool)
    for code in codes:
        used[code] = True
    order = positions(pc.sort_indices(dictionary))
    order = order[used[order]]
    places = np.full(len(dictionary), -1, dtype=np.int64)
    places[order] = np.arange(len(order))
    return dictionary.take(int32_array(order)), pack(chunks, codes, places, len(order), offsets, jobs)


def encoded(investor: pa.Array) -> tuple[NDArray[np.int32], pa.Array]:
    """Investors as int32 codes and a string dictionary."""
    if not pa.types.is_dictionary(investor.type):
        investor = pc.dictionary_encode(investor)
    codes = investor.indices
    if codes.type != pa.int32():
        codes = codes.cast(pa.int32())
    dictionary = investor.dictionary
    return numpy_view(codes), dictionary if dictionary.type == pa.string() else dictionary.cast(pa.string())


def positions(order: pa.Array) -> NDArray[np.uint64]:
    """Positions that `sort_indices` gives, as numpy."""
    return np.frombuffer(order.buffers()[1], np.uint64, len(order), order.offset * 8)


def ascending(ids: pa.Array) -> bool:
    """True if identifiers are strictly ascending.

    >>> ascending(pa.array(["a", "b"])), ascending(pa.array(["b", "a"]))
    (True, False)
    """
    if len(ids) < 2:
        return True
    return bool(pc.all(pc.less(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py())


def _as_rows(chunk: Chunk, offset: int) -> Rows:
    return Rows(
        date=chunk.date, side=chunk.side, quantity=chunk.quantity, price=chunk.price,
        first=offset,
        **{name: getattr(chunk, name) for name in OPTIONAL},
    )  # fmt: skip


def group_all(
    source: TradeSource, jobs: int, on_loaded: Callable[[int, Loaded], None] | None = None
) -> tuple[pa.Array, Packed, list[Chunk], list[int]]:
    """Load all parts and group them: (investors ascending, their rows, chunks without columns, origin of each chunk).

    on_loaded(part, loaded) is called in the order of parts.
    """
    chunks, arrays = [], []
    with ThreadPoolExecutor(jobs) as pool:
        for part, (loaded, array) in enumerate(pool.map(lambda part: _load_encoded(source, part), range(source.parts))):
            if on_loaded is not None:
                on_loaded(part, loaded)
            chunks.append(replace(loaded.chunk, investor=loaded.chunk.investor[:0]))
            arrays.append(array)
    offsets = [0, *np.cumsum([len(chunk) for chunk in chunks]).tolist()][: len(chunks)]
    unified = pa.chunked_array(arrays, type=pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()
    dictionary = unified.chunk(0).dictionary if unified.num_chunks else text_array([])
    codes = [numpy_view(chunk.indices) for chunk in unified.chunks]
    del arrays, unified
    ids, packed = _packed(chunks, codes, dictionary, offsets, jobs)
    return ids, packed, chunks, offsets


def _load_encoded(source: TradeSource, part: int) -> tuple[Loaded, pa.Array]:
    loaded = source.load(part)
    loaded = replace(loaded, chunk=loaded.chunk.comparable())
    codes, dictionary = encoded(loaded.chunk.investor)
    return loaded, pa.DictionaryArray.from_arrays(int32_array(codes), dictionary)


def text_array(texts: Sequence[str]) -> pa.Array:
    """A string array, without the detour through pandas that `pa.array` takes when it is installed.

    >>> text_array(["甲", "b"]).to_pylist()
    ['甲', 'b']
    """
    encoded_texts = [text.encode() for text in texts]
    offsets = np.cumsum([0, *(len(text) for text in encoded_texts)], dtype=np.int32)
    data = pa.py_buffer(b"".join(encoded_texts))
    return pa.Array.from_buffers(pa.string(), len(texts), [None, pa.py_buffer(offsets), data])


def merge_ids(grouped: Grouped, extra: Iterable[str]) -> Grouped:
    """Also list investors of whom no row is usable, as groups without rows."""
    known = set(extra) - {str(item) for item in grouped.ids.to_pylist()} if extra else set()
    if not known:
        return grouped
    counts = dict(zip(grouped.ids.to_pylist(), range(len(grouped.ids)), strict=True))
    ids = sorted([*counts, *known], key=str.encode)
    starts, at = [], 0
    for item in ids:
        starts.append(at)
        if item in counts:
            at = int(grouped.starts[counts[item] + 1])
    return Grouped(text_array(ids), np.array([*starts, at], dtype=np.int64), grouped.rows)
