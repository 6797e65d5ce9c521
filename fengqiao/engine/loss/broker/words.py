"""What the words of a line say it is, from `data/words.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from fengqiao.engine.loss.broker.cell_text import plain_text
from fengqiao.engine.loss.broker.headings import DATA

Sure = Literal["word", "part", "given", "sign"]

BLANKS = re.compile(r"[\s·,，。:：;；_-]+")
BRACKETS = re.compile(r"[(\[【〔<][^)\]】〕>]{0,20}[)\]】〕>]")
TRADES = frozenset({"buy", "sell"})
REENTERED = "蓝补"


@dataclass(frozen=True)
class Meaning:
    """What a line is taken for.

    name: of the table in `data/words.toml`. becomes: the canonical kind, "transfer" where only the direction is
    missing, "" when it becomes no row. side: "buy", "sell", or "" where the quantity's sign decides. sure: how it
    was found.
    """

    name: str
    title: str
    becomes: str
    side: str
    sure: Sure = "word"


@dataclass(frozen=True)
class Words:
    """meanings: by name. words: whole text -> name. parts: (part, name) in the order in which they are tried.
    beginnings: first sign of a part -> numbers of the parts that begin with it.
    """

    meanings: Mapping[str, Meaning]
    words: Mapping[str, str]
    parts: tuple[tuple[str, str], ...]
    beginnings: Mapping[str, tuple[int, ...]]


@cache
def words() -> Words:
    """The table of words."""
    with (DATA / "words.toml").open("rb") as stream:
        content = tomllib.load(stream)
    meanings = {
        name: Meaning(name, entry["title"], entry["becomes"], entry.get("side", "")) for name, entry in content.items()
    }
    whole = {_compared(word): name for name, entry in content.items() for word in entry["words"]}
    parts = [
        (_compared(part), name)
        for name, entry in content.items()
        for part in sorted(entry["parts"], key=len, reverse=True)
    ]
    beginnings: dict[str, tuple[int, ...]] = {}
    for number, (part, _) in enumerate(parts):
        beginnings[part[0]] = (*beginnings.get(part[0], ()), number)
    return Words(meanings, whole, tuple(parts), beginnings)


def _compared(text: str) -> str:
    return (text if text.isalnum() else BLANKS.sub("", text)).casefold()


@lru_cache(maxsize=1 << 14)
def meaning_of(raw: str) -> Meaning | None:
    """What one text says, None when it says nothing known.

    >>> (
    ...     meaning_of("证券 买入").name,
    ...     meaning_of("融资买入").becomes,
    ...     meaning_of("蓝补证券买入").name,
    ...     meaning_of("其他业务"),
    ... )
    ('buy', 'trade', 'buy', None)
    """
    table = words()
    text, whole = _looked_up(raw)
    if whole is not None or not text:
        return whole
    begun = [number for sign in text if sign in table.beginnings for number in table.beginnings[sign]]
    first = min((number for number in begun if table.parts[number][0] in text), default=-1)
    if first < 0:
        return None
    found = table.meanings[table.parts[first][1]]
    return Meaning(found.name, found.title, found.becomes, found.side, "part")


def is_word(raw: str) -> bool:
    """Whether a text as a whole is a known word.

    >>> is_word("蓝补证券买入"), is_word("融资买入(信用)"), is_word("他说买入就好")
    (True, True, False)
    """
    return _looked_up(raw)[1] is not None


@lru_cache(maxsize=1 << 14)
def _looked_up(raw: str) -> tuple[str, Meaning | None]:
    """A text as it is compared, "" where it is too long to say anything; and what it means as a whole."""
    table, plain = words(), plain_text(raw)
    text = compared = _compared(plain)
    if len(text) > 60 or not text:
        return "", None
    if text.startswith(REENTERED) and len(text) > len(REENTERED):
        text = text.removeprefix(REENTERED)
    name = table.words.get(text)
    if name is None:
        without = plain if plain.isalnum() else BRACKETS.sub("", plain)
        name = table.words.get(compared if without == plain else _compared(without))
    return text, table.meanings[name] if name else None


def meaning_among(texts: Iterable[str]) -> tuple[Meaning | None, str]:
    """What several texts of one line say together, and the text that says it.

    What says more than "bought" or "sold" goes before what says only that; a whole word before a part of one; of equals
    the first.

    >>> meaning_among(["买入", "红股入账"])[0].name, meaning_among(["证券买入", "无"])[0].name
    ('bonus', 'buy')
    """
    best: tuple[tuple[bool, bool], Meaning, str] | None = None
    for text in texts:
        found = meaning_of(text) if text else None
        if found is None:
            continue
        rank = (found.sure == "part", found.name in TRADES)
        if best is None or rank < best[0]:
            best = (rank, found, text)
    return (best[1], best[2]) if best else (None, "")
