"""The whole comparison: input files in, one pass over the records, result files out, nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fengqiao
from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.digests import digests_of
from fengqiao.engine.loss.grid.figures import figures_of, pairs_between
from fengqiao.engine.loss.grid.inputs import OpenedGrid, open_grid
from fengqiao.engine.loss.grid.record import grid_record
from fengqiao.engine.loss.grid.result import Comparison
from fengqiao.engine.loss.grid.run import GridRun, run_grid_over
from fengqiao.engine.loss.grid.scenarios import find
from fengqiao.engine.loss.grid.spread import spread_of
from fengqiao.engine.loss.grid.tables import write_between, write_pairs, write_scenarios
from fengqiao.engine.loss.grid.writing import AWARDS, FINDINGS, RANGES, GridFiles
from fengqiao.engine.loss.inputs import InputFiles
from fengqiao.engine.loss.measure import FORMATS, INVESTORS_FOR_PEOPLE
from fengqiao.engine.loss.pipeline import Emit
from fengqiao.engine.loss.result_directory import move_finished, work_directory

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar

Report = Callable[[str, int, int], None]
KNOWN = (
    AWARDS, RANGES, FINDINGS, "scenarios.parquet", "scenarios.csv", "pairs.csv", "run.json", "ranges.csv",
    "comparison.xlsx", "report.pdf", "charts",
)  # fmt: skip
FOR_PEOPLE = ("csv", "xlsx", "svg", "pdf")


@dataclass(frozen=True)
class Compared:
    """What a comparison left: its figures, the files it wrote, and what it says about formats it left out."""

    comparison: Comparison
    files: Sequence[Path]
    notes: Sequence[str]


def compare_files(
    files: InputFiles,
    spec: Path,
    out: Path,
    *,
    jobs: int = 1,
    formats: Sequence[str] | None = None,
    between: Sequence[tuple[str, str]] = (),
    progress: Report | None = None,
    calendar: TradingCalendar | None = None,
) -> Compared:
    """Compare a case under all scenarios of a specification and write the results to `out`.

    Always written: scenarios.parquet, scenarios.csv, pairs.csv, awards.parquet, ranges.parquet, findings.csv (of the
    base), run.json. formats None: workbook, report and charts as well, and ranges.csv up to 100,000 investors.
    between: pairs of scenarios, by id or name, for each of which a file says who gains and who loses. Files appear in
    `out` only when all are complete. Errors: InputError and CannotComputeError for input that cannot be used.
    """
    unknown = [name for name in formats or () if name not in FORMATS]
    if unknown:
        raise InputError(f"Unknown format {', '.join(unknown)}", todo=f"Known: {', '.join(FORMATS)}")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file", why="results go to a directory", todo="Give another --out")
    opened = open_grid(files, spec, calendar)
    asked = [(find(opened.scenarios, a), find(opened.scenarios, b)) for a, b in between]
    for item in (item for pair in asked for item in pair):
        if not item.computed:
            raise InputError(f'Scenario "{item.name}" cannot be computed', why=item.reason)
    report = progress or (lambda what, done, total: None)
    with work_directory(out) as work:
        with ThreadPoolExecutor(1) as pool:
            digests = pool.submit(digests_of, opened.roles)
            comparison, run = _compare(opened, work, jobs, report, digests.result)
        report("write tables", 0, 1)
        write_scenarios(comparison, work)
        write_pairs(comparison.pairs, work / "pairs.csv")
        for a, b in asked:
            write_between(comparison, a.id, b.id, work / f"between_{a.id}_{b.id}.csv")
        notes = [*comparison.notes, *_write_for_people(comparison, work, formats, report)]
        _write_record(comparison, opened, run, work)
        known = [*KNOWN, *(path.name for path in out.glob("between_*.csv"))] if out.is_dir() else KNOWN
        written = move_finished(work, out, known)
    return Compared(comparison, written, notes)


def _compare(
    opened: OpenedGrid, work: Path, jobs: int, report: Report, digests: Callable[[], dict[str, str]]
) -> tuple[Comparison, GridRun]:
    run = GridRun(opened.scenarios, jobs)
    files = GridFiles(work, run.ids.to_pylist())
    emit = Emit(files.batch, files.found, lambda done, total: report("compare", done, total))
    try:
        run_grid_over(run, opened.source, emit, files.restart)
    finally:
        files.close()
    totals = run.sums.totals(run.rows_read, run.rows_used)
    comparison = Comparison(
        spec=opened.spec, figures=figures_of(work, opened.scenarios),
        pairs=pairs_between(opened.scenarios, run.pairs, totals.investors), totals=totals, findings=files.findings,
        directory=work, digests=digests(), engine_version=fengqiao.__version__, spread=spread_of(work),
        notes=_notes(opened, run),
    )  # fmt: skip
    return comparison, run


def _notes(opened: OpenedGrid, run: GridRun) -> list[str]:
    notes = []
    left = [item for item in opened.scenarios if not item.computed]
    notes += [f"{item.id} {item.name} was not computed: {item.reason}" for item in left[:5]]
    if len(left) > 5:
        notes.append(f"{len(left) - 5} more scenarios were not computed; scenarios.csv says why.")
    base = next(item for item in opened.scenarios if item.base)
    if opened.spec.base and opened.spec.base not in (base.id, base.name):
        notes.append(f'The base "{opened.spec.base}" cannot be computed; compared with {base.id} {base.name} instead.')
    for exact, how in ((True, "in exact arithmetic for everybody"), (False, "one by one, as single runs are")):
        reasons = dict.fromkeys(item.reason for item in run.computing.unshared.values() if item.exact is exact)
        if reasons:
            notes.append(f"Some scenarios are computed {how}: {'; '.join(reasons)}.")
    return notes


def _write_for_people(comparison: Comparison, work: Path, formats: Sequence[str] | None, report: Report) -> list[str]:
    notes = []
    wanted = [name for name in FOR_PEOPLE if formats is None or name in formats]
    if formats is None and comparison.totals.investors > INVESTORS_FOR_PEOPLE:
        wanted.remove("csv")
        notes.append(
            f"{comparison.totals.investors:,} investors: ranges.csv is written beyond {INVESTORS_FOR_PEOPLE:,} only "
            f"when asked for (--formats csv,xlsx,pdf,svg)."
        )
    if not wanted:
        return notes
    from fengqiao.engine.loss.grid import outputs

    writers: dict[str, Callable[[Comparison, Path], Any]] = {
        "csv": lambda result, folder: outputs.write_ranges(result, folder / "ranges.csv"),
        "xlsx": lambda result, folder: outputs.write_workbook(result, folder / "comparison.xlsx"),
        "svg": lambda result, folder: outputs.write_charts(result, folder / "charts"),
        "pdf": lambda result, folder: outputs.write_report(result, folder / "report.pdf"),
    }
    for done, name in enumerate(wanted):
        report(f"write {name}", done, len(wanted))
        writers[name](comparison, work)
    report("write", len(wanted), len(wanted))
    return notes


def _write_record(comparison: Comparison, opened: OpenedGrid, run: GridRun, work: Path) -> None:
    record = grid_record(comparison, opened.roles, run.computing.walks(), run.counted)
    text = json.dumps(record, ensure_ascii=False, indent=2)
    (work / "run.json").write_text(text + "\n", encoding="utf-8")
