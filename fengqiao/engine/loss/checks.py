"""What is odd about a trade, seen against its day and the row before it. A finding is reported; the row still counts.

`row_checks` is the plain twin of `kernel_walk.check_row` and says where and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.loss.case import exact_text
from fengqiao.engine.loss.kernel_layout import NOT_TRADING, SUSPENDED, TRADED, UNCHECKED
from fengqiao.engine.loss.market import NO_PRICE, day_of
from fengqiao.engine.loss.rows import ABSENT, BLOCK, BONUS, BUY, DIVIDEND, TRADE
from fengqiao.engine.money import price as price_text
from fengqiao.engine.money import round_digits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.plan import CasePlan, SegmentPlan
    from fengqiao.engine.loss.trade import Trade

PLAUSIBLE_BAND = Fraction(15, 100)


def day_checks(
    whole: CasePlan, base: int, length: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Status and plausible price band of `length` days from day number `base` (int64, prices in 1/10000 yuan).

    A day is known to be a trading day from the calendar, to be suspended from the market data. The band is the day's
    range widened by 15%; the range runs between the close and the previous close.
    """
    status = np.full(length, UNCHECKED, dtype=np.int64)
    low, high = np.zeros(length, dtype=np.int64), np.full(length, np.iinfo(np.int64).max, dtype=np.int64)
    open_days = whole.calendar.as_ordinals().astype(np.int64) - base
    first = np.datetime64(whole.calendar.first_known, "D").astype(np.int64) - base
    last = np.datetime64(whole.calendar.last_known, "D").astype(np.int64) - base
    status[max(first, 0) : last + 1] = NOT_TRADING
    known = open_days[(open_days >= 0) & (open_days < length)]
    status[known] = UNCHECKED
    if whole.market is None or len(whole.market.date) == 0:
        return status, low, high
    market = whole.market
    places = market.date.astype(np.int64) - base
    traded = market.traded
    status[known[(known >= places[0]) & (known <= places[-1])]] = SUSPENDED
    status[places[traded]] = TRADED
    lowest, highest = price_range(market.close[traded], market.previous_close[traded])
    band = PLAUSIBLE_BAND
    low[places[traded]] = -(-lowest * int((1 - band) * 100) // 100)
    high[places[traded]] = highest * int((1 + band) * 100) // 100
    return status, low, high


def price_range(close: NDArray[np.int64], previous: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lowest and highest price of each traded day as far as closes tell: between its close and the one before.

    >>> price_range(np.array([100, 120]), np.array([NO_PRICE, 110]))
    (array([100, 110]), array([100, 120]))
    """
    before = np.where(previous != NO_PRICE, previous, np.concatenate((close[:1], close[:-1])))
    return np.minimum(close, before), np.maximum(close, before)


def first_oversold(trades: Sequence[Trade], plan: SegmentPlan) -> Trade | None:
    """The row with which more has gone out than is known to have come in; trades in execution order.

    Bonus shares in the record count where the corporate actions do not already hold them.
    """
    holding = Fraction(0)
    for trade in trades:
        day = day_of(trade.date)
        if trade.kind == DIVIDEND or (trade.kind == BONUS and plan.bonus_action(day) is not None):
            continue
        amount = trade.quantity * plan.adjustment.on(day).shares
        holding += amount if trade.side == BUY else -amount
        if holding <= -1:
            return trade
        holding = max(holding, Fraction(0))
    return None


def oversold_reason(excess: Fraction) -> str:
    """The sentence on sales beyond what is known to have been held.

    >>> oversold_reason(Fraction(300))
    '卖出比记录显示的买入多300股，超出部分按来自未载明的期初持仓处理。'
    """
    return f"卖出比记录显示的买入多{exact_text(round_digits(excess, 4))}股，超出部分按来自未载明的期初持仓处理。"


OUT_OF_SEQUENCE = ("broken_sequence", "成交时间在前的记录序号反而在后，已按成交时间排序。")
REPEATED = ("duplicate", "与上一条记录完全相同，疑为重复；按设置处理（duplicates）。")


def day_finding(date: int, price: int, state: int, low: int, high: int) -> tuple[str, str] | None:
    """(code, Chinese reason) of what is odd about a trade on its day; None when nothing is."""
    if state == NOT_TRADING:
        return "non_trading_day", f"{day_of(date)}不是交易日，请核对成交日期；该行仍参与计算。"
    if state == SUSPENDED:
        return "suspended_day", f"{day_of(date)}该证券停牌，请核对成交日期；该行仍参与计算。"
    if state != TRADED or low <= price <= high:
        return None
    return "price_out_of_range", (
        f"成交价{price_text(price)}元超出{day_of(date)}的合理区间{price_text(low)}至{price_text(high)}元，"
        "请核对；该行仍参与计算。"
    )


def row_checks(
    trades: Sequence[Trade], status: NDArray[np.int64], low: NDArray[np.int64], high: NDArray[np.int64], base: int
) -> Iterator[tuple[Trade, str, str]]:
    """(row, code, Chinese reason) of everything odd about one investor's rows in execution order."""
    for place, trade in enumerate(trades):
        if trade.kind not in (TRADE, BLOCK):
            continue
        day = trade.date - base
        found = day_finding(trade.date, trade.price, int(status[day]), int(low[day]), int(high[day]))
        if found is not None:
            yield trade, *found
        if place:
            yield from _against_previous(trades[place - 1], trade)


def _against_previous(before: Trade, trade: Trade) -> Iterator[tuple[Trade, str, str]]:
    if before.date != trade.date or before.account != trade.account:
        return
    timed = ABSENT not in (before.time, trade.time) and ABSENT not in (before.sequence, trade.sequence)
    if timed and before.time < trade.time and before.sequence > trade.sequence:
        yield trade, *OUT_OF_SEQUENCE
    same = (before.side, before.quantity, before.price, before.time, before.sequence, before.kind)
    if same == (trade.side, trade.quantity, trade.price, trade.time, trade.sequence, trade.kind):
        yield trade, *REPEATED
