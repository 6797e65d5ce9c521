"""A case made ready: key dates, calendars, adjustments, rates and replay series looked up once for all investors."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from fengqiao.engine import dates
from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.adjust import Adjustment, adjustment_to
from fengqiao.engine.loss.keydates import KeyDates, derive_key_dates, first_day
from fengqiao.engine.loss.market import CorporateAction, Market, Series, day_of, ordinal
from fengqiao.engine.loss.ruleset import court_commission_rate, rate_table
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN, round_digits

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.case import Case, Method, Segment


@dataclass(frozen=True)
class Replay:
    """A series on which an investor's purchases and exits are replayed: an index, or a price path (price_like).

    held: mean value from T1 to the benchmark date, at which held shares leave.
    """

    series: Series
    held: Fraction
    adjustment: Adjustment | None = None

    @property
    def name(self) -> str:
        """Name of the index, or of the path."""
        return self.series.name

    @property
    def price_like(self) -> bool:
        """True for a price path, which corporate actions adjust like the price itself."""
        return self.adjustment is not None

    @cached_property
    def _days(self) -> list[int]:
        return [int(day) for day in self.series.date]

    def on(self, day: int) -> Fraction:
        """Value of a day, or of the last day before it that has one (for rows on days without trading)."""
        place = bisect_right(self._days, day) - 1
        value = Fraction(int(self.series.close[max(place, 0)]), PRICE_UNITS_PER_YUAN)
        return value if self.adjustment is None else self.adjustment.on(day_of(day)).price(value)


@dataclass(frozen=True)
class SegmentPlan:
    """One segment with everything that does not depend on the investor.

    price: the benchmark price in yuan, exact, as it enters the formula. windows: [implementation, T1) of all
    segments, this one's at `place`; a day belongs to the segment that `owner` says.
    """

    segment: Segment
    purchases: bool
    method: Method
    t1: dt.date
    benchmark: dt.date
    price: Fraction
    adjustment: Adjustment
    replay: tuple[Replay, ...]
    duty: Fraction | None
    windows: tuple[tuple[dt.date, dt.date], ...]
    place: int
    key_dates: KeyDates | None = None
    dividend_days: tuple[tuple[dt.date, Fraction, Fraction], ...] = ()

    def owner(self, day: dt.date) -> int | None:
        """Which segment a purchase of that day belongs to (sections 2 and 4: no share is counted twice)."""
        holders = [k for k, (start, end) in enumerate(self.windows) if start <= day < end]
        if len(holders) <= 1:
            return holders[0] if holders else None
        pick = min if self.method.overlap == "earliest" else max
        return pick(holders, key=lambda k: (self.windows[k][0], k))

    def in_scope(self, day: dt.date) -> bool:
        """True if a purchase (诱空: a sale) of that day belongs to this segment's window W = [implementation, T1)."""
        start, end = self.windows[self.place]
        return start <= day < end and self.owner(day) == self.place

    def in_any_window(self, day: dt.date) -> bool:
        """True if the day lies in the window of any segment."""
        return self.owner(day) is not None

    def duty_on(self, day: int) -> Fraction:
        """Stamp duty rate for an in-scope sale on a day: the case's fixed rate, else the statutory one of that day."""
        return self.duty if self.duty is not None else rate_table("fees.stamp_duty_sell").on(day_of(day))

    def rights_adjusted(self, day: dt.date) -> bool:
        """True if a subscription of that day belongs to a rights issue that the prices are adjusted for."""
        if self.method.rights != "adjust":
            return False
        return any(action.rights_ratio and near(action.ex_date, day) for action in self.adjustment.actions)

    def bonus_action(self, day: dt.date) -> CorporateAction | None:
        """The corporate action that bonus shares credited on that day come from, if it is known."""
        return next((item for item in self.adjustment.actions if item.bonus_ratio and near(item.ex_date, day)), None)


NOT_CENTRAL_BIDDING = (
    "本案证券不在集中竞价的市场交易。法释〔2022〕2号第27条、第28条只规定集中竞价市场中的股票，"
    "本次测算比照适用，属于本平台的理解，未经规则明定。"
)
CREDITING_DAYS = dt.timedelta(days=45)


def near(ex_date: dt.date, day: dt.date) -> bool:
    """True if shares credited on `day` can come from an action with that ex date.

    >>> near(dt.date(2018, 6, 1), dt.date(2018, 6, 4)), near(dt.date(2018, 6, 1), dt.date(2019, 6, 4))
    (True, False)
    """
    return abs(day - ex_date) <= CREDITING_DAYS


