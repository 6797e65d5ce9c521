"""What every wrong gives for one investor: an award in exact figures, and on request how it came about."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from fengqiao.engine.money import FEN_PER_YUAN, PRICE_UNITS_PER_YUAN, decimal_text, round_fraction, yuan_grouped

if TYPE_CHECKING:
    from fengqiao.engine.loss.trade import Trade
    from fengqiao.engine.money import Rounding

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Award:
    """The figures of one investor. Quantities, prices and amounts are exact (units, yuan); `*_fen` are rounded.

    scope: what counts (bonds, shares, lots, units of a product). sold, held: what became of it. reference_price: the
    price the rest is set against; what it means is said by each wrong. difference: the loss before other causes,
    award: after them. bought, left: entered the scope, and left it without a loss. details: the wrong's own amounts in
    fen, in the order of its detail columns. said: what people are told about this result (Chinese).
    """

    scope: Fraction = ZERO
    sold: Fraction = ZERO
    held: Fraction = ZERO
    purchase_average: Fraction | None = None
    sale_average: Fraction | None = None
    reference_price: Fraction = ZERO
    difference: Fraction = ZERO
    award: Fraction = ZERO
    difference_fen: int = 0
    award_fen: int = 0
    commission_fen: int = 0
    stamp_duty_fen: int = 0
    interest_fen: int = 0
    bought: Fraction = ZERO
    left: Fraction = ZERO
    oversold: Fraction = ZERO
    details: tuple[int, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def total_fen(self) -> int:
        """Sum of the rounded items."""
        return self.award_fen + self.commission_fen + self.stamp_duty_fen + self.interest_fen


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the record in a statement: what it did (Chinese), what is in scope after it, at which average."""

    trade: Trade
    effect: str
    scope_after: Fraction
    average: Fraction | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the computation: name, formula and result as texts, what it rests on."""

    name: str
    formula: str
    value: str
    basis: str = ""
    strong: bool = False


@dataclass(slots=True)
class Trace:
    """Collects rows and lines while one investor is settled."""

    rows: list[Row] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def line(self, name: str, formula: str, value: str, basis: str = "", strong: bool = False) -> None:
        """Add a line."""
        self.lines.append(Line(name, formula, value, basis, strong))


def fen(amount: Fraction, rounding: Rounding) -> int:
    """An exact amount in yuan as whole fen, rounded once.

    >>> fen(Fraction(1, 3), "half_up"), fen(Fraction(5, 1000), "half_up"), fen(Fraction(5, 1000), "truncate")
    (33, 1, 0)
    """
    return round_fraction(amount * FEN_PER_YUAN, rounding)


def price_of(trade: Trade) -> Fraction:
    """The price of a row in yuan."""
    return Fraction(trade.price, PRICE_UNITS_PER_YUAN)


def fees_of(trade: Trade) -> Fraction:
    """Commission and stamp duty recorded with a row, in yuan; absent ones are 0."""
    return Fraction(max(trade.commission, 0) + max(trade.stamp_duty, 0), PRICE_UNITS_PER_YUAN)


def average(amount: Fraction, quantity: Fraction | int) -> Fraction | None:
    """Amount by quantity, None where there is none.

    >>> average(Fraction(5), 2), average(Fraction(5), 0)
    (Fraction(5, 2), None)
    """
    return amount / quantity if quantity else None


def price_text(value: Fraction | None) -> str:
    """A price to be read: four decimals, a dash where there is none.

    >>> price_text(Fraction(1, 3)), price_text(None)
    ('0.3333', '—')
    """
    return "—" if value is None else decimal_text(value, 4)


def count_text(value: Fraction | int) -> str:
    """A quantity to be read, without trailing zeros.

    >>> count_text(Fraction(1200)), count_text(Fraction(1, 2))
    ('1,200', '0.5')
    """
    exact = Fraction(value)
    if exact.denominator == 1:
        return f"{exact.numerator:,}"
    return decimal_text(exact, 4).rstrip("0")


def yuan_text(value: Fraction) -> str:
    """An exact amount to be read in a formula: yuan with four decimals at most.

    >>> yuan_text(Fraction(25, 2)), yuan_text(Fraction(1, 3)), yuan_text(Fraction(-15000))
    ('12.5', '0.3333…', '-15,000')
    """
    text = decimal_text(abs(value), 4)
    exact = Fraction(text) == abs(value)
    whole, _, part = text.partition(".")
    text = f"{'-' if value < 0 else ''}{int(whole):,}.{part}".rstrip("0").rstrip(".")
    return text if exact else f"{text}…"


def not_below_zero(amount: Fraction, *less: Fraction) -> str:
    """The formula of a loss: one amount less others, not below zero.

    >>> not_below_zero(Fraction(40), Fraction(-15000))
    '40 －（-15,000），不小于零'
    """
    taken = [f"（{yuan_text(part)}）" if part < 0 else f" {yuan_text(part)}" for part in less]
    return " －".join([yuan_text(amount), *taken]) + "，不小于零"


def fen_text(amount: int) -> str:
    """Rounded fen to be read."""
    return yuan_grouped(amount)
