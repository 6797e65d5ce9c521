"""The same rows exported twice, in files whose periods overlap; rows that are alike within one file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from fengqiao.engine.loss.broker.entries import Entry, Reading

REPEATED = "repeated_export"
LOOKED_AT = 200  # rows that are alike but for numbers of deals


def settle_repeats(reading: Reading, *, keep: bool) -> None:
    """Rows that a later file repeats are told of and count once. keep: they count each time, with a finding.

    A day counts as repeated only when what one file has of an account on that day is contained in what the other has:
    two brokers may well have one equal trade on one day, but hardly a day of equal trades.
    """
    days: dict[tuple[str, int], dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in reading.open():
        days[entry.investor, entry.date][reading.sheets[entry.sheet].file].append(entry)
    for by_file in days.values():
        files = list(by_file)
        for entries in by_file.values():
            _alike(entries)
        for number, file in enumerate(files[1:], 1):
            for earlier in files[:number]:
                _compare(by_file[earlier], by_file[file], earlier, keep)


def _alike(entries: Sequence[Entry]) -> None:
    """Rows of one file that nothing tells apart: they count, and are told."""
    seen: dict[tuple[object, ...], Entry] = {}
    for entry in entries:
        if entry.deal_number or entry.fate is not None:
            continue
        key = (*_base(entry), entry.time, entry.table.number)
        if key in seen and abs(seen[key].row - entry.row) > 0:
            reason = f"与第{seen[key].row}行完全相同，没有成交编号可以区分，请核对是否重复；该行仍计入。"
            entry.note("duplicate", reason)
        seen.setdefault(key, entry)


def _base(entry: Entry) -> tuple[object, ...]:
    return (entry.security, entry.kind, entry.side, abs(entry.quantity), entry.price)


def _compare(earlier: Sequence[Entry], later: Sequence[Entry], file: str, keep: bool) -> None:
    one = [entry for entry in earlier if entry.fate is None]
    other = [entry for entry in later if entry.fate is None]
    pairs = _paired(one, other)
    if not pairs:
        return
    if len(pairs) < min(len(one), len(other)):
        for first, entry in pairs:
            reason = f"与{file}第{first.row}行相同，但两份文件当日的其他记录不同，未视为重复；请核对。"
            entry.note("duplicate", reason)
        return
    for first, entry in pairs:
        if keep:
            entry.note("duplicate", f"与{file}第{first.row}行相同；按设置仍计入。")
        else:
            entry.tell(REPEATED, f"与{file}第{first.row}行是同一笔（导出期间重叠），只计一次。")


def _paired(one: Sequence[Entry], other: Sequence[Entry]) -> list[tuple[Entry, Entry]]:
    """Each entry of the other file with the one it repeats."""
    free: dict[tuple[object, ...], list[Entry]] = defaultdict(list)
    numbered: dict[tuple[object, ...], Entry] = {}
    for entry in one:
        if entry.deal_number:
            numbered.setdefault((*_base(entry), entry.deal_number), entry)
        free[_base(entry)].append(entry)
    pairs: list[tuple[Entry, Entry]] = []
    used: set[int] = set()
    for entry in other:
        exact = numbered.get((*_base(entry), entry.deal_number)) if entry.deal_number else None
        candidates = [exact] if exact is not None else free[_base(entry)][:LOOKED_AT]
        found = next((one for one in candidates if id(one) not in used and _same(one, entry)), None)
        if found is not None:
            used.add(id(found))
            pairs.append((found, entry))
    return pairs


def _same(one: Entry, other: Entry) -> bool:
    """Whether two entries are one trade: all that both of them say is equal."""
    if _base(one) != _base(other):
        return False
    for first, second in (
        (one.deal_number, other.deal_number), (one.account, other.account), (one.fund_account, other.fund_account),
    ):  # fmt: skip
        if first and second and first != second:
            return False
    return one.time < 0 or other.time < 0 or one.time // 1_000_000 == other.time // 1_000_000
