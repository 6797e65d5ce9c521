"""What can be wrong with one cell or row, in the words of findings (Chinese) and of error sentences (English)."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.reading.headers import Schema, shown

QUOTED = 40  # characters of an offending value that a sentence quotes


class Problem(IntEnum):
    """0 is no problem; every other one but ROUNDED takes the row out of the computation."""

    NONE = 0
    ROUNDED = 1
    MISSING = 2
    NOT_NUMBER = 3
    NEGATIVE = 4
    ZERO = 5
    FRACTION = 6
    TOO_LARGE = 7
    NOT_DATE = 8
    DATE_RANGE = 9
    NOT_TIME = 10
    NOT_SIDE = 11
    NOT_KIND = 12
    NOT_TEXT = 13
    LOST_DIGITS = 14
    SHAPE = 15


class Words(NamedTuple):
    """chinese: a clause with {label} and {value}, for findings. english, todo: for error sentences."""

    chinese: str
    english: str
    todo: str = "Correct the cell"


WORDS: dict[Problem, Words] = {
    Problem.ROUNDED: Words("{label}“{value}”超过四位小数，已四舍五入到0.0001元", "has more than four decimals"),
    Problem.MISSING: Words("缺少{label}", "is missing (缺少)", "Fill in the cell"),
    Problem.NOT_NUMBER: Words(
        "{label}“{value}”不是数字", "is not a number (不是数字)", "Write digits and a decimal point only"
    ),
    Problem.NEGATIVE: Words("{label}“{value}”是负数", "is negative (负数)"),
    Problem.ZERO: Words("{label}“{value}”为零", "is zero (为零)"),
    Problem.FRACTION: Words("{label}“{value}”不是整数", "is not a whole number (不是整数)"),
    Problem.TOO_LARGE: Words("{label}“{value}”超出允许的上限", "is beyond any possible value (超出上限)"),
    Problem.NOT_DATE: Words("{label}“{value}”不是有效日期", "is not a date (不是日期)", "Write it like 2016-12-29"),
    Problem.DATE_RANGE: Words(
        "{label}“{value}”不在1990-01-01至2100-12-31之间", "is not between 1990-01-01 and 2100-12-31 (超出范围)"
    ),
    Problem.NOT_TIME: Words("{label}“{value}”不是有效时间", "is not a time (不是时间)", "Write it like 09:30:15"),
    Problem.NOT_SIDE: Words("{label}“{value}”既不是买入也不是卖出", "is neither buy nor sell"),
    Problem.NOT_KIND: Words("{label}“{value}”不是已知的业务类别", "is not a known kind"),
    Problem.NOT_TEXT: Words("{label}“{value}”含控制字符或过长", "holds control characters or is too long"),
    Problem.LOST_DIGITS: Words(
        "{label}“{value}”被存成了数字，超过15位的数位已丢失", "was stored as a number and has lost digits (数位丢失)",
        "Format the column as text and export again",
    ),
    Problem.SHAPE: Words(
        "该行的列数与表头不同（“{value}”）", "does not have as many columns as the header (列数不符)", "Correct the row"
    ),
}  # fmt: skip

# column -> code of findings on its cells (see findings.CODES)
CODE_OF_COLUMN = {
    "investor": "bad_investor",
    "date": "bad_date",
    "time": "bad_time",
    "sequence": "bad_sequence",
    "side": "bad_side",
    "quantity": "bad_quantity",
    "price": "bad_price",
    "commission": "bad_fee",
    "stamp_duty": "bad_fee",
    "kind": "bad_kind",
}


def code_of(problem: Problem, column: str) -> str:
    """The stable code of a finding.

    >>> code_of(Problem.MISSING, "price"), code_of(Problem.ZERO, "price"), code_of(Problem.ROUNDED, "price")
    ('missing_value', 'bad_price', 'price_rounded')
    """
    special = {Problem.MISSING: "missing_value", Problem.ROUNDED: "price_rounded", Problem.SHAPE: "unreadable"}
    return special.get(problem) or CODE_OF_COLUMN[column]


def reason_of(problem: Problem, label: str, value: str) -> str:
    """One Chinese sentence for a finding, quoting the value.

    >>> reason_of(Problem.NOT_NUMBER, "成交价格", "12,3a")
    '成交价格“12,3a”不是数字，该行未参与计算。'
    """
    clause = WORDS[problem].chinese.format(label=label, value=shown(value, QUOTED))
    return f"{clause}。" if problem == Problem.ROUNDED else f"{clause}，该行未参与计算。"


def cell_error(problem: Problem, value: str, schema: Schema, place: Place) -> InputError:
    """The error for a cell that a table cannot do without (market data, indices, corporate actions)."""
    words = WORDS[problem]
    label = f"{place.column} ({schema.label(place.column)})" if place.column else "row"
    why = "" if problem == Problem.MISSING else f'"{shown(value, QUOTED)}" was read'
    return InputError(f"The {label} {words.english}", why=why, todo=words.todo, place=place)
