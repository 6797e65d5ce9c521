"""All rows of a run in memory by investor, 40 bytes a row, unpacked slice by slice as they are measured."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from fengqiao.engine.loss.block import COLUMNS, DTYPES, Rows
from fengqiao.engine.loss.native import address, kernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.rows import Chunk

PACKED = 5
FLAGGED = ("time", "sequence", "kind", "account")
FEES = ("commission", "stamp_duty")
KINDS = dict(zip(COLUMNS, DTYPES, strict=True))


@dataclass(frozen=True)
class Packed:
    """Rows by group. Rows starts[i]..starts[i + 1] belong to group i.

    records: int64[rows, 5] (see `kernel_grouping`). have: which optional columns exist. fees: recorded fees by
    origin less first_origin, which no kernel reads.
    """

    starts: NDArray[np.int64]
    records: NDArray[np.int64]
    have: frozenset[str]
    fees: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    first_origin: int = 0

    def rows(self, start: int, end: int) -> Rows:
        """Rows of groups start..end as columns."""
        low, high = int(self.starts[start]), int(self.starts[end])
        n = high - low
        columns = {name: np.empty(n if name in self.have else 1, dtype=KINDS[name]) for name in COLUMNS}
        origin = np.empty(n, dtype=np.int64)
        if n:
            arrays = [self.records[low:high], _flags(self.have), *(columns[name] for name in COLUMNS), origin]
            kernels()["unpack_rows"](n, *(address(array) for array in arrays))
        fees: dict[str, Any] = {name: values[origin - self.first_origin] for name, values in self.fees.items()}
        kept: dict[str, Any] = {name: columns[name] for name in COLUMNS if name in self.have}
        return Rows(**kept, **fees, origin=origin)


def _flags(have: frozenset[str]) -> NDArray[np.int64]:
    return np.array([name in have for name in FLAGGED], dtype=np.int64)


def pack(
    chunks: list[Chunk],
    codes: list[NDArray[np.int32]],
    places: NDArray[np.int64],
    groups: int,
    offsets: Sequence[int],
    jobs: int = 1,
) -> Packed:
    """Put the rows of all chunks together by group, in the order in which they stand.

    codes: int32 a row and chunk; places[code] = its group, -1 for a code that no row has. offsets: origin of each
    chunk's first row. chunks and codes are emptied on the way, so that memory is not held twice.
    """
    have = {name for name in FLAGGED if any(getattr(chunk, name) is not None for chunk in chunks)}
    have |= {"date", "side", "quantity", "price"}
    fees = {name: _fee(chunks, name) for name in FEES if any(getattr(chunk, name) is not None for chunk in chunks)}
    bounds = _shares([len(chunk) for chunk in chunks], jobs)
    with ThreadPoolExecutor(jobs) as pool:
        counts = list(pool.map(lambda share: _counts(codes[share[0] : share[1]], len(places)), bounds))
        by_group = np.zeros(groups, dtype=np.int64)
        for count in counts:
            by_group[places[places >= 0]] += count[places >= 0]
        starts = np.concatenate(([0], np.cumsum(by_group))).astype(np.int64)
        records = np.empty((int(starts[-1]), PACKED), dtype=np.int64)
        following = np.where(places >= 0, starts[:-1][places], 0) if groups else np.zeros(len(places), dtype=np.int64)
        tasks = []
        for share, count in zip(bounds, counts, strict=True):
            tasks.append((share, following.copy()))
            following += count
        list(pool.map(lambda task: _pack_share(chunks, codes, offsets, task, records, frozenset(have)), tasks))
    return Packed(starts, records, frozenset(have), fees, offsets[0] if len(offsets) else 0)


def _shares(sizes: Sequence[int], jobs: int) -> list[tuple[int, int]]:
    """Consecutive chunks of about equal numbers of rows for each job."""
    ends = np.cumsum(sizes) if sizes else np.zeros(0, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    cuts = [int(np.searchsorted(ends, total * job / jobs, side="left")) for job in range(1, jobs)]
    edges = [0, *cuts, len(sizes)]
    return [(a, b) for a, b in pairwise(edges) if b > a]


def _counts(codes: Sequence[NDArray[np.int32]], length: int) -> NDArray[np.int64]:
    total = np.zeros(length, dtype=np.int64)
    for code in codes:
        total += np.bincount(code, minlength=length)
    return total


def _pack_share(
    chunks: list[Chunk],
    codes: list[NDArray[np.int32]],
    offsets: Sequence[int],
    task: tuple[tuple[int, int], NDArray[np.int64]],
    records: NDArray[np.int64],
    have: frozenset[str],
) -> None:
    (first, last), place = task
    flags = _flags(have)
    for number in range(first, last):
        chunk, code = chunks[number], codes[number]
        columns = [_column(chunk, name, have) for name in COLUMNS]
        origin = np.array([offsets[number]], dtype=np.int64)
        if len(chunk):
            arrays: list[NDArray[Any]] = [code, place, flags, origin, *columns, records]
            kernels()["pack_rows"](len(chunk), *(address(array) for array in arrays))
        chunks[number] = without_columns(chunk)
        codes[number] = code[:0]


def _column(chunk: Chunk, name: str, have: frozenset[str]) -> NDArray[np.generic]:
    column = getattr(chunk, name)
    if column is not None:
        return np.ascontiguousarray(column, dtype=KINDS[name])
    fill = 0 if name == "kind" else -1
    return np.full(len(chunk) if name in have else 1, fill, dtype=KINDS[name])


def _fee(chunks: Sequence[Chunk], name: str) -> NDArray[np.int64]:
    parts = [getattr(chunk, name) for chunk in chunks]
    return np.concatenate([
        np.full(len(chunk), -1, dtype=np.int64) if part is None else part
        for chunk, part in zip(chunks, parts, strict=True)
    ])  # fmt: skip


def without_columns(chunk: Chunk) -> Chunk:
    """What is needed to say where a row stood, and no more."""
    empty: dict[str, Any] = dict.fromkeys(
        ("time", "sequence", "kind", "account", "accounts", "commission", "stamp_duty")
    )
    return replace(
        chunk, investor=chunk.investor[:0], date=chunk.date[:0], side=chunk.side[:0], quantity=chunk.quantity[:0],
        price=chunk.price[:0], **empty,
    )  # fmt: skip
