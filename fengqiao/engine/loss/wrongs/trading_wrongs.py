"""Losses by insider dealing (内幕交易) and manipulation (操纵市场): contemporaneous traders on a price path.

证券法 arts. 53 and 55 give liability and no measure; every choice is a setting (docs/methods/trading_wrongs.md).
A trade is harmed by the difference between its price and the price as it would have been without the wrong; what the
same shares gained by that difference when they left again is taken off. `settle_trading` is the plain twin of
`contemporaneous`.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.case_values import Parser, choice_of, date_value, file_value, ratio_value
from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.rows import BLOCK, BUY, DIVIDEND, OPENING, TRADE
from fengqiao.engine.loss.trade import execution_order
from fengqiao.engine.loss.wrongs.shape import (
    ONE,
    ZERO,
    Award,
    Row,
    Trace,
    average,
    count_text,
    fen,
    fen_text,
    not_below_zero,
    price_text,
    yuan_text,
)  # fmt: skip
from fengqiao.engine.loss.wrongs.wrong_case import Section
from fengqiao.engine.money import FEN_PER_YUAN, PRICE_UNITS_PER_YUAN, decimal_text, round_fraction

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.market import Series
    from fengqiao.engine.loss.trade import Trade
    from fengqiao.engine.loss.wrongs.wrong_case import WrongCase

BASIS = {"insider_dealing": "证券法第53条", "manipulation": "证券法第55条"}
LAW = {
    "insider_dealing": ("trading_wrongs.insider_liability",),
    "manipulation": ("trading_wrongs.manipulation_liability",),
}  # fmt: skip
DETAILS = ("entry_harm", "exit_gain")


@dataclass(frozen=True)
class ConductTerms:
    """What a case says about the conduct.

    harmed: who traded against the wrong ("buyers": the price was too high, or the insider sold; "sellers" the
    reverse). start, end: first and last day of the conduct. effect_end: the last day on which the price still carried
    it. contemporaneous: whose trades count: of the wrongdoer's days, of the whole conduct, or until the effect ended.
    days: the days on which the wrongdoer traded. path: file with the price without the wrong, by day. netting: what
    the same shares gained on leaving is taken off (fifo), or every trade counts by itself (none).
    """

    harmed: Literal["buyers", "sellers"]
    start: dt.date
    end: dt.date
    path: Path | None = None
    effect_end: dt.date | None = None
    contemporaneous: Literal["days", "conduct", "effect"] | None = None
    days: tuple[dt.date, ...] = ()
    netting: Literal["fifo", "none"] = "fifo"
    block_trades: Literal["exclude", "count"] = "exclude"
    commission_rate: Fraction = ZERO
    stamp_duty_rate: Fraction = ZERO


def _days(value: object, what: str, base: Path) -> tuple[dt.date, ...]:
    if not isinstance(value, list) or not value:
        raise InputError(f"{what} must be a list of dates such as [2023-03-01, 2023-03-02]", why=f"{value!r} was given")
    return tuple(sorted({date_value(item, what, base) for item in value}))


CONDUCT_KEYS: dict[str, Parser] = {
    "harmed": choice_of(("buyers", "sellers")), "start": date_value, "end": date_value, "path": file_value,
    "effect_end": date_value, "contemporaneous": choice_of(("days", "conduct", "effect")), "days": _days,
    "netting": choice_of(("fifo", "none")), "block_trades": choice_of(("exclude", "count")),
    "commission_rate": ratio_value, "stamp_duty_rate": ratio_value,
}  # fmt: skip


def _check(terms: ConductTerms) -> None:
    last = terms.effect_end or terms.end
    if not terms.start <= terms.end <= last:
        raise InputError(
            "[conduct] start, end and effect_end are not in this order", why=f"{terms.start}, {terms.end}, {last}",
            todo="Check the dates",
        )  # fmt: skip
    if (terms.contemporaneous == "days") != bool(terms.days):
        raise InputError('[conduct] contemporaneous = "days" and days belong together', todo="Give both or neither")
    outside = [day for day in terms.days if not terms.start <= day <= terms.end]
    if outside:
        raise InputError("[conduct] days lie outside the conduct", why=", ".join(map(str, outside[:5])))


SECTION = Section("conduct", CONDUCT_KEYS, ("harmed", "start", "end"), ConductTerms, _check)
USUAL: dict[str, Literal["conduct", "effect"]] = {"insider_dealing": "conduct", "manipulation": "effect"}


@dataclass(frozen=True)
class PricePath:
    """The price without the wrong, by day, 1/10000 yuan. A day without one takes that of the day before it."""

    days: tuple[int, ...]
    prices: tuple[int, ...]

    def on(self, day: int) -> int:
        """Price of a day number."""
        return self.prices[max(bisect_right(self.days, day) - 1, 0)]


@dataclass(frozen=True)
class Conduct:
    """A case made ready: which days count, and the price path. first, last: day numbers of conduct and effect."""

    case: WrongCase
    path: PricePath
    first: int
    last: int
    counted_until: int

    @cached_property
    def days(self) -> frozenset[int]:
        """The wrongdoer's days, where only these count."""
        return frozenset(ordinal(day) for day in self.case.terms.days)

    @property
    def buyers(self) -> bool:
        """True if purchases were harmed."""
        return bool(self.case.terms.harmed == "buyers")

    def counts(self, day: int) -> bool:
        """Whether a trade of that day is contemporaneous."""
        return self.first <= day <= self.counted_until and (not self.days or day in self.days)