@dataclass(frozen=True)
class CasePlan:
    """A case made ready for any number of investors."""

    case: Case
    segments: tuple[SegmentPlan, ...]
    commission: Fraction
    calendar: TradingCalendar
    market: Market | None = None
    actions: tuple[CorporateAction, ...] = ()
    notes: tuple[str, ...] = field(default=())


def prepare(
    case: Case,
    *,
    market: Market | None = None,
    indices: Sequence[Series] = (),
    path: Series | None = None,
    actions: Sequence[CorporateAction] = (),
    calendar: TradingCalendar | None = None,
) -> CasePlan:
    """Settle key dates and look up all that investors share.

    market is needed when a benchmark date or price is to be derived, indices for a synchronised comparison (each
    index of the case, with a close on every trading day from the first implementation date to the benchmark date),
    path for a simulated price. Errors: InputError and CannotComputeError say what is missing.
    """
    calendar = calendar or dates.trading_calendar()
    merged = merge_same_day(actions)
    starts = [_dates_of(case, segment, market, merged, calendar) for segment in case.segments]
    windows = tuple((segment.implementation, start[0]) for segment, start in zip(case.segments, starts, strict=True))
    _check_windows(case, windows, calendar)
    plans = []
    for place, (segment, (t1, benchmark, price, key_dates)) in enumerate(zip(case.segments, starts, strict=True)):
        adjustment = adjustment_to(benchmark, merged, case.method)
        replay = tuple(
            _replay(series, price_like, case, (t1, benchmark), adjustment, calendar, market)
            for series, price_like in _replayed(case, indices, path)
        )
        digits = case.method.benchmark_price_digits
        derived = segment.benchmark_price is None and digits is not None
        plans.append(
            SegmentPlan(
                segment=segment,
                purchases=case.direction == "inducing_purchase",
                method=case.method,
                t1=t1,
                benchmark=benchmark,
                price=round_digits(price, digits) if derived and digits is not None else price,
                adjustment=adjustment,
                replay=replay,
                duty=case.fees.stamp_duty_rate,
                windows=windows,
                place=place,
                key_dates=key_dates,
                dividend_days=_dividend_days(adjustment, case.method),
            )
        )
    rate = case.fees.commission_rate
    commission = court_commission_rate(case.rules) if rate is None else rate
    notes = tuple(note for plan in plans if plan.key_dates for note in plan.key_dates.notes)
    if case.trading == "other":
        notes = (NOT_CENTRAL_BIDDING, *notes)
    return CasePlan(case, tuple(plans), commission, calendar, market, merged, notes)


def _check_windows(case: Case, windows: Sequence[tuple[dt.date, dt.date]], calendar: TradingCalendar) -> None:
    """Windows that overlap only because T1 lies after the revelation date also need the setting `overlap`."""
    if case.method.overlap is not None:
        return
    for place, (start, end) in enumerate(windows):
        for other_start, other_end in windows[:place]:
            first, last = max(start, other_start), min(end, other_end)
            if first < last and calendar.on_or_after(first) < last:
                raise InputError(
                    "Segments overlap: some purchases would belong to two misstatements",
                    why=f"T1 of one is {last}, the other begins on {first}",
                    todo='Set [method] overlap = "earliest" or "latest" so that no share is counted twice',
                )


def merge_same_day(actions: Sequence[CorporateAction]) -> tuple[CorporateAction, ...]:
    """Actions ascending by ex date, those of one day joined into one (their reference price has one formula).

    >>> day = dt.date(2018, 6, 1)
    >>> parts = [CorporateAction(day, bonus_ratio=Fraction(1, 10)), CorporateAction(day, cash_per_share=Fraction(1))]
    >>> merge_same_day(parts)[0].bonus_ratio, len(merge_same_day(parts))
    (Fraction(1, 10), 1)
    """
    by_day: dict[dt.date, CorporateAction] = {}
    for action in sorted(actions, key=lambda item: item.ex_date):
        old = by_day.get(action.ex_date)
        if old is None:
            by_day[action.ex_date] = action
            continue
        ratio = old.rights_ratio + action.rights_ratio
        paid = old.rights_ratio * old.rights_price + action.rights_ratio * action.rights_price
        by_day[action.ex_date] = CorporateAction(
            action.ex_date,
            old.bonus_ratio + action.bonus_ratio,
            ratio,
            paid / ratio if ratio else Fraction(0),
            old.cash_per_share + action.cash_per_share,
        )
    return tuple(by_day.values())


