"""From trade records to results, in parts, with several threads; the same bytes whatever their number.

Records whose files are ordered by investor are measured as they are read and never held as a whole. Others are
loaded, grouped by investor once, and measured in slices. Both give the same results.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from fractions import Fraction
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa

from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.block import Rows, measure_block
from fengqiao.engine.loss.checks import day_checks, first_oversold, oversold_reason
from fengqiao.engine.loss.grouping import OPTIONAL, Grouped, ascending, group_all, group_chunk, merge_ids
from fengqiao.engine.loss.kernel_plan import FIRST_DAY, LAST_DAY, kernel_plans
from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.odd_rows import odd_rows
from fengqiao.engine.loss.packing import without_columns
from fengqiao.engine.loss.reading.accounts import account_codes
from fengqiao.engine.loss.reading.arrays import int32_array
from fengqiao.engine.loss.reading.noticed import LeftOut, merge_left_out
from fengqiao.engine.loss.results import Sums, result_batch
from fengqiao.engine.loss.rows import OPENING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.plan import CasePlan
    from fengqiao.engine.loss.rows import Chunk, Loaded, TradeSource
    from fengqiao.engine.loss.run_result import RunTotals

SLICE = 25_000
LOOK_UP = 0.2  # seconds
T = TypeVar("T")
REPORTED = k.G_DUPLICATE | k.G_PRICE_RANGE | k.G_NON_TRADING | k.G_SUSPENDED | k.G_SEQUENCE | k.G_OVERSOLD
Outs = list["NDArray[np.int64]"]


class StoppedError(Exception):
    """The run has ended otherwise (Ctrl-C, a full disk); what threads still work on is of no use."""


class OutOfOrderError(Exception):
    """Records that were taken to be ordered by investor are not; they have to be grouped first."""


@dataclass
class Emit:
    """Where results go: record batches in order, findings in order, and progress in rows."""

    batch: Callable[[pa.RecordBatch], None]
    findings: Callable[[Sequence[DataFinding]], None]
    progress: Callable[[int, int], None] = lambda done, total: None


@dataclass
class Measured:
    """Results of one part: whole groups, and the first and last group, which may go on in the neighbouring parts.

    rows: how many rows the part had.
    """

    ids: pa.Array
    outs: Outs
    exact: int
    findings: list[DataFinding]
    rows: int = 0
    first: Grouped | None = None
    last: Grouped | None = None
    origins: Origins | None = None


class Origin(Protocol):
    """Says where a row stood, from its origin."""

    def of(self, origin: int) -> tuple[str, str, int]: ...


@dataclass
class Origins:
    """Translates the origin of a row into file, sheet and row number."""

    offsets: list[int] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)

    def add(self, offset: int, chunk: Chunk) -> None:
        self.offsets.append(offset)
        self.chunks.append(chunk)

    def of(self, origin: int) -> tuple[str, str, int]:
        part = bisect_right(self.offsets, origin) - 1
        chunk, place = self.chunks[part], origin - self.offsets[part]
        row = chunk.source.first_row + place if chunk.row is None else int(chunk.row[place])
        return chunk.source.file, chunk.source.sheet, row


class Run:
    """One measuring run over a prepared case. Use `run`."""

    def __init__(self, whole: CasePlan, jobs: int) -> None:
        self.whole, self.jobs = whole, max(jobs, 1)
        self.kernels, self.exact_reasons = kernel_plans(whole)
        self.base = ordinal(FIRST_DAY)
        self.checks = day_checks(whole, self.base, (LAST_DAY - FIRST_DAY).days + 1)
        self.reset()

    def reset(self) -> None:
        self.sums = Sums(self.whole)
        self.noticed: dict[str, list[str]] = {}
        self.left_out: list[DataFinding] = []
        self.rows_read = self.rows_used = 0
        self.stop = Event()

    def go_on(self, _done: int = 0) -> None:
        """Called by long work in threads, so that it ends soon after the run has ended."""
        if self.stop.is_set():
            raise StoppedError

    # -- results of whole groups

    def results(self, grouped: Grouped) -> tuple[Outs, int]:
        """Results of all segments for whole groups, and how many were computed exactly."""
        outs, exact = [], 0
        self.go_on()
        for plan, kernel in zip(self.whole.segments, self.kernels, strict=True):
            out, recomputed = measure_block(
                grouped.rows, grouped.starts, plan, self.whole, kernel, self.checks, self.base, self.go_on
            )
            outs.append(out)
            exact += recomputed
        return outs, exact

    def findings(self, grouped: Grouped, outs: Outs, origins: Origin) -> list[DataFinding]:
        """What is odd about the rows of these investors, row by row."""
        flagged = np.flatnonzero(np.bitwise_or.reduce([out[k.R_FLAGS] for out in outs]) & REPORTED).tolist()
        last = max(ordinal(plan.benchmark) for plan in self.whole.segments)
        out = []
        for i in flagged:
            self.go_on()
            investor = grouped.ids[i].as_py()
            start, end = int(grouped.starts[i]), int(grouped.starts[i + 1])
            for origin, code, reason in odd_rows(grouped.rows, start, end, last, self.checks, self.base):
                file, sheet, row = origins.of(origin)
                out.append(DataFinding(code, reason, file, sheet, row, investor, used=True))
            place = int(np.argmax([found[k.R_OVERSOLD, i] for found in outs]))
            if outs[place][k.R_FLAGS, i] & k.G_OVERSOLD:
                trades = grouped.rows.trades(start, end)
                counted = [trade for trade in trades if trade.kind == OPENING or trade.date <= last]
                sale = first_oversold(counted, self.whole.segments[place]) or counted[0]
                reason = oversold_reason(Fraction(int(outs[place][k.R_OVERSOLD, i]), 10_000))
                where = origins.of(sale.source[1])
                out.append(DataFinding("oversold", reason, *where, investor, used=True))
        return out

    def loaded(self, loaded: Loaded, used: int, to: Emit) -> None:
        """Count what one part brought, pass on what was noticed, remember which investors lost rows."""
        self.rows_read += loaded.rows_read
        self.rows_used += used
        if not loaded.findings:
            return
        for finding in loaded.findings:
            if isinstance(finding, LeftOut):
                self.left_out.append(finding)
                continue
            self.sums.count(finding.code)
            if finding.investor and not finding.used:
                self.noticed.setdefault(finding.investor, []).append(finding.code)
        to.findings([finding for finding in loaded.findings if not isinstance(finding, LeftOut)])

    def finish(self, to: Emit) -> None:
        """What can only be said once all parts are read: rows of other securities, once a file and security."""
        merged = merge_left_out(self.left_out, self.whole.case.security)
        if merged:
            self.sums.count("unknown_security", len(merged))
            to.findings(merged)

    def emit(self, ids: pa.Array, outs: Outs, exact: int, found: Sequence[DataFinding], to: Emit) -> None:
        if len(ids):
            self.sums.add(outs, exact)
            to.batch(result_batch(ids, outs, self.whole, self.noticed))
        for finding in found:
            self.sums.count(finding.code)
        if found:
            to.findings(found)

    # -- files ordered by investor

    def ordered(self, source: TradeSource, to: Emit) -> None:
        """Measure part after part; only the groups at the edges of parts wait for their neighbours."""
        pending: list[tuple[Grouped, Origins]] = []
        ready: list[Measured] = []
        last_id: str | None = None
        for part, (loaded, measured) in enumerate(self.measured_parts(source)):
            self.loaded(loaded, measured.rows, to)
            self._join(measured.first, measured, pending, ready)
            if len(measured.ids):
                self._flush(pending, ready)
                ready.append(measured)
            self._join(measured.last, measured, pending, ready)
            last_id = self._emit_ready(ready, last_id, to)
            to.progress(part + 1, source.parts)
        self._flush(pending, ready)
        self._emit_ready(ready, last_id, to)

    def _join(
        self, edge: Grouped | None, of: Measured, pending: list[tuple[Grouped, Origins]], ready: list[Measured]
    ) -> None:
        """A group that may go on in the next part joins what is pending of the same investor."""
        if edge is None:
            return
        if pending and pending[0][0].ids[0].as_py() != edge.ids[0].as_py():
            self._flush(pending, ready)
        pending.append((edge, of.origins or Origins()))

    def _flush(self, pending: list[tuple[Grouped, Origins]], ready: list[Measured]) -> None:
        """Measure the investor whose rows were pending, now that all of them are there."""
        if not pending:
            return
        ids, rows = pending[0][0].ids, _joined([edge.rows for edge, _ in pending])
        origins = Origins()
        for _, places in pending:
            for start, chunk in zip(places.offsets, places.chunks, strict=True):
                if start not in origins.offsets:
                    origins.add(start, chunk)
        whole_group = Grouped(ids, np.array([0, len(rows.date)], dtype=np.int64), rows)
        outs, exact = self.results(whole_group)
        ready.append(Measured(ids, outs, exact, self.findings(whole_group, outs, origins)))
        pending.clear()

    def _emit_ready(self, ready: list[Measured], last_id: str | None, to: Emit) -> str | None:
        """Pass on what is measured as one batch, once it is sure that its investors follow those before."""
        if not ready:
            return last_id
        ids = pa.concat_arrays([one.ids for one in ready])
        if not ascending(ids) or (last_id is not None and ids[0].as_py().encode() <= last_id.encode()):
            raise OutOfOrderError(ids[0].as_py())
        outs = [np.concatenate(parts, axis=1) for parts in zip(*(one.outs for one in ready), strict=True)]
        found = [finding for one in ready for finding in one.findings]
        self.emit(ids, outs, sum(one.exact for one in ready), found, to)
        ready.clear()
        return str(ids[len(ids) - 1].as_py())

    def measured_parts(self, source: TradeSource) -> Iterator[tuple[Loaded, Measured]]:
        """Parts in order, a few of them being worked on at once."""
        with ThreadPoolExecutor(self.jobs) as pool:
            waiting: deque[Future[tuple[Loaded, Measured]]] = deque()
            following = 0
            try:
                while waiting or following < source.parts:
                    while following < source.parts and len(waiting) < self.jobs + 2:
                        waiting.append(pool.submit(self._part, source, following))
                        following += 1
                    yield awaited(waiting.popleft())
            except BaseException:
                self.stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _part(self, source: TradeSource, part: int) -> tuple[Loaded, Measured]:
        loaded = source.load(part)
        # what goes on to be written holds no rows, so that the next part finds their memory free
        return replace(loaded, chunk=without_columns(loaded.chunk)), self.measured(loaded, part << 40)

    def measured(self, loaded: Loaded, offset: int) -> Measured:
        """Results of the whole groups of a part of a file ordered by investor, and the groups at its edges."""
        chunk, kept = loaded.chunk, without_columns(loaded.chunk)
        grouped = group_chunk(chunk, offset)
        lost = {finding.investor for finding in loaded.findings if finding.investor and not finding.used}
        grouped = merge_ids(grouped, lost)
        origins = Origins([offset], [kept])
        if len(grouped) == 0:
            return Measured(grouped.ids, [], 0, [], len(chunk), origins=origins)
        first = _edge(grouped, 0, chunk)
        last = _edge(grouped, len(grouped) - 1, chunk) if len(grouped) > 1 else None
        inner = _piece(grouped, 1, max(len(grouped) - 1, 1))
        outs, exact = self.results(inner) if len(inner) else ([], 0)
        found = self.findings(inner, outs, origins) if len(inner) else []
        return Measured(inner.ids, outs, exact, found, len(chunk), first, last, origins)

    # -- everything else

    def lost_between(self, ids: pa.Array, start: int, end: int) -> list[str]:
        """Investors who lost rows and belong between the first of this slice and the first of the next."""
        low = ids[start].as_py().encode() if start else b""
        high = ids[end].as_py().encode() if end < len(ids) else None
        return [item for item in self.noticed if low <= item.encode() and (high is None or item.encode() < high)]

    def grouped(self, source: TradeSource, to: Emit) -> None:
        """Load all, group by investor, measure in slices."""

        def on_loaded(part: int, loaded: Any) -> None:
            self.loaded(loaded, len(loaded.chunk), to)
            to.progress(part + 1, 2 * source.parts)

        ids, packed, chunks, offsets = group_all(source, self.jobs, on_loaded)
        origins = Origins(offsets, chunks)
        groups = len(ids)
        slices = [(start, min(start + SLICE, groups)) for start in range(0, max(groups, 1), SLICE)]

        def work(bounds: tuple[int, int]) -> tuple[pa.Array, Outs, int, list[DataFinding]]:
            start, end = bounds
            starts = packed.starts[start : end + 1] - packed.starts[start]
            piece = Grouped(ids.slice(start, end - start), starts, packed.rows(start, end))
            piece = merge_ids(piece, self.lost_between(ids, start, end))
            outs, exact = self.results(piece)
            return piece.ids, outs, exact, self.findings(piece, outs, origins)

        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                for done, future in enumerate([pool.submit(work, bounds) for bounds in slices], start=1):
                    names, outs, exact, found = awaited(future)
                    self.emit(names, outs, exact, found, to)
                    to.progress(source.parts + done * source.parts // len(slices), 2 * source.parts)
            except BaseException:
                self.stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def awaited(future: Future[T]) -> T:
    """The result of a future, looking up now and then: a thread that only waits may not notice an interrupt."""
    while not future.done():
        wait([future], timeout=LOOK_UP)
    return future.result()


def _piece(grouped: Grouped, start: int, end: int) -> Grouped:
    """Groups start..end, without copying rows."""
    low, high = int(grouped.starts[start]), int(grouped.starts[end])
    names = ("date", "side", "quantity", "price", "origin", *OPTIONAL)
    cut = {name: getattr(grouped.rows, name) for name in names}
    pieces: dict[str, Any] = {name: None if column is None else column[low:high] for name, column in cut.items()}
    rows = Rows(**pieces, first=grouped.rows.first + low)
    return Grouped(grouped.ids.slice(start, end - start), grouped.starts[start : end + 1] - low, rows)


def _edge(grouped: Grouped, place: int, chunk: Chunk) -> Grouped:
    """One group as a copy, so that the part's rows can go, with account codes that mean the same in every part."""
    group = _piece(grouped, place, place + 1)
    columns = {name: getattr(group.rows, name) for name in ("date", "side", "quantity", "price", "origin", *OPTIONAL)}
    copies: dict[str, Any] = {name: None if column is None else column.copy() for name, column in columns.items()}
    if group.rows.account is not None and chunk.accounts is not None:
        used, codes = np.unique(group.rows.account, return_inverse=True)
        copies["account"] = account_codes(chunk.accounts.take(int32_array(used)))[codes]
    return replace(group, rows=Rows(**copies, first=group.rows.first))


