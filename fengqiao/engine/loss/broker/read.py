"""Reading the statements of brokers: files in, canonical rows and an account of every line out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.broker.balances import tell_openings
from fengqiao.engine.loss.broker.entries import Entry, Reading, SheetRead
from fengqiao.engine.loss.broker.kinds import Kind
from fengqiao.engine.loss.broker.pairing import settle_pairs
from fengqiao.engine.loss.broker.repeats import settle_repeats
from fengqiao.engine.loss.broker.settings import Settings
from fengqiao.engine.loss.broker.sheets import open_sheets
from fengqiao.engine.loss.broker.signs import settle_signs
from fengqiao.engine.loss.broker.tables import Walk
from fengqiao.engine.loss.broker.titles import Customer

SAID_OF_STATEMENTS = re.compile(
    r"交割单|对[账帐]单|历史成交|成交明细|成交记录|成交查询|历史交割|交易流水|交易明细|交易记录|资金流水|流水|导出|查询|副本|statements?|trades?|copy|"
    r"table|sheet|普通账户|信用账户|\(\d+\)|（\d+）|(?<!\d)(?:19|20)\d{2}(?:[-_.年]?\d{1,2}(?:[-_.月]?\d{1,2})?)?[年月日]?(?!\d)",
    re.IGNORECASE,
)
MARKS = " _-.~—()（）至到+&、,，"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class FileRead:
    """One file. kind: what it really is, None when it could not be read (`error` says why). investors: identifier ->
    where it was taken from."""

    name: str
    kind: Kind | None
    sheets: Sequence[SheetRead] = ()
    investors: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Statements:
    """What a reading gave.

    rows: entries that count, by investor and in the order of time. findings: first those a person should look at, then
    one for every other line that does not count, each in the order of the files. rows_in = len(rows) + rows_explained.
    """

    files: Sequence[FileRead]
    rows: Sequence[Entry]
    sheets: Sequence[SheetRead]
    findings: Sequence[DataFinding]
    rows_in: int
    rows_explained: int
    to_look_at: int
    kinds: Mapping[tuple[str, str, bool], int]
    notes: Sequence[str] = ()

    @property
    def investors(self) -> int:
        """How many investors have rows."""
        return len({entry.investor for entry in self.rows})


def read_statements(
    paths: Sequence[Path], settings: Settings | None = None, *, skip_unreadable: bool = False,
    progress: Progress | None = None,
) -> Statements:  # fmt: skip
    """Read statements of one or several investors, in one or several files.

    Files are told apart by their content. Each line that is not blank becomes one canonical row or one finding.
    skip_unreadable: a file that cannot be read becomes a finding instead of an error.
    Errors: InputError for a file that is no table, is locked, or passes a limit.
    """
    if not paths:
        raise InputError("No statement was given (未指定对账单)", todo="Name at least one file")
    settings = settings or Settings()
    reading, files = Reading(), []
    names = _names([Path(path) for path in paths])
    _require_known(settings, [name for _, name in names])
    for number, (path, name) in enumerate(names):
        if progress:
            progress(name, number, len(names))
        before = len(reading.sheets), len(reading.entries)
        try:
            files.append(_read_file(path, name, reading, settings))
        except InputError as error:
            if not skip_unreadable:
                raise
            del reading.sheets[before[0] :], reading.entries[before[1] :]
            files.append(FileRead(name, None, error=str(error)))
    for entry in reading.entries:
        entry.investor = settings.investors.get(entry.investor, entry.investor)
    settle_signs(reading)
    settle_pairs(reading)
    settle_repeats(reading, keep=settings.keep_repeated)
    tell_openings(reading)
    return _result(reading, files, settings)


def _names(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """Each path with the name that sentences call it: without its folder, unless two files share that name."""
    seen: set[Path] = set()
    for path in paths:
        resolved = path.resolve()
        if resolved in seen:
            raise InputError("The file was given twice (重复指定)", todo="Name it once", place=Place(path.name))
        seen.add(resolved)
    counted = Counter(path.name for path in paths)
    return [(path, path.name if counted[path.name] == 1 else str(path)) for path in paths]


def _require_known(settings: Settings, names: Sequence[str]) -> None:
    known = {*names, *(Path(name).name for name in names)}
    for name in settings.files:
        if name not in known:
            raise InputError(
                f'The settings name a file that is not read: "{name}"',
                why=f"given are {', '.join(sorted(names))[:300]}",
                todo="Correct the name, or name the file on the command line",
            )  # fmt: skip


def _read_file(path: Path, name: str, reading: Reading, settings: Settings) -> FileRead:
    own = settings.of_file(name)
    kind, sheets = open_sheets(path, name)
    fallback = investor_of_name(path)
    customer = Customer()
    first_sheet, first_entry = len(reading.sheets), len(reading.entries)
    found = []
    for sheet in sheets:
        found.append(sheet.name)
        if own.sheets and sheet.name not in own.sheets:
            continue
        walk = Walk(sheet, name, reading, customer, own, settings.words, fallback)
        walk.run()
        customer = walk.customer
    missing = [sheet for sheet in own.sheets if sheet not in found]
    if missing:
        raise InputError(
            f'There is no sheet "{missing[0]}"', why=f"found {', '.join(found)[:300]}",
            todo="Correct it in the settings", place=Place(name),
        )  # fmt: skip
    investors = {
        entry.investor: "设置" if own.investor else "文件名" if entry.investor == fallback else "对账单"
        for entry in reading.entries[first_entry:]
    }
    return FileRead(name, kind, reading.sheets[first_sheet:], investors)


def investor_of_name(path: Path) -> str:
    """An identifier from the name of a file, or of its folder where the name says nothing but "statement".

    >>> investor_of_name(Path("投资者A_交割单_20170101.xls")), investor_of_name(Path("投资者B/对账单.csv"))
    ('投资者A', '投资者B')
    """
    for text in (path.stem, path.absolute().parent.name):
        left = " ".join(SAID_OF_STATEMENTS.sub(" ", text).split()).strip(MARKS)
        left = "".join(sign for sign in left if sign.isprintable())
        if left.isdigit() and len(left) < 3:
            continue
        if left:
            return left[:100]
    return ("".join(sign for sign in path.stem if sign.isprintable()) or "投资者")[:100]


def _result(reading: Reading, files: Sequence[FileRead], settings: Settings) -> Statements:
    rows = sorted(reading.open(), key=_in_time(reading))
    urgent: list[DataFinding] = []
    plain: list[DataFinding] = []
    kinds: Counter[tuple[str, str, bool]] = Counter()
    fates: dict[int, list[Entry]] = {}
    for entry in reading.entries:
        fates.setdefault(entry.sheet, []).append(entry)
        taken = entry.fate.taken if entry.fate else entry.meaning.title
        kinds[entry.words or "（按数量正负）", taken, entry.fate is None] += 1
    urgent += [DataFinding("unreadable", f"{one.error}整个文件未读取。", one.name) for one in files if one.error]
    for number, sheet in enumerate(reading.sheets):
        explained = [*sheet.told, *(entry.fate for entry in fates.get(number, ()) if entry.fate)]
        for told in sorted(explained, key=lambda one: one.row):
            investor = settings.investors.get(told.investor, told.investor)
            finding = DataFinding(told.code, told.reason, sheet.file, sheet.name, told.row, investor)
            (urgent if told.attention else plain).append(finding)
        for told in sheet.told:
            if told.words or told.code != "statement_layout":
                kinds[told.words or "—", told.taken, False] += 1
            else:
                kinds["（非记录行）", told.taken, False] += 1
        for entry in fates.get(number, ()):
            for code, reason in entry.notes or () if entry.fate is None else ():
                urgent.append(DataFinding(code, reason, sheet.file, sheet.name, entry.row, entry.investor, used=True))
    rows_in = sum(sheet.rows_in for sheet in reading.sheets)
    explained_rows = sum(len(sheet.told) for sheet in reading.sheets) + sum(1 for e in reading.entries if e.fate)
    return Statements(
        files, rows, reading.sheets, [*urgent, *plain], rows_in, explained_rows, len(urgent), kinds, _notes(files),
    )  # fmt: skip


def _in_time(reading: Reading) -> Callable[[Entry], tuple[object, ...]]:
    """Sort key: investor, opening positions, date, time, then the order of the statement, turned round where it is."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for entry in reading.entries:
        first.setdefault(entry.table.number, entry.date)
        last[entry.table.number] = entry.date
    falling = {number for number, date in first.items() if date > last[number]}

    def key(entry: Entry) -> tuple[object, ...]:
        order = -entry.order if entry.table.number in falling else entry.order
        return entry.investor, entry.kind != "opening", entry.date, entry.time, order

    return key


def _notes(files: Sequence[FileRead]) -> list[str]:
    by_name: dict[str, list[str]] = {}
    for file in files:
        for investor, source in file.investors.items():
            if source == "文件名":
                by_name.setdefault(investor, []).append(file.name)
    notes = [
        f"对账单没有写明客户，按文件名归为“{investor}”：{'、'.join(names[:5])}{' 等' if len(names) > 5 else ''}。"
        "如不对，用 --investor 或设置文件指明。"
        for investor, names in by_name.items()
    ]  # fmt: skip
    names: dict[str, set[str]] = {}
    for file in files:
        for investor, source in file.investors.items():
            if source == "对账单" and " " in investor:
                names.setdefault(investor.partition(" ")[0], set()).add(investor)
    notes += [
        f"“{name}”在几份对账单中资金账号不同（{'、'.join(sorted(found)[:4])}），未合并；"
        "如是同一人，请在设置文件的 [investors] 中写成同一标识。"
        for name, found in names.items() if len(found) > 1
    ]  # fmt: skip
    return notes
