"""Figures as people read them: dates, amounts, prices, ratios, quantities. Rounding itself is done in `money`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from fengqiao.engine.money import FEN_PER_YUAN, decimal_text, yuan_grouped

if TYPE_CHECKING:
    import datetime as dt

ABSENT = "—"
FEN_PER_WAN = 10_000 * FEN_PER_YUAN
FEN_PER_YI = 100_000_000 * FEN_PER_YUAN


def day_text(day: dt.date | None) -> str:
    """A date in Chinese.

    >>> import datetime as dt
    >>> day_text(dt.date(2026, 11, 20))
    '2026年11月20日'
    """
    return ABSENT if day is None else f"{day.year}年{day.month}月{day.day}日"


def grouped(value: Fraction | int, digits: int) -> str:
    """A number with a fixed number of decimals and separated thousands.

    >>> grouped(Fraction(-1234567, 100), 2), grouped(Fraction(-1, 1000), 2)
    ('-12,345.67', '0.00')
    """
    text = decimal_text(Fraction(value), digits)
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, part = text.partition(".")
    out = f"{int(whole):,}" + (f".{part}" if part else "")
    return f"{sign}{out}"


def quantity_text(value: Fraction | int) -> str:
    """Shares: separated thousands, at most four decimals, no trailing zeros.

    >>> quantity_text(Fraction(13000)), quantity_text(Fraction(1, 3)), quantity_text(Fraction(5, 2))
    ('13,000', '0.3333', '2.5')
    """
    text = grouped(value, 4)
    return text.rstrip("0").rstrip(".") if "." in text else text


def price_text(value: Fraction | None, digits: int = 4) -> str:
    """A price in yuan with four decimals, a dash where there is none.

    >>> price_text(Fraction(381, 30)), price_text(None)
    ('12.7000', '—')
    """
    return ABSENT if value is None else grouped(value, digits)


def amount_text(value: Fraction) -> str:
    """An exact amount in yuan, shown with two decimals.

    >>> amount_text(Fraction(100, 3))
    '33.33 元'
    """
    return f"{grouped(value, 2)} 元"


def percent_text(value: Fraction | None, digits: int = 2) -> str:
    """A ratio as a percentage.

    >>> percent_text(Fraction(1, 3)), percent_text(Fraction(1, 1000), 4)
    ('33.33%', '0.1000%')
    """
    return ABSENT if value is None else f"{grouped(value * 100, digits)}%"


def rate_text(value: Fraction) -> str:
    """A rate as a percentage without trailing zeros.

    >>> rate_text(Fraction(3, 10000)), rate_text(Fraction(1))
    ('0.03%', '100%')
    """
    text = grouped(value * 100, 6)
    return f"{text.rstrip('0').rstrip('.')}%"


def large_text(fen: int) -> str:
    """A large amount also in 万元 or 亿元; "" below 10,000 yuan.

    >>> large_text(123456789), large_text(12345678901234), large_text(99)
    ('123.46 万元', '1,234.57 亿元', '')
    """
    if abs(fen) >= FEN_PER_YI:
        return f"{grouped(Fraction(fen, FEN_PER_YI), 2)} 亿元"
    if abs(fen) >= FEN_PER_WAN:
        return f"{grouped(Fraction(fen, FEN_PER_WAN), 2)} 万元"
    return ""


def yuan_both(fen: int) -> str:
    """An amount to the fen, with 万元 or 亿元 in brackets where it is large.

    >>> yuan_both(123456789)
    '1,234,567.89 元（123.46 万元）'
    """
    large = large_text(fen)
    return yuan_grouped(fen) + (f"（{large}）" if large else "")