def _joined(rows: Iterable[Rows]) -> Rows:
    """Rows one after the other; a column that only some have is filled with "absent"."""
    parts = list(rows)
    if len(parts) == 1:
        return parts[0]
    joined: dict[str, Any] = {"origin": np.concatenate([part.origins(0, len(part.date)) for part in parts])}
    for name in ("date", "side", "quantity", "price", *OPTIONAL):
        columns = [getattr(part, name) for part in parts]
        if all(column is None for column in columns):
            continue
        kind = next(column.dtype for column in columns if column is not None)
        fill = 0 if name == "kind" else -1
        joined[name] = np.concatenate([
            np.full(len(part.date), fill, dtype=kind) if column is None else column
            for part, column in zip(parts, columns, strict=True)
        ])  # fmt: skip
    return Rows(**joined)


def run(whole: CasePlan, source: TradeSource, to: Emit, *, jobs: int = 1, restart: Callable[[], None] | None = None) \
        -> tuple[RunTotals, Mapping[str, Sequence[str]], list[str]]:  # fmt: skip
    """Measure all investors of a source.

    Results go to `to` in ascending order of investors; findings in the order of files. Returns the totals, the codes
    of left-out rows by investor, and why exact arithmetic was used for everybody where it was. restart is called when
    files that looked ordered by investor turn out not to be: everything emitted so far is void.
    """
    measuring = Run(whole, jobs)
    if source.disjoint and source.parts:
        try:
            measuring.ordered(source, to)
        except OutOfOrderError:
            if restart is None:
                raise
            restart()
            measuring.reset()
            measuring.grouped(source, to)
    else:
        measuring.grouped(source, to)
    measuring.finish(to)
    totals = measuring.sums.totals(measuring.rows_read, measuring.rows_used)
    return totals, measuring.noticed, measuring.exact_reasons
