"""From a spec to a file of trade records: two passes over the investors, in parts, several at a time.

The first pass only counts, so that sequence numbers can be handed out; the second writes. Records by investor are
written as they come. Records by date are first spilled, each to the part of a temporary file that holds the row
group it belongs to, then written group by group. Memory: a few parts at a time, whatever the number of investors.
"""

from __future__ import annotations

import tempfile
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import numpy as np

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.simulate.numbering import Numbering
from fengqiao.engine.loss.simulate.population import Population, build_population
from fengqiao.engine.loss.simulate.records import ROW, Layout, pack
from fengqiao.engine.loss.simulate.sinks import Sink, open_sink
from fengqiao.engine.loss.simulate.spec import XLSX_ROWS, SimulationSpec, SimulationSummary, check_output, check_spec
from fengqiao.engine.loss.simulate.tally import Tally
from fengqiao.engine.loss.simulate.tape import Tape, build_tape
from fengqiao.engine.loss.simulate.walk import Walked, walk_investors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from fengqiao.engine.loss.simulate.population import Investors

    Progress = Callable[[int, int], None]

S = TypeVar("S")
T = TypeVar("T")
GROUP_ROWS = 1_000_000
Part = tuple[int, int]


def simulate_to_file(
    spec: SimulationSpec,
    out: Path,
    progress: Progress | None = None,
    *,
    part_rows: int = GROUP_ROWS,
    workers: int = 2,
) -> SimulationSummary:
    """Write simulated trade records to `out` (.parquet, .csv or .xlsx by its suffix).

    spec: what to simulate. progress: called now and then as progress(done, total), rows of all passes together;
    the last call has done == total. part_rows, workers: rows worked on at once, and threads; they change speed and
    memory, never the bytes.

    Columns: investor string, account string, security string, date date32, time time32 (whole seconds; Parquet has no
    coarser unit than milliseconds), sequence int64 (from 1 within each day, ascending with time over all investors),
    side string, quantity int64 (shares), price float64 (yuan, two decimals), and kind string only where rows of kind
    `opening` are needed. No column holds nulls. Parquet row groups hold about 1,000,000 rows and, in the order by
    investor, end with an investor.

    The file appears when it is whole: it is written beside under another name and renamed at the end, so an
    interrupt leaves nothing half-written. Raises InputError or CannotComputeError before anything is written.

    >>> import datetime as dt
    >>> from fengqiao.engine.loss.market import Market
    >>> days = np.arange(17_000, 17_012, dtype=np.int32)
    >>> volume, close = np.full(12, 1_000_000), np.full(12, 100_000)
    >>> market = Market("999001", days, close, volume, volume * 9, close)
    >>> dates = dt.date(2016, 7, 18), dt.date(2016, 7, 25), dt.date(2016, 7, 28)
    >>> spec = SimulationSpec("999001", market, *dates, investors=5, seed=1, trades_per_investor=2.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     summary = simulate_to_file(spec, Path(folder) / "trades.csv")
    ...     head = (Path(folder) / "trades.csv").read_text().split()[:2]
    >>> head[0]
    'investor,account,security,date,time,sequence,side,quantity,price,kind'
    >>> summary.investors, summary.rows == summary.buys + summary.sells + summary.opening_rows
    (5, True)
    """
    check_spec(spec)
    check_output(out)
    work = _Work(spec, part_rows, workers, progress)
    kind = out.suffix.lower()
    if kind == ".xlsx" and work.rows > XLSX_ROWS:
        raise InputError(
            f"{work.rows:,} records do not fit into a workbook",
            why=f"a sheet holds {XLSX_ROWS:,}",
            todo="Write .parquet or .csv, or simulate fewer investors",
        )
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as scratch:
        whole = Path(scratch) / f"whole{kind}"
        sink = open_sink(whole, work.layout.schema, kind)
        try:
            tally = work.write(sink, Path(scratch))
            sink.close()
        except BaseException:
            sink.abandon()
            raise
        whole.replace(out)
    return tally.summary(spec, out, work.tape)


