"""Harm by insider dealing and manipulation for all investors at once, in whole numbers by columns.

The quick twin of `trading_wrongs.settle_trading`: shares and 1/10000 yuan are integers and nothing is divided, so the
sums are exact as long as they fit 64 bits; where they might not, the plain twin takes over.

First in, first out by columns: what enters an investor's queue lies one after the other on a line, what leaves takes
the line from its beginning; how much of a stretch was in scope, and at what harm, is read off cumulative sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.loss.rows import BLOCK, BUY, DIVIDEND, OPENING, TRADE
from fengqiao.engine.loss.wrongs.trading_wrongs import Harm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.wrongs.records import Records
    from fengqiao.engine.loss.wrongs.trading_wrongs import Conduct

ROOM = 2.0**61


def harms(records: Records, conduct: Conduct) -> list[Harm] | None:
    """The sums of every investor; None where they might not fit 64 bits (then the plain twin is asked)."""
    rows, groups = records.rows, len(records.ids)
    kind, starts = records.column("kind"), records.starts
    who = np.repeat(np.arange(groups), np.diff(starts))
    quantity, price = rows.quantity, rows.price
    inside = (kind == OPENING) | (rows.date <= conduct.last)
    blocks = conduct.case.terms.block_trades == "count"
    traded = (kind == TRADE) | ((kind == BLOCK) & blocks)
    share = (price - _path(rows.date, conduct)) * (1 if conduct.buyers else -1)
    if float(np.abs(share).max(initial=0)) * float(quantity.astype(float).sum()) > ROOM:
        return None
    if float((price.astype(float) * quantity).sum()) > ROOM:
        return None
    enters = inside & (kind != DIVIDEND) & ((rows.side == BUY) == conduct.buyers)
    leaves = inside & (kind != DIVIDEND) & ((rows.side == BUY) != conduct.buyers)
    if conduct.case.terms.netting == "none":
        leaves[:] = False
    scope = enters & traded & _counts(rows.date, conduct)
    if not conduct.buyers:
        enters = scope
    came, went = np.where(enters, quantity, 0), np.where(leaves, quantity, 0)
    excess = _excess(came - went, who, starts)
    if excess is None:
        return None
    taken = went - excess
    scope_cut, harm_cut = _cut(came, taken, np.where(scope, quantity, 0), np.where(scope, quantity * share, 0), starts)
    sale = leaves & traded
    gone = leaves & ~traded
    entered = np.where(scope, quantity, 0)
    sums = {
        "entered": entered, "entered_value": entered * price,
        "entry_harm": entered * share - np.where(gone, harm_cut, 0), "exited": np.where(sale, scope_cut, 0),
        "exited_value": np.where(sale, scope_cut * price, 0), "exit_gain": np.where(sale, scope_cut * share, 0),
        "left": np.where(gone, scope_cut, 0), "oversold": excess if conduct.buyers else np.zeros_like(excess),
    }  # fmt: skip
    totals = [_by_investor(column, starts).tolist() for column in sums.values()]
    return [Harm(**dict(zip(sums, values, strict=True))) for values in zip(*totals, strict=True)]


def _by_investor(column: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums of a column over the rows of each investor, also of one without rows."""
    before = np.concatenate(([0], np.cumsum(column)))
    return before[starts[1:]] - before[starts[:-1]]


def _path(date: NDArray[np.int32], conduct: Conduct) -> NDArray[np.int64]:
    """The price without the wrong on the day of each row."""
    days, prices = np.array(conduct.path.days), np.array(conduct.path.prices, np.int64)
    return prices[np.maximum(np.searchsorted(days, date, side="right") - 1, 0)]


def _counts(date: NDArray[np.int32], conduct: Conduct) -> NDArray[np.bool_]:
    counted = (date >= conduct.first) & (date <= conduct.counted_until)
    if conduct.days:
        counted &= np.isin(date, np.array(sorted(conduct.days)))
    return counted


def _excess(change: NDArray[np.int64], who: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """How much of each departure was not there any more; None where the numbers are too large to say.

    The holding is a sum that is never below 0: the sum less its least value so far. Shifting each investor far below
    the one before lets one running minimum serve all.
    """
    running = np.cumsum(change)
    before = np.concatenate(([0], running))[starts[:-1]]
    running = running - before[who]
    span = int(np.abs(running).max(initial=0)) + 1
    if 3.0 * span * (len(starts) + 1) > ROOM:
        return None
    shifted = running - who * (3 * span)
    least = np.minimum(np.minimum.accumulate(shifted) + who * (3 * span), 0) if len(change) else shifted
    previous = np.concatenate(([0], least[:-1])) if len(least) else least
    first = starts[:-1][np.diff(starts) > 0]
    previous[first] = 0
    excess: NDArray[np.int64] = previous - least
    return excess


def _cut(
    came: NDArray[np.int64], taken: NDArray[np.int64], scope: NDArray[np.int64], harm: NDArray[np.int64],
    starts: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Of each departure how many in-scope shares it took and what harm they had entered with."""
    line = np.concatenate(([0], np.cumsum(came)))
    in_scope = np.concatenate(([0], np.cumsum(scope)))
    harmed = np.concatenate(([0], np.cumsum(harm)))
    went = np.cumsum(taken)
    groups = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    base = line[starts[:-1]][groups]
    before = np.concatenate(([0], went))[starts[:-1]][groups]
    end = base + went - before
    out = []
    for cumulative, rate in ((in_scope, _rate(scope, came)), (harmed, _rate(harm, came))):
        values = [_read(cumulative, rate, line, place) for place in (end - taken, end)]
        out.append(values[1] - values[0])
    return out[0], out[1]


def _rate(amount: NDArray[np.int64], came: NDArray[np.int64]) -> NDArray[np.int64]:
    """What one share of each arrival carries: 0 or 1, or its harm (whole numbers)."""
    return np.where(came > 0, amount // np.maximum(came, 1), 0)


def _read(
    cumulative: NDArray[np.int64], rate: NDArray[np.int64], line: NDArray[np.int64], place: NDArray[np.int64]
) -> NDArray[np.int64]:
    """A cumulative sum at places on the line of arrivals."""
    at = np.minimum(np.searchsorted(line, place, side="right") - 1, max(len(rate) - 1, 0))
    if not len(rate):
        return place
    value: NDArray[np.int64] = cumulative[at] + rate[at] * (place - line[at])
    return value