def prepare_conduct(case: WrongCase, series: Series, calendar: TradingCalendar) -> Conduct:
    """Check the price path against the calendar: it must hold every trading day from the start to the effect's end."""
    terms: ConductTerms = case.terms
    end = terms.effect_end or terms.end
    kind = terms.contemporaneous or USUAL[case.wrong]
    known = {int(day): int(price) for day, price in zip(series.date, series.close, strict=True)}
    missing = [
        day for day in calendar.between(calendar.on_or_after(terms.start), end) if known.get(ordinal(day), 0) <= 0
    ]
    if missing or not known:
        first = f", the first on {missing[0]}" if missing else ""
        raise InputError(
            f"The price path has no price on {len(missing)} trading days{first}",
            why="every trade is compared with the price of its day", todo="Add the missing days",
            place=Place(file=series.file),
        )  # fmt: skip
    days = tuple(sorted(known))
    last = ordinal(end)
    return Conduct(
        replace(case, terms=replace(terms, contemporaneous=kind, effect_end=end)),
        PricePath(days, tuple(known[day] for day in days)), ordinal(terms.start), last,
        last if kind == "effect" else ordinal(terms.end),
    )  # fmt: skip


@dataclass(slots=True)
class Harm:
    """Sums of one investor, in shares and 1/10000 yuan: what entered the scope, left it, and the differences.

    entry_harm: price less path (sellers: path less price) over in-scope shares; exit_gain: the same when they left.
    """

    entered: int = 0
    entered_value: int = 0
    entry_harm: int = 0
    exited: int = 0
    exited_value: int = 0
    exit_gain: int = 0
    left: int = 0
    oversold: int = 0


def settle_trading(trades: Sequence[Trade], conduct: Conduct, trace: Trace | None = None) -> Award:
    """The award of one investor, row by row."""
    harm = Harm()
    lots: deque[list[int]] = deque()  # quantity, harm a share, in scope
    sign, enter_side = (1, BUY) if conduct.buyers else (-1, 1 - BUY)
    netted = conduct.case.terms.netting == "fifo"
    blocks = conduct.case.terms.block_trades == "count"
    for trade in sorted(trades, key=execution_order):
        if trade.kind != OPENING and trade.date > conduct.last:
            break
        traded = trade.kind == TRADE or (trade.kind == BLOCK and blocks)
        share = sign * (trade.price - conduct.path.on(trade.date))
        effect = "不影响计算"
        if trade.kind == DIVIDEND:
            pass
        elif trade.side == enter_side:
            effect = _enter(trade, traded and conduct.counts(trade.date), share, lots, harm, conduct.buyers)
        elif netted:
            effect = _exit(trade, traded, share, lots, harm, conduct.buyers)
        if trace is not None:
            held = Fraction(sum(lot[0] for lot in lots if lot[2]))
            mean = average(Fraction(harm.entered_value, PRICE_UNITS_PER_YUAN), harm.entered)
            trace.rows.append(Row(trade, effect, held, mean))
    return award_of(harm, conduct, trace)


def _enter(trade: Trade, scope: bool, share: int, lots: deque[list[int]], harm: Harm, buyers: bool) -> str:
    if scope:
        harm.entered += trade.quantity
        harm.entered_value += trade.quantity * trade.price
        harm.entry_harm += trade.quantity * share
    if scope or buyers:
        lots.append([trade.quantity, share, int(scope)])
    if not scope:
        return "不在范围内"
    return f"范围内，与模拟价格相差每股{yuan_text(Fraction(share, PRICE_UNITS_PER_YUAN))}元"