class _Work:
    """The passes over one spec."""

    def __init__(self, spec: SimulationSpec, part_rows: int, workers: int, progress: Progress | None) -> None:
        self.spec, self.workers, self.progress = spec, workers, progress
        self.tape: Tape = build_tape(spec)
        self.population: Population = build_population(spec)
        ends = np.cumsum(self.population.records(), dtype=np.int64)
        self.rows = int(ends[-1])
        groups = cut(ends, GROUP_ROWS)
        self.group_ends = {stop for _, stop in groups}
        edges = sorted({0, *self.group_ends, *(stop for _, stop in cut(ends, part_rows))})
        self.parts = list(pairwise(edges))
        with_kind = self.tape.opening_axis >= 0 and spec.opening_share > 0
        self.layout = Layout(spec.security, self.tape.dates, with_kind)
        self.numbering = Numbering(len(self.tape.dates), self.rows)
        self.done, self.total = 0, self.rows * (3 if spec.order == "date" else 2)

    def write(self, sink: Sink, scratch: Path) -> Tally:
        """Both passes; the sink holds all records afterwards."""
        for _, walked in in_turn(self._walk, self.parts, self.workers):
            self.numbering.count(walked)
            self._advance(len(walked.axis))
        self.numbering.finish_counting()
        tally = Tally()
        if self.spec.order == "date":
            self._write_by_date(sink, scratch / "spill", tally)
        else:
            self._write_by_investor(sink, tally)
        return tally

    def _walk(self, part: Part) -> tuple[Investors, Walked]:
        people = self.population.draw(*part)
        return people, walk_investors(self.tape, people)

    def _numbered(self, tally: Tally) -> Iterator[NDArray[np.void]]:
        """The rows (dtype ROW) of every part, with their places."""
        for people, walked in in_turn(self._walk, self.parts, self.workers):
            rows = pack(walked, self.numbering.places(walked))
            tally.add(rows, people)
            yield rows
            self._advance(len(rows))

    def _put(self, sink: Sink, rows: NDArray[np.void]) -> None:
        sequence = self.numbering.sequence(rows["axis"], rows["place"], rows["repeated"])
        sink.write(self.layout.table(rows, sequence))

    def _write_by_investor(self, sink: Sink, tally: Tally) -> None:
        """A row group ends at the group's last investor; smaller parts are put together."""
        waiting: list[NDArray[np.void]] = []
        for (_, stop), rows in zip(self.parts, self._numbered(tally), strict=True):
            waiting.append(rows)
            if stop in self.group_ends:
                self._put(sink, np.concatenate(waiting) if len(waiting) > 1 else rows)
                waiting = []

    def _write_by_date(self, sink: Sink, spill: Path, tally: Tally) -> None:
        count = -(-self.rows // GROUP_ROWS)
        filled = np.zeros(count, dtype=np.int64)
        with spill.open("wb") as file:
            for rows in self._numbered(tally):
                _spill(file, rows, filled)
        for rows in in_turn(lambda group: _gather(spill, group, int(filled[group])), range(count), self.workers):
            self._put(sink, rows)
            self._advance(len(rows))

    def _advance(self, rows: int) -> None:
        self.done += rows
        if self.progress is not None:
            self.progress(self.done, self.total)


def cut(ends: NDArray[np.int64], rows: int) -> list[Part]:
    """Ranges of investors with about `rows` records each, whole investors, given the running sum of their records.

    >>> cut(np.array([3, 5, 6, 9]), 5)
    [(0, 2), (2, 4)]
    """
    parts, first = [], 0
    while first < len(ends):
        before = int(ends[first - 1]) if first else 0
        stop = min(int(np.searchsorted(ends, before + rows)) + 1, len(ends))
        parts.append((first, stop))
        first = stop
    return parts


def in_turn(work: Callable[[S], T], items: Iterable[S], workers: int) -> Iterator[T]:
    """Results of `work` in the order of the items, a few computed ahead in threads."""
    pool = ThreadPoolExecutor(max_workers=workers)
    ahead: deque[Future[T]] = deque()
    try:
        for item in items:
            ahead.append(pool.submit(work, item))
            if len(ahead) > workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _spill(file: BinaryIO, rows: NDArray[np.void], filled: NDArray[np.int64]) -> None:
    """Append rows to the regions of the row groups they belong to; `filled` counts the rows in each region."""
    group = (rows["place"] // GROUP_ROWS).astype(np.uint16)
    rows = rows[np.argsort(group, kind="stable")]
    sizes = np.bincount(group, minlength=len(filled))
    first = 0
    for number in np.flatnonzero(sizes):
        stop = first + int(sizes[number])
        file.seek((int(number) * GROUP_ROWS + int(filled[number])) * ROW.itemsize)
        file.write(rows[first:stop].tobytes())
        filled[number] += stop - first
        first = stop


def _gather(spill: Path, group: int, count: int) -> NDArray[np.void]:
    """Rows of one region, in order of their places."""
    spilled = np.fromfile(spill, dtype=ROW, count=count, offset=group * GROUP_ROWS * ROW.itemsize)
    rows = np.empty(count, dtype=ROW)
    rows[spilled["place"] - group * GROUP_ROWS] = spilled
    return rows
