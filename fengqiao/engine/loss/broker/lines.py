"""One line of a table: what it is taken for, and its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from fengqiao.engine.loss.broker.cell_text import Cell, cell_text
from fengqiao.engine.loss.broker.entries import Entry, Table, Told
from fengqiao.engine.loss.broker.securities import Security, security_of
from fengqiao.engine.loss.broker.titles import around
from fengqiao.engine.loss.broker.values import UnreadableError, date_of, decimals_in, number_of, time_of, time_within
from fengqiao.engine.loss.broker.words import TRADES, Meaning, is_word, meaning_among, meaning_of, words
from fengqiao.engine.loss.reading.cells import LARGEST_PRICE, LARGEST_QUANTITY
from fengqiao.engine.loss.reading.headers import shown
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN, round_fraction

NOT_UNDERSTOOD, NOT_SHARE_TRADE, LAYOUT = "not_understood", "not_share_trade", "statement_layout"
BY_SIGN = Meaning("sign", "买卖（按数量正负）", "trade", "", "sign")
LOOKED_AT = {"short_sale", "convert"}  # meanings that touch holdings though they become no row
OWN_SECURITY = {"total", "cash", "margin", "designation", "freeze", "vote", "wealth", "etf", "bond", "repo", "option"}
CANCELLED = ("废单", "已撤", "撤单", "全部撤", "作废", "拒绝", "无效", "撤销")


class Line:
    """One row of a table, with access to its fields."""

    __slots__ = ("_at", "_cells", "_days_added", "_given", "row", "table")

    def __init__(
        self, row: int, cells: Sequence[Cell], table: Table, days_added: int, words_given: Mapping[str, str]
    ) -> None:
        self.row, self._cells, self.table = row, cells, table
        self._days_added, self._given = days_added, words_given
        self._at = table.mapping.positions

    def cell(self, field: str) -> Cell:
        """The cell of a field, "" where the table has none."""
        at = self._at.get(field)
        return "" if at is None or at >= len(self._cells) else self._cells[at]

    def text(self, field: str) -> str:
        """The cell of a field as text."""
        at = self._at.get(field)
        return "" if at is None or at >= len(self._cells) else cell_text(self._cells[at])

    def number(self, field: str) -> Decimal | None:
        """The cell of a field as a number. Errors: UnreadableError naming the heading."""
        at = self._at.get(field)
        if at is None or at >= len(self._cells) or self._cells[at] == "":
            return None
        try:
            return number_of(self._cells[at])
        except UnreadableError as error:
            heading, text = self.table.mapping.headings[at], cell_text(self._cells[at])
            raise UnreadableError(f"{heading}“{shown(text)}”{error}") from error

    def number_or_zero(self, field: str) -> Decimal:
        """The cell of a field as a number, 0 when it is empty or no number."""
        try:
            return self.number(field) or Decimal(0)
        except UnreadableError:
            return Decimal(0)

    def meaning(self) -> tuple[Meaning | None, str]:
        """What the line is taken for, and the words that say so."""
        texts = [cell_text(self._cells[at]) for at in self.table.mapping.texts if at < len(self._cells)]
        for text in texts if self._given else ():
            if text in self._given:
                given = words().meanings[self._given[text]]
                return Meaning(given.name, given.title, given.becomes, given.side, "given"), text
        remark = self.text("remark")
        kept = [text for text in texts if text != remark or is_word(text)]
        found, said = meaning_among(kept)
        if found is None and not any(kept):
            return (BY_SIGN, "") if self.cell("quantity") != "" else (None, "")
        return found, said or next((text for text in kept if text), "")

    def date(self) -> int:
        """The date. Errors: UnreadableError."""
        return date_of(self.cell("date"), self._days_added)


def understand(
    line: Line, order: int, sheet: int, investor: str, account: str, date: int | None, *, told_of: str = ""
) -> Entry | Told:  # fmt: skip
    """A line of a table of trades as an entry about shares, or what is to be told of it.

    investor, account: of the customer, where the line itself names none. date: of lines in tables without dates, days
    since 1970-01-01. told_of: whom a line that becomes no row is told of.
    """
    meaning, said = line.meaning()
    found = _understood(line, meaning, said, order, sheet, investor, account, date)
    if isinstance(found, Entry) or found.code == LAYOUT:
        return found
    return Told(found.row, found.taken, found.code, found.reason, found.attention, found.investor or told_of, said)


def _understood(
    line: Line, meaning: Meaning | None, said: str, order: int, sheet: int, investor: str, account: str,
    date: int | None,
) -> Entry | Told:  # fmt: skip
    aside = _aside(line, meaning)
    if aside:
        return aside
    security = security_of(line.text("security"), line.text("market"), line.text("name"))
    if meaning is None:
        return _unknown(line, said, security)
    other = _not_shares(line, meaning, said, security)
    if other:
        return other
    try:
        return _entry(line, meaning, said, security, order, sheet, investor, account, date)
    except _BadError as error:
        return Told(line.row, meaning.title, error.code, f"{error}，该行未参与计算。", True, investor)


class _BadError(ValueError):
    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        super().__init__(reason)


def _aside(line: Line, meaning: Meaning | None) -> Told | None:
    """Totals, page marks and the like between the records."""
    if meaning and meaning.name == "total":
        return Told(line.row, "合计", LAYOUT, "合计行，不是单笔记录。")
    try:
        line.date()
    except UnreadableError:
        cells = [field for field in ("date", "security", "name", "quantity", "price") if line.cell(field) != ""]
        what = around(line._cells)
        if what == "合计" or (what and len(cells) < 4):
            return Told(line.row, what, LAYOUT, f"{what}行，不是单笔记录。")
    return None


def _unknown(line: Line, said: str, security: Security | None) -> Told:
    if security and not security.share and not security.purpose and security.title != "无法识别的证券":
        return Told(line.row, security.title, NOT_SHARE_TRADE, f"{security.title}（{security.code}），不是股票成交。")
    if not security and not said and len([cell for cell in line._cells if cell != ""]) <= 3:
        text = " ".join(cell_text(cell) for cell in line._cells if cell != "")
        return Told(line.row, "未能识别", NOT_UNDERSTOOD, f"“{shown(text)}”不像一笔记录，未参与计算。", True)
    reason = f"业务“{shown(said)}”不在词表中" if said else "没有写明业务，数量也没有"
    todo = "可在设置文件的 [words] 中指明" if said else "请核对原件"
    return Told(line.row, "未能识别", NOT_UNDERSTOOD, f"{reason}，该行未参与计算；{todo}。", True)


def _not_shares(line: Line, meaning: Meaning, said: str, security: Security | None) -> Told | None:
    """Lines that are understood and become no trade in shares."""
    status = line.text("status")
    if status and any(word in status for word in CANCELLED) and not line.number_or_zero("quantity"):
        return Told(line.row, "撤单、废单", NOT_SHARE_TRADE, f"{shown(said)}：{shown(status)}，没有成交。")
    if meaning.becomes and security and not security.share and not security.purpose:
        if security.title == "无法识别的证券":
            reason = f"证券代码“{shown(line.text('security'))}”无法识别是哪一类证券，该行未参与计算。"
            return Told(line.row, "未能识别", NOT_UNDERSTOOD, reason, True)
        reason = f"{shown(said)}：{security.title}（{security.code}），不是股票成交。"
        return Told(line.row, security.title, NOT_SHARE_TRADE, reason)
    if meaning.name == "correction" and security and security.share and line.number_or_zero("quantity"):
        return None
    if meaning.becomes:
        return None
    name = shown(said)
    where = f"（{security.code}）" if security and meaning.name not in OWN_SECURITY else ""
    if meaning.name in LOOKED_AT and (not security or security.share or security.purpose):
        reason = f"{name}{where}：{meaning.title}，未作为股票买卖；如应计入，请在设置文件的 [words] 中指明。"
        return Told(line.row, meaning.title, NOT_SHARE_TRADE, reason, attention=True)
    return Told(line.row, meaning.title, NOT_SHARE_TRADE, f"{name}{where}：{meaning.title}，不影响持股。")


def _entry(
    line: Line, meaning: Meaning, said: str, security: Security | None, order: int, sheet: int, investor: str,
    account: str, date: int | None,
) -> Entry | Told:  # fmt: skip
    if security is None:
        raise _BadError(NOT_UNDERSTOOD, f"{shown(said) or '该行'}没有证券代码")
    day, time, odd_time = _moment(line, date)
    try:
        signed, plain = line.number("signed_quantity"), line.number("quantity")
        price, amount, net = line.number("price"), line.number("amount"), line.number("net_amount")
    except UnreadableError as error:
        code = "bad_price" if "价" in str(error).partition("“")[0] else "bad_quantity"
        raise _BadError(code, str(error)) from error
    quantity = signed if signed else plain
    if not quantity:
        return _without_quantity(line, meaning, said, amount, net)
    if quantity != int(quantity):
        raise _BadError("bad_quantity", f"数量“{quantity}”不是整数")
    if abs(quantity) > LARGEST_QUANTITY:
        raise _BadError("bad_quantity", f"数量“{quantity}”超出允许的上限")
    units, rounded = _price(price)
    entry = Entry(
        sheet, line.table, line.row, order, investor, line.text("fund_account"), line.text("account") or account,
        security.code, security.purpose, meaning, said, day, time, int(quantity), units,
        decimals_in(line.cell("price")), amount, net, _whole(line, "balance"), _fee(line, "commission"),
        _fee(line, "stamp_duty"), line.text("deal_number"),
    )  # fmt: skip
    if rounded:
        entry.note("price_rounded", f"成交价格“{price}”超过四位小数，已四舍五入到0.0001元。")
    if odd_time:
        entry.note("bad_time", f"{odd_time}，未采用时间；该行仍参与计算。")
    _sides_agree(line, entry)
    return entry


def _moment(line: Line, date: int | None) -> tuple[int, int, str]:
    """Date, time of day (-1 where none), and what is wrong with the time."""
    try:
        day = line.date() if date is None or line.cell("date") != "" else date
    except UnreadableError as error:
        text = shown(line.text("date"))
        raise _BadError("bad_date", f"日期“{text}”{error}" if text else "缺少日期") from error
    try:
        time = time_of(line.cell("time"))
    except UnreadableError as error:
        return day, time_within(line.cell("date")), f"成交时间“{shown(line.text('time'))}”{error}"
    return day, time if time >= 0 else time_within(line.cell("date")), ""


def _without_quantity(line: Line, meaning: Meaning, said: str, amount: Decimal | None, net: Decimal | None) -> Told:
    name = shown(said)
    if meaning.name in ("buy", "sell", "sign") and (amount or net):
        raise _BadError("bad_quantity", "有金额而没有数量")
    if meaning.name in ("buy", "sell", "sign"):
        return Told(line.row, "未成交", NOT_SHARE_TRADE, f"{name}：数量为零，没有成交。")
    return Told(line.row, meaning.title, NOT_SHARE_TRADE, f"{name}：没有股数，不影响持股。")


@lru_cache(maxsize=1 << 14)
def _price(price: Decimal | None) -> tuple[int, bool]:
    """A price as 1/10000 yuan, and whether it was rounded; -1 where none is given."""
    if price is None:
        return -1, False
    if -5 < int(price.as_tuple().exponent) <= 0 and price.adjusted() < 7:  # as nearly all are: 0.0001 to 9999999.9999
        return int(abs(price).scaleb(4)), False
    exact = Fraction(abs(price)) * PRICE_UNITS_PER_YUAN
    units = round_fraction(exact)
    if units > LARGEST_PRICE:
        raise _BadError("bad_price", f"成交价格“{price}”超出允许的上限")
    return units, abs(exact - units) > Fraction(1, 1000)


def _fee(line: Line, field: str) -> int:
    try:
        value = line.number(field)
    except UnreadableError:
        return -1
    return -1 if value is None or abs(value) > 10**8 else round_fraction(Fraction(abs(value)) * PRICE_UNITS_PER_YUAN)


def _whole(line: Line, field: str) -> int | None:
    try:
        value = line.number(field)
    except UnreadableError:
        return None
    return int(value) if value is not None and value == int(value) and abs(value) <= LARGEST_QUANTITY else None


def _sides_agree(line: Line, entry: Entry) -> None:
    """A business that says one side and a column of sides that says the other cannot both be right."""
    side = line.text("side")
    said = meaning_of(side) if side else None
    if said and said.name in TRADES and entry.meaning.name in TRADES and said.side != entry.meaning.side:
        if entry.meaning.sure == "given":
            return
        entry.tell(
            "side_contradiction",
            f"业务“{shown(entry.words)}”与买卖方向“{shown(line.text('side'))}”矛盾，该行未参与计算。", attention=True,
        )  # fmt: skip
