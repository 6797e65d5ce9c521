"""A measurement within a limit on memory: the records go through partitions of investors on the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

import fengqiao
from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.pipeline import Emit, OutOfOrderError, Run
from fengqiao.engine.loss.reading.noticed import left_out
from fengqiao.engine.loss.spill.gather import Gather, told
from fengqiao.engine.loss.spill.in_order import InOrder
from fengqiao.engine.loss.spill.limit import DISTINCT, PACKED_ROW, Bounds, Budget
from fengqiao.engine.loss.spill.manifest import FORMAT, Manifest, Part
from fengqiao.engine.loss.spill.ordered import OrderedRun
from fengqiao.engine.loss.spill.sample import draw
from fengqiao.engine.loss.spill.scatter import FINDINGS, Scatter
from fengqiao.engine.loss.spill.spill_folder import OtherRunError, empty, held, require_free
from fengqiao.engine.loss.spill.split import split_large
from fengqiao.engine.loss.spill.splitters import Splitters, cut
from fengqiao.engine.loss.spill.statement import DiskUse

if TYPE_CHECKING:
    from fengqiao.engine.loss.plan import CasePlan
    from fengqiao.engine.loss.run_result import RunTotals

RESULT_BYTES = 260  # of an investor: the kept results and the file that is made from them
MARGIN = 1.15
UNSEEN = 4  # how many times the investors that a sample lets expect there may be
MOST_PARTITIONS = 2_000


@dataclass(frozen=True)
class BoundedInput:
    """What a run with a memory limit starts from. source: a `TradeFiles`. digests: a call that waits for the digests
    of all input files."""

    plan: CasePlan
    source: Any
    out: Path
    jobs: int
    bounds: Bounds
    digests: Callable[[], Mapping[str, str]]


def run_bounded(
    given: BoundedInput,
    to: Emit,
    *,
    restart: Callable[[], None],
    report: Callable[[str, int, int], None],
    say: Callable[[DiskUse], None],
) -> tuple[RunTotals, list[str]]:
    """Measure all investors of a source within a limit: same results, findings and totals as `pipeline.run`.

    say: told what the disk has to hold, before anything is written. report: progress by stage.
    Errors: InputError when the limit is too small, the disk too full, or what an earlier run left is of other inputs.
    """
    budget = Budget.of(given.bounds.limit, given.jobs)
    if given.source.disjoint:
        run = OrderedRun(given.plan, budget)
        try:
            say(DiskUse(budget.limit, budget.jobs, sum(given.source.rows())))
            pieces = sum(-(-rows // budget.piece) for rows in given.source.rows())
            moving = replace(to, progress=lambda done, _: report("measure", min(done, pieces), pieces))
            run.ordered(given.source, moving)
            run.finish(to)
            return run.sums.totals(run.rows_read, run.rows_used), run.exact_reasons
        except OutOfOrderError:
            restart()
    return run_spilled(given, budget, to, report=report, say=say)


def run_spilled(
    given: BoundedInput,
    budget: Budget,
    to: Emit,
    *,
    report: Callable[[str, int, int], None] = lambda what, done, total: None,
    say: Callable[[DiskUse], None] = lambda use: None,
) -> tuple[RunTotals, list[str]]:
    """The same through the disk in any case, with a budget made before."""
    with held(given.out, given.bounds) as folder:
        return _Spilled(given, budget, folder).run(to, report, say)


class _Spilled:
    """A run that goes through a spill folder."""

    def __init__(self, given: BoundedInput, budget: Budget, folder: Path) -> None:
        self.given, self.budget, self.folder = given, budget, folder
        self.measuring = Run(given.plan, budget.jobs)

    def run(
        self, to: Emit, report: Callable[[str, int, int], None], say: Callable[[DiskUse], None]
    ) -> tuple[RunTotals, list[str]]:
        manifest = self._found() or self._begun(say)
        if manifest.units:
            say(DiskUse(**(manifest.stated | {"resumed": True})))
        if not manifest.spilled:
            self._spill(manifest, report)
        split_large(self.folder, manifest, self.budget)
        pa.default_memory_pool().release_unused()
        self._measure(manifest, to, report)
        totals = self.measuring.sums.totals(manifest.rows_read, manifest.rows_used)
        return totals, self.measuring.exact_reasons

    # -- what an earlier run left

    def _found(self) -> Manifest | None:
        """Where an earlier run stood. Errors: InputError when it worked on something else."""
        found = Manifest.read(self.folder)
        if found is None or found.digests is None:
            empty(self.folder)
            return None
        now = _key(self.given, self.budget)
        differing = [name for name in now if found.key.get(name) != now[name]]
        if not differing:
            digests = dict(self.given.digests())
            differing = [name for name in digests if digests[name] != found.digests.get(name)]
            if digests.keys() != found.digests.keys():
                differing = differing or ["the input files"]
        if differing:
            raise OtherRunError(
                f"What an earlier run left in {self.folder} cannot be gone on with (不能继续上次的测算)",
                why=f"changed since: {', '.join(differing)}",
                todo="Give --fresh to remove it and begin anew, or the same inputs and options as then",
            )
        return found

    def _begun(self, say: Callable[[DiskUse], None]) -> Manifest:
        """A new run: a look at the records, the partitions, what the disk has to hold."""
        sample = draw(self.given.source, self.budget.piece)
        row = PACKED_ROW + sample.block_names * (DISTINCT + 2 * sample.name_length)
        partitions = self.budget.partitions(sample.rows, row)
        if partitions > MOST_PARTITIONS:
            raise InputError(
                f"--memory is too small for {sample.rows:,} records (内存上限过小)",
                why=f"they would need {partitions:,} partitions, {MOST_PARTITIONS:,} are the most",
                todo=f"Give {-(-partitions // MOST_PARTITIONS)} times as much",
            )
        splitters = cut(sample.names, partitions)
        investors = min(sample.investors() * UNSEEN, sample.rows)
        disk = int(MARGIN * (sample.rows * sample.row_bytes + investors * RESULT_BYTES))
        free = require_free(self.folder, disk)
        edges = [None, *(bound.decode() for bound in splitters.bounds), None]
        parts = [Part(f"p{place:05d}", edges[place], edges[place + 1]) for place in range(len(edges) - 1)]
        stated = DiskUse(
            self.budget.limit, self.budget.jobs, sample.rows, len(parts), disk, free, str(self.folder)
        )  # fmt: skip
        say(stated)
        manifest = Manifest(_key(self.given, self.budget), parts=parts, made=len(parts), stated=stated.record())
        manifest.write(self.folder)
        return manifest

    # -- stages

    def _spill(self, manifest: Manifest, report: Callable[[str, int, int], None]) -> None:
        bounds = tuple(part.low.encode() for part in manifest.parts if part.low is not None)
        scatter = Scatter(
            self.given.source, Splitters(bounds), self.folder, manifest, self.budget,
            self.given.plan.case.security, self.given.digests,
        )  # fmt: skip
        scatter.run(lambda done, total: report("spill", done, total))
        manifest.spilled = True
        manifest.write(self.folder)

    def _measure(self, manifest: Manifest, to: Emit, report: Callable[[str, int, int], None]) -> None:
        """Measure what is not measured yet and pass everything on in order, as it comes."""
        run, folder, parts = self.measuring, self.folder, manifest.parts
        for part in parts:
            if part.measured:  # a run may have been killed between saying so and this
                (folder / f"{part.name}.rows").unlink(missing_ok=True)
        told(folder / FINDINGS, manifest.findings_size, run, to)
        gather = Gather(run, folder, manifest, self.budget)
        left = InOrder(
            [place for place, part in enumerate(parts) if not part.measured], gather.measured, self.budget.jobs
        )
        try:
            outcomes = iter(left)
            for place, part in enumerate(parts):
                if not part.measured:
                    _, (part.results_size, part.found_size) = next(outcomes)
                    part.measured = True
                    manifest.write(folder)
                    (folder / f"{part.name}.rows").unlink(missing_ok=True)
                gather.pass_on(part, to)
                report("measure", place + 1, len(parts))
        except BaseException:
            run.stop.set()
            raise
        run.noticed = {}
        security = self.given.plan.case.security
        run.left_out = [left_out(code, security, count, file, sheet, row)
                        for code, file, sheet, count, _, row in manifest.left_out]  # fmt: skip
        run.finish(to)


def _key(given: BoundedInput, budget: Budget) -> dict[str, Any]:
    """What must be the same for an earlier run's work to be of use, besides the contents of the input files."""
    days = given.plan.calendar.as_ordinals()
    return {
        "the version of the program": f"{fengqiao.__version__}, spill format {FORMAT}",
        "--memory": budget.limit,
        "the number of threads": budget.jobs,
        "the trading calendar": hashlib.sha256(days.tobytes()).hexdigest(),
        "the names of the trade files": list(given.source.files),
    }
