"""Losses of bondholders: 法〔2020〕185号 points 21 and 22 (待核: not read in the original). See docs/methods/bonds.md.

Sold before the judgment: what was paid, less principal repaid while held, less what was received. Still held: what the
issuer owes by the terms of the bond. Exact fractions; volumes of bond cases are small.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.rows import BLOCK, BUY, DIVIDEND, RIGHTS, TRADE
from fengqiao.engine.loss.ruleset import day_count_basis
from fengqiao.engine.loss.trade import execution_order
from fengqiao.engine.loss.wrongs.bond_terms import BondTerms, accrued, in_scope, owed_principal, repaid_between
from fengqiao.engine.loss.wrongs.interest import rate_steps
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
    price_of,
    price_text,
    yuan_text,
)  # fmt: skip
from fengqiao.engine.money import decimal_text

if TYPE_CHECKING:
    from fengqiao.engine.loss.trade import Trade
    from fengqiao.engine.loss.wrongs.wrong_case import WrongCase

SOLD, HELD, BOTH = "法〔2020〕185号第22条第1项", "法〔2020〕185号第22条第2项、第21条第1款", "法〔2020〕185号第22条"
DEFAULT = "法〔2020〕185号第21条第1款"
DETAILS = ("sold_loss", "held_principal", "coupons", "overdue_interest", "penalty", "sold_interest")
LAW = ("bonds.purchases_in_scope", "bonds.sold_before_judgment", "bonds.held_at_judgment")


@dataclass(slots=True)
class _Lot:
    quantity: int
    price: Fraction
    day: dt.date
    scope: bool


@dataclass(slots=True)
class _Sums:
    """What the walk adds up: bonds and yuan of all in-scope purchases, of sales, of lots sold; principal repaid."""

    bought: int = 0
    cost: Fraction = ZERO
    left: int = 0
    sold: int = 0
    sold_cost: Fraction = ZERO
    proceeds: Fraction = ZERO
    repaid: Fraction = ZERO
    oversold: int = 0


class _Walk:
    """Replays one investor's rows: first in, first out over the whole holding."""

    def __init__(self, terms: BondTerms) -> None:
        self.terms, self.lots = terms, deque[_Lot]()
        self.sums = _Sums()
        self.sales: list[tuple[dt.date, int]] = []
        self.purchases: list[tuple[dt.date, int]] = []

    def take(self, trade: Trade) -> str:
        """One row; returns what it did, in Chinese."""
        day = day_of(trade.date)
        if trade.kind == DIVIDEND:
            return "派息，不影响计算"
        if trade.side == BUY:
            return self.enter(trade, day)
        return self.leave(trade, day)

    def enter(self, trade: Trade, day: dt.date) -> str:
        bought = trade.kind in (TRADE, BLOCK, RIGHTS)
        price = price_of(trade) + (accrued(self.terms, day) if bought else ZERO)
        scope = bought and in_scope(self.terms, day)
        self.lots.append(_Lot(trade.quantity, price, day, scope))
        if scope:
            self.purchases.append((day, trade.quantity))
            self.sums.bought += trade.quantity
            self.sums.cost += trade.quantity * price
        return f"买入，{'在范围内' if scope else '不在范围内'}，每张付{yuan_text(price)}元"

    def leave(self, trade: Trade, day: dt.date) -> str:
        sums, terms, rest, counted, gone = self.sums, self.terms, trade.quantity, 0, 0
        sale = trade.kind in (TRADE, BLOCK)
        early = terms.revelation is not None and day < terms.revelation and terms.sold_before_revelation == "exclude"
        price = price_of(trade) + (accrued(terms, day) if sale else ZERO)
        while rest and self.lots:
            lot = self.lots[0]
            part = min(rest, lot.quantity)
            rest, lot.quantity = rest - part, lot.quantity - part
            if lot.scope and sale and not early:
                counted += part
                sums.sold += part
                sums.sold_cost += part * lot.price
                sums.proceeds += part * price
                sums.repaid += part * repaid_between(terms, lot.day, day)
            elif lot.scope:
                gone += part
            if lot.quantity == 0:
                self.lots.popleft()
        sums.left += gone
        sums.oversold += rest
        if counted:
            self.sales.append((day, counted))
            return f"卖出范围内{count_text(counted)}张，每张得{yuan_text(price)}元"
        return f"{'卖出' if sale else '转出'}，范围内{count_text(gone)}张离开，不计损失" if gone else "卖出，不在范围内"


def settle_bonds(trades: Sequence[Trade], case: WrongCase, trace: Trace | None = None) -> Award:
    """The award of one investor. trades: any order. Source: see the head of this module."""
    terms: BondTerms = case.terms
    walk = _Walk(terms)
    for trade in sorted(trades, key=execution_order):
        if day_of(trade.date) >= terms.judgment:
            break
        effect = walk.take(trade)
        if trace is not None:
            held = sum(lot.quantity for lot in walk.lots if lot.scope)
            trace.rows.append(Row(trade, effect, Fraction(held), average(walk.sums.cost, walk.sums.bought)))
    return _award(walk, case, trace)


