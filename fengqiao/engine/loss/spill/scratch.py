"""Memory of a thread that is used again for every piece: to ask the system for it anew costs more than to fill it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


class Scratch:
    """Arrays by purpose, one set a thread. What was handed out for a purpose is void when it is asked for again."""

    def __init__(self) -> None:
        self.sets: dict[int, dict[str, NDArray[np.uint8]]] = {}

    def array(self, purpose: str, size: int, kind: DTypeLike) -> NDArray[Any]:
        """An array of `size` elements, not initialised.

        >>> Scratch().array("words", 3, np.int64).shape
        (3,)
        """
        wanted = size * np.dtype(kind).itemsize
        mine = self.sets.setdefault(threading.get_ident(), {})
        held = mine.get(purpose)
        if held is None or len(held) < wanted:
            mine.pop(purpose, None)
            held = mine[purpose] = np.empty(wanted + wanted // 16, dtype=np.uint8)
        return held[:wanted].view(kind)

    def clear(self) -> None:
        """Give the memory of this thread back."""
        self.sets.pop(threading.get_ident(), None)

    def clear_all(self) -> None:
        """Give the memory of all threads back; only while no other one uses it."""
        self.sets.clear()
