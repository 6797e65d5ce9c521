"""Lines that belong together and count once: corrections, subscriptions, rights issues, moves between own accounts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from fengqiao.engine.loss.broker.entries import Entry, Reading
from fengqiao.engine.loss.broker.lines import NOT_UNDERSTOOD
from fengqiao.engine.loss.reading.headers import shown

COUNTED_ONCE = "counted_once"
CORRECTED_WITHIN, PAID_WITHIN, MOVED_WITHIN = 31, 90, 15  # days
LOOKED_BACK = 500  # lines of equal quantity
OWN_MOVE = re.compile("托管|担保|股份转|证券转|股份划|证券划|调入|调出|^转入$|^转出$")
OWN_MOVES = ("collateral", "transfer")
Key = tuple[str, str]


def settle_pairs(reading: Reading) -> None:
    """Find the lines that belong together; what does not count is told with the row it belongs to."""
    place = _places(reading)
    by_security: dict[Key, list[Entry]] = defaultdict(list)
    for entry in reading.open():
        by_security[entry.investor, entry.security].append(entry)
    for entries in by_security.values():
        entries.sort(key=_when)
        _corrections(entries, place)
        _issues(entries, "subscription", place)
        _issues(entries, "rights", place)
        _own_moves(entries, place)
        _prices_of_transfers(entries)


def _places(reading: Reading) -> Callable[[Entry], str]:
    several = len({sheet.file for sheet in reading.sheets}) > 1

    def place(entry: Entry) -> str:
        sheet = reading.sheets[entry.sheet]
        where = f"{sheet.file} " if several else ""
        return f"{where}{f'工作表{sheet.name}' if sheet.name else ''}第{entry.row}行"

    return place


def _corrections(entries: Sequence[Entry], place: Callable[[Entry], str]) -> None:
    """entries: of one security, by date; corrections look back for the line they take back."""
    correcting = [entry for entry in entries if entry.reversal or entry.meaning.name == "correction"]
    if not correcting:
        return
    originals: dict[tuple[int, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.fate is None and not entry.reversal and entry.meaning.name != "correction":
            originals[abs(entry.quantity), entry.account].append(entry)
    for entry in correcting:
        if entry.fate is not None:
            continue
        candidates = [
            other for other in originals[abs(entry.quantity), entry.account][-LOOKED_BACK:]
            if other.fate is None and 0 <= entry.date - other.date <= CORRECTED_WITHIN
            and (entry.price <= 0 or other.price == entry.price) and (not entry.side or other.side == entry.side)
        ]  # fmt: skip
        if not candidates:
            _uncorrected(entry)
            continue
        original = max(candidates, key=lambda other: (other.sheet == entry.sheet, other.date, other.order))
        entry.tell(COUNTED_ONCE, f"冲正{place(original)}，二者相抵，都不计。", taken="冲正、红冲")
        original.tell(COUNTED_ONCE, f"已被{place(entry)}冲正，二者相抵，都不计。", taken="冲正、红冲")


def _uncorrected(entry: Entry) -> None:
    if entry.reversal:
        what = f"业务“{shown(entry.words)}”与数量的符号矛盾，也没有可以相抵的一笔"
        entry.tell("side_contradiction", f"{what}，该行未参与计算。", attention=True)
    else:
        entry.tell(NOT_UNDERSTOOD, f"{shown(entry.words)}找不到被冲正的一笔，该行未参与计算。", attention=True)


def _issues(entries: Sequence[Entry], issue: str, place: Callable[[Entry], str]) -> None:
    """Payments and receipts of one subscription or rights issue: the receipt counts, with the price that was paid."""
    by_account: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.fate is None and (entry.purpose == issue or entry.meaning.name.startswith(issue)):
            by_account[entry.account].append(entry)
    if len(by_account) == 2 and "" in by_account:  # some lines do not name the account
        by_account = {"": sorted((entry for found in by_account.values() for entry in found), key=_when)}
    for found in by_account.values():
        together: list[Entry] = []
        for entry in found:
            if together and entry.date - together[0].date > PAID_WITHIN:
                _one_issue(together, issue, place)
                together = []
            together.append(entry)
        _one_issue(together, issue, place)


def _when(entry: Entry) -> tuple[int, int]:
    return entry.date, entry.order


def _is_receipt(entry: Entry, issue: str) -> bool:
    return entry.meaning.name == f"{issue}_shares" and not entry.purpose


def _one_issue(entries: Sequence[Entry], issue: str, place: Callable[[Entry], str]) -> None:
    receipts = [entry for entry in entries if _is_receipt(entry, issue)]
    payments = [entry for entry in entries if not _is_receipt(entry, issue)]
    counted = _once_each(receipts or payments, place)
    name = {"subscription": "新股", "rights": "配股"}[issue]
    price = next((entry.price for entry in (*counted, *payments) if entry.price > 0), -1)
    for entry in counted:
        entry.kind, entry.side = ("transfer_in" if issue == "subscription" else "rights"), "buy"
        if entry.price <= 0 < price:
            entry.price = price
            entry.note("price_from_amount", f"{name}的价格取自缴款记录。")
        if not receipts:
            entry.note(
                "receipt_missing", f"只有{name}缴款（中签）记录，没有入账记录，按缴款计入，请核对入账日期和股数。"
            )
        if issue == "rights" and entry.price <= 0:
            entry.tell("bad_price", "配股没有价格，也找不到缴款记录，该行未参与计算。", attention=True)
    if receipts:
        for entry in payments:
            entry.tell(COUNTED_ONCE, f"{name}缴款与{place(receipts[0])}的入账是同一笔，只计入账。")


def _once_each(entries: Sequence[Entry], place: Callable[[Entry], str]) -> list[Entry]:
    """Of lines of one issue that say the same quantity in other words (入账, 上市; 中签, 缴款) only one counts."""
    counted: list[Entry] = []
    first: dict[int, Entry] = {}
    for entry in sorted(entries, key=lambda one: (one.price <= 0, one.date, one.order)):
        same = first.get(abs(entry.quantity))
        if same is not None and same.words != entry.words:
            entry.tell(COUNTED_ONCE, f"与{place(same)}是同一笔，只计一次。")
        else:
            first.setdefault(abs(entry.quantity), entry)
            counted.append(entry)
    return counted


def _own_moves(entries: Sequence[Entry], place: Callable[[Entry], str]) -> None:
    """Shares that leave one account of the investor and arrive in another have not left the investor."""
    moves = [
        entry for entry in entries
        if entry.fate is None and entry.meaning.name.startswith(OWN_MOVES) and OWN_MOVE.search(entry.words)
    ]  # fmt: skip
    arriving: dict[int, list[Entry]] = defaultdict(list)
    for entry in moves:
        if entry.side == "buy":
            arriving[abs(entry.quantity)].append(entry)
    for leaving in (entry for entry in moves if entry.side == "sell"):
        matching = [
            entry for entry in arriving[abs(leaving.quantity)][:LOOKED_BACK]
            if entry.fate is None and abs(entry.date - leaving.date) <= MOVED_WITHIN
        ]  # fmt: skip
        if matching:
            entry = min(matching, key=lambda one: (abs(one.date - leaving.date), one.order))
            entry.tell(COUNTED_ONCE, f"与{place(leaving)}是本人账户之间的划转，合并计算时相抵，都不计。")
            leaving.tell(COUNTED_ONCE, f"与{place(entry)}是本人账户之间的划转，合并计算时相抵，都不计。")
    _left_over(moves)


def _left_over(moves: Iterable[Entry]) -> None:
    for entry in moves:
        if entry.fate is not None:
            continue
        if entry.meaning.name.startswith("collateral"):
            entry.price = 0
        other = "转入" if entry.side == "sell" else "转出"
        entry.note(
            "own_transfer_unmatched",
            f"{shown(entry.words)}：本次输入中没有对应的{other}记录；如果只是本人账户之间的划转，请补上另一账户的对账单一起读取。",
        )


def _prices_of_transfers(entries: Iterable[Entry]) -> None:
    """A price on a line of shares transferred in counts as their cost, though brokers may write the market's there."""
    for entry in entries:
        transferred = entry.kind == "transfer_in" and entry.meaning.name.startswith("transfer")
        if entry.fate is None and transferred and entry.price > 0:
            entry.note(
                "transfer_price",
                f"{shown(entry.words)}：该行的价格按成本计入；有的券商在此写的是当日市价而不是取得成本，请核对。",
            )
