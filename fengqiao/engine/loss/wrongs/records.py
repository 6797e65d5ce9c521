"""All rows of a measurement in memory, by investor and in execution order, with what is odd about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.block import Rows
from fengqiao.engine.loss.checks import OUT_OF_SEQUENCE, REPEATED, day_checks, day_finding
from fengqiao.engine.loss.kernel_layout import NOT_TRADING, SUSPENDED, TRADED
from fengqiao.engine.loss.kernel_plan import FIRST_DAY, LAST_DAY
from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.reading import noticed
from fengqiao.engine.loss.reading.arrays import int32_array, numpy_view
from fengqiao.engine.loss.reading.noticed import LeftOut
from fengqiao.engine.loss.rows import ABSENT, BLOCK, OPENING, TRADE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.market import Market
    from fengqiao.engine.loss.rows import Chunk, Loaded, TradeSource

FILLED = {
    "date": (np.int32, 0), "side": (np.int8, 0), "quantity": (np.int64, 0), "price": (np.int64, 0),
    "time": (np.int64, ABSENT), "sequence": (np.int64, ABSENT), "kind": (np.int8, TRADE), "account": (np.int32, ABSENT),
    "commission": (np.int64, ABSENT), "stamp_duty": (np.int64, ABSENT),
}  # fmt: skip
SAME = ("date", "side", "quantity", "price", "time", "sequence", "kind", "account")


@dataclass(frozen=True)
class Records:
    """Rows of all investors. ids: identifiers, ascending bytewise; rows starts[i]..starts[i + 1] are ids[i]'s, in
    execution order. place: of which contract a row is (0 where there is one). left_out: investor -> codes of lost rows.
    """

    ids: Sequence[str]
    starts: NDArray[np.int64]
    rows: Rows
    place: NDArray[np.int8]
    findings: Sequence[DataFinding]
    left_out: dict[str, list[str]]
    rows_read: int
    rows_used: int
    chunks: Sequence[Chunk] = field(default=())
    offsets: Sequence[int] = field(default=())

    def column(self, name: str) -> NDArray[Any]:
        """A column of all rows, filled where the records have none."""
        found: NDArray[Any] = getattr(self.rows, name)
        return found

    def where(self, origin: int) -> tuple[str, str, int]:
        """File, sheet and row of an origin."""
        part = int(np.searchsorted(self.offsets, origin, side="right")) - 1
        chunk, at = self.chunks[part], origin - self.offsets[part]
        return chunk.source.file, chunk.source.sheet, int(chunk.row_numbers()[at])


def load_records(
    sources: Sequence[TradeSource], jobs: int, own: str, report: Callable[[int, int], None] = lambda done, total: None
) -> Records:
    """Load every part of every source. sources: one, or one for each contract of a case; own: what they are called.

    Errors: InputError when two contracts take the same row, because the records do not name the contract.
    """
    loaded: list[tuple[int, Loaded]] = []
    total = sum(source.parts for source in sources)
    with ThreadPoolExecutor(max(jobs, 1)) as pool:
        for place, source in enumerate(sources):
            for one in pool.map(source.load, range(source.parts)):
                loaded.append((place, one))
                report(len(loaded), total)
    if len(sources) > 1:
        _require_named(loaded)
    findings = _findings(loaded, len(sources), own)
    left_out: dict[str, list[str]] = {}
    for item in findings:
        if item.investor and not item.used:
            left_out.setdefault(item.investor, []).append(item.code)
    chunks = [one.chunk.comparable() for _, one in loaded]
    places = [np.full(len(one.chunk), place, np.int8) for place, one in loaded]
    read = sum(one.rows_read for place, one in loaded if place == 0)
    return _grouped(chunks, places, findings, left_out, read)


def _require_named(loaded: Sequence[tuple[int, Loaded]]) -> None:
    taken: dict[tuple[str, str], list[NDArray[np.int64]]] = {}
    for _, one in loaded:
        source = one.chunk.source
        taken.setdefault((source.file, source.sheet), []).append(one.chunk.row_numbers())
    for (file, sheet), parts in taken.items():
        numbers = np.sort(np.concatenate(parts))
        twice = numbers[1:][numbers[1:] == numbers[:-1]]
        if len(twice):
            raise InputError(
                "A row does not say which contract it is of (缺少合约代码), and the case has several",
                todo="Fill the column security (证券代码) with the contract code",
                place=Place(file, sheet or None, int(twice[0])),
            )


def _findings(loaded: Sequence[tuple[int, Loaded]], contracts: int, own: str) -> list[DataFinding]:
    """Findings in file order, each once; a row that some contract takes is not left out."""
    found = [item for _, one in loaded for item in one.findings]
    if contracts == 1:
        from fengqiao.engine.loss.reading import merge_left_out

        return merge_left_out(found, own)
    counted: dict[tuple[str, str, str], int] = {}
    kept = []
    for item in found:
        if isinstance(item, LeftOut):
            key = (item.file, item.sheet, item.security)
            counted[key] = counted.get(key, 0) + 1
            if counted[key] != contracts:
                continue
            item = noticed.left_out(item.security, own, item.count, item.file, item.sheet, item.row)  # noqa: PLW2901
        kept.append(item)
    return list(dict.fromkeys(kept))


def _grouped(
    chunks: Sequence[Chunk], places: Sequence[NDArray[np.int8]], findings: Sequence[DataFinding],
    left_out: dict[str, list[str]], read: int,
) -> Records:  # fmt: skip
    names = [chunk.investor.cast(pa.string()) for chunk in chunks]
    lost = pa.array(list(left_out), pa.string())
    everybody = pa.concat_arrays([*names, lost]).dictionary_encode()
    order = pc.sort_indices(everybody.dictionary)
    rank = np.empty(len(order), np.int64)
    rank[numpy_view(order.cast(pa.int64()))] = np.arange(len(order))
    n = sum(len(chunk) for chunk in chunks)
    who = rank[numpy_view(everybody.indices)[:n]] if n else np.zeros(0, np.int64)
    columns = {name: _column(chunks, name, *FILLED[name]) for name in FILLED}
    plain = np.isin(columns["kind"], (TRADE, BLOCK))
    keys = [
        columns["stamp_duty"], columns["commission"], columns["account"], columns["kind"], columns["quantity"],
        columns["price"], columns["side"], plain, columns["sequence"], columns["time"], columns["date"],
        columns["kind"] != OPENING, who,
    ]  # fmt: skip
    varied = [key for key in keys if len(key) and (key != key[0]).any()]
    at = np.lexsort(varied) if varied else np.arange(n)
    starts = np.searchsorted(who[at], np.arange(len(order) + 1)).astype(np.int64)
    sorted_columns: dict[str, Any] = {name: column[at] for name, column in columns.items()}
    rows = Rows(**sorted_columns, origin=at.astype(np.int64))
    offsets = np.cumsum([0, *(len(chunk) for chunk in chunks)])[:-1].tolist()
    place = np.concatenate([*places, np.zeros(0, np.int8)])[at]
    ids = everybody.dictionary.take(int32_array(numpy_view(order.cast(pa.int64())))).to_pylist()
    return Records(ids, starts, rows, place, findings, left_out, read, n, chunks, offsets)


def _column(chunks: Sequence[Chunk], name: str, kind: Any, gap: int) -> NDArray[Any]:
    parts = [
        np.full(len(chunk), gap, kind) if (column := getattr(chunk, name)) is None else column.astype(kind, copy=False)
        for chunk in chunks
    ]
    return np.concatenate([*parts, np.zeros(0, kind)])


def odd_findings(
    records: Records, last: int, calendar: TradingCalendar, market: Market | None, *, on_trading_days: bool
) -> list[DataFinding]:
    """What is odd about rows up to day number `last`: duplicates, order against time, days, prices.

    on_trading_days: whether a trade on another day is odd (payments for a product may be made on any day).
    """
    rows, n = records.rows, records.rows_used
    if not n:
        return []
    who = np.repeat(np.arange(len(records.ids)), np.diff(records.starts))
    kind, date, account = records.column("kind"), rows.date, records.column("account")
    time, sequence = records.column("time"), records.column("sequence")
    looked_at = np.isin(kind, (TRADE, BLOCK)) & (date <= last)
    together = np.zeros(n, bool)
    together[1:] = (who[1:] == who[:-1]) & (records.place[1:] == records.place[:-1])
    again = together.copy()
    for name in SAME:
        column = getattr(rows, name)
        again[1:] &= column[1:] == column[:-1]
    timed = (time != ABSENT) & (sequence != ABSENT)
    backwards = np.zeros(n, bool)
    backwards[1:] = (
        together[1:] & timed[1:] & timed[:-1] & (date[1:] == date[:-1]) & (account[1:] == account[:-1])
        & (time[:-1] < time[1:]) & (sequence[:-1] > sequence[1:])
    )  # fmt: skip
    base, length = ordinal(FIRST_DAY), (LAST_DAY - FIRST_DAY).days + 1
    tables = day_checks(SimpleNamespace(calendar=calendar, market=market), base, length)  # type: ignore[arg-type]
    state, low, high = (table[date - base] for table in tables)
    odd_day = (
        (state == NOT_TRADING) | (state == SUSPENDED) | ((state == TRADED) & ((rows.price < low) | (rows.price > high)))
    )
    odd_day &= on_trading_days
    out = []
    origins = rows.origins(0, n)
    for at in np.flatnonzero(looked_at & (odd_day | again | backwards)).tolist():
        said: list[tuple[str, str]] = []
        if odd_day[at]:
            found = day_finding(int(date[at]), int(rows.price[at]), *(int(table[date[at] - base]) for table in tables))
            said += [found] if found else []
        said += [OUT_OF_SEQUENCE] if backwards[at] else []
        said += [REPEATED_KEPT] if again[at] else []
        where = records.where(int(origins[at]))
        out += [DataFinding(code, reason, *where, records.ids[who[at]], used=True) for code, reason in said]
    return out


REPEATED_KEPT = (REPEATED[0], "与上一条记录完全相同，疑为重复；仍参与计算。")
