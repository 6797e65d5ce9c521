"""Web pages and XML spreadsheets (Excel 2003), which trading clients save under the name of a workbook.

Read by one walk over the tags, in time and memory in proportion to the file; nothing in it is followed or expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.broker.cell_text import Cell
from fengqiao.engine.loss.broker.sheets import MOST_CELLS, MOST_COLUMNS, Area, Row, Sheet, too_many_cells
from fengqiao.engine.loss.broker.text_lines import decoded

LONGEST_PLAIN = 500
PLAIN = rf"(?:\s(?![^<>]{{0,{LONGEST_PLAIN}}}span)[^<>]{{0,{LONGEST_PLAIN}}}+)?+>"
# a row all of whose cells take one place each, up to the next row or the end of the table
PLAIN_ROW = (
    rf"<tr{PLAIN}\s*+((?:<t[dh]{PLAIN}[^<]*+(?:</t[dh]>\s*+)?+){{1,{MOST_COLUMNS}}}+)"
    rf"(?=</?(?:tr|table)(?:\s[^<>]{{0,{LONGEST_PLAIN}}}+)?+>)"
)
# a comment or a tag, with the text behind it
PIECE = r"<(?:!(?=--)(?:.*?-->|.*)|([^<>]*+)(>?))([^<]*+)"
IN_PAGES = re.compile(f"{PLAIN_ROW}|{PIECE}", re.DOTALL | re.IGNORECASE)
IN_SPREADSHEETS = re.compile(f"(?!)()|{PIECE}", re.DOTALL)
PLAIN_CELL = re.compile(r"<t[dh][^<>]*+>([^<]*+)", re.IGNORECASE)
TAG = re.compile(r"(/?)([A-Za-z][A-Za-z0-9:._-]{0,60})((?:[^A-Za-z0-9:._-].{0,4000})?)", re.DOTALL)
KNOWN_TAGS = 4096
NUMBER = re.compile(r"\d{1,7}", re.ASCII)
CELLS = frozenset({"td", "th"})
ROW_OF_CELLS = "tr td"  # in place of the name of a tag
UNSEEN = frozenset({"script", "style", "title", "xml"})
LONGEST = 4000
MOST_TAGS = 4_000_000
MOST_NESTED = 100  # tables in tables
TALLEST = 1 << 20
MOST_MERGED = 100_000
MOST_REACHING = 1_000_000  # columns that cells reach down into, in all


class _Tag(NamedTuple):
    """A tag with the text behind it. name: lower case, without a prefix; "" for text outside of tags, ROW_OF_CELLS for
    the beginning of a row with its cells, which are then the text."""

    name: str
    closing: bool
    attributes: str
    text: str


def _tags(text: str, pattern: re.Pattern[str]) -> Iterator[_Tag]:
    known: dict[str, tuple[str, bool, str] | None] = {}
    before = text.partition("<")[0]
    if before:
        yield _Tag("", False, "", before)
    for found in pattern.finditer(text, len(before)):
        cells, inside, end, rest = found.groups()
        if cells is not None:
            yield _Tag(ROW_OF_CELLS, False, "", cells)
            continue
        if inside is None:
            if rest:
                yield _Tag("", False, "", rest)
            continue
        if inside not in known:
            if len(known) >= KNOWN_TAGS:
                known.clear()
            known[inside] = _parsed(inside)
        tag = known[inside] if end else None
        if tag is not None:
            yield _Tag(*tag, rest)
        else:
            yield _Tag("", False, "", rest if inside[:1] in {"!", "?"} else found[0])


def _parsed(inside: str) -> tuple[str, bool, str] | None:
    """What stands between the brackets of a tag: its name, whether it closes, its attributes."""
    found = TAG.fullmatch(inside)
    return (found[2].lower().rpartition(":")[2], bool(found[1]), found[3]) if found else None


def _attribute(tag: _Tag, name: str, otherwise: int) -> int:
    return _number_in(tag.attributes, name, otherwise) if tag.attributes else otherwise


@lru_cache(maxsize=KNOWN_TAGS)
def _number_in(attributes: str, name: str, otherwise: int) -> int:
    found = re.search(rf"""(?:^|[\s:]){name}\s*+=\s*+["']?+\s*+(\d{{1,7}})""", attributes, re.IGNORECASE | re.ASCII)
    return int(found[1]) if found else otherwise


