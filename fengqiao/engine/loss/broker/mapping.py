"""Proposing which column of a table is which, from its headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from fengqiao.engine.loss.broker.cell_text import Cell, cell_text
from fengqiao.engine.loss.broker.headings import Heading, heading, headings, is_known
from fengqiao.engine.loss.rows import REQUIRED_COLUMNS

Sure = Literal["known", "other", "similar", "given"]
TableKind = Literal["trades", "cash", "holdings", "orders", "other"]

SURE_NAMES: dict[Sure, str] = {"known": "确定", "other": "替代", "similar": "相近", "given": "指定"}
KIND_NAMES: dict[TableKind, str] = {
    "trades": "成交明细", "cash": "资金流水", "holdings": "持仓", "orders": "委托", "other": "其他表格",
}  # fmt: skip

LEAST_KNOWN = 3
HOLDINGS = frozenset({
    "市价", "最新价", "市值", "证券市值", "最新市值", "参考市值", "参考市价", "成本价", "参考成本价", "持仓成本",
    "盈亏", "浮动盈亏", "参考盈亏",
    "可用股份", "可卖数量", "可用数量", "可用余额", "冻结数量",
})  # fmt: skip
ORDERS = frozenset({"委托数量", "委托价格", "已撤数量", "撤单数量"})
CONTRACTS = frozenset({"合约编号", "合约日期", "未了结合约数量", "配号", "起始配号", "配号数量", "归还截止日"})
SUBSTITUTES = {  # headings that stand for a field only where nothing better is there
    "date": frozenset({"交割日期", "交收日期", "清算日期", "委托日期", "操作日期"}),
    "time": frozenset({"委托时间"}),
    "commission": frozenset({"净佣金", "总佣金", "交易费用"}),
    "investor": frozenset({"户名", "姓名"}),
}
NEEDED = ("date", "security", "quantity", "price", "business")


@dataclass(frozen=True)
class Column:
    """Where a field stands. heading: as the file has it. unit: what stands in brackets behind it."""

    field: str
    position: int
    heading: str
    sure: Sure
    unit: str = ""


@dataclass(frozen=True)
class TableMapping:
    """What a table is and where its fields stand.

    columns: field -> column. texts: positions of all columns that may say what a line is, in order. unread: headings
    that are not read. headings: of all columns, by position.
    """

    kind: TableKind
    columns: Mapping[str, Column]
    texts: tuple[int, ...]
    unread: tuple[str, ...]
    headings: tuple[str, ...]

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Where the fields stand that there are."""
        return {field: column.position for field, column in self.columns.items()}

    def position(self, field: str) -> int:
        """Where a field stands, -1 where it does not."""
        return self.positions.get(field, -1)


def is_header(cells: Sequence[Cell]) -> bool:
    """Whether a row is a header: at least three known headings, which are most of what it says.

    >>> is_header(["成交日期", "证券代码", "成交数量", "备用"]), is_header(["20161229", "600518", "买入"])
    (True, False)
    """
    if not _may_be(cells):
        return False
    filled = [cell for cell in cells if cell != ""]
    known = [cell for cell in filled if isinstance(cell, str) and heading(cell).known]
    return len({heading(str(cell)).text for cell in known}) >= LEAST_KNOWN and 2 * len(known) >= len(filled)


def names_canonical_columns(cells: Sequence[Cell]) -> bool:
    """Whether a header names the columns that rows of trades must have, by the names that this program gives them.

    >>> names_canonical_columns(["investor", "Date", "side", "quantity", "price", "kind"])
    True
    >>> names_canonical_columns(["date", "security", "side", "quantity", "price"])
    False
    """
    return set(REQUIRED_COLUMNS) <= {cell_text(cell).casefold() for cell in cells}


def _may_be(cells: Sequence[Cell]) -> bool:
    """A cheap look at the first cells: is any of them a known heading?"""
    looked = 0
    for cell in cells:
        if not isinstance(cell, str):
            return False
        if not cell:
            continue
        if is_known(cell):
            return True
        looked += 1
        if looked == LEAST_KNOWN:
            return False
    return False


