"""Cells of statements as the text a person means: one width of signs, no formula shells, no invisible signs."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache

Cell = str | float | int

SHELL = re.compile(r'=?\s*"((?:[^"]|"")*)"', re.DOTALL)
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
LONGEST_CELL = 4000
SIMPLE = re.compile(r"[0-9A-Za-z.,:/()+\-\u4e00-\u9fff]*")  # signs that mean themselves, whatever stands beside them
MARKED = 200  # characters; combining marks in longer cells cost the square of their number to bring into order


@lru_cache(maxsize=1 << 16)
def plain_text(raw: str) -> str:
    """A text cell as it is compared and read: full-width signs narrow, `="600518"` opened, blanks trimmed.

    >>> plain_text('="600518"'), plain_text("６００５１８　"), plain_text("'600518"), plain_text("证券\\n代码")
    ('600518', '600518', '600518', '证券 代码')
    """
    text = raw[:LONGEST_CELL]
    if SIMPLE.fullmatch(text):
        return text
    if len(text) > MARKED:
        text = "".join(sign for sign in text if not unicodedata.combining(sign))
    text = unicodedata.normalize("NFKC", text)[:LONGEST_CELL]
    text = CONTROL.sub(" ", INVISIBLE.sub("", text)).strip()
    found = SHELL.fullmatch(text)
    if found:
        text = found[1].replace('""', '"').strip()
    return text.removeprefix("'").strip()


def cell_text(cell: Cell) -> str:
    """Any cell as text: numbers without ".0" and without the noise behind 15 digits.

    >>> cell_text(600518.0), cell_text(12.340000000000001), cell_text(" 买入 ")
    ('600518', '12.34', '买入')
    """
    if isinstance(cell, str):
        return plain_text(cell)
    if isinstance(cell, int) or (cell.is_integer() and abs(cell) < 1e15):
        return str(int(cell))
    return format(cell, ".15g")


def cell_of(value: object) -> Cell:
    """What a decoder of workbooks hands over as a cell: text, a number, or a date or time written out.

    >>> cell_of(dt.datetime(2016, 12, 29)), cell_of(None), cell_of(True)
    ('2016-12-29', '', 'TRUE')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return value
    if isinstance(value, dt.datetime):
        return value.isoformat(" ") if value.time() != dt.time() else value.date().isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return "" if value is None else str(value)
