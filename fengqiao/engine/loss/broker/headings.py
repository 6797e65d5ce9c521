"""The headings of statements: which name means which field, from `data/headings.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from fengqiao.engine.loss.broker.cell_text import plain_text

DATA = Path(__file__).parent / "data"
BRACKETS = re.compile(r"[(\[【（{]([^)\]】）}]{0,12})[)\]】）}]")
BLANKS = re.compile(r"[\s_:：*#/-]+")


class Heading(NamedTuple):
    """A heading: its text as it is compared, the unit in brackets behind it, the fields it may stand for.

    fields: field -> rank among the names of that field, 0 the first. known: whether the heading is known at all.
    """

    text: str
    unit: str
    fields: Mapping[str, int]
    known: bool


@dataclass(frozen=True)
class Headings:
    """titles: field -> its Chinese name. fields: heading -> field -> rank. others: headings that mean nothing here."""

    titles: Mapping[str, str]
    fields: Mapping[str, Mapping[str, int]]
    others: frozenset[str]


@cache
def headings() -> Headings:
    """The table of headings."""
    with (DATA / "headings.toml").open("rb") as stream:
        content = tomllib.load(stream)
    fields: dict[str, dict[str, int]] = {}
    for field, entry in content["fields"].items():
        for rank, name in enumerate(entry["names"]):
            fields.setdefault(_compared(name), {})[field] = rank
    titles = {field: str(entry["title"]) for field, entry in content["fields"].items()}
    return Headings(titles, fields, frozenset(_compared(name) for name in content["known"]["names"]))


def _compared(text: str) -> str:
    return (text if text.isalnum() else BLANKS.sub("", text)).casefold()


@lru_cache(maxsize=1 << 14)
def heading(raw: str) -> Heading:
    """What is known of a text as a heading.

    >>> heading("成交数量(股)").fields["quantity"], heading("成交金额（万元）").unit, heading("600518").known
    (0, '万元', False)
    """
    text = plain_text(raw)
    if len(text) > 40 or not text:
        return Heading(text, "", {}, False)
    table = headings()
    whole = _compared(text)
    unit = None if text.isalnum() else BRACKETS.search(text)
    bare = _compared(BRACKETS.sub("", text)) if unit else whole
    for candidate in (whole, bare):
        if candidate in table.fields:
            return Heading(candidate, unit[1].strip() if unit else "", table.fields[candidate], True)
    return Heading(bare, unit[1].strip() if unit else "", {}, bare in table.others)


def is_known(raw: str) -> bool:
    """Whether a text is a known heading; as `heading`, for the many that are none.

    >>> is_known("成交数量(股)"), is_known("600518")
    (True, False)
    """
    text = plain_text(raw)
    if not text.isalnum() or len(text) > 40:
        return heading(raw).known
    table, compared = headings(), text.casefold()
    return compared in table.fields or compared in table.others


def known_headings(cells: Iterable[object]) -> int:
    """How many cells are known headings.

    >>> known_headings(["成交日期", "证券代码", "600518"])
    2
    """
    return sum(1 for cell in cells if isinstance(cell, str) and cell and heading(cell).known)
