"""What a case says about a bond, and what follows from it alone: who is in scope, what is repaid and owed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.case_values import (
    Parser,
    choice_of,
    date_value,
    flag_value,
    parsed_table,
    price_value,
    ratio_value,
    text_value,
)
from fengqiao.engine.loss.wrongs.shape import ZERO, yuan_text
from fengqiao.engine.loss.wrongs.wrong_case import Section

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Payment:
    """A payment of the bond by its terms: yuan a bond, and whether the issuer made it."""

    date: dt.date
    amount: Fraction
    paid: bool = True


@dataclass(frozen=True)
class BondTerms:
    """What a case says about the bond. Amounts in yuan a bond.

    implementation, revelation: purchases from the one on and before the other count (None for a mere default: all
    do). judgment: sold before this day is sold. repayments, coupons: by the terms of the bond. accelerated: the day
    from which all principal is due (提前到期). price: "full" (with accrued interest) or "clean" prices in the records;
    coupon_from: the day from which the first coupon runs, needed for clean prices. overdue_rate, penalty_rate: a year,
    on what is overdue, by the terms of the bond.
    """

    judgment: dt.date
    face: Fraction
    repayments: tuple[Payment, ...]
    coupons: tuple[Payment, ...] = ()
    implementation: dt.date | None = None
    revelation: dt.date | None = None
    accelerated: dt.date | None = None
    coupon_from: dt.date | None = None
    price: Literal["full", "clean"] = "full"
    averaging: Literal["weighted", "fifo_weighted"] = "weighted"
    sold_before_revelation: Literal["exclude", "count"] = "exclude"
    held: Literal["owed", "owed_up_to_cost"] = "owed"
    sold_interest_from: Literal["each_sale", "last_sale"] = "each_sale"
    overdue_rate: Fraction | None = None
    penalty_rate: Fraction | None = None
    rate_reason: str = ""


def _payments(value: object, what: str, base: Path) -> tuple[Payment, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise InputError(f'{what} must be a list such as [{{ date = 2024-05-20, amount = "100", paid = false }}]')
    keys: dict[str, Parser] = {"date": date_value, "amount": price_value, "paid": flag_value}
    found = tuple(Payment(**parsed_table(item, keys, what, base, ("date", "amount"))) for item in value)
    days = [item.date for item in found]
    if days != sorted(set(days)):
        raise InputError(f"{what} must be ascending by date, each date once")
    return found


BOND_KEYS: dict[str, Parser] = {
    "judgment": date_value, "face": price_value, "repayments": _payments, "coupons": _payments,
    "implementation": date_value, "revelation": date_value, "accelerated": date_value, "coupon_from": date_value,
    "price": choice_of(("full", "clean")), "averaging": choice_of(("weighted", "fifo_weighted")),
    "sold_before_revelation": choice_of(("exclude", "count")), "held": choice_of(("owed", "owed_up_to_cost")),
    "sold_interest_from": choice_of(("each_sale", "last_sale")), "overdue_rate": ratio_value,
    "penalty_rate": ratio_value, "rate_reason": text_value,
}  # fmt: skip


def _check(terms: BondTerms) -> None:
    repaid = sum((item.amount for item in terms.repayments), ZERO)
    if repaid != terms.face:
        raise InputError(
            "[bond] repayments (本金偿付) do not add up to the face value (面值)",
            why=f"{yuan_text(repaid)} against {yuan_text(terms.face)} yuan",
            todo="List every repayment by the terms of the bond, with paid = false for those that were not made",
        )
    if terms.price == "clean" and (terms.coupon_from is None or not terms.coupons):
        raise InputError('[bond] price = "clean" needs coupons and coupon_from', why="accrued interest is added")
    if (terms.overdue_rate or terms.penalty_rate) and not terms.rate_reason:
        raise InputError("[bond] overdue_rate and penalty_rate need rate_reason", todo="Name the terms of the bond")
    if terms.coupon_from and terms.coupons and terms.coupon_from >= terms.coupons[0].date:
        raise InputError("[bond] coupon_from is not before the first coupon")


def _check_misrepresentation(terms: BondTerms) -> None:
    _check(terms)
    if terms.implementation is None or terms.revelation is None:
        raise InputError("[bond] lacks implementation or revelation", todo="Add both dates to the case file")
    if not terms.implementation < terms.revelation <= terms.judgment:
        raise InputError(
            "[bond] implementation, revelation and judgment are not in this order",
            why=f"{terms.implementation}, {terms.revelation}, {terms.judgment}", todo="Check the dates",
        )  # fmt: skip


def _check_default(terms: BondTerms) -> None:
    _check(terms)
    if terms.implementation is not None or terms.revelation is not None:
        raise InputError(
            "[bond] a default has no implementation or revelation",
            todo='Remove them, or set wrong = "bond_misrepresentation"',
        )


REQUIRED = ("judgment", "face", "repayments")
MISREPRESENTATION = Section(
    "bond", BOND_KEYS, (*REQUIRED, "implementation", "revelation"), BondTerms, _check_misrepresentation
)
DEFAULT_SECTION = Section("bond", BOND_KEYS, REQUIRED, BondTerms, _check_default)


def in_scope(terms: BondTerms, day: dt.date) -> bool:
    """Whether a purchase of that day counts: on or after the implementation, before the revelation; a default: all."""
    if terms.implementation is None or terms.revelation is None:
        return day < terms.judgment
    return terms.implementation <= day < terms.revelation


def repaid_between(terms: BondTerms, bought: dt.date, sold: dt.date) -> Fraction:
    """Principal that the issuer repaid on a bond while it was held: after the day of purchase, up to that of sale."""
    return sum((item.amount for item in terms.repayments if item.paid and bought < item.date <= sold), ZERO)


def accrued(terms: BondTerms, day: dt.date) -> Fraction:
    """Accrued interest of a day, yuan a bond, for clean prices: the coupon by days of its period; else 0."""
    if terms.price == "full" or terms.coupon_from is None or day < terms.coupon_from:
        return ZERO
    start = terms.coupon_from
    for coupon in terms.coupons:
        if day < coupon.date:
            return coupon.amount * (day - start).days / (coupon.date - start).days
        start = coupon.date
    return ZERO


@dataclass(frozen=True)
class Owed:
    """What the issuer owes on one bond at the judgment: principal due, and (day it was due, yuan) of each item."""

    principal: Fraction
    items: tuple[tuple[dt.date, Fraction], ...]


def owed_principal(terms: BondTerms) -> Owed:
    """Unpaid principal that is due by the judgment: matured, or all of it where the bond was accelerated."""
    early = terms.accelerated if terms.accelerated is not None and terms.accelerated <= terms.judgment else None
    items = [
        (min(item.date, early) if early else item.date, item.amount)
        for item in terms.repayments
        if not item.paid and (early is not None or item.date <= terms.judgment)
    ]
    return Owed(sum((amount for _, amount in items), ZERO), tuple(items))
