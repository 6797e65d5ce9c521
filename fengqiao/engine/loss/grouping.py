"""Bring rows of the same investor together and put investors into ascending order of their identifier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fengqiao.engine.loss.block import COLUMNS, DTYPES, Rows, address

from fengqiao.engine.loss.reading.arrays import int32_array, numpy_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.rows import Chunk, TradeSource

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
    order = pc.sort_indices(dictionary)
    ranks = np.empty(len(dictionary), dtype=np.int32)
    ranks[positions(order)] = np.arange(len(dictionary), dtype=np.int32)
    grouped = scatter([chunk], [ranks[codes]], len(dictionary), [offset])
    return _without_empty(dictionary.take(order), grouped)


def encoded(investor: pa.Array) -> tuple[NDArray[np.int32], pa.Array]:
    """Investors as int32 codes and a string dictionary."""
    if not pa.types.is_dictionary(investor.type):
        investor = pc.dictionary_encode(investor)
    codes = investor.indices
    if codes.type != pa.int32():
        codes = codes.cast(pa.int32())
    dictionary = investor.dictionary
    return numpy_view(codes), dictionary if dictionary.type == pa.string() else dictionary.cast(
        pa.string()
    )


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


def _without_empty(ids: pa.Array, grouped: tuple[NDArray[np.int64], Rows]) -> Grouped:
    starts, rows = grouped
    filled = np.flatnonzero(np.diff(starts))
    if len(filled) == len(ids):
        return Grouped(ids, starts, rows)
    return Grouped(ids.take(int32_array(filled)), np.append(starts[filled], starts[-1]), rows)


def scatter(
    chunks: Sequence[Chunk],
    codes: Sequence[NDArray[np.int32]],
    investors: int,
    offsets: Sequence[int],
) -> tuple[NDArray[np.int64], Rows]:
    """Rows of all chunks by investor code, in the order in which they stand: (starts, rows)."""
    from fengqiao.engine.loss.native import kernels

    counts = np.zeros(investors, dtype=np.int64)
    for code in codes:
        counts += np.bincount(code, minlength=investors)
    starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    total = int(starts[-1])
    have = {name: any(getattr(chunk, name) is not None for chunk in chunks) for name in OPTIONAL}
    kinds = dict(zip(COLUMNS, DTYPES, strict=True))
    target = {name: np.empty(total, dtype=kinds[name]) for name in COLUMNS if have.get(name, True)}
    origin = np.empty(total, dtype=np.int64)
    place = starts[:-1].copy()
    nothing = {name: np.zeros(1, dtype=kinds[name]) for name in COLUMNS}
    for chunk, code, offset in zip(chunks, codes, offsets, strict=True):
        given = {name: _column(chunk, name, have, kinds) for name in COLUMNS}
        flags = np.array([name in target for name in ("time", "sequence", "kind", "account")] + [0], dtype=np.int64)
        base = np.array([offset], dtype=np.int64)
        arrays = [
            np.ascontiguousarray(code, dtype=np.int32), place, flags, *(given[name] for name in COLUMNS), base,
            *(target.get(name, nothing[name]) for name in COLUMNS), origin,
        ]  # fmt: skip
        kernels()["scatter_rows"](len(chunk), *(address(array) for array in arrays))
    rows = Rows(**target, origin=origin, **_fees(chunks, origin, have, offsets))
    return starts, rows


def _column(chunk: Chunk, name: str, have: dict[str, bool], kinds: dict[str, type[np.generic]]) -> NDArray[np.generic]:
    column = getattr(chunk, name)
    if column is not None:
        return np.ascontiguousarray(column, dtype=kinds[name])
    fill = 0 if name == "kind" else -1
    return np.full(len(chunk) if have.get(name) else 1, fill, dtype=kinds[name])


def _fees(
    chunks: Sequence[Chunk], origin: NDArray[np.int64], have: dict[str, bool], offsets: Sequence[int]
) -> dict[str, NDArray[np.int64]]:
    """Recorded fees, which no kernel reads, in the order of the rows."""
    out = {}
    first = offsets[0] if offsets else 0
    for name in ("commission", "stamp_duty"):
        if have[name]:
            whole = np.concatenate([
                np.full(len(chunk), -1, dtype=np.int64) if getattr(chunk, name) is None else getattr(chunk, name)
                for chunk in chunks
            ])  # fmt: skip
            out[name] = whole[origin - first]
    return out


def group_all(
    source: TradeSource, jobs: int, on_loaded: Callable[[int, object], None] | None = None
) -> tuple[Grouped, list[Chunk], list[int]]:
    """Load all parts and group them: (groups, chunks, origin of each chunk's first row).

    on_loaded(part, loaded) is called in the order of parts.
    """
    with ThreadPoolExecutor(jobs) as pool:
        pending = [pool.submit(_load_encoded, source, part) for part in range(source.parts)]
        chunks, arrays = [], []
        for part, future in enumerate(pending):
            loaded, array = future.result()
            if on_loaded is not None:
                on_loaded(part, loaded)
            chunks.append(loaded.chunk)
            arrays.append(array)
        del pending
    offsets = [0, *np.cumsum([len(chunk) for chunk in chunks]).tolist()][: len(chunks)]
    unified = pa.chunked_array(arrays, type=pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()
    dictionary = unified.chunk(0).dictionary if unified.num_chunks else text_array([])
    order = pc.sort_indices(dictionary)
    ranks = np.empty(len(dictionary), dtype=np.int32)
    ranks[positions(order)] = np.arange(len(dictionary), dtype=np.int32)
    codes = [ranks[numpy_view(chunk.indices)] for chunk in unified.chunks]
    starts, rows = scatter(chunks, codes, len(dictionary), offsets)
    return _without_empty(dictionary.take(order), (starts, rows)), chunks, offsets


def _load_encoded(source: TradeSource, part: int) -> tuple[object, pa.Array]:
    loaded = source.load(part)
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
