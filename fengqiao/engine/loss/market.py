"""Market data as columns: daily closes and volumes, indices, corporate actions, a given price path."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EPOCH = dt.date(1970, 1, 1)
NO_PRICE = -1


def ordinal(day: dt.date) -> int:
    """Days since 1970-01-01, the integer form of a date in all columns.

    >>> ordinal(dt.date(1970, 1, 2))
    1
    """
    return (day - EPOCH).days


def day_of(number: int) -> dt.date:
    """The date of a day number.

    >>> day_of(0)
    datetime.date(1970, 1, 1)
    """
    return EPOCH + dt.timedelta(days=int(number))


@dataclass(frozen=True)
class Market:
    """Daily data of one security, ascending by date, one row a day.

    date            int32[n], days since 1970-01-01
    close           int64[n], 1/10000 yuan; NO_PRICE on a suspended day (empty close, or zero volume)
    volume          int64[n], shares traded by central bidding (block trades are not in it)
    float_shares    int64[n], tradable shares of the day; 0 where not given
    previous_close  int64[n], 1/10000 yuan, NO_PRICE where not given
    """

    security: str
    date: NDArray[np.int32]
    close: NDArray[np.int64]
    volume: NDArray[np.int64]
    float_shares: NDArray[np.int64]
    previous_close: NDArray[np.int64]
    file: str = ""

    @property
    def traded(self) -> NDArray[np.bool_]:
        """True on days with a close and a volume."""
        traded: NDArray[np.bool_] = (self.close != NO_PRICE) & (self.volume > 0)
        return traded


@dataclass(frozen=True)
class Series:
    """One index (or a given price path) by day: `close` in 1/10000 points (or yuan), ascending by date."""

    name: str
    date: NDArray[np.int32]
    close: NDArray[np.int64]
    file: str = ""


@dataclass(frozen=True)
class CorporateAction:
    """What a holder of one share before `ex_date` received: shares, the right to buy shares, cash (yuan).

    bonus_ratio: new shares a share (10送3 = 3/10), bonus and converted shares alike. rights_ratio: shares
    that may be bought a share, at rights_price yuan. cash_per_share: yuan before tax.
    """

    ex_date: dt.date
    bonus_ratio: Fraction = Fraction(0)
    rights_ratio: Fraction = Fraction(0)
    rights_price: Fraction = Fraction(0)
    cash_per_share: Fraction = Fraction(0)
