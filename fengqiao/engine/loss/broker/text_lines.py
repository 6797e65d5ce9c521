"""Statements that are text, whatever their name says: encoding, delimiter, lines cut into cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from fengqiao.engine.loss.broker.headings import known_headings
from fengqiao.engine.loss.broker.sheets import MOST_COLUMNS, MOST_ROWS, Row, Sheet, too_many_rows

LONGEST_LINE = 1 << 16
LONGEST_SHOWN = 200
LOOKED_AT = 400  # lines in which the delimiter is looked for
MOST_JOINED = 20  # lines that one record with line ends inside quotes may take
MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
SHELL = re.compile(r'(?:(?<=^)|(?<=[,;\t|]))\s*=("(?:[^"]|"")*")(?=\s*(?:$|[,;\t|]))')
DELIMITERS = ("\t", ",", ";", "|", "")  # "" is any run of blanks
CUTS: dict[str, str] = {"\t": "制表符", ",": "逗号", ";": "分号", "|": "竖线", "": "空格"}


def decoded(data: bytes) -> str:
    """The text of a file: by its mark, else UTF-8, else GB18030, else line by line whichever fits.

    >>> decoded("买入".encode("gbk")), decoded("买入".encode("utf-8-sig")), decoded("买入".encode("utf-16"))
    ('买入', '买入', '买入')
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return "\n".join(_line_decoded(line) for line in data.split(b"\n"))


def _line_decoded(line: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("gb18030", "replace")


def text_sheet(data: bytes, name: str) -> Sheet:
    """A text as one sheet; the rows are its lines, numbered as an editor numbers them. name: of the file."""
    text = decoded(data)
    if "\n" not in text and "\r" in text:
        text = text.replace("\r", "\n")
    lines = text.split("\n")
    delimiter = best_delimiter(islice((line for line in lines if line.strip()), LOOKED_AT))
    return Sheet("", _rows(lines, delimiter, name))


def best_delimiter(lines: Iterable[str]) -> str:
    """The delimiter under which some line names the most columns; of equals the first in DELIMITERS.

    >>> (
    ...     best_delimiter(["对账单", "成交日期\\t证券代码\\t成交数量"]) == "\\t",
    ...     best_delimiter(["成交日期 证券代码 成交数量"]),
    ... )
    (True, '')
    """
    best, most = ",", 0
    for line in lines:
        if len(line) > LONGEST_LINE:
            continue
        for delimiter in DELIMITERS:
            found = known_headings(cut(line, delimiter))
            if found > most:
                best, most = delimiter, found
    return best


def cut(line: str, delimiter: str) -> list[str]:
    """One line as cells.

    >>> cut('="600518",买入,"1,000"', ","), cut("a  b\\tc ", "")
    (['600518', '买入', '1,000'], ['a', 'b', 'c'])
    """
    if not delimiter:
        return line.split()
    if '"' not in line:
        return line.split(delimiter)
    shells = SHELL.sub(r"\1", line)
    for line_or_closed in (shells, f'{shells}"'):  # a quote that is left open is closed at the end of the line
        try:
            rows = list(csv.reader([line_or_closed], delimiter=delimiter, strict=line_or_closed.count('"') % 2 == 1))
        except csv.Error:
            continue
        if len(rows) == 1:
            return rows[0]
    return line.split(delimiter)


def _rows(lines: list[str], delimiter: str, name: str) -> Iterator[Row]:
    number = filled = 0
    while number < len(lines):
        line, first, number = lines[number], number + 1, number + 1
        if not line or line.isspace():
            continue
        filled += 1
        if filled > 2 * MOST_ROWS:
            raise too_many_rows(name)
        if len(line) > LONGEST_LINE:
            yield Row(first, [line[:LONGEST_SHOWN]], "行过长")
            continue
        if delimiter and line.count('"') % 2 == 1:
            line, number = _joined(line, number, lines)
        cells = cut(line.rstrip("\r\n"), delimiter)
        while cells and not cells[-1].strip():
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            yield Row(first, [line[:LONGEST_SHOWN]], "列数过多")
        elif any(map(_filled, cells)):
            yield Row(first, cells)


_filled: Callable[[str], str] = str.strip


def _joined(line: str, number: int, lines: list[str]) -> tuple[str, int]:
    """A record whose quotes are closed on a later line, and the place behind it; the line alone when they are not."""
    joined = line
    for at in range(number, min(number + MOST_JOINED, len(lines))):
        joined += "\n" + lines[at]
        if len(joined) > LONGEST_LINE:
            break
        if lines[at].count('"') % 2 == 1:
            return joined.replace("\n", " "), at + 1
    return line, number
