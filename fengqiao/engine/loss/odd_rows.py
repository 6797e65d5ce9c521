"""Find what is odd about one investor's rows by columns; the quick twin of `checks.row_checks`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from fengqiao.engine.loss.block import Rows
from fengqiao.engine.loss.checks import OUT_OF_SEQUENCE, REPEATED, day_finding, row_checks
from fengqiao.engine.loss.kernel_layout import NOT_TRADING, SUSPENDED, TRADED
from fengqiao.engine.loss.rows import ABSENT, OPENING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.block import DayChecks


ORDER = ("date", "time", "sequence", "side", "price", "quantity", "account")


def odd_rows(
    rows: Rows, start: int, end: int, last: int, checks: DayChecks, base: int
) -> Iterator[tuple[int, str, str]]:
    """(origin, code, Chinese reason) of what `row_checks` says about rows start..end up to day number `last`.

    Rows that stand in execution order are looked at column by column; others are put into order first.
    """
    if rows.kind is not None:
        trades = rows.trades(start, end)
        counted = [trade for trade in trades if trade.kind == OPENING or trade.date <= last]
        for trade, code, reason in row_checks(counted, *checks, base):
            yield trade.source[1], code, reason
        return
    if not in_date_order(rows, start, end):
        rows, start, end = ordered(rows, start, end), 0, end - start
    end = start + int(np.searchsorted(rows.date[start:end], last, side="right"))
    days = _odd_days(rows, start, end, checks, base)
    repeated, reversed_ = _odd_pairs(rows, start, end)
    places = np.flatnonzero(days | repeated | reversed_)
    origins = rows.origins(start, end)[places].tolist()
    for place, origin in zip(places.tolist(), origins, strict=True):
        if days[place]:
            date, price = int(rows.date[start + place]), int(rows.price[start + place])
            found = day_finding(date, price, *(int(table[date - base]) for table in checks))
            if found is not None:
                yield origin, *found
        if reversed_[place]:
            yield origin, *OUT_OF_SEQUENCE
        if repeated[place]:
            yield origin, *REPEATED


def ordered(rows: Rows, start: int, end: int) -> Rows:
    """Rows start..end, which hold trades only, in the order of `trade.record_order`."""
    columns = {name: None if getattr(rows, name) is None else getattr(rows, name)[start:end] for name in ORDER}
    keys = [column for column in columns.values() if column is not None]
    order = np.lexsort(keys[::-1])
    taken: dict[str, Any] = {name: None if column is None else column[order] for name, column in columns.items()}
    return Rows(**taken, origin=rows.origins(start, end)[order])


def in_date_order(rows: Rows, start: int, end: int) -> bool:
    """True if rows start..end, which hold trades only, stand in the order of `trade.record_order`."""
    greater = np.zeros(max(end - start - 1, 0), dtype=bool)
    equal = np.ones_like(greater)
    for name in ORDER:
        column = getattr(rows, name)
        if column is None:
            continue
        before, after = column[start : end - 1], column[start + 1 : end]
        greater |= equal & (before > after)
        equal &= before == after
    return not greater.any()


def _odd_days(rows: Rows, start: int, end: int, checks: DayChecks, base: int) -> NDArray[np.bool_]:
    status, low, high = checks
    days, price = rows.date[start:end] - base, rows.price[start:end]
    state = status[days]
    far = (state == TRADED) & ((price < low[days]) | (price > high[days]))
    odd: NDArray[np.bool_] = (state == NOT_TRADING) | (state == SUSPENDED) | far
    return odd


def _odd_pairs(rows: Rows, start: int, end: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Rows that repeat the one before, and rows whose sequence runs against their time."""
    repeated, against = np.zeros(end - start, dtype=bool), np.zeros(end - start, dtype=bool)
    if end - start < 2:
        return repeated, against

    def pair(name: str) -> tuple[Any, Any]:
        column = getattr(rows, name)
        return (0, 0) if column is None else (column[start : end - 1], column[start + 1 : end])

    near = np.equal(*pair("date")) & np.equal(*pair("account"))
    same = near.copy()
    for name in ("side", "quantity", "price", "time", "sequence"):
        same &= np.equal(*pair(name))
    repeated[1:] = same
    if rows.time is not None and rows.sequence is not None:
        (before, after), (first, second) = pair("time"), pair("sequence")
        against[1:] = near & (before != ABSENT) & (second != ABSENT) & (before < after) & (first > second)
    return repeated, against
