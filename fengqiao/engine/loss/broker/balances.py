"""What the balances of shares in a statement say about shares held before its first line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from fengqiao.engine.loss.broker.entries import Entry, Reading


def tell_openings(reading: Reading) -> None:
    """Put a finding on the first row of a security whose balance shows that shares were held before it."""
    by_security: dict[tuple[int, str, str, str], list[Entry]] = defaultdict(list)
    for entry in reading.entries:
        by_security[entry.table.number, entry.investor, entry.account, entry.security].append(entry)
    earliest: dict[tuple[str, str], int] = {}
    for entry in reading.open():
        key = entry.investor, entry.security
        earliest[key] = min(entry.date, earliest.get(key, entry.date))
    known = {(entry.investor, entry.security) for entry in reading.open() if entry.kind == "opening"}
    for (_, investor, _, security), entries in by_security.items():
        first = _first(entries)
        if (investor, security) in known or first.fate is not None or first.balance is None or first.kind == "dividend":
            continue
        moved = abs(first.quantity) if first.side == "buy" else -abs(first.quantity)
        before = first.balance - moved
        if before > 0 and earliest[investor, security] >= first.date:
            first.note(
                "opening_missing",
                f"按股份余额推算，此行之前已持有{before}股，本次输入中没有其来源；请补更早的对账单，或以期初持股补入。",
            )


def _first(entries: Sequence[Entry]) -> Entry:
    """The earliest entry: the first one, or the last of a table that begins with the latest day."""
    return entries[-1] if entries[0].date > entries[-1].date else entries[0]
