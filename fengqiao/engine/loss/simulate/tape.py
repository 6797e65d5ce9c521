"""The market as the walk sees it: a clock that runs with volume, price bands by day, and the axis of dates.

The clock maps [0, 1) onto the trading days in proportion to their volume, so a point on it is a day and a
moment of that day, days without trading have no point, and later points are later moments.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fengqiao.engine.errors import CannotComputeError
from fengqiao.engine.loss.market import NO_PRICE, day_of, ordinal
from fengqiao.engine.loss.simulate.spec import MINIMUM_DAYS_BEFORE
from fengqiao.engine.money import PRICE_UNITS_PER_FEN, round_fraction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.simulate.spec import SimulationSpec

OPENING_AUCTION = 9 * 3600 + 25 * 60
MORNING = 9 * 3600 + 30 * 60
AFTERNOON = 13 * 3600
SESSION = 2 * 3600
SLOTS = 2 * SESSION + 2
"""Moments of a day to the second: slot 0 is the opening auction 09:25:00, the last is the close 15:00:00."""

SATURDAY = 5
SPREAD = Fraction(12, 1000)


class Clock(NamedTuple):
    """What the compiled walk needs, for D trading days.

    edge      float64[D + 1], clock at the start of each day, edge[0] = 0, edge[D] = 1
    previous  int64[D], previous close in fen
    close     int64[D], close in fen
    low, high int64[D], lowest and highest price of the day in fen
    axis      int32[D], position of the day on the axis of dates
    closed    int32[D], position on the axis of a later day without trading
    """

    edge: NDArray[np.float64]
    previous: NDArray[np.int64]
    close: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    axis: NDArray[np.int32]
    closed: NDArray[np.int32]


@dataclass(frozen=True)
class Tape:
    """The clock, with the key dates on it.

    dates           int32[A], axis: every date a record can carry, days since 1970-01-01, ascending
    implementation, revelation, benchmark_end   clock at the start of the implementation day, at the start of
                    T1, and at the end of the benchmark date
    opening_axis    position on the axis of the date opening rows carry, -1 when earlier trades are simulated
    opening_price   price of opening rows in fen
    """

    clock: Clock
    dates: NDArray[np.int32]
    implementation: float
    revelation: float
    benchmark_end: float
    opening_axis: int
    opening_price: int


def slot_seconds() -> NDArray[np.int32]:
    """Seconds since midnight of every slot, int32[SLOTS].

    >>> seconds = slot_seconds()
    >>> [f"{s // 3600}:{s // 60 % 60:02}:{s % 60:02}" for s in seconds[[0, 1, 7200, 7201, 14401]].tolist()]
    ['9:25:00', '9:30:00', '11:29:59', '13:00:00', '15:00:00']
    """
    morning = np.arange(MORNING, MORNING + SESSION)
    afternoon = np.arange(AFTERNOON, AFTERNOON + SESSION + 1)
    return np.concatenate([[OPENING_AUCTION], morning, afternoon]).astype(np.int32)


def build_tape(spec: SimulationSpec) -> Tape:
    """The tape of a checked spec. CannotComputeError when the window holds no trading day."""
    market = spec.market
    traded = np.flatnonzero(market.traded)
    days = market.date[traded]
    start, first_after, benchmark_next = (
        int(np.searchsorted(days, ordinal(spec.window_from))),
        int(np.searchsorted(days, ordinal(spec.window_to))),
        int(np.searchsorted(days, ordinal(spec.benchmark), side="right")),
    )
    if start >= first_after:
        raise CannotComputeError("No trading day lies between the implementation and the revelation date")
    if first_after >= benchmark_next:
        raise CannotComputeError("No trading day lies between the revelation and the benchmark date")
    begin = max(0, start - spec.days_before)
    if start - begin < MINIMUM_DAYS_BEFORE:
        begin = start
    chosen = slice(begin, min(len(days), benchmark_next + spec.days_after))
    rows = traded[chosen]
    edge = np.concatenate([[0.0], np.cumsum(market.volume[rows].astype(np.float64))])
    edge /= edge[-1]
    previous, close, low, high = _bands(spec, traded, chosen)
    opening_day = ordinal(spec.window_from) - 1 if begin == start else -1
    closed = _closed_days(spec, days[chosen])
    extra = [opening_day] if opening_day >= 0 else []
    dates = np.unique(np.concatenate([days[chosen], closed, extra])).astype(np.int32)
    clock = Clock(
        edge, previous, close, low, high,
        np.searchsorted(dates, days[chosen]).astype(np.int32), np.searchsorted(dates, closed).astype(np.int32),
    )  # fmt: skip
    return Tape(
        clock=clock,
        dates=dates,
        implementation=float(edge[start - begin]),
        revelation=float(edge[first_after - begin]),
        benchmark_end=float(edge[benchmark_next - begin]),
        opening_axis=int(np.searchsorted(dates, opening_day)) if opening_day >= 0 else -1,
        opening_price=int(previous[start - begin]),
    )


def _bands(spec: SimulationSpec, traded: NDArray[np.intp], chosen: slice) -> tuple[NDArray[np.int64], ...]:
    """Previous close, close, lowest and highest price in fen of the chosen trading days.

    The range spans both closes and a little more on either side, cut at the daily limit. A previous close from
    which the limit could not lead to the close (ex-rights day, resumption) is not used.
    """
    market = spec.market
    out = []
    for position in range(chosen.start, chosen.stop):
        row = traded[position]
        close = Fraction(int(market.close[row]), PRICE_UNITS_PER_FEN)
        given = int(market.previous_close[row])
        if given == NO_PRICE and position > 0:
            given = int(market.close[traded[position - 1]])
        previous = close if given == NO_PRICE else Fraction(given, PRICE_UNITS_PER_FEN)
        least, most = _limits(previous, spec.price_limit)
        if not least <= close <= most:
            previous = close
            least, most = _limits(previous, spec.price_limit)
        low = max(least, round_fraction(min(previous, close) - SPREAD * close), 1)
        high = max(low, min(most, round_fraction(max(previous, close) + SPREAD * close)))
        out.append((round_fraction(previous), round_fraction(close), low, high))
    return tuple(np.array(column, dtype=np.int64) for column in zip(*out, strict=True))


def _limits(previous: Fraction, limit: Fraction) -> tuple[int, int]:
    return round_fraction(previous * (1 - limit)), round_fraction(previous * (1 + limit))


def _closed_days(spec: SimulationSpec, days: NDArray[np.int32]) -> NDArray[np.int32]:
    """For every trading day the next suspended day, or where none follows the next Saturday."""
    market = spec.market
    inside = (market.date >= days[0]) & (market.date <= days[-1])
    suspended = market.date[inside & ~market.traded]
    following = np.searchsorted(suspended, days)
    out = np.array([int(day) + (SATURDAY - day_of(day).weekday()) % 7 for day in days], dtype=np.int32)
    known = following < len(suspended)
    out[known] = suspended[following[known]]
    return out
