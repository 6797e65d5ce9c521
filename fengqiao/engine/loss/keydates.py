"""T1, benchmark date and benchmark price (基准日, 基准价) from daily market data, by either rule set.

Sources: cn2022 arts. 8, 9, 26; cn2003 arts. 20, 32, 33. Every number of the rules comes from `engine/law`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from fengqiao.engine import dates
from fengqiao.engine.errors import CannotComputeError, InputError, Place
from fengqiao.engine.loss.adjust import adjustment_to
from fengqiao.engine.loss.market import NO_PRICE, CorporateAction, Market, day_of, ordinal
from fengqiao.engine.loss.ruleset import BenchmarkRule, benchmark_rule
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.case import Method, Rules, Segment


@dataclass(frozen=True)
class WindowDay:
    """One trading day from T1 on. number: its place in the count of days (None while not counted).

    close in yuan or None; adjusted_close on the basis of the benchmark date; turnover and cumulative are shares of 1.
    """

    date: dt.date
    number: int | None
    close: Fraction | None
    adjusted_close: Fraction | None
    volume: int
    float_shares: int
    turnover: Fraction
    cumulative: Fraction


@dataclass(frozen=True)
class KeyDates:
    """The derived key dates with everything needed to check them.

    trading_day_number: number of the benchmark date, T1 being 1. settled_by says which limb of the rule applied:
    "turnover", "shortest" (10 days), "longest" (30 days), "thirtieth_day", "suspension", "delisting" or "given".
    """

    rules: Rules
    revelation: dt.date
    t1: dt.date
    benchmark_date: dt.date
    benchmark_price: Fraction
    trading_day_number: int
    cumulative_turnover: Fraction
    settled_by: str
    days: tuple[WindowDay, ...]
    basis: tuple[str, ...]
    notes: tuple[str, ...] = ()


def first_day(revelation: dt.date, *, after_close: bool, calendar: TradingCalendar) -> dt.date:
    """T1: the first trading day on or after the revelation date, or after it when revealed after the close.

    >>> from fengqiao.engine.dates import trading_calendar
    >>> first_day(dt.date(2022, 2, 12), after_close=False, calendar=trading_calendar())
    datetime.date(2022, 2, 14)
    """
    return calendar.next_trading_day(revelation) if after_close else calendar.on_or_after(revelation)


def derive_key_dates(
    *,
    rules: Rules,
    segment: Segment,
    method: Method,
    market: Market,
    actions: Sequence[CorporateAction] = (),
    calendar: TradingCalendar | None = None,
) -> KeyDates:
    """T1, benchmark date and price of one segment.

    cn2022 art. 26: the day cumulative turnover reaches 100%, not before the 10th and not after the 30th trading day.
    cn2003 art. 33: the day it reaches 100%, without floor or cap; where the market data never reach it and the case
    says not_reached = "thirtieth_day", T31; after a delisting the last day with trading before it. A benchmark date
    given in the segment is used as it is, and only its price is derived. Trading days without a row are taken as days
    without trading, and a note says so. turnover = "float_at_t1" divides by the tradable shares of the first day with
    trading, carried over bonus and converted shares whose ex date lies in between [ours].

    Errors: CannotComputeError when the market data end before the rule is satisfied (it says how many days are
    missing), InputError when tradable shares or closes are missing where they are needed.
    """
    calendar = calendar or dates.trading_calendar()
    rule = benchmark_rule(rules)
    late = segment.revelation_after_close and method.after_close == "next_day"
    t1 = first_day(segment.revelation, after_close=late, calendar=calendar)
    window = _window(t1, market, method, calendar, segment, actions)
    if segment.benchmark is not None:
        end, settled_by = _given_end(segment.benchmark, window, market), "given"
    else:
        end, settled_by = _settle(window, rule, method, market, segment, calendar)
    benchmark = window[end].date
    days = _adjusted(window[: end + 1], benchmark, actions, method)
    closes = [day.adjusted_close for day in days if day.adjusted_close is not None]
    if not closes:
        raise CannotComputeError(
            f"No close exists from {t1} to {benchmark}, so the benchmark price (基准价) cannot be derived",
            todo="Give benchmark_price in the case file with its reason (cn2022 art. 26, last paragraph)",
            place=Place(file=market.file),
        )
    last = days[-1]
    return KeyDates(
        rules=rules,
        revelation=segment.revelation,
        t1=t1,
        benchmark_date=benchmark,
        benchmark_price=sum(closes, Fraction(0)) / len(closes),
        trading_day_number=last.number or len(closes),
        cumulative_turnover=last.cumulative,
        settled_by=settled_by,
        days=days,
        basis=rule.basis,
        notes=_notes(window[: end + 1], market),
    )


def _window(
    t1: dt.date,
    market: Market,
    method: Method,
    calendar: TradingCalendar,
    segment: Segment,
    actions: Sequence[CorporateAction],
) -> tuple[WindowDay, ...]:
    """All trading days from T1 to the end of the market data, with turnover added up."""
    if len(market.date) == 0 or day_of(market.date[-1]) < t1:
        raise CannotComputeError(
            f"The market data end before T1 ({t1})",
            why=f"the last day is {day_of(market.date[-1])}" if len(market.date) else "there is no row",
            todo="Add market data from the revelation date (揭露日) on",
            place=Place(file=market.file),
        )
    if day_of(market.date[0]) > t1:
        raise CannotComputeError(
            f"The market data begin after T1 ({t1})",
            why=f"the first day is {day_of(market.date[0])}",
            todo="Add market data from the revelation date (揭露日) on",
            place=Place(file=market.file),
        )
    known = {int(number): place for place, number in enumerate(market.date)}
    last = day_of(market.date[-1])
    if segment.delisting is not None:
        last = min(last, segment.delisting - dt.timedelta(days=1))
    days: list[WindowDay] = []
    cumulative, number, at_t1 = Fraction(0), 0, Fraction(0)
    pending = sorted((action for action in actions if action.bonus_ratio), key=lambda action: action.ex_date)
    for day in calendar.between(t1, last):
        place = known.get(ordinal(day))
        traded = place is not None and bool(market.traded[place])
        volume = int(market.volume[place]) if traded and place is not None else 0
        shares = int(market.float_shares[place]) if place is not None else 0
        while pending and pending[0].ex_date <= day:
            at_t1 *= 1 + pending.pop(0).bonus_ratio
        if traded:
            at_t1 = at_t1 or Fraction(_tradable(shares, day, market))
            cumulative += volume / (
                at_t1 if method.turnover == "float_at_t1" else Fraction(_tradable(shares, day, market))
            )
        counted = traded or method.suspended == "count"
        number += counted
        turnover = cumulative - (days[-1].cumulative if days else 0)
        close = int(market.close[place]) if traded and place is not None else NO_PRICE
        yuan = Fraction(close, PRICE_UNITS_PER_YUAN) if close != NO_PRICE else None
        days.append(WindowDay(day, number if counted else None, yuan, yuan, volume, shares, turnover, cumulative))
    return tuple(days)


def _tradable(shares: int, day: dt.date, market: Market) -> int:
    if shares > 0:
        return shares
    raise InputError(
        f"Tradable shares (可流通股数, column float_shares) are missing on {day}",
        todo="Fill them in: cumulative turnover (累计换手率) cannot be computed without them",
        place=Place(file=market.file),
    )


def _settle(
    window: Sequence[WindowDay],
    rule: BenchmarkRule,
    method: Method,
    market: Market,
    segment: Segment,
    calendar: TradingCalendar,
) -> tuple[int, str]:
    """Place in the window of the benchmark date, and which limb of the rule gave it."""
    reached = next((i for i, day in enumerate(window) if day.cumulative >= rule.threshold), None)
    stop = _suspension(window) if method.suspended == "day_before" else None
    if stop is not None and (reached is None or reached > stop):
        return stop, "suspension"
    if rule.longest is None:
        return _settle_without_cap(window, rule, method, market, segment, calendar, reached)
    shortest, longest = _place(window, rule.shortest or 1), _place(window, rule.longest)
    if reached is not None and (longest is None or reached <= longest):
        if shortest is not None and reached > shortest:
            return reached, "turnover"
        if shortest is None:
            raise _too_short(window, market, (rule.shortest or 1) - _counted(window), rule)
        return (reached, "turnover") if reached == shortest else (shortest, "shortest")
    if longest is None:
        raise _too_short(window, market, rule.longest - _counted(window), rule)
    return longest, "longest"


def _settle_without_cap(
    window: Sequence[WindowDay],
    rule: BenchmarkRule,
    method: Method,
    market: Market,
    segment: Segment,
    calendar: TradingCalendar,
    reached: int | None,
) -> tuple[int, str]:
    if reached is not None:
        return reached, "turnover"
    if segment.delisting is not None:
        eve = calendar.on_or_before(segment.delisting - dt.timedelta(days=1))
        if day_of(market.date[-1]) >= eve:
            return _last_traded(window), "delisting"
    if method.not_reached == "thirtieth_day":
        place = _place(window, rule.thirtieth_after_t1 + 1)
        if place is None:
            raise _too_short(window, market, rule.thirtieth_after_t1 + 1 - _counted(window), rule)
        return place, "thirtieth_day"
    raise CannotComputeError(
        f"Cumulative turnover (累计换手率) is only {float(window[-1].cumulative):.2%} when the market data end "
        f"on {window[-1].date}",
        why=f"the rule needs {float(rule.threshold):.0%}; at the pace so far some {_days_missing(window, rule)} "
        "trading days are missing",
        todo='Add later market data, or set [method] not_reached = "thirtieth_day" if it cannot be fixed before the '
        "hearing (法释〔2003〕2号 art. 33(2))",
        place=Place(file=market.file),
    )


def _days_missing(window: Sequence[WindowDay], rule: BenchmarkRule) -> int | str:
    pace = window[-1].cumulative / max(_counted(window), 1)
    if pace == 0:
        return "(unknown number of)"
    left = (rule.threshold - window[-1].cumulative) / pace
    return -(-left.numerator // left.denominator)


def _place(window: Sequence[WindowDay], number: int) -> int | None:
    return next((i for i, day in enumerate(window) if day.number == number), None)


def _counted(window: Sequence[WindowDay]) -> int:
    return max((day.number for day in window if day.number is not None), default=0)


def _suspension(window: Sequence[WindowDay]) -> int | None:
    """Place of the last day with trading before trading stopped; None while it never stopped."""
    stop = next((i for i, day in enumerate(window) if day.close is None), None)
    if stop is None:
        return None
    if stop == 0:
        raise CannotComputeError(
            f'Trading was suspended on T1 ({window[0].date}), so suspended = "day_before" gives no day',
            todo='Use suspended = "resume", or give the benchmark date and price in the case file',
        )
    return stop - 1


def _last_traded(window: Sequence[WindowDay]) -> int:
    return max((i for i, day in enumerate(window) if day.close is not None), default=len(window) - 1)


def _given_end(benchmark: dt.date, window: Sequence[WindowDay], market: Market) -> int:
    place = next((i for i, day in enumerate(window) if day.date == benchmark), None)
    if place is not None:
        return place
    raise InputError(
        f"The given benchmark date (基准日) {benchmark} is not a trading day of the market data from T1 on",
        why=f"they run from {window[0].date} to {window[-1].date}",
        todo="Check the date, or add the missing market data",
        place=Place(file=market.file),
    )


def _too_short(window: Sequence[WindowDay], market: Market, missing: int, rule: BenchmarkRule) -> CannotComputeError:
    return CannotComputeError(
        f"The market data end on {window[-1].date}, before the benchmark date (基准日) is settled: "
        f"{missing} trading day{'s are' if missing != 1 else ' is'} missing",
        why=f"{_counted(window)} days are there with a cumulative turnover (累计换手率) of "
        f"{float(window[-1].cumulative):.2%}; {rule.basis[0]} needs up to "
        f"{rule.longest or rule.thirtieth_after_t1 + 1}",
        todo="Add the missing days",
        place=Place(file=market.file),
    )


def _adjusted(
    window: Sequence[WindowDay], benchmark: dt.date, actions: Sequence[CorporateAction], method: Method
) -> tuple[WindowDay, ...]:
    """The window with each close brought to the basis of the benchmark date (cn2022 art. 29, cn2003 art. 35)."""
    adjustment = adjustment_to(benchmark, actions, method)
    if adjustment.neutral:
        return tuple(window)
    return tuple(
        WindowDay(
            day.date, day.number, day.close,
            None if day.close is None else adjustment.on(day.date).price(day.close),
            day.volume, day.float_shares, day.turnover, day.cumulative,
        )
        for day in window
    )  # fmt: skip


def _notes(window: Sequence[WindowDay], market: Market) -> tuple[str, ...]:
    known = set(market.date.tolist())
    absent = [day.date for day in window if ordinal(day.date) not in known]
    if not absent:
        return ()
    days = "、".join(day.isoformat() for day in absent[:5]) + ("等" if len(absent) > 5 else "")
    return (f"行情缺少 {len(absent)} 个交易日（{days}），按停牌处理。",)
