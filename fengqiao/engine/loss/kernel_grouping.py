"""Bring the rows of each investor together: one pass that scatters rows to their investor's place, order kept."""

from __future__ import annotations

from typing import Any

from numba import types

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernels import I8, I32, I64

Pointer = Any
SCATTER = types.int64(
    types.int64, I32, I64, I64, I32, I64, I64, I8, I8, I64, I64, I32, I64, I32, I64, I64, I8, I8, I64, I64, I32, I64
)
(S_TIME, S_SEQUENCE, S_KIND, S_ACCOUNT, S_BASE) = range(5)


@kernel
def scatter_rows(
    rows: int, code: Pointer, place: Pointer, flags: Pointer,
    date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer,
    account: Pointer, origin: Pointer,
    date_: Pointer, time_: Pointer, sequence_: Pointer, side_: Pointer, kind_: Pointer, quantity_: Pointer,
    price_: Pointer, account_: Pointer, origin_: Pointer,
) -> int:  # fmt: skip
    """Copy row r to place[code[r]] of the columns with _ and move that place on; flags say which columns exist."""
    for r in range(rows):
        investor = code[r]
        target = place[investor]
        place[investor] = target + 1
        date_[target], side_[target] = date[r], side[r]
        quantity_[target], price_[target] = quantity[r], price[r]
        if flags[S_TIME]:
            time_[target] = time[r]
        if flags[S_SEQUENCE]:
            sequence_[target] = sequence[r]
        if flags[S_KIND]:
            kind_[target] = kind[r]
        if flags[S_ACCOUNT]:
            account_[target] = account[r]
        origin_[target] = origin[0] + r
    return rows
