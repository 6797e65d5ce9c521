"""Text from outside made safe to show: no formulas in spreadsheets, no invisible or missing characters in print."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from fengqiao.engine.typesetting.glyphs import covered

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
FORMULA_PATTERN = "^([" + "".join(rf"\x{{{ord(mark):x}}}" for mark in FORMULA_STARTS) + "])"
LONGEST_CELL = 32_000
LONGEST_SHOWN = 400
LONGEST_SAFE = 1000
LONGEST_WORD = 24
BREAK = "\u200b"
LONG_WORD = re.compile(f"[!-~]{{{LONGEST_WORD + 1},}}")


def neutral(text: str) -> str:
    """A text that a spreadsheet does not take for a formula: an apostrophe is put before a dangerous first character.

    >>> neutral("=1+1"), neutral("张三"), neutral("")
    ("'=1+1", '张三', '')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def cell(text: str) -> str:
    """A text for a cell of a workbook: neutral, not longer than a cell may be, valid Unicode.

    >>> cell("\\ud800x")
    '?x'
    """
    if len(text) > LONGEST_CELL:
        text = text[:LONGEST_CELL] + "…"
    return neutral(text.encode("utf-8", "replace").decode("utf-8") if _has_surrogate(text) else text)


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


@cache
def _one(char: str) -> str:
    if char in covered():
        return char
    if char.isspace() or unicodedata.category(char) == "Zs":
        return " "
    return f"[U+{ord(char):04X}]"


def shown(text: str) -> str:
    """A text as it is printed: line ends and tabs become blanks; what cannot be seen or printed becomes its code point.

    Very long texts are cut (and say so), long words get places where a line may end.

    >>> shown("张\\u202e三\\n㼆")
    '张[U+202E]三 [U+3F06]'
    """
    if len(text) > LONGEST_SHOWN:
        text = f"{text[:LONGEST_SHOWN]}…（共{len(text)}个字符）"
    if not all(char in covered() for char in text):
        text = "".join(_one(char) for char in text)
    return text if len(text) <= LONGEST_WORD else _breakable(text)


def _breakable(text: str) -> str:
    return LONG_WORD.sub(_cut, text)


def _cut(found: re.Match[str]) -> str:
    word = found.group()
    return BREAK.join(word[start : start + 8] for start in range(0, len(word), 8))


def safe(text: str) -> str:
    """A text for a terminal: characters that steer it or cannot be seen become their code points; long texts are cut.

    >>> safe("\\x1b[31m张\\u202e三\\n㼆")
    '[U+001B][31m张[U+202E]三 㼆'
    """
    if len(text) > LONGEST_SAFE:
        text = f"{text[:LONGEST_SAFE]}…（共{len(text)}个字符）"
    return text if text.isascii() and text.isprintable() else "".join(_seen(char) for char in text)


def _seen(char: str) -> str:
    if char.isspace():
        return " "
    return f"[U+{ord(char):04X}]" if unicodedata.category(char).startswith("C") else char


def printable(value: Any) -> Any:
    """A tree of lists and dictionaries with every text in it `shown`."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    return value


def unprintable(value: Any) -> str:
    """The characters of a tree of texts that the fonts lack, as a sentence for the end of a document; "" without any.

    >>> unprintable({"investor": ["张㼆"]})
    '下列字符不在本文件所用字库内，文中以其统一码代替：U+3F06。'
    >>> unprintable("张三")
    ''
    """
    missing = sorted({char for char in _characters(value) if _one(char).startswith("[U+")})
    if not missing:
        return ""
    codes = "、".join(f"U+{ord(char):04X}" for char in missing[:20]) + ("等" if len(missing) > 20 else "")
    return f"下列字符不在本文件所用字库内，文中以其统一码代替：{codes}。"


def _characters(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(value) - covered()
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return set()
    return set().union(*(_characters(item) for item in value))


def width(text: str) -> int:
    """Columns a text takes in a terminal: two for East Asian wide characters, none for combining ones.

    >>> width("基准价 2.5")
    10
    """
    return sum(_columns(char) for char in text)


@cache
def _columns(char: str) -> int:
    if unicodedata.combining(char) or char == BREAK:
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
