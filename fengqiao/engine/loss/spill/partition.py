"""A partition in memory: its rows by investor, investors ascending, unpacked slice by slice as they are measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fengqiao.engine.loss.block import COLUMNS, Rows
from fengqiao.engine.loss.grouping import Grouped, positions
from fengqiao.engine.loss.kernel_layout import SPILLED_WORDS, SPILLED_WORDS_WITH_FEES
from fengqiao.engine.loss.packing import FEES
from fengqiao.engine.loss.reading.arrays import int32_array
from fengqiao.engine.loss.spill.blocks import KINDS, Unpacked, call, flags_of
from fengqiao.engine.loss.spill.limit import SLICE_ROWS
from fengqiao.engine.loss.spill.names import NameTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.spill.scratch import Scratch

SLICE_INVESTORS = 25_000
PLACE_BITS = 28


@dataclass(frozen=True)
class Places:
    """Where rows stood. The origin of a row is its place among the words of the partition.

    first: the first row of each block. pieces: the piece of the input that a block came from. sources: (file, sheet)
    of each piece.
    """

    words: NDArray[np.int64]
    stride: int
    first: Sequence[int]
    pieces: Sequence[int]
    sources: Sequence[tuple[str, str]]

    def of(self, origin: int) -> tuple[str, str, int]:
        """File, sheet and row number as people see it."""
        block = int(np.searchsorted(self.first, origin, side="right")) - 1
        file, sheet = self.sources[self.pieces[block]]
        return file, sheet, int(self.words[origin * self.stride + SPILLED_WORDS - 1]) >> PLACE_BITS


@dataclass(frozen=True)
class Partition:
    """ids: investors, ascending. Rows order[starts[i]..starts[i + 1]] belong to ids[i], in the order of the files."""

    ids: pa.Array
    starts: NDArray[np.int64]
    order: NDArray[np.int32]
    have: frozenset[str]
    places: Places

    @property
    def largest(self) -> int:
        """The most rows that one investor has."""
        return int(np.diff(self.starts).max(initial=0))

    def slices(self) -> Iterator[tuple[int, int]]:
        """Ranges of investors, none of which has very many rows unless one investor alone has."""
        start, count = 0, len(self.ids)
        while start < count:
            full = int(np.searchsorted(self.starts, self.starts[start] + SLICE_ROWS, side="right")) - 1
            end = min(max(full, start + 1), start + SLICE_INVESTORS, count)
            yield start, end
            start = end

    def grouped(self, start: int, end: int) -> Grouped:
        """Investors start..end with their rows as columns."""
        low, high = int(self.starts[start]), int(self.starts[end])
        n = high - low
        columns: dict[str, Any] = {name: np.empty(n if self._has(name) else 1, dtype=KINDS[name]) for name in COLUMNS}
        fees: dict[str, Any] = {name: np.empty(n if name in self.have else 1, dtype=np.int64) for name in FEES}
        origin = np.empty(n, dtype=np.int64)
        if n:
            call("gather_rows", n, self.order[low:high], self.places.words, flags_of(self.have, self.places.stride),
                 *columns.values(), origin, *fees.values())  # fmt: skip
        kept = {name: column for name, column in columns.items() if self._has(name)}
        kept |= {name: column for name, column in fees.items() if name in self.have}
        starts = self.starts[start : end + 1] - low
        return Grouped(self.ids.slice(start, end - start), starts, Rows(**kept, origin=origin))

    def _has(self, name: str) -> bool:
        return name in self.have or name in ("date", "side", "quantity", "price")


def load(
    blocks: Iterable[Unpacked], rows: int, have: frozenset[str], sources: Sequence[tuple[str, str]], scratch: Scratch
) -> Partition:
    """A partition from its blocks, valid until the same thread loads another. rows: of all blocks together."""
    stride = SPILLED_WORDS_WITH_FEES if have & set(FEES) else SPILLED_WORDS
    width = np.array([stride], dtype=np.int64)
    words = scratch.array("partition", (rows + 8) * stride, np.int64)
    table, counts = NameTable(), np.zeros(1, dtype=np.int64)
    first: list[int] = []
    pieces: list[int] = []
    at = 0
    for block in blocks:
        here = words[at * stride :]
        if block.stride == stride:
            call("from_planes", -(-block.rows // 8), width, block.planes, here)
        else:
            _widened(block, here, stride)
        ids = table.numbers(block.lengths, block.data)
        if len(table) > len(counts):
            counts = np.concatenate((counts, np.zeros(len(table), dtype=np.int64)))
        call("set_codes", block.rows, width, here, ids, counts)
        first.append(at)
        pieces.append(block.piece)
        at += block.rows
    counts = counts[: len(table)]
    texts = table.texts()
    ascending = positions(pc.sort_indices(texts)).astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(counts[ascending]))).astype(np.int64)
    place = np.empty(len(texts), dtype=np.int64)
    place[ascending] = starts[:-1]
    order = scratch.array("order", max(rows, 1), np.int32)
    call("order_rows", rows, width, words, place, order)
    places = Places(words, stride, first, pieces, sources)
    return Partition(texts.take(int32_array(ascending)), starts, order[:rows], have, places)


def _widened(block: Unpacked, out: NDArray[np.int64], stride: int) -> None:
    """Rows without recorded fees among others that have them."""
    groups = -(-block.rows // 8)
    narrow = np.empty(groups * 8 * block.stride, dtype=np.int64)
    call("from_planes", groups, np.array([block.stride], dtype=np.int64), block.planes, narrow)
    wide = out[: block.rows * stride].reshape(block.rows, stride)
    wide[:, block.stride :] = -1
    wide[:, : block.stride] = narrow.reshape(-1, block.stride)[: block.rows]