def _exit(trade: Trade, traded: bool, share: int, lots: deque[list[int]], harm: Harm, buyers: bool) -> str:
    rest, counted = trade.quantity, 0
    while rest and lots:
        lot = lots[0]
        part = min(rest, lot[0])
        rest, lot[0] = rest - part, lot[0] - part
        if lot[2]:
            counted += part
            if not traded:
                harm.entry_harm -= part * lot[1]
        if lot[0] == 0:
            lots.popleft()
    if buyers:
        harm.oversold += rest
    if not counted:
        return "不在范围内"
    if not traded:
        harm.left += counted
        return f"范围内{count_text(counted)}股不经交易离开，不再计损失"
    harm.exited += counted
    harm.exited_value += counted * trade.price
    harm.exit_gain += counted * share
    return f"范围内{count_text(counted)}股离开，与模拟价格相差每股{yuan_text(Fraction(share, PRICE_UNITS_PER_YUAN))}元"


def award_of(harm: Harm, conduct: Conduct, trace: Trace | None = None) -> Award:
    """From the sums to the award: difference = entry harm less exit gain, not below 0; deductions, fees, rounding."""
    case, terms = conduct.case, conduct.case.terms
    rounding, keep = case.rounding, ONE - case.other_ratio
    units = max(harm.entry_harm - harm.exit_gain, 0)
    difference = Fraction(units, PRICE_UNITS_PER_YUAN)
    award_fen = fen(difference * keep, rounding)
    scope, exited = harm.entered - harm.left, harm.exited
    entered, left = average(_yuan(harm.entered_value), harm.entered), average(_yuan(harm.exited_value), exited)
    award = Award(
        scope=Fraction(scope), sold=Fraction(exited), held=Fraction(scope - exited),
        purchase_average=entered if conduct.buyers else left, sale_average=left if conduct.buyers else entered,
        reference_price=_yuan(conduct.path.on(conduct.last)), difference=difference, award=difference * keep,
        difference_fen=fen(difference, rounding), award_fen=award_fen,
        commission_fen=round_fraction(award_fen * terms.commission_rate, rounding),
        stamp_duty_fen=round_fraction(award_fen * terms.stamp_duty_rate, rounding),
        bought=Fraction(harm.entered), left=Fraction(harm.left), oversold=Fraction(harm.oversold),
        details=tuple(fen(_yuan(amount), rounding) for amount in (harm.entry_harm, harm.exit_gain)),
        said=said_of(harm.entered, units, conduct),
    )  # fmt: skip
    if trace is not None:
        _lines(award, harm, conduct, trace)
    return award


def said_of(entered: int, units: int, conduct: Conduct) -> tuple[str, ...]:
    """Why a result is zero."""
    if not entered:
        return (f"没有同期{'买入' if conduct.buyers else '卖出'}",)
    return () if units else ("没有损失",)


def _yuan(units: int) -> Fraction:
    return Fraction(units, PRICE_UNITS_PER_YUAN)


def _lines(award: Award, harm: Harm, conduct: Conduct, trace: Trace) -> None:
    case, basis = conduct.case, BASIS[conduct.case.wrong]
    enter, leave = ("买入", "卖出") if conduct.buyers else ("卖出", "买回")
    entry, gain = _yuan(harm.entry_harm), _yuan(harm.exit_gain)
    prices = "成交价 － 模拟价格" if conduct.buyers else "模拟价格 － 成交价"
    trace.line(f"同期{enter}", "", f"{count_text(award.bought)} 股", basis)
    trace.line(
        f"同期{enter}平均价", "", f"{price_text(award.purchase_average if conduct.buyers else award.sale_average)} 元"
    )
    trace.line(f"其间{leave}、未{leave}", "", f"{count_text(award.sold)} 股、{count_text(award.held)} 股")
    trace.line(f"{enter}时的差额", f"各笔（{prices}）× 股数之和", f"{yuan_text(entry)} 元", "本平台约定")
    trace.line(f"{leave}时收回的差额", f"各笔（{prices}）× 范围内股数之和", f"{yuan_text(gain)} 元", "本平台约定")
    trace.line("损失", not_below_zero(entry, gain), fen_text(award.difference_fen), basis)
    trace.line("其他因素比例", case.other_reason, f"{decimal_text(case.other_ratio * 100, 2)}%")
    trace.line("认定的损失", "扣除其他因素后，舍入到分", fen_text(award.award_fen))
    for name, rate, amount in (
        ("佣金", case.terms.commission_rate, award.commission_fen),
        ("印花税", case.terms.stamp_duty_rate, award.stamp_duty_fen),
    ):  # fmt: skip
        if rate:
            trace.line(
                name,
                f"{yuan_text(Fraction(award.award_fen, FEN_PER_YUAN))} × {decimal_text(rate * 100, 4)}%",
                fen_text(amount),
            )
    trace.line("合计", "", fen_text(award.total_fen), strong=True)
