"""Returns of the security and of the factors over the same spans of days, with what is odd about each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.market import NO_PRICE, CorporateAction, Market, day_of, ordinal
from fengqiao.engine.loss.model.limits import at_limit, limit_on
from fengqiao.engine.money import PRICE_UNITS_PER_FEN, PRICE_UNITS_PER_YUAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.model.factor_file import Factor
    from fengqiao.engine.loss.model.settings import ModelSettings, Returns

SHOWN = 3


@dataclass(frozen=True)
class Observations:
    """Returns from one day with trading to the next, ascending; all arrays have one entry an observation.

    day, previous  int32[n], days since 1970-01-01: the return runs from the close of `previous` to that of `day`
    span           int64[n], trading days in between, the last included: 1, or more after a suspension
    value          float64[n], the return over the span, simple or log, ex-rights adjusted
    factors        float64[n, k], returns of the factors over the same span
    risk_free      float64[n], 0 where the model has no risk-free rate
    limit          int64[n], 1 closed at the upper price limit, -1 at the lower, 0 neither
    close          int64[n], 1/10000 yuan
    joined         int64[n], days with trading in it: 1, or more where a run of limit days was joined
    scale, shift   float64[n]: a previous close p (1/10000 yuan) is p * scale + shift on the basis of `day`
    """

    day: NDArray[np.int32]
    previous: NDArray[np.int32]
    span: NDArray[np.int64]
    value: NDArray[np.float64]
    factors: NDArray[np.float64]
    risk_free: NDArray[np.float64]
    limit: NDArray[np.int64]
    close: NDArray[np.int64]
    scale: NDArray[np.float64]
    shift: NDArray[np.float64]
    joined: NDArray[np.int64]
    names: tuple[str, ...]
    log: bool
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.day)

    def only(self, keep: NDArray[np.bool_] | slice) -> Observations:
        """Some of the observations."""
        arrays = ("day", "previous", "span", "value", "factors", "risk_free", "limit", "close", "scale", "shift",
                  "joined")  # fmt: skip
        return replace(self, **{name: getattr(self, name)[keep] for name in arrays})


def observe(
    market: Market,
    factors: Sequence[Factor],
    risk_free: Factor | None,
    settings: ModelSettings,
    calendar: TradingCalendar,
    actions: Sequence[CorporateAction] = (),
    needed: tuple[dt.date, dt.date] = (dt.date.min, dt.date.max),
) -> Observations:
    """Returns from each day with trading to the next, matched with the factors over the same days.

    A suspension gives one return over all its days (its span). The previous close is brought to the basis of the day
    by the corporate actions (bonus, rights and cash: what a holder got is no loss); without known actions by the
    exchange's own reference price (previous_close), where the file has it. needed: the first and the last day whose
    closes are used.
    Errors: InputError for a row on a day that is no trading day, fewer than two days with trading, a factor without a
    value on a day that is needed.
    """
    first, last = (ordinal(max(min(day, dt.date(2101, 1, 1)), dt.date(1970, 1, 1))) for day in needed)
    traded = np.flatnonzero(market.traded & (market.date >= first) & (market.date <= last))
    if len(traded) < 2:
        raise InputError(
            "The market data hold fewer than two days with trading, so there are no returns (没有收益率)",
            why=f"{len(traded)} of {len(market.date)} rows have a close and a volume",
            todo="Add market data", place=Place(market.file),
        )  # fmt: skip
    days = [day_of(market.date[place]) for place in traded]
    for day in days:
        if not calendar.is_trading_day(day):
            raise InputError(f"{day} is no trading day (非交易日), but the market data hold a close for it",
                             todo="Check the date", place=Place(market.file))  # fmt: skip
    notes: list[str] = []
    bases = _bases(market, traded, days, actions, notes)
    close, before = market.close[traded[1:]], market.close[traded[:-1]]
    references = [int(price) * scale + shift for price, (scale, shift) in zip(before, bases, strict=True)]
    ratio = np.array([float(int(price) / ref) for price, ref in zip(close, references, strict=True)])
    limit = [
        at_limit(int(price), ref, limit_on(market.security, day, settings))
        for price, ref, day in zip(close, references, days[1:], strict=True)
    ]
    numbers = market.date[traded].astype(np.int32)
    place_of = _trading_numbers(calendar, days[0], days[-1])
    span = np.diff([place_of[day] for day in days])
    columns = [_spanned(factor, numbers, calendar, settings.returns) for factor in factors]
    return Observations(
        day=numbers[1:], previous=numbers[:-1], span=span.astype(np.int64),
        value=np.log(ratio) if settings.returns == "log" else ratio - 1,
        factors=np.column_stack(columns) if columns else np.empty((len(numbers) - 1, 0)),
        risk_free=np.zeros(len(ratio)) if risk_free is None else _spanned(risk_free, numbers, calendar,
                                                                           settings.returns),
        limit=np.array(limit, np.int64), close=close.astype(np.int64),
        scale=np.array([float(scale) for scale, _ in bases]), shift=np.array([float(shift) for _, shift in bases]),
        joined=np.ones(len(ratio), np.int64),
        names=tuple(factor.name for factor in factors), log=settings.returns == "log", notes=tuple(notes),
    )  # fmt: skip


def _trading_numbers(calendar: TradingCalendar, first: dt.date, last: dt.date) -> dict[dt.date, int]:
    return {day: number for number, day in enumerate(calendar.between(first, last))}


def _bases(
    market: Market, traded: NDArray[np.int64], days: Sequence[dt.date], actions: Sequence[CorporateAction],
    notes: list[str],
) -> list[tuple[Fraction, Fraction]]:  # fmt: skip
    """How the previous close becomes the ex-rights reference price: (scale, shift), for each day but the first."""
    out, unexplained, differing = [], [], []
    for number in range(1, len(traded)):
        before, given = int(market.close[traded[number - 1]]), int(market.previous_close[traded[number]])
        inside = [item for item in actions if days[number - 1] < item.ex_date <= days[number]]
        scale, shift = Fraction(1), Fraction(0)
        for action in sorted(inside, key=lambda item: item.ex_date):
            scale, shift = ex_rights(scale, shift, action)
        if not inside and given not in (NO_PRICE, before):
            scale = Fraction(given, before)
            unexplained.append(days[number])
        elif inside and given != NO_PRICE and abs(before * scale + shift - given) > PRICE_UNITS_PER_FEN:
            differing.append(days[number])
        if before * scale + shift <= 0:
            raise InputError(f"The ex-rights reference price (除权参考价) on {days[number]} is not above 0",
                             todo="Check the corporate actions (权益分派)", place=Place(market.file))  # fmt: skip
        out.append((scale, shift))
    if unexplained:
        notes.append(
            f"{_some(unexplained)}的前收盘价与上一收盘价不同而没有相应的权益分派，按前收盘价（除权参考价）计算。"
        )
    if differing:
        notes.append(f"{_some(differing)}的前收盘价与权益分派推算的除权参考价相差超过一分，按权益分派计算，请核对。")
    return out


def ex_rights(scale: Fraction, shift: Fraction, action: CorporateAction) -> tuple[Fraction, Fraction]:
    """The map from a close to a reference price (times scale plus shift, 1/10000 yuan), carried over one more action.

    >>> ex_rights(Fraction(1), Fraction(0), CorporateAction(dt.date(2018, 6, 1), bonus_ratio=Fraction(1)))
    (Fraction(1, 2), Fraction(0, 1))
    """
    paid = (action.rights_ratio * action.rights_price - action.cash_per_share) * PRICE_UNITS_PER_YUAN
    divisor = 1 + action.bonus_ratio + action.rights_ratio
    return scale / divisor, (shift + paid) / divisor


def _some(days: Sequence[dt.date]) -> str:
    more = f"等{len(days)}日" if len(days) > SHOWN else ""
    return "、".join(day.isoformat() for day in days[:SHOWN]) + more


def _spanned(
    factor: Factor, numbers: NDArray[np.int32], calendar: TradingCalendar, returns: Returns
) -> NDArray[np.float64]:
    """A factor's return over each span."""
    known = dict(zip(factor.date.tolist(), factor.value.tolist(), strict=True))
    if factor.level:
        _require(factor, [int(day) for day in numbers], known)
        levels = np.array([known[int(day)] for day in numbers])
        growth = levels[1:] / levels[:-1]
    else:
        trading = calendar.between(day_of(numbers[0]), day_of(numbers[-1]))
        needed = [ordinal(day) for day in trading[1:]]
        _require(factor, needed, known)
        total = np.concatenate([[0.0], np.cumsum(np.log1p([known[day] for day in needed]))])
        at = np.searchsorted(np.array([ordinal(day) for day in trading]), numbers)
        growth = np.exp(np.diff(total[at]))
        single = np.diff(at) == 1  # the day's own return, not one that went through logarithms
        growth[single] = 1 + np.array([known[int(day)] for day in numbers[1:]])[single]
    out: NDArray[np.float64] = np.log(growth) if returns == "log" else growth - 1
    return out


