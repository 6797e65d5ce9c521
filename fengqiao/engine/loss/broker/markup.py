"""Web pages and XML spreadsheets (Excel 2003), which trading clients save under the name of a workbook.

Read by one walk over the tags, in time and memory in proportion to the file; nothing in it is followed or expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from fengqiao.engine.loss.broker.cell_text import Cell
from fengqiao.engine.loss.broker.sheets import MOST_COLUMNS, Area, Row, Sheet
from fengqiao.engine.loss.broker.text_lines import decoded

TAG = re.compile(r"(/?)([A-Za-z][A-Za-z0-9:._-]{0,60})((?:[^A-Za-z0-9:._-].{0,4000})?)", re.DOTALL)
KNOWN_TAGS = 4096
NUMBER = re.compile(r"\d{1,7}", re.ASCII)
CELLS = frozenset({"td", "th"})
UNSEEN = frozenset({"script", "style", "title", "xml"})
LONGEST = 4000
TALLEST = 1 << 20
MOST_MERGED = 100_000
MOST_REACHING = 1_000_000  # columns that cells reach down into, in all


class _Tag(NamedTuple):
    """A tag with the text behind it. name: lower case, without a prefix; "" for text outside of tags."""

    name: str
    closing: bool
    attributes: str
    text: str


def _tags(text: str) -> Iterator[_Tag]:
    comment = False
    known: dict[str, tuple[str, bool, str] | None] = {}
    for number, piece in enumerate(text.split("<")):
        if comment or piece.startswith("!--"):
            _, end, rest = piece.partition("-->")
            comment = not end
            if rest:
                yield _Tag("", False, "", rest)
            continue
        inside, end, rest = piece.partition(">")
        if inside not in known:
            if len(known) >= KNOWN_TAGS:
                known.clear()
            known[inside] = _parsed(inside)
        tag = known[inside] if end and number else None
        if tag is not None:
            yield _Tag(*tag, rest)
        elif number == 0 or piece[:1] in {"!", "?"}:
            yield _Tag("", False, "", rest if number else piece)
        else:
            yield _Tag("", False, "", f"<{piece}")


def _parsed(inside: str) -> tuple[str, bool, str] | None:
    """What stands between the brackets of a tag: its name, whether it closes, its attributes."""
    found = TAG.fullmatch(inside)
    return (found[2].lower().rpartition(":")[2], bool(found[1]), found[3]) if found else None


def _attribute(tag: _Tag, name: str, otherwise: int) -> int:
    if not tag.attributes:
        return otherwise
    found = re.search(rf"""(?:^|[\s:]){name}\s*=\s*["']?\s*(\d{{1,7}})""", tag.attributes, re.IGNORECASE | re.ASCII)
    return int(found[1]) if found else otherwise


def markup_sheets(data: bytes, name: str) -> Iterator[Sheet]:
    """The tables of a web page as one sheet, or the sheets of an XML spreadsheet. name: of the file.

    Rows are counted as rows of tables from the first one on; a paragraph outside of tables is a row of one cell.
    """
    text = decoded(data)
    if re.search(r"<(?:\w+:)?worksheet[\s>]", text[: 1 << 20], re.IGNORECASE):
        return _spreadsheet(_tags(text))
    merged: list[Area] = []
    return iter([Sheet("", _page(_tags(text), merged), merged)])


@dataclass
class _Grid:
    """Puts cells of one table into columns, past those that are taken by cells reaching down from rows above."""

    merged: list[Area]
    taken: dict[int, int] = field(default_factory=dict)  # column -> rows it is still taken
    left: int = MOST_REACHING

    def row(self, number: int, cells: list[tuple[str, int, int]]) -> list[Cell]:
        """cells: (text, columns, rows) in order; number: of the row, from 0."""
        values: list[Cell] = []
        reaching: dict[int, int] = {}
        for text, columns, rows in cells:
            while self.taken.get(len(values)):
                values.append("")
            if len(values) >= MOST_COLUMNS:
                break
            at, width = len(values), max(1, min(columns, MOST_COLUMNS - len(values)))
            values += [text, *[""] * (width - 1)]
            if rows > 1 or width > 1:
                tall = max(1, min(rows, TALLEST))
                if tall > 1 and len(self.merged) < MOST_MERGED and self.left > 0:
                    self.left -= width
                    self.merged.append((number, number + tall - 1, at, at + width - 1))
                    reaching |= dict.fromkeys(range(at, at + width), tall)
        self.taken = {column: left - 1 for column, left in self.taken.items() if left > 1}
        self.taken |= {column: left - 1 for column, left in reaching.items()}
        while values and values[-1] == "":
            values.pop()
        return values


