"""The second stage: partition after partition is measured in memory and its results are kept until all are there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fengqiao.engine.loss.grouping import merge_ids
from fengqiao.engine.loss.spill.blocks import unpacked
from fengqiao.engine.loss.spill.frames import (
    append,
    findings_bytes,
    findings_of,
    frame,
    frames,
    results_bytes,
    results_of,
    sync,
)
from fengqiao.engine.loss.spill.limit import SLICE_ROWS, Budget, needed
from fengqiao.engine.loss.spill.noticed import noticed_in
from fengqiao.engine.loss.spill.partition import Partition, load
from fengqiao.engine.loss.spill.room import Room
from fengqiao.engine.loss.spill.scratch import Scratch
from fengqiao.engine.loss.spill.split import heavy_need, too_heavy

if TYPE_CHECKING:
    import pyarrow as pa

    from fengqiao.engine.loss.pipeline import Emit, Run
    from fengqiao.engine.loss.spill.manifest import Manifest, Part

TOLD_AT_ONCE = 10_000


class HeavyError(Exception):
    """A partition holds an investor with very many rows: it needs more memory than was taken for it."""

    def __init__(self, investor: str, rows: int) -> None:
        super().__init__(investor)
        self.investor, self.rows = investor, rows


class Gather:
    """Measures the partitions of a manifest."""

    def __init__(self, run: Run, folder: Path, manifest: Manifest, budget: Budget) -> None:
        self.run, self.folder, self.manifest, self.budget = run, folder, manifest, budget
        self.room = Room(budget.room, run.go_on)
        self.scratch = Scratch()
        self.have = frozenset(manifest.have)

    def measured(self, place: int) -> Iterator[tuple[int, int]]:
        """Measure one partition; yields the sizes of its results and findings on the disk. For threads.

        Errors: InputError when an investor has more rows than fit the memory.
        """
        part = self.manifest.parts[place]
        need = needed(part.rows, part.names, part.name_bytes, part.noticed)
        try:
            with self.room.taken(need):
                found = self._measure(part, need)
        except HeavyError as heavy:
            need = heavy_need(part, heavy.rows)
            if need > self.budget.room:
                total = need + self.budget.limit - self.budget.room
                raise too_heavy(heavy.investor, heavy.rows, total, self.budget.limit) from None
            with self.room.taken(self.budget.room):
                self.scratch.clear_all()  # nobody else is measuring now
                found = self._measure(part, need)
                self.scratch.clear_all()
        yield found

    def _measure(self, part: Part, room: int) -> tuple[int, int]:
        blocks = (unpacked(*one) for one in frames(self.folder / f"{part.name}.rows", part.size))
        loaded = load(blocks, part.rows, self.have, self.manifest.sources, self.scratch)
        if loaded.largest > SLICE_ROWS and heavy_need(part, loaded.largest) > room:
            place = int((loaded.starts[1:] - loaded.starts[:-1]).argmax())
            self.scratch.clear()
            raise HeavyError(str(loaded.ids[place].as_py()), loaded.largest)
        noticed = sorted(text.encode() for text in noticed_in(self.folder, part))
        results, found = (self.folder / f"{part.name}.{ending}" for ending in ("results", "found"))
        for path in (results, found):
            path.unlink(missing_ok=True)
        sizes = [0, 0]
        for start, end in loaded.slices() if len(loaded.ids) else iter([(0, 0)]):
            sizes[0] = append(results, self._slice(loaded, start, end, noticed, found, sizes))
        for path, size in zip((results, found), sizes, strict=True):
            if size:
                sync(path)
        return sizes[0], sizes[1]

    def _slice(
        self, loaded: Partition, start: int, end: int, noticed: list[bytes], found: Path, sizes: list[int]
    ) -> list[bytes | memoryview]:
        """Results of some investors, and of those between them of whom no row is usable; findings are written."""
        piece = loaded.grouped(start, end)
        piece = merge_ids(piece, _between(loaded.ids, start, end, noticed))
        if not len(piece.ids):
            return []
        outs, exact = self.run.results(piece)
        findings = self.run.findings(piece, outs, loaded.places)
        for at in range(0, len(findings), TOLD_AT_ONCE):
            some = findings[at : at + TOLD_AT_ONCE]
            sizes[1] = append(found, frame(findings_bytes(some), len(some)))
        return frame(results_bytes(piece.ids, outs), exact)

    def pass_on(self, part: Part, to: Emit) -> None:
        """Results and findings of a measured partition, as a run in memory passes them on."""
        self.run.noticed = noticed_in(self.folder, part)
        for head, payload in frames(self.folder / f"{part.name}.results", part.results_size):
            ids, outs = results_of(payload, len(self.run.whole.segments))
            self.run.emit(ids, outs, int(head[0]), [], to)
        told(self.folder / f"{part.name}.found", part.found_size, self.run, to)


def _between(ids: pa.Array, start: int, end: int, noticed: list[bytes]) -> list[str]:
    """Investors who lost rows and belong between the first of this slice and the first of the next."""
    low = bisect_left(noticed, ids[start].as_py().encode()) if start else 0
    high = bisect_left(noticed, ids[end].as_py().encode()) if end < len(ids) else len(noticed)
    return [name.decode() for name in noticed[low:high]]


def told(path: Path, size: int, run: Run, to: Emit) -> None:
    """Findings that were kept on the disk, counted and passed on."""
    for _, payload in frames(path, size):
        findings = findings_of(payload)
        for item in findings:
            run.sums.count(item.code)
        to.findings(findings)
