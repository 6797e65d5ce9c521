"""The whole measurement: input files in, result files out, nothing half-written, the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

import fengqiao
from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.case import settings_of
from fengqiao.engine.loss.case_values import read_tables
from fengqiao.engine.loss.digests import digests_of
from fengqiao.engine.loss.findings_file import FindingsFile
from fengqiao.engine.loss.inputs import InputFiles, Opened, open_inputs
from fengqiao.engine.loss.pipeline import Emit, run
from fengqiao.engine.loss.result_directory import move_finished, work_directory
from fengqiao.engine.loss.run_record import write_run_record
from fengqiao.engine.loss.run_result import RunResult, result_schema
from fengqiao.engine.loss.wrongs.kinds import is_other_wrong

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.findings import DataFinding
    from fengqiao.engine.loss.digests import EarlyDigests
    from fengqiao.engine.loss.run_result import RunTotals
    from fengqiao.engine.loss.spill.limit import Bounds
    from fengqiao.engine.loss.spill.statement import DiskUse
    from fengqiao.engine.loss.wrongs.run_result import WrongResult

FORMATS = ("parquet", "csv", "xlsx", "pdf", "svg")
KNOWN = ("results.parquet", "findings.csv", "run.json", "results.csv", "results.xlsx", "report.pdf", "charts")
FOR_PEOPLE = ("csv", "xlsx", "pdf", "svg")
INVESTORS_FOR_PEOPLE = 100_000
FINDINGS_KEPT = 10_000
ROWS_A_GROUP = 100_000
KEPT_SHARE = 40  # the part of a memory limit that results may take which people are to look at
KEPT_ROW = 480  # bytes of a row of results in memory, about


@dataclass(frozen=True)
class Done:
    """What a run left: its totals and settings, the files it wrote, and what it says about formats it left out."""

    result: RunResult | WrongResult
    files: Sequence[Path]
    notes: Sequence[str]


@dataclass
class Collector:
    """Writes results and findings as they come; keeps the table while people are to look at all of it."""

    directory: Path
    schema: pa.Schema
    keep_up_to: int
    kept: list[pa.RecordBatch] = field(default_factory=list)
    rows: int = 0
    findings: list[DataFinding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.kept, self.findings, self.rows = [], [], 0
        self.waiting: list[pa.RecordBatch] = []
        self.waiting_rows = 0
        self.parquet = pq.ParquetWriter(
            self.directory / "results.parquet", self.schema, compression="snappy", store_decimal_as_integer=True,
            write_statistics=["investor"],
            use_dictionary=["security", "segment", "benchmark_price", "other_ratio", "findings"],
        )  # fmt: skip
        self.lines = FindingsFile(self.directory / "findings.csv")

    def restart(self) -> None:
        self.parquet.close()
        self.lines.close()
        self.open()

    def batch(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        self.waiting.append(batch)
        self.waiting_rows += batch.num_rows
        while self.waiting_rows >= ROWS_A_GROUP:
            table = pa.Table.from_batches(self.waiting)
            # one piece each: how results came in parts does not show in the bytes
            self.parquet.write_table(table.slice(0, ROWS_A_GROUP).combine_chunks(), row_group_size=ROWS_A_GROUP)
            self.waiting = table.slice(ROWS_A_GROUP).to_batches()
            self.waiting_rows -= ROWS_A_GROUP
        if self.rows <= self.keep_up_to:
            self.kept.append(batch)
        else:
            self.kept.clear()

    def found(self, findings: Sequence[DataFinding]) -> None:
        self.lines.write(findings)
        self.findings.extend(findings[: max(FINDINGS_KEPT - len(self.findings), 0)])

    def close(self) -> pa.Table:
        if self.waiting_rows or self.rows == 0:
            self.parquet.write_table(
                pa.Table.from_batches(self.waiting, self.schema).combine_chunks(), row_group_size=ROWS_A_GROUP
            )
        self.parquet.close()
        self.lines.close()
        return pa.Table.from_batches(self.kept, self.schema)


def measure_files(
    files: InputFiles,
    out: Path,
    *,
    jobs: int = 1,
    formats: Sequence[str] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    calendar: TradingCalendar | None = None,
    bounds: Bounds | None = None,
    say: Callable[[DiskUse], None] = lambda use: None,
    early: EarlyDigests | None = None,
) -> Done:
    """Measure a case over files and write results.parquet, findings.csv, run.json and what `formats` asks for to `out`.

    formats None: all of them up to 100,000 investors, beyond that only Parquet (a note says so). Files appear in `out`
    only when all are complete; an interrupted or failed run leaves `out` as it was. early: digests begun before.
    progress: told (what, done, total); what is "measure N" with N investors done, done and total in parts of the
    records; later "write FORMAT", done and total in formats.

    bounds: a limit on memory; records that do not come ordered by investor then go through a folder on the disk, and
    a killed run is gone on with. The results are the same. say: told what the disk has to hold before that begins.

    Errors: InputError and CannotComputeError for input that cannot be used; OSError when the disk is full.
    """
    unknown = [name for name in formats or () if name not in FORMATS]
    if unknown:
        raise InputError(f"Unknown format {', '.join(unknown)}", todo=f"Known: {', '.join(FORMATS)}")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file", why="results go to a directory", todo="Give another --out")
    if is_other_wrong(read_tables(files.case)):
        from fengqiao.engine.loss.wrongs.measuring import measure_wrong

        if bounds is not None:
            raise InputError("--memory is for misrepresentation only (虚假陈述)", todo="Measure this case without it")
        return measure_wrong(files, out, jobs=jobs, formats=formats, progress=progress, calendar=calendar)
    if bounds is not None:
        from fengqiao.engine.loss.spill.workbooks import require_small

        require_small(files.trades, bounds.limit)
    opened = open_inputs(files, calendar, early=bounds is None)
    report = progress or (lambda what, done, total: None)
    with work_directory(out) as work:
        with ThreadPoolExecutor(1) as pool:
            digests = pool.submit(digests_of, opened.roles, early)
            measuring = _Measuring(opened, out, work, jobs, formats, report, digests.result, bounds, say)
            result, notes = measuring.run()
        _write_for_people(result, work, formats, notes, report)
        write_run_record(result, work / "run.json", opened.roles)
        written = move_finished(work, out, KNOWN)
    return Done(result, written, notes)


@dataclass(frozen=True)
class _Measuring:
    """One measurement on its way from opened inputs to a result."""

    opened: Opened
    out: Path
    work: Path
    jobs: int
    formats: Sequence[str] | None
    report: Callable[[str, int, int], None]
    digests: Callable[[], dict[str, str]]
    bounds: Bounds | None
    say: Callable[[DiskUse], None]

    def run(self) -> tuple[RunResult, list[str]]:
        plan, formats = self.opened.plan, self.formats
        wanted = FOR_PEOPLE if formats is None else [name for name in formats if name != "parquet"]
        limit = INVESTORS_FOR_PEOPLE * len(plan.segments) if formats is None else (1 << 62 if wanted else 0)
        if self.bounds is not None:
            limit = min(limit, self.bounds.limit // KEPT_SHARE // KEPT_ROW)
        names = [replay.name for replay in plan.segments[0].replay]
        collector = Collector(self.work, result_schema(names), limit)
        segments = len(plan.segments)
        emit = Emit(
            collector.batch, collector.found,
            lambda done, total: self.report(f"measure {collector.rows // segments}", done, total),
        )  # fmt: skip
        try:
            totals, reasons = self._totals(emit, collector.restart)
        finally:
            table = collector.close()
        notes = [f"Everybody is computed in exact arithmetic: {reason}." for reason in reasons]
        result = RunResult(
            plan=plan, table=table, totals=totals, findings=collector.findings, digests=self.digests(),
            settings=settings_of(plan.case), engine_version=fengqiao.__version__,
        )  # fmt: skip
        return result, notes

    def _totals(self, emit: Emit, restart: Callable[[], None]) -> tuple[RunTotals, list[str]]:
        if self.bounds is None:
            totals, _, reasons = run(self.opened.plan, self.opened.source, emit, jobs=self.jobs, restart=restart)
            return totals, reasons
        from fengqiao.engine.loss.spill.bounded import BoundedInput, run_bounded

        given = BoundedInput(self.opened.plan, self.opened.source, self.out, self.jobs, self.bounds, self.digests)
        return run_bounded(given, emit, restart=restart, report=self.report, say=self.say)


def _write_for_people(
    result: RunResult,
    work: Path,
    formats: Sequence[str] | None,
    notes: list[str],
    report: Callable[[str, int, int], None],
) -> None:
    if formats is None and result.totals.investors > INVESTORS_FOR_PEOPLE:
        notes.append(
            f"{result.totals.investors:,} investors: results.csv, results.xlsx, report.pdf and charts are written "
            f"beyond {INVESTORS_FOR_PEOPLE:,} only when asked for (--formats parquet,csv,xlsx,pdf,svg)."
        )
        return
    wanted = [name for name in FOR_PEOPLE if formats is None or name in formats]
    if not wanted:
        return
    if result.table.num_rows < result.totals.investors * len(result.plan.segments):
        notes.append(
            f"{', '.join(wanted)} are left out: the results of {result.totals.investors:,} investors do not fit "
            "--memory as a whole; give more, or measure without it."
        )
        return
    from fengqiao.engine.loss import outputs

    for done, name in enumerate(wanted):
        report(f"write {name}", done, len(wanted))
        if name == "csv":
            outputs.write_csv(result, work / "results.csv")
        elif name == "xlsx":
            outputs.write_workbook(result, work / "results.xlsx")
        elif name == "pdf":
            outputs.write_report(result, work / "report.pdf")
        else:
            (work / "charts").mkdir()
            outputs.write_charts(result, work / "charts")
    report("write", len(wanted), len(wanted))
