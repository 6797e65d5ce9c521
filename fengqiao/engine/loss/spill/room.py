"""Memory that several threads share: each says what it needs before it begins, and waits its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

LOOK_UP = 0.2  # seconds


class Room:
    """So many bytes. Who comes first is served first, so that one who needs much is not overtaken for ever.

    >>> room = Room(10)
    >>> with room.taken(7):
    ...     room.left
    3
    """

    def __init__(self, size: int, go_on: Callable[[], None] = lambda: None) -> None:
        self.size = self.left = size
        self.go_on = go_on
        self.turn = Condition()
        self.following = self.serving = 0

    @contextmanager
    def taken(self, need: int) -> Iterator[None]:
        """Hold `need` bytes, or all there are if it is more."""
        need = min(need, self.size)
        with self.turn:
            mine = self.following
            self.following += 1
            try:
                while self.serving != mine or self.left < need:
                    self.turn.wait(LOOK_UP)
                    self.go_on()
                self.left -= need
            finally:
                self.serving = max(self.serving, mine + 1)
                self.turn.notify_all()
        try:
            yield
        finally:
            with self.turn:
                self.left += need
                self.turn.notify_all()
