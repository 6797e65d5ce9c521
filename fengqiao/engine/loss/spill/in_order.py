"""Work of several threads whose outcomes are taken in order, of which only a few are held at any time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, Full, Queue
from typing import Any, Generic, TypeVar

T = TypeVar("T")
LOOK_UP = 0.2  # seconds; a thread that only waits may not notice an interrupt
END = object()


class InOrder(Generic[T]):
    """Runs `work` for each task in `jobs` threads; iterating gives (task, outcome) in the order of tasks.

    Each running task may be one outcome ahead of what was taken. An error of a task is raised where its outcomes are
    taken; ending the iteration, for whatever reason, ends the threads.

    >>> list(InOrder([3, 1], lambda task: range(task), 2))
    [(3, 0), (3, 1), (3, 2), (1, 0)]
    """

    def __init__(self, tasks: Iterable[int], work: Callable[[int], Iterable[T]], jobs: int) -> None:
        self.tasks, self.work, self.jobs = list(tasks), work, jobs
        self.stop = threading.Event()

    def __iter__(self) -> Iterator[tuple[int, T]]:
        waiting: list[tuple[int, Queue[Any]]] = []
        following = iter(self.tasks)
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                while True:
                    while len(waiting) < self.jobs and (task := next(following, None)) is not None:
                        queue: Queue[Any] = Queue(1)
                        waiting.append((task, queue))
                        pool.submit(self._run, task, queue)
                    if not waiting:
                        return
                    task, queue = waiting.pop(0)
                    for outcome in self._outcomes(queue):
                        yield task, outcome
            finally:
                self.stop.set()
                pool.shutdown(wait=True, cancel_futures=True)

    def _outcomes(self, queue: Queue[Any]) -> Iterator[T]:
        while True:
            try:
                item = queue.get(timeout=LOOK_UP)
            except Empty:
                continue
            if item is END:
                return
            if isinstance(item, BaseException):
                raise item
            yield item

    def _run(self, task: int, queue: Queue[Any]) -> None:
        try:
            for outcome in self.work(task):
                if not self._put(queue, outcome):
                    return
            self._put(queue, END)
        except BaseException as error:
            self._put(queue, error)

    def _put(self, queue: Queue[Any], item: Any) -> bool:
        while not self.stop.is_set():
            try:
                queue.put(item, timeout=LOOK_UP)
            except Full:
                continue
            return True
        return False
