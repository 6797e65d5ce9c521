"""Between the portal and the engine of loss measurement: the only file of this app that imports it."""

from __future__ import annotations

import datetime as dt
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.engine.errors import FengqiaoError
from fengqiao.portal.claims.models import CaseInput
from fengqiao.portal.claims.sentences import in_words
from fengqiao.portal.refusal import Refusal

if TYPE_CHECKING:
    from fengqiao.engine.loss.inputs import InputFiles
    from fengqiao.engine.loss.measure import Done
    from fengqiao.engine.loss.outputs.statement_story import Story
    from fengqiao.engine.loss.run_result import Statement

Part: Any = CaseInput.Part
Checked: Any = CaseInput.Checked
BEFORE, AFTER = dt.timedelta(days=90), dt.timedelta(days=30)
"""What a chart shows before the first revelation and after the last benchmark date."""
LONGEST_NAME = 200
"""Bytes of a file's name that every file system takes."""
PATH_SENTENCE = (
    "案件文件中的 path 写的是“{value}”。这里只能写模拟价格文件的文件名，不能带文件夹。请改好后重新上传案件文件。"
)


PEOPLE_COLUMNS = {
    "investor": ("投资者编号", "投资者", "投资者标识", "编号"),
    "number": ("证件号码", "身份证号码", "身份证号", "公民身份号码", "居民身份证号码", "身份证"),
    "mobile": ("手机号码", "手机号", "手机", "移动电话", "联系电话", "电话"),
}


@dataclass(frozen=True)
class GivenFile:
    """One file of a case: what it is for, its name as received, where it lies."""

    part: str
    name: str
    place: Path


@dataclass(frozen=True)
class Check:
    """What a look at a file found, in a sentence."""

    checked: CaseInput.Checked
    said: str


@dataclass(frozen=True)
class Readiness:
    """Whether a run can be started: what is missing or wrong, and the key dates where they are known."""

    problems: list[str] = field(default_factory=list)
    dates: list[dict[str, Any]] = field(default_factory=list)


def safe_name(name: str) -> str:
    """A name under which a file can lie in a folder."""
    shown = "".join("_" if sign in "/\\\0" or not sign.isprintable() else sign for sign in name).lstrip(".") or "file"
    stem, dot, ending = shown.rpartition(".")
    while len(shown.encode()) > LONGEST_NAME and stem:
        stem = stem[:-1]
        shown = f"{stem}{dot}{ending}"
    return shown


