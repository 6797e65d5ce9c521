"""Which days are for estimating, which are the conduct window, and where each event works on the price."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.errors import CannotComputeError, InputError, Place
from fengqiao.engine.loss.market import day_of, ordinal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.market import Market
    from fengqiao.engine.loss.model.returns import Observations
    from fengqiao.engine.loss.model.settings import Days, ModelSettings
    from fengqiao.engine.loss.plan import CasePlan

WINDOW = "estimation window (估计窗口)"


@dataclass(frozen=True)
class Windows:
    """estimation: first and last day of the estimation window; conduct: from the first implementation to the last
    benchmark date, both trading days; base: the last day with trading before the conduct window (None without one)."""

    estimation: tuple[dt.date, dt.date]
    conduct: tuple[dt.date, dt.date]
    base: dt.date | None
    needed: tuple[dt.date, dt.date]


def settle_windows(plan: CasePlan, market: Market, settings: ModelSettings, calendar: TradingCalendar) -> Windows:
    """The windows of a case. The estimation window lies outside the conduct window, given by dates or by trading days.

    By trading days it has `length` days and ends `gap` trading days before the first implementation date (side =
    "before"), or begins `gap` trading days after the last benchmark date (side = "after").
    Errors: InputError when a given window overlaps the conduct window; CannotComputeError when the market data hold no
    day of it, or none before the implementation date for the price path to start from.
    """
    first = calendar.on_or_after(plan.case.first_implementation)
    last = max(part.benchmark for part in plan.segments)
    traded = market.date[market.traded]
    if len(traded) == 0:
        raise CannotComputeError("No row of the market data has a close and a volume (没有收益率)",
                                 todo="Add market data", place=Place(market.file))  # fmt: skip
    estimation = _estimation(settings, first, last, calendar)
    if estimation[0] <= last and first <= estimation[1]:
        raise InputError(
            f"The {WINDOW} {estimation[0]} to {estimation[1]} overlaps the conduct window (虚假陈述影响期间) "
            f"{first} to {last}",
            why="returns that the misstatement moved would enter the model of what is normal",
            todo=f"End it before {first} or begin it after {last}", place=Place(plan.case.file or None),
        )  # fmt: skip
    before = traded[traded < ordinal(first)]
    if len(before) == 0:
        raise CannotComputeError(
            f"The market data have no day with trading before the implementation date (实施日) {first}",
            why=f"they begin on {day_of(market.date[0])}; the simulated path starts from the last price before it",
            todo="Add earlier market data", place=Place(market.file),
        )  # fmt: skip
    reach = min(settings.inducing_window[0], *(event.window[0] for event in settings.events), 0)
    base = day_of(before[-1])
    needed_from = min(estimation[0], day_of(before[max(len(before) - 1 + reach, 0)]))
    needed_from = min(needed_from, _eve(estimation[0], calendar))
    return Windows(estimation, (first, last), base, (needed_from, max(estimation[1], _tail(traded, last, settings))))


def _tail(traded: NDArray[np.int32], last: dt.date, settings: ModelSettings) -> dt.date:
    """The last day that an event window can reach behind the benchmark date, as far as there are data."""
    reach = max(settings.revelation_window[1], *(event.window[1] for event in settings.events), 0)
    after = traded[traded > ordinal(last)][:reach]
    return day_of(after[-1]) if len(after) else last


def _eve(day: dt.date, calendar: TradingCalendar) -> dt.date:
    """The trading day before, from whose close the first return runs."""
    return calendar.on_or_before(day - dt.timedelta(days=1)) if day > calendar.first_known else day


def _estimation(
    settings: ModelSettings, first: dt.date, last: dt.date, calendar: TradingCalendar
) -> tuple[dt.date, dt.date]:
    if settings.estimation_from is not None and settings.estimation_to is not None:
        return settings.estimation_from, settings.estimation_to
    if settings.side == "before":
        end = calendar.shift(first, -(settings.gap + 1))
        return _reach(end, -(settings.length - 1), calendar), end
    start = calendar.shift(last, settings.gap + 1)
    return start, _reach(start, settings.length - 1, calendar)


def _reach(day: dt.date, steps: int, calendar: TradingCalendar) -> dt.date:
    """So many trading days on, or as far as the calendar is known."""
    edge = calendar.first_known if steps < 0 else calendar.last_known
    available = calendar.count(edge, day) if steps < 0 else calendar.count(day, edge)
    if abs(steps) >= available:
        return calendar.on_or_after(edge) if steps < 0 else calendar.on_or_before(edge)
    return calendar.shift(day, steps)


def in_estimation(found: Observations, windows: Windows, calendar: TradingCalendar) -> NDArray[np.bool_]:
    """True for returns all of whose days lie in the estimation window."""
    start, end = windows.estimation
    eve = ordinal(_eve(calendar.on_or_after(start), calendar))
    inside: NDArray[np.bool_] = (found.previous >= eve) & (found.day >= ordinal(start)) & (found.day <= ordinal(end))
    return inside


def event_places(found: Observations, first: dt.date, window: Days) -> NDArray[np.int64]:
    """Places of the observations in an event window: day 0 is the first day with trading on or after `first`.

    The window counts days with trading, so that a suspension does not empty it. Places beyond the data are left out.
    """
    zero = int(np.searchsorted(found.day, ordinal(first)))
    places = np.arange(zero + window[0], zero + window[1] + 1)
    kept: NDArray[np.int64] = places[(places >= 0) & (places < len(found))]
    return kept
