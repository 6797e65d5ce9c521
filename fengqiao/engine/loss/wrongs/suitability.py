"""Losses by unsuitable sales (不适当销售): 证券法 art. 88, 期货和衍生品法 art. 50, 法〔2019〕254号 points 72 to 78.

What was paid less what came back, with interest, in exact fractions; see docs/methods/suitability.md. 待核: the
conference record was not read in the original.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.case_values import Parser, choice_of, date_value, ratio_value, text_value
from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.rows import BUY, DIVIDEND, OPENING, TRANSFER_IN, TRANSFER_OUT
from fengqiao.engine.loss.trade import execution_order
from fengqiao.engine.loss.wrongs.interest import rate_steps
from fengqiao.engine.loss.wrongs.shape import (
    ONE,
    ZERO,
    Award,
    Row,
    Trace,
    average,
    count_text,
    fees_of,
    fen,
    fen_text,
    not_below_zero,
    price_of,
    price_text,
    yuan_text,
)  # fmt: skip
from fengqiao.engine.loss.wrongs.wrong_case import Section
from fengqiao.engine.money import decimal_text, exact

if TYPE_CHECKING:
    from pathlib import Path

    from fengqiao.engine.loss.trade import Trade
    from fengqiao.engine.loss.wrongs.wrong_case import WrongCase

BASIS, OWN_BASIS = "法〔2019〕254号第77条", "法〔2019〕254号第78条"
LAW = (
    "suitability.actual_loss", "suitability.interest_rate", "suitability.own_cause",
    "suitability.securities_firm_liability",
)  # fmt: skip
DETAILS = ("paid", "returned", "residual")


@dataclass(frozen=True)
class SaleTerms:
    """What a case says about the sale. start, end: payments from the one to the other day count.

    residual_price: what one unit still held is worth (yuan), with its reason; None: nothing. interest_base: interest on
    the principal that was lost, from the days it was paid (lost_principal), on what was outstanding from day to day
    (outstanding), or on all that was paid (paid, for fraud). own_share: what the investor bears for their own part
    (point 78 knows exemption only; a share is the practice of courts), with its reason.
    """

    start: dt.date
    end: dt.date
    residual_price: Fraction | None = None
    residual_reason: str = ""
    interest_base: Literal["lost_principal", "outstanding", "paid"] = "lost_principal"
    own_share: Fraction = ZERO
    own_reason: str = ""
    fees: Literal["include", "exclude"] = "include"


def _price(value: object, what: str, _base: Path) -> Fraction:
    amount = exact(value, what)  # type: ignore[arg-type]
    if amount < 0:
        raise InputError(f"{what} must not be below 0", why=f'"{value}" was given')
    return amount


SALE_KEYS: dict[str, Parser] = {
    "start": date_value, "end": date_value, "residual_price": _price, "residual_reason": text_value,
    "interest_base": choice_of(("lost_principal", "outstanding", "paid")), "own_share": ratio_value,
    "own_reason": text_value, "fees": choice_of(("include", "exclude")),
}  # fmt: skip


def _check(terms: SaleTerms) -> None:
    if terms.start > terms.end:
        raise InputError("[sale] start is after end", why=f"{terms.start} and {terms.end}", todo="Check the dates")
    for share, reason, name in (
        (terms.own_share, terms.own_reason, "own"), (terms.residual_price, terms.residual_reason, "residual"),
    ):  # fmt: skip
        if share and not reason:
            raise InputError(f"[sale] {name}_reason is missing", todo=f'Add {name}_reason = "…" (依据)')


SECTION = Section("sale", SALE_KEYS, ("start", "end"), SaleTerms, _check)


@dataclass(slots=True)
class _Money:
    """Payments and returns of one investor: (day, yuan) each; units bought, returned, held."""

    paid: list[tuple[dt.date, Fraction]]
    returned: list[tuple[dt.date, Fraction]]
    bought: int = 0
    units_back: int = 0
    held: int = 0
    oversold: int = 0
    price_sum: Fraction = ZERO
    back_sum: Fraction = ZERO


def settle_sale(trades: Sequence[Trade], case: WrongCase, trace: Trace | None = None) -> Award:
    """The award of one investor."""
    terms: SaleTerms = case.terms
    money = _Money([], [])
    for trade in sorted(trades, key=execution_order):
        day = day_of(trade.date)
        if trade.kind != OPENING and day > terms.end:
            break
        effect = _take(trade, day, terms, money)
        if trace is not None:
            trace.rows.append(Row(trade, effect, Fraction(money.held), average(money.price_sum, money.bought)))
    return _award(money, case, trace)


def _take(trade: Trade, day: dt.date, terms: SaleTerms, money: _Money) -> str:
    """One row; returns what it did, in Chinese. What was bought before the period is not in scope."""
    amount = trade.quantity * price_of(trade)
    if day < terms.start or trade.kind in (OPENING, TRANSFER_IN, TRANSFER_OUT):
        return "不在范围内"
    fees = fees_of(trade) if terms.fees == "include" else ZERO
    if trade.kind == DIVIDEND:
        money.returned.append((day, amount))
        return f"收到分配{yuan_text(amount)}元"
    if trade.side == BUY:
        money.paid.append((day, amount + fees))
        money.bought += trade.quantity
        money.held += trade.quantity
        money.price_sum += amount
        return f"支付{yuan_text(amount + fees)}元"
    counted = min(trade.quantity, money.held)
    money.oversold += trade.quantity - counted
    money.held -= counted
    money.units_back += counted
    back = counted * price_of(trade) - fees * counted / trade.quantity
    money.back_sum += counted * price_of(trade)
    money.returned.append((day, back))
    return f"收回{yuan_text(back)}元"


def _award(money: _Money, case: WrongCase, trace: Trace | None) -> Award:
    terms, rounding = case.terms, case.rounding
    paid = sum((amount for _, amount in money.paid), ZERO)
    returned = sum((amount for _, amount in money.returned), ZERO)
    residual = (terms.residual_price or ZERO) * money.held
    difference = max(paid - returned - residual, ZERO)
    keep = (ONE - terms.own_share) * (ONE - case.other_ratio)
    until = case.interest.until or terms.end
    interest = interest_of(money.paid, money.returned, difference, case, until)
    award = Award(
        scope=Fraction(money.bought), sold=Fraction(money.units_back), held=Fraction(money.held),
        purchase_average=average(money.price_sum, money.bought),
        sale_average=average(money.back_sum, money.units_back), reference_price=terms.residual_price or ZERO,
        difference=difference, award=difference * keep, difference_fen=fen(difference, rounding),
        award_fen=fen(difference * keep, rounding), interest_fen=fen(interest * keep, rounding),
        bought=Fraction(money.bought), oversold=Fraction(money.oversold),
        details=tuple(fen(amount, rounding) for amount in (paid, returned, residual)),
        said=() if difference else ("范围内没有支付" if not money.paid else "没有损失",),
    )  # fmt: skip
    if trace is not None:
        _lines(award, (paid, returned, residual, interest), case, until, trace)
    return award


def interest_of(
    paid: Sequence[tuple[dt.date, Fraction]], returned: Sequence[tuple[dt.date, Fraction]], lost: Fraction,
    case: WrongCase, until: dt.date,
) -> Fraction:  # fmt: skip
    """Interest, exact, not below 0, on what `interest_base` says; 0 where nothing was lost or no rate is set."""
    rates = rate_steps(case.interest)
    if rates is None or not lost:
        return ZERO
    whole = sum((amount * rates.factor(day, until) for day, amount in paid), ZERO)
    if case.terms.interest_base == "paid":
        return whole
    if case.terms.interest_base == "outstanding":
        back = sum((amount * rates.factor(day, until) for day, amount in returned), ZERO)
        return max(whole - back, ZERO)
    return whole * lost / sum((amount for _, amount in paid), ZERO)


def _lines(award: Award, exact_amounts: Sequence[Fraction], case: WrongCase, until: dt.date, trace: Trace) -> None:
    paid, returned, residual, interest = exact_amounts
    terms = case.terms
    trace.line("买入份数、平均价", "", f"{count_text(award.bought)} 份、{price_text(award.purchase_average)} 元")
    trace.line("支付的金钱总额", "含认购费用" if terms.fees == "include" else "", f"{yuan_text(paid)} 元", BASIS)
    trace.line("已经收回", "赎回款和分配", f"{yuan_text(returned)} 元")
    if residual:
        trace.line("仍持有部分的价值", terms.residual_reason, f"{yuan_text(residual)} 元")
    formula = not_below_zero(paid, returned, residual)
    trace.line("损失的本金", formula, fen_text(award.difference_fen), BASIS)
    trace.line(
        "投资者自担比例", terms.own_reason, f"{decimal_text(terms.own_share * 100, 2)}%", "法〔2019〕254号第78条"
    )
    trace.line("其他因素比例", case.other_reason, f"{decimal_text(case.other_ratio * 100, 2)}%")
    trace.line("认定的本金损失", "扣除后舍入到分", fen_text(award.award_fen), BASIS)
    if interest:
        trace.line("利息", f"计至{until}，{yuan_text(interest)}元扣除后舍入", fen_text(award.interest_fen), BASIS)
    trace.line("合计", "", fen_text(award.total_fen), strong=True)
