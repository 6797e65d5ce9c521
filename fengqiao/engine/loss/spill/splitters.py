"""Where investors are cut into partitions: by ranges of their identifiers, so that results come out in order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Splitters:
    """Boundaries in strictly ascending order (bytewise): partition i holds boundary i - 1 <= name < boundary i.

    >>> Splitters((b"b", b"d")).of("a"), Splitters((b"b", b"d")).of("b"), Splitters((b"b", b"d")).of("x")
    (0, 1, 2)
    """

    bounds: tuple[bytes, ...]

    def of(self, name: str) -> int:
        """The partition of a name."""
        return bisect_right(self.bounds, name.encode())

    @property
    def partitions(self) -> int:
        """How many there are."""
        return len(self.bounds) + 1

    @cached_property
    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        """For the kernel: how many boundaries, where each begins, their bytes."""
        offsets = np.cumsum([0, *(len(bound) for bound in self.bounds)], dtype=np.int64)
        data = np.frombuffer(b"".join(self.bounds) + b"\0", np.uint8)
        return np.array([len(self.bounds)], dtype=np.int64), offsets, data


def cut(sample: Sequence[bytes], partitions: int) -> Splitters:
    """Boundaries that spread a sample evenly; an investor with more than a partition's share gets one of their own.

    >>> cut([b"a", b"b", b"c", b"d"], 2).bounds
    (b'c',)
    >>> cut([b"a", b"h", b"h", b"h", b"h", b"x"], 3).bounds
    (b'h', b'h\\x00')
    """
    ordered = sorted(sample)
    chosen: set[bytes] = set()
    before = None
    for place in range(1, partitions):
        name = ordered[place * len(ordered) // partitions] if ordered else b""
        if not name:
            continue
        if name == before:
            chosen.add(name + b"\0")
        chosen.add(name)
        before = name
    return Splitters(tuple(sorted(chosen)))


def alone(low: bytes | None, high: bytes | None) -> bool:
    """Whether between two boundaries there is room for one name only.

    >>> alone(b"h", b"h\\x00"), alone(None, b"a")
    (True, False)
    """
    return low is not None and high == low + b"\0"