def _award(walk: _Walk, case: WrongCase, trace: Trace | None) -> Award:
    terms, sums, rounding, keep = case.terms, walk.sums, case.rounding, ONE - case.other_ratio
    lots = [lot for lot in walk.lots if lot.scope]
    held = sum(lot.quantity for lot in lots)
    mean = average(sums.cost, sums.bought)
    fifo = terms.averaging == "fifo_weighted"
    sold_cost = sums.sold_cost if fifo else (mean or ZERO) * sums.sold
    held_cost = sum((lot.quantity * lot.price for lot in lots), ZERO) if fifo else (mean or ZERO) * held
    repaid = sums.repaid if fifo else mean_repaid(walk)
    default = terms.implementation is None
    sold_loss = ZERO if default else max(sold_cost - repaid - sums.proceeds, ZERO)
    owed = owed_principal(terms)
    principal = owed.principal * held
    if terms.held == "owed_up_to_cost":
        principal = min(principal, held_cost)
    coupons = [(item, sum(lot.quantity for lot in lots if lot.day < item.date)) for item in terms.coupons
               if not item.paid and item.date <= terms.judgment]  # fmt: skip
    coupon_sum = sum((item.amount * count for item, count in coupons), ZERO)
    due = [(day, amount * held) for day, amount in owed.items]
    due += [(item.date, item.amount * count) for item, count in coupons]
    until = case.interest.until or terms.judgment
    sold_interest = _sold_interest(walk, case, sold_loss, until)
    exact = (
        sold_loss, principal, coupon_sum, overdue(due, terms.overdue_rate, until),
        overdue(due, terms.penalty_rate, until), sold_interest,
    )  # fmt: skip
    difference = sold_loss + principal
    details = tuple(fen(amount * keep, rounding) for amount in exact)
    award = Award(
        scope=Fraction(sums.bought - sums.left), sold=Fraction(sums.sold), held=Fraction(held),
        purchase_average=average(sums.sold_cost + held_cost, sums.sold + held) if fifo else mean,
        sale_average=average(sums.proceeds, sums.sold), reference_price=owed.principal,
        difference=difference, award=difference * keep,
        difference_fen=fen(sold_loss, rounding) + fen(principal, rounding),
        award_fen=details[0] + details[1], interest_fen=sum(details[2:]),
        bought=Fraction(sums.bought), left=Fraction(sums.left), oversold=Fraction(sums.oversold), details=details,
        said=_said(sums, held),
    )  # fmt: skip
    if trace is not None:
        _lines(award, exact, (sold_cost, repaid, sums.proceeds), until, case, trace)
    return award


def mean_repaid(walk: _Walk) -> Fraction:
    """Principal repaid on what was sold, where bonds are told apart by their average only: of each sale the mean over
    all in-scope purchases of what had been repaid on them by that day."""
    bought = walk.sums.bought
    return sum(
        (
            sold * count * repaid_between(walk.terms, day, sale) / bought
            for sale, sold in walk.sales
            for day, count in walk.purchases
        ),
        ZERO,
    )


def _said(sums: _Sums, held: int) -> tuple[str, ...]:
    if not sums.bought:
        return ("范围内没有买入",)
    return () if sums.sold or held else ("揭露日以前已全部卖出",)


def _sold_interest(walk: _Walk, case: WrongCase, loss: Fraction, until: dt.date) -> Fraction:
    """Interest on the loss of what was sold, from the day it was certain [ours: each sale, by its share of bonds]."""
    rates = rate_steps(case.interest)
    if rates is None or not loss:
        return ZERO
    last = max(day for day, _ in walk.sales)
    if case.terms.sold_interest_from == "last_sale":
        return loss * rates.factor(last, until)
    shares = sum((count * rates.factor(day, until) for day, count in walk.sales), ZERO)
    return loss * shares / walk.sums.sold


def overdue(due: Sequence[tuple[dt.date, Fraction]], rate: Fraction | None, until: dt.date) -> Fraction:
    """Interest a year of 365 days on what is overdue, from the day it was due (not counted) to `until`.

    >>> overdue([(dt.date(2024, 1, 1), Fraction(100))], Fraction(1, 10), dt.date(2024, 12, 31))
    Fraction(10, 1)
    """
    if not rate:
        return ZERO
    return sum((amount * rate * max((until - day).days, 0) / day_count_basis() for day, amount in due), ZERO)


NAMES = ("已卖出部分的本金损失", "仍持有部分的到期本金", "未付的票息", "逾期利息", "违约金", "已卖出部分损失的利息")


def _lines(
    award: Award, exact: Sequence[Fraction], sold: tuple[Fraction, Fraction, Fraction], until: dt.date,
    case: WrongCase, trace: Trace,
) -> None:  # fmt: skip
    cost, repaid, proceeds = sold
    trace.line("范围内买入", "", f"{count_text(award.bought)} 张", BOTH if case.wrong != "bond_default" else DEFAULT)
    trace.line("买入平均价", "", f"{price_text(award.purchase_average)} 元")
    trace.line("已卖出、仍持有", "", f"{count_text(award.sold)} 张、{count_text(award.held)} 张")
    formulas = (
        not_below_zero(cost, repaid, proceeds),
        f"{yuan_text(award.reference_price)} × {count_text(award.held)}"
        + ("，不超过买入成本" if case.terms.held == "owed_up_to_cost" else ""),
        "", f"计至{until}", f"计至{until}", f"计至{until}",
    )  # fmt: skip
    bases = (SOLD, HELD, HELD, HELD, HELD, SOLD)
    for name, formula, amount, basis in zip(NAMES, formulas, exact, bases, strict=True):
        if amount:
            trace.line(name, formula, f"{yuan_text(amount)} 元", basis)
    trace.line("其他因素比例", case.other_reason, f"{decimal_text(case.other_ratio * 100, 2)}%")
    trace.line("认定的本金损失", "已卖出、仍持有两项扣除其他因素后，各自舍入到分", fen_text(award.award_fen))
    trace.line("票息、逾期利息、违约金和利息", "各项扣除其他因素后，各自舍入到分", fen_text(award.interest_fen))
    trace.line("合计", "", fen_text(award.total_fen), strong=True)
