"""One row of one investor as a value, the order in which rows are taken, and the lots of shares they leave."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from fengqiao.engine.loss.rows import ABSENT, BLOCK, OPENING, TRADE

ZERO = Fraction(0)


class Trade(NamedTuple):
    """One canonical row of one investor (units as in `rows.Chunk`); `source` is (part, place in part)."""

    date: int
    side: int
    quantity: int
    price: int
    time: int = ABSENT
    sequence: int = ABSENT
    kind: int = TRADE
    commission: int = ABSENT
    stamp_duty: int = ABSENT
    account: int = ABSENT
    source: tuple[int, int] = (0, 0)


def execution_order(trade: Trade) -> tuple[int, ...]:
    """Sort key: opening positions first, then date, time, sequence; what the record leaves open is settled the same
    way for everybody: what comes in without a trade, purchases, sales, then price and quantity.

    >>> from fengqiao.engine.loss.rows import BUY, SELL
    >>> buy, sale = Trade(date=9, side=BUY, quantity=1, price=2), Trade(date=9, side=SELL, quantity=1, price=1)
    >>> sorted([sale, buy], key=execution_order) == [buy, sale]
    True
    """
    plain = trade.kind in (TRADE, BLOCK)
    return (
        trade.kind != OPENING, trade.date, trade.time, trade.sequence, plain,
        trade.side, trade.price, trade.quantity, trade.kind, trade.commission, trade.stamp_duty,
    )  # fmt: skip


def record_order(trade: Trade) -> tuple[int, ...]:
    """Sort key under which records are compared with each other: rows that are equal but for fees stand together by
    account. It differs from `execution_order` only among such rows.

    >>> from fengqiao.engine.loss.rows import BUY
    >>> one, two = Trade(9, BUY, 1, 2, account=1, commission=5), Trade(9, BUY, 1, 2, account=2)
    >>> sorted([one, two], key=record_order) == [one, two] == sorted([one, two], key=execution_order)[::-1]
    True
    """
    return (*execution_order(trade)[:-2], trade.account)


@dataclass(slots=True)
class Lot:
    """Shares that came in together and have not gone out yet."""

    quantity: Fraction
    price: Fraction
    scope: bool
    date: int
    replay: tuple[Fraction, ...] = ()
    commission: Fraction = ZERO
    stamp_duty: Fraction = ZERO