def _dates_of(
    case: Case, segment: Segment, market: Market | None, actions: Sequence[CorporateAction], calendar: TradingCalendar
) -> tuple[dt.date, dt.date, Fraction, KeyDates | None]:
    where = f'segment "{segment.name}": ' if len(case.segments) > 1 else ""
    late = segment.revelation_after_close and case.method.after_close == "next_day"
    if segment.benchmark is not None and segment.benchmark_price is not None:
        t1 = first_day(segment.revelation, after_close=late, calendar=calendar)
        if segment.benchmark < t1:
            raise InputError(
                f"{where}The benchmark date (基准日) {segment.benchmark} is before T1 ({t1})",
                why=f"the revelation (揭露日) was {segment.revelation}{' after the close' if late else ''}",
                todo="Check the dates",
            )
        return t1, segment.benchmark, segment.benchmark_price, None
    if market is None:
        raise InputError(
            f"{where}The benchmark date and price (基准日, 基准价) are not given and there are no market data",
            todo="Add --market FILE, or give benchmark and benchmark_price in the case file",
        )
    found = derive_key_dates(
        rules=case.rules, segment=segment, method=case.method, market=market, actions=actions, calendar=calendar
    )
    return found.t1, found.benchmark_date, found.benchmark_price, found


def _replayed(case: Case, indices: Sequence[Series], path: Series | None) -> list[tuple[Series, bool]]:
    risk = case.deduction.market_risk
    if risk == "synchronised_index":
        given = {series.name: series for series in indices}
        missing = [name for name in case.deduction.indices if name not in given]
        if missing:
            raise InputError(
                f"The index data (指数) lack {', '.join(missing)}",
                why=f"they hold {', '.join(sorted(given)) or 'nothing'}",
                todo="Add --indices FILE with all indices of the case",
            )
        return [(given[name], False) for name in case.deduction.indices]
    if risk == "simulated_price":
        if path is None:
            raise InputError('market_risk = "simulated_price" needs a price path', todo="Set path in [deduction]")
        return [(path, True)]
    return []


def _replay(
    series: Series,
    price_like: bool,
    case: Case,
    window: tuple[dt.date, dt.date],
    adjustment: Adjustment,
    calendar: TradingCalendar,
    market: Market | None,
) -> Replay:
    t1, benchmark = window
    known = {int(day): int(value) for day, value in zip(series.date, series.close, strict=True)}
    needed = calendar.between(calendar.on_or_after(case.first_implementation), benchmark)
    if price_like and market is not None:
        traded = {int(day) for day in market.date[market.traded]}
        needed = [day for day in needed if ordinal(day) in traded]
    missing = [day for day in needed if known.get(ordinal(day), 0) <= 0]
    if missing:
        raise InputError(
            f"{series.name} has no close on {len(missing)} trading day{'s' if len(missing) != 1 else ''} "
            f"from {needed[0]} to {needed[-1]}, the first on {missing[0]}",
            why="purchases and sales are replayed at the close of their day (同步指数对比)",
            todo="Add the missing days",
            place=Place(file=series.file),
        )
    days = [day for day in needed if t1 <= day]
    shift = adjustment if price_like else None
    values = [Fraction(known[ordinal(day)], PRICE_UNITS_PER_YUAN) for day in days]
    if shift is not None:
        values = [shift.on(day).price(value) for day, value in zip(days, values, strict=True)]
    if not values:
        raise InputError(f"{series.name} has no day from {t1} to {benchmark}", place=Place(file=series.file))
    return Replay(series, sum(values, Fraction(0)) / len(values), shift)


def _dividend_days(adjustment: Adjustment, method: Method) -> tuple[tuple[dt.date, Fraction, Fraction], ...]:
    """(ex date, cash a share in yuan, shares on the benchmark basis of one share before), with dividends = "deduct"."""
    if method.dividends != "deduct":
        return ()
    return tuple(
        (action.ex_date, action.cash_per_share, adjustment.on(action.ex_date - dt.timedelta(days=1)).shares)
        for action in adjustment.actions
        if action.cash_per_share
    )
