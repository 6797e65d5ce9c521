"""One cell of text as a value: the plain twin of the column-wise conversions, and what they fall back on.

Every function takes the text of a cell without surrounding blanks, not empty, and returns a value and a Problem.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction

from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.reading.problems import Problem
from fengqiao.engine.loss.rows import (
    BLOCK,
    BONUS,
    BUY,
    DIVIDEND,
    KINDS,
    OPENING,
    RIGHTS,
    SELL,
    TRADE,
    TRANSFER_IN,
    TRANSFER_OUT,
)  # fmt: skip
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN, round_fraction

BLANKS = " \t\r\n\v\f\u3000\xa0\ufeff"
FIRST_DAY = ordinal(dt.date(1990, 1, 1))
LAST_DAY = ordinal(dt.date(2100, 12, 31))
LARGEST_QUANTITY = 10**12
LARGEST_PRICE = 10**7 * PRICE_UNITS_PER_YUAN
LARGEST_FEE = 10**9 * PRICE_UNITS_PER_YUAN
LARGEST_SEQUENCE = 2**62
NOISE = 1e-6
RELATIVE_NOISE = 1e-14
LONGEST_IDENTIFIER = 200
LONGEST_NUMBER = 64

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
DATE = re.compile(
    r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})日?(?:[ T]+\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d{1,9})?)?)?", re.ASCII
)
SEPARATORS = {"-": "-", "/": "/", ".": ".", "年": "月"}
DIGIT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?", re.ASCII)
TIME = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[ T]+)?(\d{1,2})[:：](\d{2})(?:[:：](\d{2})(?:\.(\d{1,9}))?)?", re.ASCII
)
DIGIT_TIME = re.compile(r"(\d{1,2})(\d{2})(\d{2})(?:\.0+)?", re.ASCII)
NO_TIME = re.compile(r"0{1,6}(?:\.0+)?", re.ASCII)
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
LOST_DIGITS = re.compile(r"\d(?:\.\d+)?[eE]\+\d{2,3}", re.ASCII)
CODE = re.compile(r"(?:(SH|SZ|BJ)\.?)?(\d{1,6})(?:\.(SH|SZ|BJ|SS|XSHG|XSHE))?", re.ASCII)
EXCHANGES = {"SS": "SH", "XSHG": "SH", "XSHE": "SZ"}

SIDE_NAMES = {
    "buy": BUY, "b": BUY, "买": BUY, "买入": BUY, "证券买入": BUY,
    "sell": SELL, "s": SELL, "卖": SELL, "卖出": SELL, "证券卖出": SELL,
}  # fmt: skip
KIND_NAMES = {name: number for number, name in enumerate(KINDS)} | {
    "交易": TRADE, "买卖": TRADE, "普通交易": TRADE, "集中竞价": TRADE, "竞价交易": TRADE,
    "期初": OPENING, "期初持仓": OPENING, "期初余额": OPENING,
    "转入": TRANSFER_IN, "非交易过户转入": TRANSFER_IN, "非交易转入": TRANSFER_IN, "托管转入": TRANSFER_IN,
    "转出": TRANSFER_OUT, "非交易过户转出": TRANSFER_OUT, "非交易转出": TRANSFER_OUT, "托管转出": TRANSFER_OUT,
    "送股": BONUS, "红股": BONUS, "转增": BONUS, "送转": BONUS, "红股入账": BONUS, "转增股": BONUS,
    "配股": RIGHTS, "配股入账": RIGHTS,
    "股息": DIVIDEND, "红利": DIVIDEND, "分红": DIVIDEND, "派息": DIVIDEND, "股息入账": DIVIDEND, "红利入账": DIVIDEND,
    "大宗": BLOCK, "大宗交易": BLOCK,
}  # fmt: skip
# kinds whose direction does not depend on the side column; kinds whose price may be 0; kinds whose price may be empty
FORCED_SIDE = {OPENING: BUY, TRANSFER_IN: BUY, BONUS: BUY, RIGHTS: BUY, DIVIDEND: BUY, TRANSFER_OUT: SELL}
FREE_KINDS = (OPENING, TRANSFER_IN, TRANSFER_OUT, BONUS, DIVIDEND)
COSTLESS_KINDS = (OPENING, TRANSFER_IN, TRANSFER_OUT, BONUS)


def scaled_number(text: str, scale: int, largest: int) -> tuple[int, Problem]:
    """A number >= 0 times `scale` as an integer <= largest; ROUNDED when digits had to be dropped (halves up).

    What lies within the noise of a 64-bit floating point number of an integer counts as that integer.

    >>> scaled_number("12.340000000000001", 10000, LARGEST_PRICE), scaled_number("0.00015", 10000, LARGEST_PRICE)
    ((123400, <Problem.NONE: 0>), (2, <Problem.ROUNDED: 1>))
    """
    if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
        return 0, Problem.NOT_NUMBER
    number = float(text) * scale
    if number < 0:
        return 0, Problem.NEGATIVE
    if number > largest:
        return 0, Problem.TOO_LARGE
    nearest = round(number)
    if abs(number - nearest) <= noise(number):
        return nearest, Problem.NONE
    return round_fraction(Fraction(Decimal(text)) * scale), Problem.ROUNDED


def noise(number: float) -> float:
    """How far a scaled number may lie from an integer and still be that integer.

    >>> noise(123400.0), noise(1e11)
    (1e-06, 0.001)
    """
    return max(NOISE, number * RELATIVE_NOISE)


def price(text: str) -> tuple[int, Problem]:
    """A price in yuan as 1/10000 yuan; 0 is let through, the caller knows where it is allowed."""
    return scaled_number(text, PRICE_UNITS_PER_YUAN, LARGEST_PRICE)


def fee(text: str) -> tuple[int, Problem]:
    """A fee in yuan as 1/10000 yuan, rounded half up without remark."""
    value, problem = scaled_number(text, PRICE_UNITS_PER_YUAN, LARGEST_FEE)
    return value, Problem.NONE if problem == Problem.ROUNDED else problem


def quantity(text: str, largest: int = LARGEST_QUANTITY) -> tuple[int, Problem]:
    """A number of shares; "100.0" is 100.

    >>> quantity("100.0"), quantity("0.5")
    ((100, <Problem.NONE: 0>), (0, <Problem.FRACTION: 6>))
    """
    value, problem = scaled_number(text, 1, largest)
    return (0, Problem.FRACTION) if problem == Problem.ROUNDED else (value, problem)


def sequence(text: str) -> tuple[int, Problem]:
    """A running number >= 0."""
    if text.isascii() and text.isdigit() and len(text) <= 19:
        value = int(text)
        return (value, Problem.NONE) if value <= LARGEST_SEQUENCE else (0, Problem.TOO_LARGE)
    return quantity(text, 2**53)


def date(text: str) -> tuple[int, Problem]:
    """A date as days since 1970-01-01, from 2016-12-29, 2016/12/29, 2016.12.29, 20161229 or 2016年12月29日.

    A time of day behind the date is dropped.

    >>> date("2016/12/29"), date("2016-02-30")
    ((17164, <Problem.NONE: 0>), (0, <Problem.NOT_DATE: 8>))
    """
    if found := DIGIT_DATE.fullmatch(text):
        year, month, day = found.groups()
    elif (found := DATE.fullmatch(text)) and SEPARATORS.get(found[2]) == found[4]:
        year, month, day = found[1], found[3], found[5]
    else:
        return 0, Problem.NOT_DATE
    try:
        number = ordinal(dt.date(int(year), int(month), int(day)))
    except ValueError:
        return 0, Problem.NOT_DATE
    return (number, Problem.NONE) if FIRST_DAY <= number <= LAST_DAY else (0, Problem.DATE_RANGE)


def time(text: str) -> tuple[int, Problem]:
    """A time of day as microseconds since midnight: 09:30, 9:30:15, 09:30:15.250, 93015, 093015.

    >>> time("93015"), time("25:00")
    ((34215000000, <Problem.NONE: 0>), (0, <Problem.NOT_TIME: 10>))
    """
    if NO_TIME.fullmatch(text):
        return 0, Problem.NONE
    fraction = ""
    if found := DIGIT_TIME.fullmatch(text):
        hour, minute, second = (int(part) for part in found.groups())
    elif found := TIME.fullmatch(text):
        hour, minute, second, fraction = int(found[1]), int(found[2]), int(found[3] or 0), found[4] or ""
    else:
        return 0, Problem.NOT_TIME
    if hour > 23 or minute > 59 or second > 59:
        return 0, Problem.NOT_TIME
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + int(fraction.ljust(6, "0")[:6]), Problem.NONE


def side(text: str) -> tuple[int, Problem]:
    """BUY or SELL from buy/sell, b/s, 买入/卖出, 证券买入/证券卖出."""
    number = SIDE_NAMES.get(text.casefold())
    return (0, Problem.NOT_SIDE) if number is None else (number, Problem.NONE)


def kind(text: str) -> tuple[int, Problem]:
    """Index into KINDS from its English or Chinese name."""
    number = KIND_NAMES.get(text.casefold())
    return (0, Problem.NOT_KIND) if number is None else (number, Problem.NONE)


def identifier(text: str) -> tuple[int, Problem]:
    """Whether a text can stand for an investor: no control characters, not overlong, no number that lost digits.

    >>> identifier("A001"), identifier("1.10101E+17")
    ((0, <Problem.NONE: 0>), (0, <Problem.LOST_DIGITS: 14>))
    """
    if len(text) > LONGEST_IDENTIFIER or CONTROL.search(text):
        return 0, Problem.NOT_TEXT
    return 0, Problem.LOST_DIGITS if LOST_DIGITS.fullmatch(text) else Problem.NONE


def security_key(text: str) -> tuple[str, str]:
    """A security code as it is compared: its digits (six, zeros put back) and its exchange, "" where not stated.

    >>> security_key("600074.SH"), security_key("1"), security_key("sz000001")
    (('600074', 'SH'), ('000001', ''), ('000001', 'SZ'))
    """
    raw = text.strip(BLANKS).upper()
    found = CODE.fullmatch(raw.removesuffix(".0") if raw.removesuffix(".0").isdigit() else raw)
    if not found:
        return raw, ""
    exchange = found[1] or found[3] or ""
    return found[2].zfill(6), EXCHANGES.get(exchange, exchange)


def same_security(one: str, other: str) -> bool:
    """Whether two codes mean the same security; an exchange that only one of them states does not matter.

    >>> same_security("600074.SH", "600074"), same_security("000001.SZ", "000001.SH")
    (True, False)
    """
    (code, exchange), (other_code, other_exchange) = security_key(one), security_key(other)
    return code == other_code and (not exchange or not other_exchange or exchange == other_exchange)
