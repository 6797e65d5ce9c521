"""Which column of a file is which: header names, their Chinese equivalents, and what is wrong with a header."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from fengqiao.engine.errors import InputError, Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_LISTING = 300
HEADER_WITHIN = 20  # rows above the header (titles, remarks) that are skipped at most


@dataclass(frozen=True)
class Schema:
    """The columns one kind of table may have. names: canonical name -> other accepted ones.

    The first of the other names is the one used in sentences.
    """

    table: str
    names: Mapping[str, Sequence[str]]
    required: Sequence[str]

    def label(self, column: str) -> str:
        """The Chinese name of a canonical column, for sentences."""
        return self.names[column][0]


@dataclass(frozen=True)
class Header:
    """columns: canonical name -> position. ignored: names that mean nothing here. width: number of columns."""

    columns: Mapping[str, int]
    ignored: tuple[str, ...]
    width: int


TRADES = Schema(
    "trades (交易记录)",
    {
        "investor": ("投资者", "投资者标识", "投资者编号"),
        "account": ("证券账户", "股东账户", "证券账号"),
        "security": ("证券代码", "股票代码"),
        "date": ("成交日期", "交易日期", "日期"),
        "time": ("成交时间", "交易时间", "时间"),
        "sequence": ("序号", "成交序号"),
        "side": ("买卖方向", "买卖", "买卖标志", "方向"),
        "quantity": ("成交数量", "数量"),
        "price": ("成交价格", "成交价", "价格"),
        "commission": ("佣金", "手续费"),
        "stamp_duty": ("印花税",),
        "kind": ("业务类别", "业务类型"),
    },
    ("investor", "date", "side", "quantity", "price"),
)
STATEMENT_HEADINGS = frozenset({
    "成交日期", "发生日期", "交割日期", "业务名称", "摘要", "操作", "买卖标志", "证券代码", "证券名称", "成交数量",
    "发生数量", "成交价格", "成交均价", "成交金额", "发生金额", "清算金额", "股东代码", "股东账户", "股东帐户",
    "资金账号", "资金帐号", "股份余额", "印花税", "过户费",
})  # fmt: skip
STATEMENT_LEAST = 4
MARKET = Schema(
    "market data (行情)",
    {
        "date": ("日期", "交易日期"),
        "close": ("收盘价", "收盘"),
        "volume": ("成交量", "成交数量"),
        "float_shares": ("流通股本", "流通股数", "流通股"),
        "previous_close": ("前收盘价", "昨收", "昨收盘"),
        "security": ("证券代码", "股票代码"),
    },
    ("date", "close", "volume"),
)
INDICES = Schema(
    "indices (指数)",
    {
        "date": ("日期", "交易日期"),
        "index": ("指数", "指数代码", "指数名称"),
        "close": ("收盘点位", "收盘", "收盘价"),
    },
    ("date", "index", "close"),
)
PATH = Schema(
    "a price path (模拟价格)",
    {"date": ("日期", "交易日期"), "close": ("价格", "price", "模拟价格", "收盘价")},
    ("date", "close"),
)
ACTIONS = Schema(
    "corporate actions (权益分派)",
    {
        "security": ("证券代码", "股票代码"),
        "ex_date": ("除权除息日", "除权日"),
        "bonus_ratio": ("送转比例", "每股送转"),
        "rights_ratio": ("配股比例", "每股配股"),
        "rights_price": ("配股价格", "配股价"),
        "cash_per_share": ("每股派现", "每股股息"),
    },
    ("ex_date",),
)


def plain(name: str) -> str:
    """A header name as it is compared: without surrounding blanks, quotes and byte order mark, in one width and case.

    >>> plain(" Price "), plain("\\ufeffinvestor"), plain("ＰＲＩＣＥ")
    ('price', 'investor', 'price')
    """
    return unicodedata.normalize("NFKC", name).strip(" \t\r\n\ufeff\u3000'\"").casefold()


def match(names: Sequence[str], schema: Schema) -> Header:
    """Which canonical columns a header line holds; of a name that occurs twice the first position."""
    wanted = {plain(other): canonical for canonical, others in schema.names.items() for other in (canonical, *others)}
    columns: dict[str, int] = {}
    ignored: list[str] = []
    for position, name in enumerate(names):
        canonical = wanted.get(plain(name))
        if canonical is None:
            ignored.append(name.strip())
        elif canonical not in columns:
            columns[canonical] = position
    return Header(columns, tuple(name for name in ignored if name), len(names))


def complete(names: Sequence[str], schema: Schema) -> bool:
    """Whether a line of cells is a header that names every required column."""
    found = match(names, schema).columns
    return all(column in found for column in schema.required)


def require(names: Sequence[str], schema: Schema, place: Place) -> Header:
    """The header of a file, checked: every required column once, no canonical column twice.

    Errors: InputError that names the missing columns with the nearest names found, or the columns that occur twice.
    """
    header = match(names, schema)
    seen: dict[str, str] = {}
    for name in names:
        for canonical in match([name], schema).columns:
            if canonical in seen:
                raise InputError(
                    f'The column "{canonical}" ({schema.label(canonical)}) occurs twice (列名重复)',
                    why=f'"{shown(seen[canonical])}" and "{shown(name)}"',
                    todo="Delete or rename one of them",
                    place=place,
                )
            seen[canonical] = name
    missing = [column for column in schema.required if column not in header.columns]
    if missing:
        raise _missing(names, missing, schema, header, place)
    return header


def _missing(names: Sequence[str], missing: list[str], schema: Schema, header: Header, place: Place) -> InputError:
    listed = ", ".join(f'"{column}" ({schema.label(column)})' for column in missing)
    known = {plain(name): name for name in header.ignored}
    near = [
        f'"{shown(known[hit])}" for "{column}"'
        for column in missing
        for hit in get_close_matches(column, known, n=1, cutoff=0.6)
    ]
    found = ", ".join(shown(name) for name in names if name.strip()) or "nothing"
    why = f"found {found[:LONGEST_LISTING]}" + (f"; did you mean {', '.join(near)}?" if near else "")
    plural = "s are" if len(missing) > 1 else " is"
    what = f"Column{plural} missing (缺少列) in {schema.table}: {listed}"
    todo = "Name the columns in the first row of the file"
    if schema is TRADES and len({plain(name) for name in names} & STATEMENT_HEADINGS) >= STATEMENT_LEAST:
        todo = (
            "This looks like a broker statement (交割单、对账单): "
            "make trades of it with `fengqiao loss read FILE --out trades.parquet`"
        )
    return InputError(what, why=why, todo=todo, place=place)


def shown(text: str, longest: int = 40) -> str:
    """A text from the input as it may be quoted: printable, and no longer than `longest` characters.

    >>> shown("12,3a\\x07"), shown("9" * 50, 5)
    ('12,3a·', '99999…')
    """
    head = text[:longest]
    if not head.isprintable():
        head = "".join(sign if sign.isprintable() else "·" for sign in head)
    return head + ("…" if len(text) > longest else "")


def header_row(rows: Sequence[Sequence[str]], schema: Schema) -> int | None:
    """Which of the first rows is the header: the first complete one, else the one that names the most columns.

    None when all of them are empty.

    >>> header_row([["交易明细"], ["日期", "价格"]], PATH)
    1
    """
    head = rows[:HEADER_WITHIN]
    for number, row in enumerate(head):
        if complete(row, schema):
            return number
    filled = [number for number, row in enumerate(head) if any(cell.strip() for cell in row)]
    return max(filled, key=lambda number: (len(match(head[number], schema).columns), -number), default=None)