def propose(cells: Sequence[Cell], given: Mapping[str, str]) -> TableMapping:
    """The mapping of a header row. given: field -> heading that a person has set, "" for a field not to be read."""
    return _proposed(tuple(cell_text(cell) for cell in cells), tuple(given.items()))


@lru_cache(maxsize=256)
def _proposed(shown: tuple[str, ...], settings: tuple[tuple[str, str], ...]) -> TableMapping:
    given = dict(settings)
    names = [heading(text) for text in shown]
    columns: dict[str, Column] = {}
    for field, wanted in given.items():
        at = next((place for place, text in enumerate(shown) if wanted and _same(text, wanted)), -1)
        if at >= 0:
            columns[field] = Column(field, at, shown[at], "given", names[at].unit)
    taken = {column.position for column in columns.values()}
    for field in headings().titles:
        if field in given:
            continue
        found = _best(field, names, taken if field != "signed_quantity" else set())
        if found >= 0:
            sure: Sure = "other" if names[found].text in SUBSTITUTES.get(field, ()) else "known"
            columns[field] = Column(field, found, shown[found], sure, names[found].unit)
            taken.add(found)
    _similar(columns, names, shown, taken, given)
    signed = columns.get("signed_quantity")
    if signed and "quantity" in columns and signed.position == columns["quantity"].position:
        del columns["signed_quantity"]
    texts = _texts(columns, names)
    read = {column.position for column in columns.values()} | set(texts)
    unread = tuple(text for place, text in enumerate(shown) if text and place not in read)
    return TableMapping(_kind(columns, names), columns, texts, unread, shown)


def _same(text: str, wanted: str) -> bool:
    return text == wanted or heading(text).text == heading(wanted).text


def _best(field: str, names: Sequence[Heading], taken: set[int]) -> int:
    ranked = [
        (name.fields[field], place) for place, name in enumerate(names) if field in name.fields and place not in taken
    ]
    return min(ranked)[1] if ranked else -1


def _similar(
    columns: dict[str, Column], names: Sequence[Heading], shown: Sequence[str], taken: set[int],
    given: Mapping[str, str],
) -> None:  # fmt: skip
    """Fields that are needed and not found: a heading that contains the name of the field will do, and is told."""
    for field in NEEDED:
        if field in columns or field in given or (field == "business" and "side" in columns):
            continue
        known = [text for text, fields in headings().fields.items() if field in fields and len(text) >= 4]
        for place, name in enumerate(names):
            if place not in taken and not name.known and any(text in name.text for text in known):
                columns[field] = Column(field, place, shown[place], "similar", name.unit)
                taken.add(place)
                break


def _texts(columns: Mapping[str, Column], names: Sequence[Heading]) -> tuple[int, ...]:
    places: list[int] = [columns[field].position for field in ("business",) if field in columns]
    others = [(name.fields["business"], place) for place, name in enumerate(names) if "business" in name.fields]
    places += [place for _, place in sorted(others)]
    places += [columns[field].position for field in ("side", "remark") if field in columns]
    return tuple(dict.fromkeys(places))


def _kind(columns: Mapping[str, Column], names: Sequence[Heading]) -> TableKind:
    texts = {name.text for name in names}
    says = "business" in columns or "side" in columns
    thing = "security" in columns or "name" in columns
    if texts & CONTRACTS and "price" not in columns:
        return "other"
    if "quantity" in columns and thing:
        if "date" not in columns and not says and (texts & HOLDINGS or "balance" in columns):
            return "holdings"
        return "trades"
    if texts & ORDERS and thing:
        return "orders"
    if thing and "balance" in columns:
        return "holdings"
    if "date" in columns and not thing and ("net_amount" in columns or "amount" in columns):
        return "cash"
    return "other"