def path_named_in(case: Path) -> str:
    """The file of simulated prices that a case file names; refused when it leads anywhere else."""
    try:
        tables = tomllib.loads(case.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return ""  # said by the engine
    for table in tables.values():
        value = table.get("path") if isinstance(table, dict) else None
        if isinstance(value, str) and table is not tables.get("model"):
            if value != safe_name(value) or value in ("", ".", "..") or value == case.name:
                raise Refusal(PATH_SENTENCE.format(value=value))
            return value
    return ""


def place_files(given: Sequence[GivenFile], folder: Path) -> InputFiles:
    """Lay the files out under their names, as links, the way the engine takes them."""
    from fengqiao.engine.loss.inputs import InputFiles

    places: dict[str, list[Path]] = {}
    for number, file in enumerate(given):
        home = folder / file.part / (str(number) if file.part == Part.TRADES else "")
        home.mkdir(parents=True, exist_ok=True)
        link = home / safe_name(file.name)
        link.symlink_to(file.place)
        places.setdefault(file.part, []).append(link)

    def one(part: str) -> Path | None:
        return places.get(part, [None])[0]  # type: ignore[list-item]

    case = one(Part.CASE)
    if case is None:
        raise Refusal("还没有案件文件，不能测算。请先上传案件文件。")
    named = path_named_in(case)
    prices = one(Part.PATH)
    if named and prices is not None:
        (case.parent / named).symlink_to(prices.resolve())
    return InputFiles(case, tuple(places.get(Part.TRADES, ())), one(Part.MARKET), one(Part.INDICES), one(Part.ACTIONS))


@contextmanager
def placed(given: Sequence[GivenFile]) -> Iterator[InputFiles]:
    """The files laid out for as long as they are read."""
    with tempfile.TemporaryDirectory(prefix="fengqiao-") as folder:
        yield place_files(given, Path(folder))


def security_of(case: Path | None) -> str | None:
    """The security a case file is about; None when it cannot be read."""
    from fengqiao.engine.loss.library import load_case

    try:
        return load_case(case).security if case else None
    except FengqiaoError:
        return None


def check_file(file: GivenFile, case: Path | None) -> Check:
    """Look at one file when it arrives. case: the case file, where there is one."""
    with tempfile.TemporaryDirectory(prefix="fengqiao-") as folder:
        link = Path(folder) / safe_name(file.name)
        link.symlink_to(file.place)
        try:
            return _LOOKS[file.part](link, security_of(case))
        except Refusal as refused:
            return Check(Checked.BAD, refused.sentence)
        except FengqiaoError as error:
            return Check(Checked.BAD, in_words(error))


def _look_at_case(path: Path, _security: str | None) -> Check:
    from fengqiao.engine.loss.library import load_case

    path_named_in(path)
    case = load_case(path)
    return Check(Checked.GOOD, f"案件“{case.name}”，证券 {case.security}。")


def _look_at_trades(path: Path, security: str | None) -> Check:
    from fengqiao.engine.loss.reading import open_trades

    source = open_trades([path], security)
    first = source.load(0)
    rows, wrong = len(first.chunk), sum(not item.used for item in first.findings)
    whole = "共" if source.parts == 1 else "文件的第一部分有"
    said = f"{whole} {rows:,} 行可用的记录"
    if wrong:
        return Check(Checked.WARNING, f"{said}，另有 {wrong:,} 行不能使用，测算后逐行列出原因，不影响其他行。")
    return Check(Checked.GOOD if rows else Checked.WARNING, f"{said}。")


def _look_at_market(path: Path, security: str | None) -> Check:
    from fengqiao.engine.loss.market import day_of
    from fengqiao.engine.loss.reading import read_market

    days = read_market(path, security).date
    return Check(Checked.GOOD, f"{day_of(days[0])} 至 {day_of(days[-1])}，共 {len(days):,} 日。")


def _look_at_indices(path: Path, _security: str | None) -> Check:
    from fengqiao.engine.loss.reading import read_indices

    read_indices(path, ())
    return Check(Checked.GOOD, "列齐全；是否包含案件需要的指数和日期，在开始测算前检查。")


def _look_at_actions(path: Path, security: str | None) -> Check:
    from fengqiao.engine.loss.reading import read_actions

    return Check(Checked.GOOD, f"共 {len(read_actions(path, security)):,} 次权益分派。")


def _look_at_path(path: Path, _security: str | None) -> Check:
    from fengqiao.engine.loss.reading import read_path

    read_path(path)
    return Check(Checked.GOOD, "可以使用。")


_LOOKS: dict[str, Callable[[Path, str | None], Check]] = {
    Part.CASE: _look_at_case, Part.TRADES: _look_at_trades, Part.MARKET: _look_at_market,
    Part.INDICES: _look_at_indices, Part.ACTIONS: _look_at_actions, Part.PATH: _look_at_path,
}  # fmt: skip


def readiness(given: Sequence[GivenFile]) -> Readiness:
    """Put the files of a case together as a run would, without the records: problems in sentences, key dates."""
    from fengqiao.engine.loss.library import prepare
    from fengqiao.engine.loss.plan import CasePlan

    parts = {file.part for file in given}
    missing = [part.label for part in (Part.CASE, Part.TRADES) if part not in parts]
    problems = [f"还缺少{'和'.join(missing)}。"] if missing else []
    if Part.CASE not in parts:
        return Readiness(problems)
    try:
        with placed(given) as files:
            ready = prepare(files.case, market=files.market, indices=files.indices, actions=files.actions)
    except Refusal as refused:
        return Readiness([*problems, refused.sentence])
    except FengqiaoError as error:
        return Readiness([*problems, in_words(error)])
    return Readiness(problems, key_dates(ready.plan) if isinstance(ready.plan, CasePlan) else [])


def key_dates(plan: Any) -> list[dict[str, Any]]:
    """The key dates of each segment, each with its basis."""
    from fengqiao.engine.loss.outputs.key_dates_table import date_rows

    return [
        {
            "name": part.segment.name,
            "rows": [[row.name, row.value, row.basis, row.note] for row in date_rows(plan, part)],
        }
        for part in getattr(plan, "segments", ())
    ]


def measure(
    files: InputFiles, out: Path, *, threads: int, memory: int, progress: Callable[[str, int, int], None]
) -> tuple[Done, dict[str, Any]]:
    """Measure; what cannot be computed is refused in a sentence. memory: bytes at most, 0 for no limit; beyond what
    fits the records go through partitions on the disk. Returns what was done, and what the limit came to."""
    from fengqiao.engine.loss.case_values import read_tables
    from fengqiao.engine.loss.measure import measure_files
    from fengqiao.engine.loss.spill.limit import Bounds
    from fengqiao.engine.loss.wrongs.kinds import is_other_wrong

    uses: list[dict[str, Any]] = []
    try:
        bounded = bool(memory) and not is_other_wrong(read_tables(files.case))
        bounds = Bounds(memory) if bounded else None
        done = measure_files(
            files, out, jobs=threads, progress=progress, bounds=bounds, say=lambda use: uses.append(use.record())
        )
    except FengqiaoError as error:
        raise Refusal(in_words(error)) from error
    return done, ({"limit": memory, **(uses[-1] if uses else {})} if bounded else {})


def summary_of(done: Done, memory: dict[str, Any]) -> dict[str, Any]:
    """What a page says about a run, as plain values; amounts in fen."""
    from fengqiao.engine.findings import CODES

    result = done.result
    totals = result.totals
    return {
        "title": result.plan.case.name,
        "security": result.plan.case.security,
        "investors": totals.investors,
        "in_scope": totals.investors_in_scope,
        "awarded": totals.investors_awarded,
        "rows_read": totals.rows_read,
        "rows_used": totals.rows_used,
        "rows_left_out": totals.rows_left_out,
        "sums": dict(totals.sums),
        "findings": [[CODES.get(code, code), count] for code, count in totals.findings_by_code.items()],
        "dates": key_dates(result.plan),
        "price": price_series(result.plan),
        "digests": dict(result.digests),
        "notes": list(result.plan.notes),
        "memory": {name: memory[name] for name in ("limit", "partitions", "disk", "jobs") if name in memory},
        "has_files": sorted(path.name for path in done.files),
    }


def price_series(plan: Any) -> dict[str, Any]:
    """Closes around the key dates for a chart, as far as there are any."""
    from fengqiao.engine.loss.market import day_of
    from fengqiao.engine.money import PRICE_UNITS_PER_YUAN

    market, segments = getattr(plan, "market", None), getattr(plan, "segments", ())
    if market is None or not segments:
        return {}
    begin = min(part.segment.revelation for part in segments) - BEFORE
    last = max(part.benchmark for part in segments) + AFTER
    days, closes = [], []
    for day, close, traded in zip(market.date.tolist(), market.close.tolist(), market.traded.tolist(), strict=True):
        if begin <= day_of(day) <= last:
            days.append(day_of(day).isoformat())
            closes.append(close / PRICE_UNITS_PER_YUAN if traded else None)
    marks: dict[str, str] = {}
    for part in segments:
        named = (
            (part.segment.implementation, "实施日"),
            (part.segment.revelation, "揭露日"),
            (part.benchmark, "基准日"),
        )
        for day, name in named:
            if day.isoformat() in days:
                marks.setdefault(day.isoformat(), name)
    return {"days": days, "closes": closes, "marks": marks}


def statement(files: InputFiles, investor: str) -> Statement | Any:
    """The step-by-step statement of one investor."""
    from fengqiao.engine.loss.explain import explain_files

    try:
        return explain_files(files, investor)
    except FengqiaoError as error:
        raise Refusal(in_words(error)) from error


def story_of(made: Any) -> Story:
    """A statement in words."""
    from fengqiao.engine.loss.outputs.statement_story import story

    return story(made)


def statement_pdf(made: Any) -> bytes:
    """A statement as PDF."""
    from fengqiao.engine.loss.outputs import write_statement

    with tempfile.TemporaryDirectory(prefix="fengqiao-") as folder:
        path = Path(folder) / "statement.pdf"
        write_statement(made, path)
        return path.read_bytes()


@dataclass(frozen=True, slots=True)
class PeopleRow:
    """A row of a file of people: where it stands and what it says. unfit: its columns are not those of the header."""

    sheet: str
    row: int
    investor: str = ""
    number: str = ""
    mobile: str = ""
    unfit: bool = False


def people_rows(path: Path, name: str) -> list[PeopleRow]:
    """All rows of a table of people, those that cannot be read included; refused when it is no such table."""
    from fengqiao.engine.loss.reading.headers import Schema
    from fengqiao.engine.loss.reading.tables import open_raw, records

    schema = Schema("people (投资者本人)", PEOPLE_COLUMNS, tuple(PEOPLE_COLUMNS))
    rows: list[PeopleRow] = []

    def unfit(place: Any) -> None:
        rows.append(PeopleRow(place.sheet or "", place.row, unfit=True))

    try:
        for one in records(open_raw(path, name, schema), schema, unfit=unfit):
            cells = one.cells
            rows.append(
                PeopleRow(
                    one.place.sheet or "", one.place.row or 0, cells["investor"], cells["number"], cells["mobile"]
                )
            )
    except FengqiaoError as error:
        raise Refusal(in_words(error)) from error
    sheets = {sheet: number for number, sheet in enumerate(dict.fromkeys(row.sheet for row in rows))}
    return sorted(rows, key=lambda row: (sheets[row.sheet], row.row))
