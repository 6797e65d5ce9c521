"""Walking down a sheet: titles, headers, records, totals and footers, several tables one after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.broker.cell_text import Cell, cell_text
from fengqiao.engine.loss.broker.entries import Entry, Reading, SheetRead, Table, Told
from fengqiao.engine.loss.broker.lines import LAYOUT, NOT_SHARE_TRADE, NOT_UNDERSTOOD, Line, understand
from fengqiao.engine.loss.broker.mapping import (
    KIND_NAMES,
    TableMapping,
    is_header,
    names_canonical_columns,
    propose,
)
from fengqiao.engine.loss.broker.settings import FileSettings
from fengqiao.engine.loss.broker.sheets import Row, Sheet
from fengqiao.engine.loss.broker.titles import OPENING, Customer, around, customer_in
from fengqiao.engine.loss.broker.values import UnreadableError
from fengqiao.engine.loss.broker.words import words
from fengqiao.engine.loss.reading.headers import shown

FILLED_DOWN = ("date", "time", "security", "name", "account", "fund_account", "investor", "business", "side", "market")
EPOCH = dt.date(1970, 1, 1)
TITLES = 40  # lines that may stand above the first header
MOST_TABLES = 2000


class Walk:
    """Takes the rows of one sheet, in order, and puts what they are into a Reading."""

    def __init__(
        self, sheet: Sheet, file: str, reading: Reading, customer: Customer, settings: FileSettings,
        given: Mapping[str, str], fallback: str,
    ) -> None:  # fmt: skip
        self.customer = customer
        self._sheet, self._reading, self._settings, self._given = sheet, reading, settings, given
        self._fallback = fallback
        self._read = SheetRead(file, sheet.name)
        self._number = len(reading.sheets)
        reading.sheets.append(self._read)
        self._table: Table | None = None
        self._title = ""
        self._areas: dict[int, list[tuple[int, int, int, int]]] = {}
        self._areas_seen = 0
        self._reaching: dict[int, tuple[int, Cell]] = {}
        self._wanted = {heading_ for heading_ in settings.columns.values() if heading_}
        self._dates = (settings.date - EPOCH).days if settings.date else None

    def run(self) -> None:
        """Take all rows."""
        for row in self._sheet.rows:
            self._read.rows_in += 1
            cells = self._filled_down(row) if self._sheet.merged else row.cells
            if row.broken:
                text = shown(cell_text(row.cells[0])) if row.cells else ""
                self._tell(row, "无法读取", "unreadable", f"{row.broken}（“{text}”），该行未参与计算。", attention=True)
            elif self._is_header(row):
                self._header(row)
            elif self._table is None:
                self._title_line(row)
            else:
                self._record(row, cells, self._table)

    def _tell(self, row: Row, taken: str, code: str, reason: str, *, attention: bool = False) -> None:
        self._read.told.append(Told(row.number, taken, code, reason, attention))

    # -- headers

    def _is_header(self, row: Row) -> bool:
        if self._settings.header_row:
            return row.number == self._settings.header_row or (
                row.number > self._settings.header_row and is_header(row.cells)
            )
        return is_header(row.cells) or self._names_what_was_set(row)

    def _names_what_was_set(self, row: Row) -> bool:
        """Whether the row holds the headings that a person has set, at least two of them."""
        return len(self._wanted) >= 2 and self._wanted <= {
            cell_text(cell) for cell in row.cells if isinstance(cell, str)
        }

    def _header(self, row: Row) -> None:
        if not self._settings.columns and names_canonical_columns(row.cells):
            raise InputError(
                "The file is a table of trades already, not a broker statement (已是交易记录，不是对账单)",
                why="its header names the columns investor, date, side, quantity and price",
                todo="Give it to `fengqiao loss measure CASE.toml --trades FILE` as it is, which checks every row",
                place=Place(self._read.file, self._read.name or None, row.number),
            )
        mapping = propose(row.cells, self._settings.columns)
        before = self._table
        if before is not None and before.mapping.headings == mapping.headings:
            self._tell(row, "表头", LAYOUT, "重复的表头（换页）。")
            return
        if before is not None and before.rows == 0 and row.number == before.header + 1:
            mapping = self._two_rows(before.mapping, mapping)
            self._read.tables.pop()
        if len(self._read.tables) >= MOST_TABLES:
            raise InputError(
                "The sheet has too many tables (表格过多)", why=f"more than {MOST_TABLES} headers",
                todo="Export it again", place=Place(self._read.file, self._read.name or None, row.number),
            )  # fmt: skip
        self._table = Table(sum(len(sheet.tables) for sheet in self._reading.sheets), row.number, mapping, self._title)
        self._read.tables.append(self._table)
        self._tell(row, "表头", LAYOUT, f"表头（{KIND_NAMES[mapping.kind]}）。")

    def _two_rows(self, upper: TableMapping, lower: TableMapping) -> TableMapping:
        """Headers of two rows: the lower one says more where it says anything."""
        width = max(len(upper.headings), len(lower.headings))
        both = [
            (lower.headings[at] if at < len(lower.headings) else "")
            or (upper.headings[at] if at < len(upper.headings) else "")
            for at in range(width)
        ]
        return propose(both, self._settings.columns)

    # -- what stands around tables

    def _title_line(self, row: Row) -> None:
        before = self.customer
        text = " ".join(part for part in (cell_text(cell) for cell in row.cells[:12]) if part)
        if len(self._read.told) < TITLES:
            self.customer = customer_in(row.cells, before)
            self._title = text[:60]
        if self.customer != before or len(self._read.told) < TITLES:
            self._tell(row, "标题", LAYOUT, f"表头之前的标题行：{shown(text)}")
        else:
            self._tell(
                row, "未能识别", NOT_UNDERSTOOD, f"没有表头，无法知道各列含义（“{shown(text)}”）。", attention=True
            )

    def _record(self, row: Row, cells: Sequence[Cell], table: Table) -> None:
        kind = table.mapping.kind
        if len(cells) > len(table.mapping.headings) and any(
            cell != "" for cell in cells[len(table.mapping.headings) :]
        ):
            surplus = [cell for cell in cells[len(table.mapping.headings) :] if cell_text(cell)]
            if surplus and kind == "trades":
                self._tell(row, "无法读取", "unreadable", "该行的列数多于表头，未参与计算。", attention=True)
                return
        if kind != "trades" or len(cells) - cells.count("") <= 3:
            what = around(cells)
            if what and not self._is_dated(cells, row, table):
                self._between(row, what)
                return
        if kind == "trades":
            self._trade(row, cells, table)
        else:
            self._other_table(row, cells, table)

    def _is_dated(self, cells: Sequence[Cell], row: Row, table: Table) -> bool:
        try:
            Line(row.number, cells, table, self._sheet.days_added, self._given).date()
        except UnreadableError:
            return False
        return True

    def _between(self, row: Row, what: str) -> None:
        before = self.customer
        self.customer = customer_in(row.cells, before)
        text = " ".join(part for part in (cell_text(cell) for cell in row.cells) if part)
        if what == "标题" or self.customer != before:
            self._title = text[:60]
        self._tell(row, what, LAYOUT, f"{what}行：{shown(text)}")

    # -- records

    def _trade(self, row: Row, cells: Sequence[Cell], table: Table) -> None:
        line = Line(row.number, cells, table, self._sheet.days_added, self._given)
        investor = self._investor(line)
        order = len(self._reading.entries)
        found = understand(line, order, self._number, investor, self.customer.account, self._dates, told_of=investor)
        if isinstance(found, Told):
            if found.code == LAYOUT:
                self.customer = customer_in(row.cells, self.customer)
            self._read.told.append(found)
            if found.code == NOT_UNDERSTOOD and line.text("date") == "" and len(row.cells) <= 2:
                self._title = cell_text(row.cells[0])[:60]
            return
        table.rows += 1
        self._reading.entries.append(found)

    def _investor(self, line: Line) -> str:
        if self._settings.investor:
            return self._settings.investor
        if line.table.mapping.position("investor") >= 0 and line.text("investor"):
            return Customer(line.text("investor"), line.text("fund_account")).identifier()
        if not self.customer.identifier() and line.text("fund_account"):
            return line.text("fund_account")
        return self.customer.identifier() or self._fallback

    def _other_table(self, row: Row, cells: Sequence[Cell], table: Table) -> None:
        table.rows += 1
        line = Line(row.number, cells, table, self._sheet.days_added, self._given)
        kind = table.mapping.kind
        if kind == "cash":
            meaning, said = line.meaning()
            title = meaning.title if meaning else "资金流水"
            self._tell(row, title, NOT_SHARE_TRADE, f"资金流水：{shown(said) or '未写明业务'}，没有证券和数量。")
        elif kind == "holdings":
            self._holding(row, line, table)
        elif kind == "orders":
            self._tell(row, "委托", NOT_SHARE_TRADE, "委托记录，没有成交数量，不是成交。")
        else:
            if table.mapping.position("date") < 0:
                name = Customer(line.text("investor"), line.text("fund_account"), line.text("account"))
                if name.identifier() and table.rows == 1:
                    self.customer = name
                    self._tell(row, "标题", LAYOUT, f"客户信息：{shown(name.identifier())}")
                    return
            headings = "、".join(text for text in table.mapping.headings if text)[:60]
            reason = f"所在表格（表头：{headings}）不是成交明细，该行未参与计算。"
            self._tell(row, "其他表格", NOT_SHARE_TRADE, reason, attention="quantity" in table.mapping.columns)

    def _holding(self, row: Row, line: Line, table: Table) -> None:
        name = line.text("security") or line.text("name")
        if not OPENING.search(table.title) or (self._dates is None and not self._has_date(line)):
            reason = f"持仓表中的一行（{shown(name)}），不是成交。"
            if OPENING.search(table.title):
                reason = f"期初持仓（{shown(name)}）没有日期，未计入；可在设置文件中为该文件写 date。"
            self._tell(row, "持仓", NOT_SHARE_TRADE, reason, attention=bool(OPENING.search(table.title)))
            return
        self._opening(row, line)

    def _has_date(self, line: Line) -> bool:
        try:
            line.date()
        except UnreadableError:
            return False
        return True

    def _opening(self, row: Row, line: Line) -> None:
        found = words().meanings["opening"]
        opened = OpeningLine(line, found.title)
        entry = understand(
            opened, len(self._reading.entries), self._number, self._investor(line), self.customer.account, self._dates
        )
        if isinstance(entry, Entry):
            self._reading.entries.append(entry)
        else:
            self._read.told.append(entry)

    # -- merged cells

    def _filled_down(self, row: Row) -> Sequence[Cell]:
        """The cells of a row, with what merged cells from above say in the columns that name things."""
        merged = self._sheet.merged
        while self._areas_seen < len(merged):
            area = merged[self._areas_seen]
            self._areas_seen += 1
            if area[1] > area[0]:
                self._areas.setdefault(area[0], []).append(area)
        at = row.number - 1
        cells = list(row.cells)
        wanted = self._columns_filled()
        for column in wanted:
            bottom, value = self._reaching.get(column, (-1, ""))
            if bottom >= at and value != "":
                cells += [""] * (column + 1 - len(cells))
                if cells[column] == "":
                    cells[column] = value
        for _, bottom, left, right in self._areas.pop(at, ()):
            value = cells[left] if left < len(cells) else ""
            for column in wanted:
                if left <= column <= right:
                    self._reaching[column] = (bottom, value)
        return cells

    def _columns_filled(self) -> set[int]:
        if self._table is None:
            return set()
        return {self._table.mapping.position(field) for field in FILLED_DOWN} - {-1}


class OpeningLine(Line):
    """A line of a table of holdings at the beginning of the period: its balance is the quantity, what was held."""

    def __init__(self, line: Line, said: str) -> None:
        super().__init__(line.row, line._cells, line.table, line._days_added, line._given)
        self._said = said
        balance = self._at.get("balance", len(self._cells))
        self._at = {**self._at, "quantity": balance}

    def meaning(self):  # type: ignore[no-untyped-def]
        """An opening position."""
        return words().meanings["opening"], self._said
