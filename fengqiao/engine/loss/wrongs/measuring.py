"""`measure` and `explain` for the other wrongs, from files; what the commands call through `measure_files`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.engine import law
from fengqiao.engine.loss.digests import digests_of
from fengqiao.engine.loss.inputs import InputFiles
from fengqiao.engine.loss.measure import (
    FOR_PEOPLE,
    INVESTORS_FOR_PEOPLE,
    KNOWN,
    Collector,
    Done,
)  # fmt: skip
from fengqiao.engine.loss.result_directory import move_finished, work_directory
from fengqiao.engine.loss.run_record import inputs_record, totals_record
from fengqiao.engine.loss.run_result import SCHEMA_VERSION
from fengqiao.engine.loss.wrongs.kinds import WRONGS
from fengqiao.engine.loss.wrongs.run import measure_records, read_claim, roles_of, state_claim
from fengqiao.engine.loss.wrongs.run_result import MONEY, WrongResult, WrongStatement

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.wrongs.claim import Claim

CHARTS_LEFT_OUT = "No charts (svg) are drawn for this kind of case."


def measure_wrong(
    files: InputFiles,
    out: Path,
    *,
    jobs: int = 1,
    formats: Sequence[str] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    calendar: TradingCalendar | None = None,
) -> Done:
    """Measure a case of another wrong over files; files and errors as `measure.measure_files`, charts are not drawn."""
    report = progress or (lambda what, done, total: None)
    claim, records = read_claim(files, calendar, jobs, report)
    roles = roles_of(files, claim)
    with work_directory(out) as work:
        result = measure_records(claim, records, report, digests_of(roles))
        collector = Collector(work, result.table.schema, 0)
        try:
            for batch in result.table.to_batches():
                collector.batch(batch)
            collector.found(result.findings)
        finally:
            collector.close()
        notes = _write_for_people(result, work, formats, report)
        record = run_record(result, roles)
        (work / "run.json").write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written = move_finished(work, out, KNOWN)
    return Done(result, written, notes)


def explain_wrong(files: InputFiles, investor: str, calendar: TradingCalendar | None = None) -> WrongStatement:
    """The statement of one investor from input files."""
    claim, records = read_claim(files, calendar, 1, lambda what, done, total: None)
    return state_claim(claim, records, investor, digests_of(roles_of(files, claim)))


def _write_for_people(
    result: WrongResult, work: Path, formats: Sequence[str] | None, report: Callable[[str, int, int], None]
) -> list[str]:
    if formats is None and result.totals.investors > INVESTORS_FOR_PEOPLE:
        return [
            f"{result.totals.investors:,} investors: results.csv, results.xlsx and report.pdf are written beyond "
            f"{INVESTORS_FOR_PEOPLE:,} only when asked for (--formats parquet,csv,xlsx,pdf)."
        ]
    wanted = [name for name in FOR_PEOPLE if formats is None or name in formats]
    from fengqiao.engine.loss.outputs.csv_file import write_csv
    from fengqiao.engine.loss.outputs.wrong_report import write_report
    from fengqiao.engine.loss.outputs.wrong_workbook import write_workbook

    writers: dict[str, Callable[[], None]] = {
        "csv": lambda: write_csv(result, work / "results.csv"),
        "xlsx": lambda: write_workbook(result, work / "results.xlsx"),
        "pdf": lambda: write_report(result, work / "report.pdf"),
    }
    for done, name in enumerate(wanted):
        report(f"write {name}", done, len(wanted))
        if name in writers:
            writers[name]()
    return [CHARTS_LEFT_OUT] if formats is not None and "svg" in formats else []


def run_record(result: WrongResult, roles: Sequence[tuple[str, Path]]) -> dict[str, Any]:
    """The content of run.json, of the same shape as for misrepresentation."""
    totals, claim = result.totals, result.plan
    return {
        "engine": {"name": "fengqiao", "version": result.engine_version, "result_schema": SCHEMA_VERSION},
        "wrong": {"id": claim.case.wrong, "title": WRONGS[claim.case.wrong], "details": list(claim.details)},
        "settings": dict(result.settings),
        "rates": law_record(claim),
        "inputs": inputs_record(roles, result.digests.values()),
        "totals": totals_record(totals, MONEY),
        "findings": dict(totals.findings_by_code),
        "notes": list(claim.notes),
    }


def law_record(claim: Claim) -> dict[str, list[str]]:
    """The law values the figures rest on, each with its source; what could not be verified carries 待核."""
    return {
        name: [f"{dated}，{dated.in_force_from}起，{dated.source}" for dated in law.history(name)] for name in claim.law
    }
