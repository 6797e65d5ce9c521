"""Cells of a statement as numbers, dates and times, the many ways they are written."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from fengqiao.engine.loss.broker.cell_text import Cell, cell_text
from fengqiao.engine.loss.reading import cells
from fengqiao.engine.loss.reading.problems import Problem

EMPTY = frozenset({"", "-", "--", "---", "—", "——", "/", "无", "null", "none", "n/a", "nan"})
NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)?(\.\d*)?(?:[eE]([+-]?\d{1,2}))?", re.ASCII)
PLAIN_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
BRACKETED = re.compile(r"\(([^()]+)\)")
CURRENCY = re.compile(r"^(?:¥|￥|RMB|CNY|人民币)\s*|\s*(?:元|股|手|份|张)$")
TWO_DIGIT_YEAR = re.compile(r"\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{6}", re.ASCII)
DAY_FIRST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", re.ASCII)
FIRST_SERIAL = dt.date(1899, 12, 30)
SERIALS = range(32_000, 74_000)  # 1987 to 2102
LONGEST_NUMBER = 40
TIME_OF_DAY = re.compile(r"(\d{8}|[\d年月/.-]{8,11}日?)[ T]+(\d{1,2}[:：]?\d{2}(?:[:：]?\d{2}(?:\.\d+)?)?)", re.ASCII)
DAY_SECONDS = 86_400


class UnreadableError(ValueError):
    """A cell that is not what its column says; the text is the reason in Chinese."""


def number_of(cell: Cell) -> Decimal | None:
    """A cell as an exact decimal, None when it is empty.

    Errors: UnreadableError when it is no number.

    >>> number_of("１，２３４．５０"), number_of("(300)"), number_of("-1,000股"), number_of("--"), number_of(12.1)
    (Decimal('1234.50'), Decimal('-300'), Decimal('-1000'), None, Decimal('12.1'))
    """
    if isinstance(cell, str):
        return _number(cell)
    return Decimal(cell) if isinstance(cell, int) else Decimal(format(cell, ".15g"))


@lru_cache(maxsize=1 << 16)
def _number(raw: str) -> Decimal | None:
    if len(raw) <= LONGEST_NUMBER and PLAIN_NUMBER.fullmatch(raw):  # as nearly all are
        return Decimal(raw)
    text = cell_text(raw)
    if text.casefold() in EMPTY:
        return None
    if len(text) > LONGEST_NUMBER:
        raise UnreadableError("不是数字")
    text = CURRENCY.sub("", text).replace(" ", "").removesuffix("%%")
    bracketed = BRACKETED.fullmatch(text)
    text = f"-{bracketed[1]}" if bracketed else text
    text = text.replace("−", "-").replace("–", "-")
    if text.endswith("-") and not text.startswith("-"):
        text = f"-{text[:-1]}"
    found = NUMBER.fullmatch(text)
    if not found or (not found[2] and not (found[3] or "").strip(".")):
        raise UnreadableError("不是数字")
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise UnreadableError("不是数字") from error


def date_of(cell: Cell, days_added: int = 0) -> int:
    """A cell as days since 1970-01-01. days_added: to be added to the day numbers of the workbook.

    Errors: UnreadableError, with the reason: no date, a year of two digits, an order of day and month that is open.

    >>> date_of("2016年12月29日") == date_of(20161229) == date_of(42733.0) == date_of("20161229 09:31:02")
    True
    >>> date_of("16-12-29")
    Traceback (most recent call last):
        ...
    fengqiao.engine.loss.broker.values.UnreadableError: 年份只有两位，不能确定是哪一年
    """
    if isinstance(cell, str):
        return _day(cell, days_added)
    if cell == int(cell) or 20_000 < cell < 80_000:
        whole = int(cell)
        if whole in SERIALS:
            return (FIRST_SERIAL - dt.date(1970, 1, 1)).days + whole + days_added
    return _day(cell_text(cell), days_added)


def _day(raw: str, days_added: int) -> int:
    found = _day_or_reason(raw, days_added)
    if isinstance(found, str):
        raise UnreadableError(found)
    return found


@lru_cache(maxsize=1 << 16)
def _day_or_reason(raw: str, days_added: int) -> int | str:
    """Days since 1970-01-01, or why the text is no date; lines without one are asked more than once."""
    text = cell_text(raw)
    if text.casefold() in EMPTY or text.strip("0") == "":
        return "缺少日期"
    both = TIME_OF_DAY.fullmatch(text)
    value, problem = cells.date(both[1] if both else text)
    if problem == Problem.NONE:
        return value
    if text.isascii() and text.isdigit() and len(text) == 5 and int(text) in SERIALS:
        return (FIRST_SERIAL - dt.date(1970, 1, 1)).days + int(text) + days_added
    if TWO_DIGIT_YEAR.fullmatch(text):
        return "年份只有两位，不能确定是哪一年"
    if DAY_FIRST.fullmatch(text):
        return "年份在后，日与月的次序不能确定"
    return "不在1990年至2100年之间" if problem == Problem.DATE_RANGE else "不是有效日期"


def time_within(cell: Cell) -> int:
    """The time of day that stands behind the date in a date cell, as microseconds; -1 when none does.

    >>> time_within("2016-12-29 09:31:02"), time_within("2016-12-29")
    (34262000000, -1)
    """
    if not isinstance(cell, str):
        return -1
    found = TIME_OF_DAY.fullmatch(cell_text(cell))
    try:
        return time_of(found[2]) if found else -1
    except UnreadableError:
        return -1


def time_of(cell: Cell) -> int:
    """A cell as microseconds since midnight, -1 when it is empty.

    Errors: UnreadableError.

    >>> time_of("09:31:02"), time_of("93102"), time_of("09310215"), time_of(0.5), time_of("")
    (34262000000, 34262000000, 34262150000, 43200000000, -1)
    """
    if isinstance(cell, float) and 0 < cell < 1:
        return int(cell * DAY_SECONDS + 0.5) * 1_000_000
    return _time(cell_text(cell))


@lru_cache(maxsize=1 << 16)
def _time(text: str) -> int:
    if text.casefold() in EMPTY:
        return -1
    if text.isascii() and text.isdigit() and len(text) in (7, 8):
        text = f"{text.zfill(8)[:2]}:{text.zfill(8)[2:4]}:{text.zfill(8)[4:6]}.{text.zfill(8)[6:]}"
    elif text.isascii() and text.isdigit() and len(text) in (3, 4):
        text = f"{text.zfill(4)[:2]}:{text.zfill(4)[2:]}"
    value, problem = cells.time(text)
    if problem != Problem.NONE:
        raise UnreadableError("不是有效时间")
    return value if value else -1


def decimals_in(cell: Cell) -> int:
    """How many decimals a number was written with.

    >>> decimals_in("12.30"), decimals_in(12.5), decimals_in("12")
    (2, 1, 0)
    """
    return len(cell_text(cell).partition(".")[2])
