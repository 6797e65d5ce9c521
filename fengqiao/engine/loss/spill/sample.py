"""A look at some of the records before the work begins: where to cut investors, how much the disk will have to hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from fengqiao.engine.loss.reading.arrays import int64_array
from fengqiao.engine.loss.spill.blocks import distributed, words_of
from fengqiao.engine.loss.spill.scratch import Scratch
from fengqiao.engine.loss.spill.splitters import Splitters, cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fengqiao.engine.loss.reading.trades import TradeFiles

import numpy as np

LOOKED_AT = 12  # parts whose names are drawn from
DRAWN = 100_000  # names
WEIGHED = 3  # parts whose first piece is packed to see how large it gets


@dataclass(frozen=True)
class Sample:
    """names: drawn from the rows. rows: of all parts. row_bytes: bytes that a row takes on the disk. block_names:
    names a row that blocks hold. name_length: mean length of a name in bytes."""

    names: Sequence[bytes]
    rows: int
    row_bytes: float
    block_names: float
    name_length: float

    def investors(self) -> int:
        """About how many investors there are (Chao 1984: from the names drawn once and twice).

        >>> Sample([b"a", b"b", b"b"], 10, 1.0, 1.0, 1.0).investors()
        2
        """
        counts = Counter(self.names)
        times = Counter(counts.values())
        unseen = times[1] ** 2 / (2 * times[2]) if times[2] else times[1] * (times[1] - 1) / 2
        return min(int(len(counts) + unseen), max(self.rows, len(counts)))


def spread(parts: int, count: int) -> list[int]:
    """Some of so many parts, at equal distances.

    >>> spread(10, 3), spread(2, 5)
    ([1, 5, 8], [0, 1])
    """
    count = min(parts, count)
    return sorted({(2 * place + 1) * parts // (2 * count) for place in range(count)})


def draw(source: TradeFiles, piece: int) -> Sample:
    """Look at some parts of a source, in pieces of at most `piece` rows."""
    rows = source.rows()
    chosen = spread(source.parts, LOOKED_AT)
    step = max(sum(rows[part] for part in chosen) // DRAWN, 1)
    names: list[bytes] = []
    at = 0
    for part in chosen:
        for investor in source.names(part, piece):
            places = np.arange(-at % step, len(investor), step, dtype=np.int64)
            names += [text.strip().encode() for text in _texts(investor, places)]
            at += len(investor)
    weighed = [_weighed(source, part, piece, names) for part in spread(source.parts, WEIGHED)]
    size, held, length = (sum(one[place] for one in weighed) for place in (1, 2, 3))
    total = max(sum(one[0] for one in weighed), 1)
    return Sample(names, sum(rows), max(size / total, 8.0), min(held / total, 1.0), length / max(held, 1))


def _texts(investor: Any, places: np.ndarray[Any, Any]) -> list[str]:
    taken = investor.take(int64_array(places))
    texts: list[str] = (taken.dictionary_decode() if pa.types.is_dictionary(taken.type) else taken).to_pylist()
    return texts


def _weighed(source: TradeFiles, part: int, piece: int, names: Sequence[bytes]) -> tuple[int, int, int, int]:
    """Rows of the first piece of a part, bytes that they take, names that their blocks hold, and bytes of these."""
    loaded = next(iter(source.pieces(part, piece)), None)
    if loaded is None or not len(loaded.chunk):
        return 0, 0, 0, 0
    scratch = Scratch()
    splitters = cut(names, 8) if names else Splitters(())
    blocks = distributed(words_of(loaded.chunk.comparable(), scratch), splitters, 0, scratch)
    size = sum(memoryview(buffer).nbytes for block in blocks for buffer in block.buffers)
    return len(loaded.chunk), size, sum(block.names for block in blocks), sum(block.name_bytes for block in blocks)
