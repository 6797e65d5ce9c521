"""What becomes of the lines of a statement: entries about shares, and lines that are told of and count no further."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from fengqiao.engine.loss.broker.mapping import TableMapping
from fengqiao.engine.loss.broker.words import Meaning


class Told(NamedTuple):
    """A line that becomes no row. row: its number; taken: what it was taken for; code, reason: of the finding.

    attention: whether a person should look at it, because it was not understood or contradicts itself. words: the text
    of the line that says what it is.
    """

    row: int
    taken: str
    code: str
    reason: str
    attention: bool = False
    investor: str = ""
    words: str = ""


@dataclass
class Table:
    """One table in a sheet.

    number: of the table in the whole reading. header: its row. signed: whether anything has a negative quantity;
    sales_signed: whether sales have; inverted: whether purchases have, and sales not. quantity_scale, amount_scale: by
    what quantities and amounts are multiplied to be shares and yuan. notes: what was found about the whole table.
    """

    number: int
    header: int
    mapping: TableMapping
    title: str = ""
    rows: int = 0
    signed: bool = False
    sales_signed: bool = False
    inverted: bool = False
    quantity_scale: int = 1
    amount_scale: int = 1
    notes: list[str] = field(default_factory=list)


@dataclass
class SheetRead:
    """One sheet: its tables, the lines told of, and how many lines it has that are not blank."""

    file: str
    name: str
    tables: list[Table] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    rows_in: int = 0


@dataclass(slots=True)
class Entry:
    """A line about shares.

    quantity: as in the file, with its sign; price: 1/10000 yuan, -1 where none is given; amount, net: yuan, as in the
    file; commission, stamp_duty: 1/10000 yuan, -1 where not given. kind, side: of the canonical row, "" while open.
    reversal: the sign of the quantity is against the words, as of a line taken back.
    fate: None for a row that counts, else the finding that explains why it does not. notes: (code, reason) of findings
    on a row that counts. order: place of the line among all lines read.
    """

    sheet: int
    table: Table
    row: int
    order: int
    investor: str
    fund_account: str
    account: str
    security: str
    purpose: str
    meaning: Meaning
    words: str
    date: int
    time: int
    quantity: int
    price: int
    decimals: int = 2
    amount: Decimal | None = None
    net: Decimal | None = None
    balance: int | None = None
    commission: int = -1
    stamp_duty: int = -1
    deal_number: str = ""
    kind: str = ""
    side: str = ""
    reversal: bool = False
    fate: Told | None = None
    notes: list[tuple[str, str]] | None = None

    def tell(self, code: str, reason: str, *, attention: bool = False, taken: str = "") -> None:
        """The line becomes no row."""
        self.fate = Told(self.row, taken or self.meaning.title, code, reason, attention, self.investor, self.words)

    def note(self, code: str, reason: str) -> None:
        """Something to look at about a row that counts."""
        self.notes = [*(self.notes or ()), (code, reason)]


@dataclass
class Reading:
    """All sheets and entries of all files of one reading."""

    sheets: list[SheetRead] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def open(self) -> Iterator[Entry]:
        """Entries that may still become rows."""
        return (entry for entry in self.entries if entry.fate is None)
