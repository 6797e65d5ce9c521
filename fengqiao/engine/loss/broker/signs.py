"""Which way each line goes, by words and by signs, table by table; units of quantities and amounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from fengqiao.engine.loss.broker.entries import Entry, Reading, Table
from fengqiao.engine.loss.broker.lines import NOT_UNDERSTOOD
from fengqiao.engine.loss.broker.words import TRADES
from fengqiao.engine.loss.reading.headers import shown
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN, decimal_text

SCALES = ((1, 1), (100, 1), (1, 10_000), (100, 10_000))
HALF = Decimal("0.5")
LEAST_AGREEING = Decimal("0.8")


def settle_signs(reading: Reading) -> None:
    """Give every open entry its side and canonical kind, or explain why it has none."""
    by_table: dict[int, list[Entry]] = defaultdict(list)
    for entry in reading.open():
        by_table[entry.table.number].append(entry)
    for entries in by_table.values():
        table = entries[0].table
        _scale(table, entries)
        _convention(table, entries)
        signed_money = _money_is_signed(entries)
        for entry in entries:
            if entry.meaning.name != "correction":
                _direct(entry, signed_money)
            if entry.fate is None:
                _price(entry)


def _scale(table: Table, entries: Sequence[Entry]) -> None:
    """Hands instead of shares, ten thousands of yuan instead of yuan: by the heading, else by the figures."""
    units = {field: column.unit for field, column in table.mapping.columns.items()}
    told = units.get("signed_quantity", "") if "signed_quantity" in units else units.get("quantity", "")
    if "手" in told:
        table.quantity_scale = 100
        table.notes.append("数量以手计（见表头），已换算为股")
    if "万" in units.get("amount", ""):
        table.amount_scale = 10_000
        table.notes.append("成交金额以万元计（见表头）")
    usable = [entry for entry in entries if entry.price > 0 and entry.amount and entry.meaning.name in TRADES][:200]
    if usable and table.quantity_scale == 1 and table.amount_scale == 1:
        for quantity_scale, amount_scale in SCALES:
            agreeing = sum(1 for entry in usable if agrees(entry, quantity_scale, amount_scale))
            if agreeing >= LEAST_AGREEING * len(usable):
                table.quantity_scale, table.amount_scale = quantity_scale, amount_scale
                if quantity_scale > 1:
                    table.notes.append("数量与金额相差100倍，按手换算为股")
                if amount_scale > 1:
                    table.notes.append("金额相差10000倍，按万元计")
                break
    if table.quantity_scale > 1:
        for entry in entries:
            entry.quantity *= table.quantity_scale


def agrees(entry: Entry, quantity_scale: int = 1, amount_scale: int = 1) -> bool:
    """Whether quantity times price is the amount, as exactly as the price was written.

    The amount must be there; both are taken without their signs.
    """
    quantity = abs(entry.quantity) * quantity_scale
    amount = abs(entry.amount or Decimal(0)) * amount_scale
    product = Decimal(entry.price) * quantity / PRICE_UNITS_PER_YUAN
    room = quantity * HALF / 10 ** min(entry.decimals, 4) + Decimal("0.01") * amount_scale
    return bool(abs(product - amount) <= room)


def _convention(table: Table, entries: Iterable[Entry]) -> None:
    """Whether the signs of quantities say the direction, and which way round."""
    counts = {("buy", True): 0, ("buy", False): 0, ("sell", True): 0, ("sell", False): 0}
    negative = False
    for entry in entries:
        negative = negative or entry.quantity < 0
        if entry.meaning.side in ("buy", "sell") and entry.meaning.name != "correction":
            counts[entry.meaning.side, entry.quantity > 0] += 1
    table.signed = negative
    table.sales_signed = counts["sell", False] > counts["sell", True]
    if counts["buy", False] > counts["buy", True] and counts["sell", False] == 0 and counts["sell", True]:
        table.inverted = True
        table.notes.append("数量的符号与通常相反：买入为负，卖出为正")


def _money_is_signed(entries: Iterable[Entry]) -> bool:
    seen = {entry.net > 0 for entry in entries if entry.net}
    return len(seen) == 2


def _direct(entry: Entry, signed_money: bool) -> None:
    """The side of an entry, from its words, else from the sign of its quantity, else from the sign of the money."""
    sign = 1 if entry.quantity > 0 else -1
    if entry.table.inverted:
        sign = -sign
    side = entry.meaning.side
    if not side:
        if entry.table.signed:
            side = "buy" if sign > 0 else "sell"
        elif signed_money and entry.net and entry.meaning.becomes in ("trade", "block"):
            side = "buy" if entry.net < 0 else "sell"
        else:
            what = shown(entry.words) or "没有买卖方向的一行"
            entry.tell(NOT_UNDERSTOOD, f"{what}没有写明方向，数量也没有正负号，该行未参与计算。", attention=True)
            return
    elif (entry.table.signed and side == "buy" and sign < 0) or (
        entry.table.sales_signed and side == "sell" and sign > 0 and entry.meaning.name == "sell"
    ):
        entry.side, entry.kind, entry.reversal = side, entry.meaning.becomes, True
        return
    if signed_money and entry.net and entry.meaning.name in TRADES and (entry.net < 0) != (side == "buy"):
        flow = "流出" if entry.net < 0 else "流入"
        entry.note(
            "side_contradiction",
            f"业务“{shown(entry.words)}”而资金{flow}（发生金额{entry.net}），请核对；该行仍按业务计入。",
        )
    entry.side = side
    kind = entry.meaning.becomes
    entry.kind = ("transfer_in" if side == "buy" else "transfer_out") if kind == "transfer" else kind


def _price(entry: Entry) -> None:
    """The price where it is missing and the amount says it; a finding where quantity, price and amount do not agree."""
    plain = entry.meaning.becomes in ("trade", "block")
    if entry.price <= 0 and entry.amount and (plain or entry.meaning.name.startswith(("subscription", "rights"))):
        exact = abs(entry.amount) * entry.table.amount_scale / abs(entry.quantity) * PRICE_UNITS_PER_YUAN
        entry.price = int(exact.to_integral_value())
        entry.note("price_from_amount", f"没有成交价格，由金额除以数量得出{decimal_text_of(entry.price)}元。")
    elif entry.price > 0 and entry.amount and plain and not agrees(entry, 1, entry.table.amount_scale):
        product = abs(entry.quantity) * entry.price
        entry.note(
            "amount_mismatch",
            f"数量乘价格为{decimal_text_of(product)}元，与成交金额{entry.amount}不符，请核对；该行仍按数量和价格计入。",
        )
    if entry.price <= 0 and plain and entry.fate is None:
        entry.tell("bad_price", "缺少成交价格，也没有成交金额，该行未参与计算。", attention=True)


def decimal_text_of(units: int) -> str:
    """Units of 1/10000 yuan as yuan, without zeros at the end.

    >>> decimal_text_of(126900), decimal_text_of(100000)
    ('12.69', '10')
    """
    from fractions import Fraction

    return decimal_text(Fraction(units, PRICE_UNITS_PER_YUAN), 4).rstrip("0").rstrip(".")
