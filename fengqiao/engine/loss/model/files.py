"""A price model over files: CASE.toml, market data and factors in; record, tables, report, charts and losses out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fengqiao.engine import dates
from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.case import on_path
from fengqiao.engine.loss.case_file import load_case
from fengqiao.engine.loss.digests import file_digest
from fengqiao.engine.loss.model.estimate import Estimate, Material, estimate
from fengqiao.engine.loss.model.factor_file import read_factors
from fengqiao.engine.loss.model.record import write_record
from fengqiao.engine.loss.model.settings import load_model
from fengqiao.engine.loss.model.tables import write_abnormal, write_events, write_path
from fengqiao.engine.loss.model.warnings import warnings_of
from fengqiao.engine.loss.plan import merge_same_day, prepare
from fengqiao.engine.loss.reading import read_actions, read_market
from fengqiao.engine.loss.result_directory import move_finished, work_directory

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.measure import Done

KNOWN = ("model.json", "abnormal.csv", "path.csv", "events.csv", "report.pdf", "charts", "loss")


@dataclass(frozen=True)
class ModelFiles:
    """Where everything is read from. trades: none, or the records whose losses are measured on the simulated path."""

    case: Path
    market: Path
    factors: Path | None = None
    actions: Path | None = None
    trades: Sequence[Path] = ()


@dataclass(frozen=True)
class Modelled:
    """What a run left: the estimate, its warnings, the files written, and the measurement where there were trades."""

    estimate: Estimate
    warnings: tuple[str, ...]
    files: Sequence[Path]
    measured: Done | None = None


def model_files(
    files: ModelFiles, out: Path, *, jobs: int = 1, formats: Sequence[str] | None = None,
    progress: Callable[[str, int, int], None] | None = None, calendar: TradingCalendar | None = None,
) -> Modelled:  # fmt: skip
    """Estimate the price model of a case and write model.json, abnormal.csv, path.csv, events.csv, report.pdf, charts.

    With trades, the loss of every investor on the simulated path is measured by the engine into `loss/`; formats and
    jobs are those of the measurement. Files appear in `out` only when all are complete.
    Errors: InputError and CannotComputeError for input that cannot be used.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file", why="results go to a directory", todo="Give another --out")
    found, inputs = open_model(files, calendar)
    said = warnings_of(found)
    with work_directory(out) as work:
        write_record(found, said, inputs, work / "model.json")
        write_abnormal(found, work / "abnormal.csv")
        write_path(found, work / "path.csv")
        write_events(found, work / "events.csv")
        _write_for_people(found, said, inputs, work)
        measured = _measure(files, work, jobs, formats, progress, calendar) if files.trades else None
        written = move_finished(work, out, KNOWN)
    if measured is not None:
        measured = replace(measured, files=[path for path in written if path.is_relative_to(out / "loss")])
    return Modelled(found, said, written, measured)


def open_model(
    files: ModelFiles, calendar: TradingCalendar | None = None
) -> tuple[Estimate, list[dict[str, str]]]:  # fmt: skip
    """Read everything and estimate: (estimate, role, name and digest of every input file)."""
    calendar = calendar or dates.trading_calendar()
    case, settings = on_path(load_case(files.case), None), load_model(files.case)
    market = read_market(files.market, case.security)
    actions = merge_same_day(read_actions(files.actions, case.security) if files.actions else ())
    names = [*settings.columns, *([settings.risk_free] if settings.risk_free else [])]
    if names and files.factors is None:
        raise InputError(f'[model] kind = "{settings.kind}" needs factor data (因子)', why=", ".join(names),
                         todo="Add --factors FILE")  # fmt: skip
    factors = read_factors(files.factors, names, settings.units) if files.factors and names else ()
    plan = prepare(case, market=market, actions=actions, calendar=calendar)
    count = len(settings.columns)
    material = Material(plan, market, factors[:count], factors[count] if settings.risk_free else None, actions)
    roles = [("case", files.case), ("market", files.market), ("factors", files.factors), ("actions", files.actions)]
    inputs = [
        {"role": role, "file": path.name, "digest": file_digest(path)} for role, path in roles if path is not None
    ]
    return estimate(material, settings), inputs


def _write_for_people(
    found: Estimate, said: Sequence[str], inputs: Sequence[dict[str, str]], work: Path
) -> None:  # fmt: skip
    from fengqiao.engine.loss.model.report import model_charts, write_report

    charts = model_charts(found)
    (work / "charts").mkdir()
    for name, svg in charts.items():
        (work / "charts" / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
    write_report(found, said, inputs, charts, work / "report.pdf")


def _measure(
    files: ModelFiles, work: Path, jobs: int, formats: Sequence[str] | None,
    progress: Callable[[str, int, int], None] | None, calendar: TradingCalendar | None,
) -> Done:  # fmt: skip
    from fengqiao.engine.loss.inputs import InputFiles
    from fengqiao.engine.loss.measure import measure_files

    wanted = InputFiles(files.case, tuple(files.trades), files.market, None, files.actions, work / "path.csv")
    return measure_files(wanted, work / "loss", jobs=jobs, formats=formats, progress=progress, calendar=calendar)
