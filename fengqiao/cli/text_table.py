"""Tables on a terminal: columns under one another although Chinese signs are twice as wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """How many places a text takes on a terminal.

    >>> width("买入ab")
    6
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def text_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, indent: int = 0, right: Sequence[int] = ()
) -> str:
    """A table without lines, its head on top. right: columns of numbers, set to the right.

    >>> print(text_table(["业务", "行数"], [["证券买入", "12"]], right=(1,)))
    业务      行数
    证券买入    12
    """
    every = [head, *rows]
    widths = [max(width(row[at]) for row in every) for at in range(len(head))]
    lines = []
    for row in every:
        cells = []
        for at, text in enumerate(row):
            blanks = " " * (widths[at] - width(text))
            cells.append(blanks + text if at in right else text + blanks)
        lines.append(" " * indent + "  ".join(cells).rstrip())
    return "\n".join(lines)