def _require(factor: Factor, needed: Sequence[int], known: dict[int, float]) -> None:
    missing = [day_of(day).isoformat() for day in needed if day not in known]
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise InputError(
            f"The factor {factor.name} has no value on {len(missing)} trading day{'s' if len(missing) > 1 else ''} "
            "on which it is needed (因子缺少交易日)",
            why=f"{', '.join(missing[:SHOWN])}{more}", todo="Add the missing days to the factor file",
            place=Place(factor.file),
        )  # fmt: skip


def pool_limit_runs(found: Observations) -> Observations:
    """Each run of closes at one price limit joined with the day that ends it into a single return over all those days.

    Price limits only delay the move (Kim and Rhee 1997), so the sum of a run is what the news did to the price.
    Of a joined observation scale and shift are those of its last day; the price path is made from unjoined ones.
    """
    groups: list[list[int]] = []
    for place in range(len(found)):
        last = groups[-1][-1] if groups else None
        if last is not None and found.limit[last] != 0:
            same = found.limit[place] == found.limit[last]
            ends = found.limit[place] == 0
            if same or ends:
                groups[-1].append(place)
                continue
        groups.append([place])
    if all(len(group) == 1 for group in groups):
        return found
    firsts, lasts = [group[0] for group in groups], [group[-1] for group in groups]
    return replace(
        found,
        day=found.day[lasts], previous=found.previous[firsts], close=found.close[lasts],
        span=np.add.reduceat(found.span, firsts),
        value=_joined(found.value, firsts, found.log),
        factors=_joined(found.factors, firsts, found.log),
        risk_free=_joined(found.risk_free, firsts, found.log),
        scale=found.scale[lasts], shift=found.shift[lasts], limit=found.limit[firsts],
        joined=np.add.reduceat(found.joined, firsts),
    )  # fmt: skip


def _joined(returns: NDArray[np.float64], firsts: Sequence[int], log: bool) -> NDArray[np.float64]:
    if returns.size == 0:
        return returns[list(firsts)]
    if log:
        return np.add.reduceat(returns, firsts, axis=0)
    return np.expm1(np.add.reduceat(np.log1p(returns), firsts, axis=0))
