"""Records that are ordered by investor, within a limit on memory: measured as they are read, nothing is spilled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from fengqiao.engine.loss.packing import without_columns
from fengqiao.engine.loss.pipeline import Emit, Measured, Run
from fengqiao.engine.loss.reading.noticed import LeftOut, merge_left_out
from fengqiao.engine.loss.spill.in_order import InOrder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from fengqiao.engine.findings import DataFinding
    from fengqiao.engine.loss.pipeline import Outs
    from fengqiao.engine.loss.plan import CasePlan
    from fengqiao.engine.loss.rows import Loaded, TradeSource
    from fengqiao.engine.loss.spill.limit import Budget

TOLD_AT_ONCE = 10_000
ORIGIN_BITS = 40  # of the origin of a row, below the number of its piece


class OrderedRun(Run):
    """A run over ordered files in pieces that fit the memory; it keeps nothing of investors that are done with."""

    def __init__(self, whole: CasePlan, budget: Budget) -> None:
        super().__init__(whole, budget.jobs)
        self.budget = budget

    def measured_parts(self, source: TradeSource) -> Iterator[tuple[Loaded, Measured]]:
        """Pieces of parts in order, a few of them being worked on at once."""

        def work(part: int) -> Iterator[tuple[Loaded, Measured]]:
            for place, loaded in enumerate(source.pieces(part, self.budget.piece)):  # type: ignore[attr-defined]
                measured = self.measured(loaded, (self.first[part] + place) << ORIGIN_BITS)
                yield replace(loaded, chunk=without_columns(loaded.chunk)), measured

        self.first = _first_pieces(source.rows(), self.budget.piece)  # type: ignore[attr-defined]
        try:
            for _, outcome in InOrder(range(source.parts), work, self.jobs):
                yield outcome
        except BaseException:
            self.stop.set()
            raise

    def loaded(self, loaded: Loaded, used: int, to: Emit) -> None:
        """As in any run, but findings are told some at a time."""
        super().loaded(replace(loaded, findings=()), used, to)
        findings = iter(loaded.findings)
        while some := list(islice(findings, TOLD_AT_ONCE)):
            super().loaded(replace(loaded, findings=some, rows_read=0), 0, to)
        if any(isinstance(item, LeftOut) for item in self.left_out):
            merged = merge_left_out(self.left_out, self.whole.case.security)
            self.left_out = [item for item in merged if isinstance(item, LeftOut)]

    def emit(self, ids: pa.Array, outs: Outs, exact: int, found: Sequence[DataFinding], to: Emit) -> None:
        """As in any run; what was noticed about investors up to the last of these is not needed any more."""
        super().emit(ids, outs, exact, found, to)
        if len(ids) and self.noticed:
            last = ids[len(ids) - 1].as_py().encode()
            self.noticed = {name: codes for name, codes in self.noticed.items() if name.encode() > last}


def _first_pieces(rows: list[int], piece: int) -> list[int]:
    """The number of the first piece of each part.

    >>> _first_pieces([10, 25, 5], 10)
    [0, 2, 6]
    """
    found, at = [], 0
    for count in rows:
        found.append(at)
        at += -(-count // piece) + 1
    return found
