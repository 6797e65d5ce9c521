"""A reader of trade rows in plain Python: exact decimals, one cell after the other, no column tricks."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

BLANKS = " \t\r\n\v\f\u3000\xa0\ufeff"
BUY_KINDS = {"opening": 1, "transfer_in": 2, "bonus": 4, "rights": 5, "dividend": 6}
KINDS = {"": 0, "trade": 0, "transfer_out": 3, "block": 7, "红股": 4, "期初": 1, "买卖": 0} | BUY_KINDS
SIDES = {"buy": 0, "b": 0, "买入": 0, "证券买入": 0, "sell": 1, "s": 1, "卖出": 1, "证券卖出": 1}
FORCED = {1: 0, 2: 0, 3: 1, 4: 0, 5: 0, 6: 0}


class BadCellError(Exception):
    """The row cannot be used."""


def number(text: str, decimals: int, largest: int) -> int:
    """A number >= 0 in units of 10**-decimals."""
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", text) or len(text) > 64:
        raise BadCellError
    with localcontext() as context:
        context.prec = 2000
        value = Decimal(text).scaleb(decimals)
        if value < 0 or value > largest:
            raise BadCellError
        near = value.to_integral_value()
        if abs(value - near) <= Decimal("1e-6") * max(Decimal(1), value * Decimal("1e-8")):
            return int(near)
        if decimals == 0:
            raise BadCellError
        return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def date(text: str) -> int:
    found = re.fullmatch(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})", text)
    parts = (found[1], found[3], found[4]) if found else None
    if found := re.fullmatch(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日", text):
        parts = found[1], found[2], found[3]
    if found := re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", text):
        parts = found[1], found[2], found[3]
    if parts is None:
        raise BadCellError
    try:
        day = dt.date(*map(int, parts))
    except ValueError:
        raise BadCellError from None
    if not dt.date(1990, 1, 1) <= day <= dt.date(2100, 12, 31):
        raise BadCellError
    return (day - dt.date(1970, 1, 1)).days


def time(text: str) -> int:
    if not text:
        return -1
    if re.fullmatch(r"0{1,6}(\.0+)?", text):
        return 0
    if re.fullmatch(r"[0-9]{5,6}", text):
        text = f"{text[:-4]}:{text[-4:-2]}:{text[-2:]}"
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?", text)
    if not found:
        raise BadCellError
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise BadCellError
    return ((hour * 60 + minute) * 60 + second) * 10**6 + int((found[4] or "").ljust(6, "0"))


def optional(text: str, decimals: int, largest: int) -> int:
    return number(text, decimals, largest) if text else -1


def understand(row: dict[str, str]) -> tuple[Any, ...]:
    """investor, date, side, quantity, price, time, sequence, kind, commission, stamp_duty. Raises BadCellError."""
    row = {name: text.strip(BLANKS) for name, text in row.items()}
    investor = row["investor"]
    if not investor or len(investor) > 200 or re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", investor):
        raise BadCellError
    if re.fullmatch(r"[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}", investor):
        raise BadCellError
    if row.get("kind", "").casefold() not in KINDS:
        raise BadCellError
    kind = KINDS[row.get("kind", "").casefold()]
    if kind in FORCED:
        side = FORCED[kind]
    elif row["side"].casefold() in SIDES:
        side = SIDES[row["side"].casefold()]
    else:
        raise BadCellError
    quantity = number(row["quantity"], 0, 10**12)
    if quantity == 0 and kind != 6:
        raise BadCellError
    price = number(row["price"] or ("0" if kind in (1, 2, 3, 4) else ""), 4, 10**11)
    if price == 0 and kind in (0, 5, 7):
        raise BadCellError
    sequence = row.get("sequence", "")
    return (
        investor, date(row["date"]), side, quantity, price, time(row.get("time", "")),
        optional(sequence, 0, 2**62 if sequence.isdecimal() else 2**53), kind,
        optional(row.get("commission", ""), 4, 10**13),
        optional(row.get("stamp_duty", ""), 4, 10**13),
    )  # fmt: skip