def markup_sheets(data: bytes, name: str) -> Iterator[Sheet]:
    """The tables of a web page as one sheet, or the sheets of an XML spreadsheet. name: of the file.

    Rows are counted as rows of tables from the first one on; a paragraph outside of tables is a row of one cell.
    """
    text = decoded(data)
    if text.count("<") > MOST_TAGS:
        raise InputError(
            "The web page has too many tags for a broker statement (标记过多)", why=f"more than {MOST_TAGS:,}",
            todo="Export shorter periods", place=Place(name),
        )  # fmt: skip
    if re.search(r"<(?:\w+:)?worksheet[\s>]", text[: 1 << 20], re.IGNORECASE):
        return _spreadsheet(_tags(text, IN_SPREADSHEETS))
    merged: list[Area] = []
    return iter([Sheet("", _page(_tags(text, IN_PAGES), _Budget(name, merged)), merged)])


@dataclass
class _Budget:
    """What one file may cost. merged: areas found so far. cells: columns that rows may still take, empty ones among
    them. reaching: columns that cells may still reach down into."""

    name: str
    merged: list[Area]
    cells: int = MOST_CELLS
    reaching: int = MOST_REACHING


@dataclass
class _Grid:
    """Puts cells of one table into columns, past those that are taken by cells reaching down from rows above."""

    budget: _Budget
    taken: dict[int, int] = field(default_factory=dict)  # column -> the first row of the table it is free in
    rows: int = 0

    def row(self, number: int, cells: list[tuple[str, int, int]]) -> Row:
        """cells: (text, columns, rows) in order; number: of the row, from 0."""
        if not self.taken and len(cells) <= MOST_COLUMNS and all(cell[1:] == (1, 1) for cell in cells):
            return self.plain_row(number, [cell[0] for cell in cells])
        values: list[Cell] = []
        at, broken = 0, ""
        for text, columns, rows in cells:
            while self.taken.get(at, 0) > self.rows:
                at += 1
            if at >= MOST_COLUMNS:
                broken = broken or ("列数过多" if text.strip() else "")
                continue
            width = max(1, min(columns, MOST_COLUMNS - at))
            if text:
                values += [""] * (at - len(values))
                values.append(text)
            if rows > 1:
                self._reach(number, at, width, min(rows, TALLEST))
            at += width
        self._count(at)
        return Row(number + 1, values, broken)

    def holds(self, cells: Sequence[str]) -> bool:
        """Whether cells that take one place each stand in a column of their own, one after the other."""
        return not self.taken and len(cells) <= MOST_COLUMNS

    def plain_row(self, number: int, values: list[Cell]) -> Row:
        """As nearly all are: each cell in a column of its own."""
        self._count(len(values))
        while values and values[-1] == "":
            values.pop()
        return Row(number + 1, values)

    def _count(self, columns: int) -> None:
        self.rows += 1
        self.budget.cells -= columns
        if self.budget.cells < 0:
            raise too_many_cells(self.budget.name)

    def _reach(self, number: int, at: int, width: int, tall: int) -> None:
        budget = self.budget
        if len(budget.merged) < MOST_MERGED and budget.reaching > 0:
            budget.reaching -= width
            budget.merged.append((number, number + tall - 1, at, at + width - 1))
            self.taken |= dict.fromkeys(range(at, at + width), self.rows + tall)


def _page(tags: Iterator[_Tag], budget: _Budget) -> Iterator[Row]:
    number, unseen = 0, ""
    tables: list[tuple[_Grid, list[tuple[str, int, int]]]] = []
    loose: list[str] = []
    inside = False  # of a cell
    for tag in tags:
        if tag.name == ROW_OF_CELLS and tables and not unseen:
            row, inside = _end_of_row(tables, loose, number), False
            if row:
                number += 1
                yield row
            row = _whole_row(tables, loose, number, _texts(tag.text))
            if row:
                number += 1
                yield row
            continue
        if unseen:
            if not (tag.closing and tag.name == unseen):
                continue
            unseen = ""
        elif tag.name in UNSEEN and not tag.closing:
            unseen = tag.name
            continue
        if tables and tag.name in CELLS:
            inside = not tag.closing
            text = unescape(tag.text[:LONGEST]) if tag.text and not tag.text.isspace() else ""
            if inside:
                spans = (_attribute(tag, "colspan", 1), _attribute(tag, "rowspan", 1)) if tag.attributes else (1, 1)
                tables[-1][1].append((text[:LONGEST], *spans))
            elif text:
                loose.append(text.strip())
            continue
        row = None
        if tag.name == "table" or (tag.name == "tr" and tables):
            row, inside = _end_of_row(tables, loose, number), False
        if tag.name == "table":
            if not tag.closing:
                tables.append((_Grid(budget), []))
                _require_shallow(tables, budget.name)
            elif tables:
                tables.pop()
        if row:
            number += 1
            yield row
        if tag.name in {"p", "div", "br", "h1", "h2", "h3", "body", "caption"} and not tables:
            row = _end_of_row(tables, loose, number)
            if row:
                number += 1
                yield row
        if tag.name == ROW_OF_CELLS:
            for text in filter(None, _texts(tag.text)):
                _add(tables, loose, text, inside)
        elif tag.text and not tag.text.isspace():
            _add(tables, loose, unescape(tag.text[:LONGEST]), inside)
    row = _end_of_row(tables, loose, number)
    if row:
        yield row


