"""The fonts of the package and the characters they can print."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
RARE = Path(__file__).parent / "rare"


@cache
def covered() -> frozenset[str]:
    """Every character the two main faces can print."""
    return frozenset((FONTS / "characters.txt").read_text(encoding="utf-8"))


@cache
def covered_names() -> frozenset[str]:
    """Every character that can be printed with the rare characters of names beside them."""
    return covered() | frozenset((RARE / "characters.txt").read_text(encoding="utf-8"))


def in_print(text: str) -> str:
    """A text as documents print it: line ends stay, what cannot be seen or printed becomes its code point.

    >>> in_print("𠮷䶮\\u202e三\\n甲")
    '𠮷䶮[U+202E]三\\n甲'
    """
    known = covered_names()
    return "".join(char if char in known or char == "\n" else _code(char) for char in text)


def not_in_print(text: str) -> list[str]:
    """The characters of a text that the fonts lack, as code points in order.

    >>> not_in_print("𠮷\\u202e三")
    ['U+202E']
    """
    known = covered_names()
    lacking = {c for c in text if c not in known and c != "\n" and _code(c).startswith("[")}
    return [f"U+{ord(char):04X}" for char in sorted(lacking)]


def _code(char: str) -> str:
    if char.isspace() or unicodedata.category(char) == "Zs":
        return " "
    return f"[U+{ord(char):04X}]"
