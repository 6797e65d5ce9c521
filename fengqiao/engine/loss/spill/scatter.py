"""The first stage: all records are read once and written to their partitions on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.reading.noticed import LeftOut, left_out, merge_left_out
from fengqiao.engine.loss.spill.blocks import Block, distributed, words_of
from fengqiao.engine.loss.spill.frames import append, findings_bytes, frame, sync
from fengqiao.engine.loss.spill.in_order import InOrder
from fengqiao.engine.loss.spill.noticed import Lost, lost_bytes
from fengqiao.engine.loss.spill.scratch import Scratch

if TYPE_CHECKING:
    from fengqiao.engine.loss.reading.trades import TradeFiles
    from fengqiao.engine.loss.spill.limit import Budget
    from fengqiao.engine.loss.spill.manifest import Manifest
    from fengqiao.engine.loss.spill.splitters import Splitters

FINDINGS = "findings"
TOLD_AT_ONCE = 10_000
CHECKPOINTS = 8  # the part of the memory limit that is written before it is made durable


@dataclass(frozen=True)
class Piece:
    """What one piece of the input becomes: blocks for partitions, findings, rows that were left out."""

    source: tuple[str, str]
    rows_read: int
    rows_used: int
    have: frozenset[str]
    blocks: list[Block]
    findings: list[list[bytes | memoryview]]
    lost: dict[int, list[Lost]]
    left_out: list[LeftOut]


class Scatter:
    """Spills a source into a folder as its manifest says, from where the manifest stands."""

    def __init__(
        self, source: TradeFiles, splitters: Splitters, folder: Path, manifest: Manifest, budget: Budget, security: str,
        digests: Callable[[], Mapping[str, str]],
    ) -> None:  # fmt: skip
        self.source, self.splitters, self.folder, self.manifest = source, splitters, folder, manifest
        self.budget, self.security, self.digests = budget, security, digests
        self.scratch = Scratch()
        self.written = 0
        self.saving: Thread | None = None
        self.failed: list[BaseException] = []

    def run(self, progress: Callable[[int, int], None]) -> None:
        """Spill what is not spilled yet. Errors: OSError when the disk is full, InputError for damaged files."""
        self._cut_back()
        try:
            self._run(progress)
        finally:
            if self.saving is not None:
                self.saving.join()

    def _run(self, progress: Callable[[int, int], None]) -> None:
        units = range(self.manifest.units, self.source.parts)
        at = self.manifest.units
        for unit, piece in InOrder(units, self._pieces, self.budget.jobs):
            if unit != at:
                self._unit_done(unit)
                at = unit
                progress(at, self.source.parts)
            self._write(piece)
        self._unit_done(self.source.parts)
        self._saved()
        self._save()
        self._saved()
        progress(self.source.parts, self.source.parts)

    # -- in threads

    def _pieces(self, unit: int) -> Iterator[Piece]:
        for loaded in self.source.pieces(unit, self.budget.piece):
            chunk = loaded.chunk.comparable()
            words = words_of(chunk, self.scratch)
            # the number of the piece is set when it is written: how many come before it is known only then
            blocks = distributed(words, self.splitters, 0, self.scratch)
            told: list[list[bytes | memoryview]] = []
            lost: dict[int, list[Lost]] = {}
            others: list[LeftOut] = []
            findings = iter(loaded.findings)
            while some := list(islice(findings, TOLD_AT_ONCE)):
                others += [item for item in some if isinstance(item, LeftOut)]
                own = [item for item in some if not isinstance(item, LeftOut)]
                if own:
                    told.append(frame(findings_bytes(own), len(own)))
                self._sort_out(own, lost)
            source = (chunk.source.file, chunk.source.sheet)
            yield Piece(source, loaded.rows_read, len(chunk), words.have, blocks, told, lost, others)

    def _sort_out(self, findings: list[DataFinding], lost: dict[int, list[Lost]]) -> None:
        for item in findings:
            if item.investor and not item.used:
                lost.setdefault(self.splitters.of(item.investor), []).append((item.investor, item.code))

    # -- in order

    def _write(self, piece: Piece) -> None:
        m = self.manifest
        for block in piece.blocks:
            part = m.parts[block.partition]
            block.set_piece(m.pieces)
            part.size = append(self.folder / f"{part.name}.rows", block.buffers)
            part.rows += block.rows
            part.names += block.names
            part.name_bytes += block.name_bytes
            self.written += sum(memoryview(buffer).nbytes for buffer in block.buffers)
        for place, lost in piece.lost.items():
            part = m.parts[place]
            distinct = list(dict.fromkeys(lost))
            part.noticed += len(distinct)
            part.noticed_size = append(self.folder / f"{part.name}.noticed", frame(lost_bytes(distinct), len(distinct)))
        for told in piece.findings:
            m.findings_size = append(self.folder / FINDINGS, told)
        m.rows_read += piece.rows_read
        m.rows_used += piece.rows_used
        m.have = sorted(set(m.have) | piece.have)
        m.sources.append(piece.source)
        m.pieces += 1
        if piece.left_out:
            self._merge(piece.left_out)

    def _merge(self, more: list[LeftOut]) -> None:
        """Rows of other securities, told once a file and security: the list stays as short as that."""
        m = self.manifest
        known = [left_out(security, self.security, count, file, sheet, row)
                 for security, file, sheet, count, _, row in m.left_out]  # fmt: skip
        m.left_out = [
            (item.security, item.file, item.sheet, item.count, item.reason, item.row)
            for item in merge_left_out([*known, *more], self.security)
            if isinstance(item, LeftOut)
        ]

    # -- durable

    def _unit_done(self, units: int) -> None:
        self.manifest.units = units
        if self.written >= self.budget.limit // CHECKPOINTS and (self.saving is None or not self.saving.is_alive()):
            self._saved()
            self._save()

    def _save(self) -> None:
        """Make what was written so far durable and then say so, while the work goes on."""
        state = self.manifest.copy()
        self.written = 0

        def work() -> None:
            try:
                for path in self._files(state):
                    sync(path)
                # without them nobody could tell later that the files are still the same
                state.digests = self.manifest.digests = dict(self.digests())
                state.write(self.folder)
            except BaseException as error:
                self.failed.append(error)

        self.saving = Thread(target=work)
        self.saving.start()

    def _saved(self) -> None:
        if self.saving is not None:
            self.saving.join()
        if self.failed:
            raise self.failed[0]

    def _files(self, state: Manifest) -> list[Path]:
        found = [self.folder / FINDINGS] if state.findings_size else []
        for part in state.parts:
            found += [self.folder / f"{part.name}.rows"] if part.size else []
            found += [self.folder / f"{part.name}.noticed"] if part.noticed_size else []
        return found

    def _cut_back(self) -> None:
        """Take away what was written after the manifest."""
        m = self.manifest
        sizes = {FINDINGS: m.findings_size}
        for part in m.parts:
            sizes |= {f"{part.name}.rows": part.size, f"{part.name}.noticed": part.noticed_size}
        for name, size in sizes.items():
            path = self.folder / name
            if path.exists():
                with path.open("r+b") as stream:
                    stream.truncate(size)