def _page(tags: Iterator[_Tag], merged: list[Area]) -> Iterator[Row]:
    number, unseen = 0, ""
    tables: list[tuple[_Grid, list[tuple[str, int, int]]]] = []
    loose: list[str] = []
    inside = False  # of a cell
    for tag in tags:
        if unseen:
            if not (tag.closing and tag.name == unseen):
                continue
            unseen = ""
        elif tag.name in UNSEEN and not tag.closing:
            unseen = tag.name
            continue
        if tag.closing and tag.name in CELLS and tables:
            inside = False
            if tag.text and not tag.text.isspace():
                loose.append(unescape(tag.text[:LONGEST]).strip())
            continue
        row: list[Cell] = []
        if tag.name == "table" or (tag.name == "tr" and tables):
            row, inside = _end_of_row(tables, loose, number), False
        if tag.name == "table":
            if not tag.closing:
                tables.append((_Grid(merged), []))
            elif tables:
                tables.pop()
        if row:
            number += 1
            yield Row(number, row)
        if tag.name in CELLS and tables:
            inside = True
            tables[-1][1].append(("", _attribute(tag, "colspan", 1), _attribute(tag, "rowspan", 1)))
        elif tag.name in {"p", "div", "br", "h1", "h2", "h3", "body", "caption"} and not tables:
            row = _end_of_row(tables, loose, number)
            if row:
                number += 1
                yield Row(number, row)
        if tag.text and not tag.text.isspace():
            _add(tables, loose, unescape(tag.text[:LONGEST]), inside)
    row = _end_of_row(tables, loose, number)
    if row:
        yield Row(number + 1, row)


def _add(tables: list[tuple[_Grid, list[tuple[str, int, int]]]], loose: list[str], text: str, inside: bool) -> None:
    if inside and tables and tables[-1][1]:
        before, columns, rows = tables[-1][1][-1]
        tables[-1][1][-1] = ((before + text)[:LONGEST], columns, rows)
    elif len(loose) < 100:
        loose.append(text.strip())


def _end_of_row(
    tables: list[tuple[_Grid, list[tuple[str, int, int]]]], loose: list[str], number: int
) -> list[Cell]:  # fmt: skip
    """The row that is complete now, if any: the cells of the innermost table, or the text between tables."""
    if tables and tables[-1][1]:
        grid, cells = tables[-1]
        row = grid.row(number, list(cells))
        cells.clear()
        if any(str(cell).strip() for cell in row):
            return row
        return []
    text = " ".join(loose)
    loose.clear()
    return [text] if text.strip() else []


def _spreadsheet(tags: Iterator[_Tag]) -> Iterator[Sheet]:
    for tag in tags:
        if tag.name == "worksheet" and not tag.closing:
            found = re.search(r"""name\s*=\s*["']([^"']{1,200})""", tag.attributes, re.IGNORECASE)
            merged: list[Area] = []
            yield Sheet(unescape(found[1]) if found else "", _spreadsheet_rows(tags, merged), merged)


def _spreadsheet_rows(tags: Iterator[_Tag], merged: list[Area]) -> Iterator[Row]:
    number, column, following = 0, -1, 0
    cells: dict[int, str] = {}
    data = False
    for tag in tags:
        if tag.name == "row":
            if cells:
                yield Row(number, [cells.get(place, "") for place in range(max(cells) + 1)])
            if not tag.closing:
                number = _attribute(tag, "index", number + 1)
            column, following, cells = -1, 0, {}
        elif tag.name == "cell" and not tag.closing:
            column = _attribute(tag, "index", following + 1) - 1
            across, down = _attribute(tag, "mergeacross", 0), min(_attribute(tag, "mergedown", 0), TALLEST)
            following = column + across + 1
            if down and len(merged) < MOST_MERGED:
                merged.append((number - 1, number - 1 + down, column, column + across))
        elif tag.name == "worksheet" and tag.closing:
            return
        elif tag.name == "data":
            data = not tag.closing
        if data and tag.text and 0 <= column < MOST_COLUMNS:
            cells[column] = (cells.get(column, "") + unescape(tag.text[:LONGEST]))[:LONGEST]