def _require_shallow(tables: Sequence[object], name: str) -> None:
    if len(tables) > MOST_NESTED:
        raise InputError(
            "The web page has too many tables within tables (表格嵌套过深)", why=f"more than {MOST_NESTED}",
            todo="Export it again", place=Place(name),
        )  # fmt: skip


def _add(tables: list[tuple[_Grid, list[tuple[str, int, int]]]], loose: list[str], text: str, inside: bool) -> None:
    if inside and tables and tables[-1][1]:
        before, columns, rows = tables[-1][1][-1]
        tables[-1][1][-1] = ((before + text)[:LONGEST], columns, rows)
    elif len(loose) < 100:
        loose.append(text.strip())


def _texts(cells: str) -> list[str]:
    """What the cells of a plain row say, "" for blanks."""
    found = ["" if text.isspace() else text[:LONGEST] for text in PLAIN_CELL.findall(cells)]
    return [unescape(text)[:LONGEST] for text in found] if "&" in cells else found


def _whole_row(
    tables: list[tuple[_Grid, list[tuple[str, int, int]]]], loose: list[str], number: int, texts: list[str]
) -> Row | None:  # fmt: skip
    """The row of these cells, if it is complete; else it is when the next one begins."""
    grid, cells = tables[-1]
    if loose or not grid.holds(texts):
        cells += [(text, 1, 1) for text in texts]
        return None
    row = grid.plain_row(number, [*texts])
    return row if any(map(str.strip, texts)) else None


def _end_of_row(
    tables: list[tuple[_Grid, list[tuple[str, int, int]]]], loose: list[str], number: int
) -> Row | None:  # fmt: skip
    """The row that is complete now, if any: the cells of the innermost table, or the text between tables."""
    if tables and tables[-1][1]:
        grid, cells = tables[-1]
        row = grid.row(number, cells)
        cells.clear()
        return row if row.broken or any(str(cell).strip() for cell in row.cells) else None
    text = " ".join(loose)
    loose.clear()
    return Row(number + 1, [text]) if text.strip() else None


def _spreadsheet(tags: Iterator[_Tag]) -> Iterator[Sheet]:
    for tag in tags:
        if tag.name == "worksheet" and not tag.closing:
            found = re.search(r"""name\s*=\s*["']([^"']{1,200})""", tag.attributes, re.IGNORECASE)
            merged: list[Area] = []
            yield Sheet(unescape(found[1]) if found else "", _spreadsheet_rows(tags, merged), merged)


def _spreadsheet_rows(tags: Iterator[_Tag], merged: list[Area]) -> Iterator[Row]:
    number, column, following = 0, -1, 0
    cells: dict[int, str] = {}
    data, broken = False, ""
    for tag in tags:
        if tag.name == "row":
            if cells or broken:
                yield _placed(number, cells, broken)
                broken = ""
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
            break
        elif tag.name == "data":
            data = not tag.closing
        if data and column >= MOST_COLUMNS and tag.text.strip():
            broken = "列数过多"
        elif data and tag.text and column >= 0:
            cells[column] = (cells.get(column, "") + unescape(tag.text[:LONGEST]))[:LONGEST]
    if cells or broken:
        yield _placed(number, cells, broken)


def _placed(number: int, cells: Mapping[int, str], broken: str) -> Row:
    return Row(number, [cells.get(place, "") for place in range(max(cells, default=-1) + 1)], broken)
