"""Canonical trade rows: the columns every reader produces and every computation consumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from fengqiao.engine.findings import DataFinding

SIDES = ("buy", "sell")
BUY, SELL = 0, 1

KINDS = ("trade", "opening", "transfer_in", "transfer_out", "bonus", "rights", "dividend", "block")
TRADE, OPENING, TRANSFER_IN, TRANSFER_OUT, BONUS, RIGHTS, DIVIDEND, BLOCK = range(len(KINDS))

COLUMNS = (
    "investor", "account", "security", "date", "time", "sequence",
    "side", "quantity", "price", "commission", "stamp_duty", "kind",
)  # fmt: skip
REQUIRED_COLUMNS = ("investor", "date", "side", "quantity", "price")

ABSENT = -1


@dataclass(frozen=True)
class RowSource:
    """Where rows were read: row i of a chunk stands in row `first_row + i` of the file, unless the chunk says else."""

    file: str
    sheet: str = ""
    first_row: int = 2


@dataclass(frozen=True)
class Chunk:
    """Some rows of trades as columns of equal length n. All rows are usable; unusable ones became findings.

    investor   pyarrow string or dictionary<int32, string> array, no nulls
    date       int32[n], days since 1970-01-01
    side       int8[n], BUY or SELL (for kinds that come in without a trade BUY, that go out SELL)
    quantity   int64[n], shares, > 0
    price      int64[n], 1/10000 yuan, >= 0
    time       int64[n], microseconds since midnight, ABSENT where not given; None when no row has it
    sequence   int64[n], ABSENT where not given; None when no row has it
    kind       int8[n], index into KINDS; None when all rows are trades
    commission, stamp_duty   int64[n], 1/10000 yuan, ABSENT where not given; None when no row has it
    account    int32[n], a code that distinguishes accounts: positions in `accounts` where that is given, which say
               something within the chunk only; else codes that are the same everywhere; None when not given
    row        int64[n], row number as people see it in the file (header = 1); None means
               source.first_row, source.first_row + 1, ... in order
    """

    source: RowSource
    investor: pa.Array
    date: NDArray[np.int32]
    side: NDArray[np.int8]
    quantity: NDArray[np.int64]
    price: NDArray[np.int64]
    time: NDArray[np.int64] | None = None
    sequence: NDArray[np.int64] | None = None
    kind: NDArray[np.int8] | None = None
    commission: NDArray[np.int64] | None = None
    stamp_duty: NDArray[np.int64] | None = None
    account: NDArray[np.int32] | None = None
    accounts: pa.Array | None = None
    row: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.date)

    def comparable(self) -> Chunk:
        """The same rows with account codes that may be compared with those of other chunks."""
        if self.account is None or self.accounts is None:
            return self
        from fengqiao.engine.loss.reading.accounts import account_codes

        return replace(self, account=account_codes(self.accounts)[self.account], accounts=None)

    def row_numbers(self) -> NDArray[np.int64]:
        """Row number of every row, as people see it in the file."""
        if self.row is not None:
            return self.row
        return np.arange(self.source.first_row, self.source.first_row + len(self), dtype=np.int64)


@dataclass(frozen=True)
class Loaded:
    """What loading one part of the input gave: usable rows, and everything that was noticed on the way."""

    chunk: Chunk
    findings: Sequence[DataFinding] = field(default=())
    rows_read: int = 0


class TradeSource(Protocol):
    """Trade records in parts that can be loaded independently, from several threads at once."""

    parts: int
    disjoint: bool  # True: no investor's range of identifiers overlaps between parts except at their edges, ascending

    def load(self, part: int) -> Loaded:
        """Rows of one part (0 <= part < parts), in file order."""
        ...
