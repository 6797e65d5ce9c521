"""A measurement of one of the other wrongs: input files in, the same result files out, nothing half-written.

All rows are held in memory. Insider dealing and manipulation go by columns (`contemporaneous`); the others go investor
by investor in exact fractions, some thousands a second, which is enough for the numbers of people such cases have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import fengqiao
from fengqiao.engine.errors import InputError
from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.case import exact_text
from fengqiao.engine.loss.reading import open_trades, read_market, read_path
from fengqiao.engine.loss.rows import BUY, DIVIDEND
from fengqiao.engine.loss.wrongs.claim import Claim, prepare_claim, section_of
from fengqiao.engine.loss.wrongs.contemporaneous import harms
from fengqiao.engine.loss.wrongs.records import Records, load_records, odd_findings
from fengqiao.engine.loss.wrongs.run_result import (
    WrongResult,
    WrongStatement,
    findings_of,
    result_table,
    too_large,
    totals_of,
)  # fmt: skip
from fengqiao.engine.loss.wrongs.shape import Award, Trace
from fengqiao.engine.loss.wrongs.trading_wrongs import award_of
from fengqiao.engine.loss.wrongs.wrong_case import load_wrong_case, settings_of_wrong

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.inputs import InputFiles
    from fengqiao.engine.loss.rows import TradeSource
    from fengqiao.engine.loss.trade import Trade
    from fengqiao.engine.loss.wrongs.wrong_case import WrongCase

Report = Callable[[str, int, int], None]
STEP = 1000


def open_claim(files: InputFiles, calendar: TradingCalendar | None) -> tuple[Claim, list[TradeSource]]:
    """Read the case, its price path and market data, and open the trade records. Errors: InputError with the place."""
    case = load_wrong_case(files.case, section_of)
    for given, option in ((files.indices, "--indices"), (files.actions, "--actions")):
        if given is not None:
            raise InputError(
                f"{option} has no meaning for a case of {case.wrong}",
                why="the method for it uses no indices and no corporate actions",
                todo=f"Leave {option} out; bring the records to one basis if shares were split in between",
            )
    for path in files.trades:
        if not path.exists():
            raise InputError(f"There is no file {path}", todo="Check the path given to --trades")
    path_file = _path_file(files, case)
    series = read_path(path_file) if path_file else None
    market = read_market(files.market, case.security) if files.market else None
    claim = prepare_claim(case, path=series, market=market, calendar=calendar)
    return claim, [open_trades(list(files.trades), code) for code in claim.securities]


def _path_file(files: InputFiles, case: WrongCase) -> Path | None:
    """The file of the price path: one given beside the case takes the place of the case's own."""
    if not hasattr(case.terms, "path"):
        return None
    return files.simulated or case.terms.path


def roles_of(files: InputFiles, claim: Claim) -> list[tuple[str, Path]]:
    """Every input file with the part it plays."""
    roles = [("case", files.case), *(("trades", path) for path in files.trades)]
    extra = (("market", files.market), ("path", _path_file(files, claim.case)))
    return roles + [(role, path) for role, path in extra if path is not None]


def settings_of_claim(claim: Claim) -> dict[str, str]:
    """Every setting as text."""
    return settings_of_wrong(claim.case, section_of(claim.case.wrong).name)


def measure_records(
    claim: Claim, records: Records, report: Report, digests: Mapping[str, str] | None = None
) -> WrongResult:
    """Settle every investor. digests: input file -> digest, empty where the records came from memory."""
    awards, exactly = _awards(claim, records, report)
    awards = [Award(said=("数额超出可计算范围",)) if too_large(award) else award for award in awards]
    odd = odd_findings(records, claim.last, claim.calendar, claim.market, on_trading_days=claim.on_trading_days)
    odd += [item for at, award in enumerate(awards) for item in _oversold(records, at, award)]
    by_investor: dict[str, list[str]] = {}
    for item in odd:
        if item.code != "oversold":
            by_investor.setdefault(item.investor, []).append(item.code)
    said = [
        findings_of(award, records.left_out.get(name, ()), by_investor.get(name, ()))
        for name, award in zip(records.ids, awards, strict=True)
    ]
    findings = [*records.findings, *odd]
    codes = Counter(item.code for item in findings)
    return WrongResult(
        plan=claim, table=result_table(claim, records.ids, awards, said),
        totals=totals_of(awards, records.rows_read, records.rows_used, codes, exactly), findings=findings,
        digests=digests or {}, settings=settings_of_claim(claim), engine_version=fengqiao.__version__,
    )  # fmt: skip


def _awards(claim: Claim, records: Records, report: Report) -> tuple[list[Award], int]:
    """Awards of all investors, and how many of them were computed row by row."""
    if claim.conduct is not None:
        found = harms(records, claim.conduct)
        if found is not None:
            return [award_of(harm, claim.conduct) for harm in found], 0
    awards, total = [], len(records.ids)
    for place in range(total):
        awards.append(claim.settle(rows_by_place(records, place)))
        if place % STEP == 0:
            report("measure", place, total)
    return awards, total


def rows_by_place(records: Records, at: int) -> dict[int, list[Trade]]:
    """The rows of one investor by contract, in execution order."""
    start, end = int(records.starts[at]), int(records.starts[at + 1])
    groups: dict[int, list[Trade]] = {}
    places = records.place[start:end].tolist()
    if not any(places):
        return {0: records.rows.trades(start, end)}
    for offset, place in enumerate(places):
        groups.setdefault(place, []).extend(records.rows.trades(start + offset, start + offset + 1))
    return groups


def _oversold(records: Records, at: int, award: Award) -> list[DataFinding]:
    """The finding on sales beyond what is known to have been held, at the first such row."""
    if not award.oversold:
        return []
    reason = f"卖出比记录显示的买入多{exact_text(award.oversold)}，超出部分按来自未载明的期初持仓处理。"
    holding, row = 0, (0, 0)
    for trade in rows_by_place(records, at)[0]:
        holding += 0 if trade.kind == DIVIDEND else trade.quantity if trade.side == BUY else -trade.quantity
        if holding < 0:
            row = trade.source
            break
    return [DataFinding("oversold", reason, *records.where(row[1]), records.ids[at], used=True)]


def read_claim(files: InputFiles, calendar: TradingCalendar | None, jobs: int, report: Report) -> tuple[Claim, Records]:
    """A case made ready, and its records."""
    claim, sources = open_claim(files, calendar)
    return claim, load_records(sources, jobs, claim.called, lambda done, total: report("read", done, total))


def state_claim(
    claim: Claim, records: Records, investor: str, digests: Mapping[str, str] | None = None
) -> WrongStatement:
    """The statement of one investor. Errors: InputError when the records do not hold the investor."""
    if investor not in records.ids:
        raise InputError(
            f'Investor "{investor}" is not in the trade records', why=f"{len(records.ids):,} investors were searched",
            todo="Check the identifier; letters, zeros and blanks count",
        )  # fmt: skip
    at, trace = list(records.ids).index(investor), Trace()
    groups = rows_by_place(records, at)
    award = claim.settle(groups, trace)
    odd = odd_findings(records, claim.last, claim.calendar, claim.market, on_trading_days=claim.on_trading_days)
    found = [item for item in (*records.findings, *odd) if item.investor == investor]
    found += _oversold(records, at, award)
    rows = {trade.source[1]: records.where(trade.source[1]) for group in groups.values() for trade in group}
    return WrongStatement(
        plan=claim, investor=investor, award=award, trace=trace, findings=found, rows=rows, digests=digests or {},
        settings=settings_of_claim(claim), engine_version=fengqiao.__version__,
    )  # fmt: skip
