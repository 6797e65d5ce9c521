"""Yuan and fen, and the ONE place where amounts are rounded.

Amounts are integers of fen (分), prices integers of 1/10000 yuan, quantities integers; ratios are
`fractions.Fraction`. Nothing here uses floating point.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Literal

from fengqiao.engine.errors import InputError

Rounding = Literal["half_up", "truncate"]

FEN_PER_YUAN = 100
PRICE_UNITS_PER_YUAN = 10_000
PRICE_UNITS_PER_FEN = PRICE_UNITS_PER_YUAN // FEN_PER_YUAN
LARGEST_EXPONENT = 40


def round_fraction(value: Fraction, rounding: Rounding = "half_up") -> int:
    """Round an exact number to an integer: `half_up` (四舍五入, halves away from zero) or `truncate` (towards zero).

    >>> round_fraction(Fraction(5, 2)), round_fraction(Fraction(-5, 2)), round_fraction(Fraction(5, 2), "truncate")
    (3, -3, 2)
    """
    sign = -1 if value < 0 else 1
    numerator, denominator = abs(value.numerator), value.denominator
    if rounding == "half_up":
        return sign * ((2 * numerator + denominator) // (2 * denominator))
    return sign * (numerator // denominator)


def round_digits(value: Fraction, digits: int, rounding: Rounding = "half_up") -> Fraction:
    """Round an exact number to a number of decimals, exactly.

    >>> round_digits(Fraction(2, 3), 4)
    Fraction(6667, 10000)
    """
    scale = 10**digits
    return Fraction(round_fraction(value * scale, rounding), scale)


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals, without separators (for files).

    >>> yuan(-5), yuan(1234567)
    ('-0.05', '12345.67')
    """
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // FEN_PER_YUAN}.{abs(fen) % FEN_PER_YUAN:02d}"


def yuan_grouped(fen: int) -> str:
    """Fen as yuan for people: `12,345.67 元`; from 10,000 yuan up nothing is dropped.

    >>> yuan_grouped(1234567)
    '12,345.67 元'
    """
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // FEN_PER_YUAN:,}.{abs(fen) % FEN_PER_YUAN:02d} 元"


def price(units: int, digits: int = 4) -> str:
    """A price in 1/10000 yuan as yuan with four decimals.

    >>> price(126972), price(5)
    ('12.6972', '0.0005')
    """
    return decimal_text(Fraction(units, PRICE_UNITS_PER_YUAN), digits)


def decimal_text(value: Fraction, digits: int, rounding: Rounding = "half_up") -> str:
    """An exact number as a decimal text with a fixed number of decimals.

    >>> decimal_text(Fraction(1, 3), 4)
    '0.3333'
    """
    scaled = round_fraction(value * 10**digits, rounding)
    sign = "-" if scaled < 0 else ""
    whole, part = divmod(abs(scaled), 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


def exact(text: str | int | Decimal, what: str = "number") -> Fraction:
    """A decimal text ("0.0003", "3%", "12.70") as an exact fraction. Floats are refused: they are not exact.

    >>> exact("0.03%"), exact("12.70")
    (Fraction(3, 10000), Fraction(127, 10))
    """
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise InputError(
            f'{what} must be a decimal string such as "0.0003"',
            why=f"{text!r} is {type(text).__name__}",
            todo="Put it in quotes so that it stays exact",
        )
    raw = str(text).strip()
    percent = raw.endswith("%")
    try:
        number = Decimal(raw.removesuffix("%").strip())
    except InvalidOperation as error:
        raise InputError(f'{what} "{raw}" is not a decimal number') from error
    if not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise InputError(f'{what} "{raw}" is not a usable number')
    return Fraction(number) / 100 if percent else Fraction(number)
