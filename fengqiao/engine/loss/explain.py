"""The step-by-step statement of one investor: the plain twin with every step written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

import fengqiao
from fengqiao.engine.errors import InputError
from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.block import counted_rows, oversold
from fengqiao.engine.loss.case import settings_of
from fengqiao.engine.loss.case_values import read_tables
from fengqiao.engine.loss.checks import day_checks, first_oversold, oversold_reason, row_checks
from fengqiao.engine.loss.digests import digests_of
from fengqiao.engine.loss.exact import Step, walk
from fengqiao.engine.loss.grouping import OPTIONAL
from fengqiao.engine.loss.inputs import InputFiles, open_inputs
from fengqiao.engine.loss.kernel_plan import FIRST_DAY, LAST_DAY
from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.rows import ABSENT, TRADE
from fengqiao.engine.loss.run_result import SegmentStatement, Statement
from fengqiao.engine.loss.settle import settle
from fengqiao.engine.loss.trade import Trade, record_order
from fengqiao.engine.loss.wrongs.kinds import is_other_wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.plan import CasePlan
    from fengqiao.engine.loss.rows import Chunk, Loaded, TradeSource
    from fengqiao.engine.loss.wrongs.run_result import WrongStatement

MISREPRESENTATION_ONLY = "--memory is for misrepresentation only (虚假陈述)"
FIELDS = ("date", "side", "quantity", "price")
GAPS = {
    "time": ABSENT,
    "sequence": ABSENT,
    "kind": TRADE,
    "commission": ABSENT,
    "stamp_duty": ABSENT,
    "account": ABSENT,
}


def explain_files(
    files: InputFiles, investor: str, calendar: TradingCalendar | None = None, piece: int | None = None
) -> Statement | WrongStatement:
    """The statement of one investor from input files. Errors: InputError when the records do not hold the investor.

    piece: at most so many rows are held at once; None for whatever parts the files have.
    """
    if is_other_wrong(read_tables(files.case)):
        from fengqiao.engine.loss.wrongs.measuring import explain_wrong

        if piece is not None:
            raise InputError(MISREPRESENTATION_ONLY, todo="Explain this case without it")
        return explain_wrong(files, investor, calendar)
    opened = open_inputs(files, calendar, early=piece is None)
    trades, findings = records_of(opened.source, investor, piece)
    if not trades and not findings:
        raise InputError(
            f'Investor "{investor}" is not in the trade records',
            why=f"{opened.source.parts} part(s) were searched",
            todo="Check the identifier; letters, zeros and blanks count",
        )
    return state(opened.plan, investor, trades, findings, digests_of(opened.roles))


def state(
    plan: CasePlan,
    investor: str,
    trades: Sequence[Trade],
    findings: Sequence[DataFinding] = (),
    digests: Mapping[str, str] | None = None,
) -> Statement:
    """The statement of one investor from their rows, for a case made ready once. source of a row: (row number, 0)."""
    ordered = sorted(trades, key=record_order)
    base = ordinal(FIRST_DAY)
    checks = day_checks(plan, base, (LAST_DAY - FIRST_DAY).days + 1)
    noticed = list(findings)
    for trade, code, reason in row_checks(ordered, *checks, base):
        noticed.append(DataFinding(code, reason, "", "", trade.source[0], investor, used=True))
    parts = []
    for segment in plan.segments:
        steps: list[Step] = []
        tally = walk(counted_rows(ordered, segment), segment, steps)
        parts.append(SegmentStatement(segment, steps, tally, settle(tally, segment, plan)))
        if oversold(tally, segment):
            found = first_oversold(ordered, segment)
            row = found.source[0] if found else 0
            noticed.append(DataFinding("oversold", oversold_reason(tally.oversold), "", "", row, investor, used=True))
    return Statement(
        plan=plan, investor=investor, segments=parts, findings=list(dict.fromkeys(noticed)), digests=digests or {},
        settings=settings_of(plan.case), engine_version=fengqiao.__version__,
    )  # fmt: skip


def records_of(source: TradeSource, investor: str, piece: int | None = None) -> tuple[list[Trade], list[DataFinding]]:
    """All rows of one investor, and what was noticed about rows of theirs that were left out."""
    trades: list[Trade] = []
    findings: list[DataFinding] = []
    for loaded in _loaded(source, piece):
        findings += [item for item in loaded.findings if item.investor == investor]
        trades += _rows_of(loaded.chunk.comparable(), investor)
    return trades, findings


def _loaded(source: TradeSource, piece: int | None) -> Iterator[Loaded]:
    for part in range(source.parts):
        if piece is None:
            yield source.load(part)
        else:
            yield from source.pieces(part, piece)  # type: ignore[attr-defined]  # a TradeFiles


def _rows_of(chunk: Chunk, investor: str) -> list[Trade]:
    places = np.flatnonzero(pc.equal(chunk.investor, investor).to_numpy(zero_copy_only=False))
    if len(places) == 0:
        return []
    numbers = chunk.row_numbers()[places].tolist()
    columns = {name: getattr(chunk, name)[places].tolist() for name in FIELDS}
    for name in OPTIONAL:
        column = getattr(chunk, name)
        columns[name] = [GAPS[name]] * len(places) if column is None else column[places].tolist()
    names = list(columns)
    return [
        Trade(**dict(zip(names, values, strict=True)), source=(number, 0))
        for number, values in zip(numbers, zip(*columns.values(), strict=True), strict=True)
    ]
