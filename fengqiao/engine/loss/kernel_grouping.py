"""Bring the rows of each investor together: whole rows are put as one cache line each to their investor's place."""

from __future__ import annotations

from typing import Any

from numba import types

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernels import I8, I32, I64

Pointer = Any

# a packed row: 8 int64
(K_HEAD, K_TIME, K_SEQUENCE, K_QUANTITY, K_PRICE, K_ORIGIN, K_ACCOUNT) = range(7)
PACKED = 8
SIDE_BIT, KIND_BIT = 32, 40
(S_TIME, S_SEQUENCE, S_KIND, S_ACCOUNT) = range(4)

ROW_COLUMNS = (I32, I64, I64, I8, I8, I64, I64, I32)
PACK = types.int64(types.int64, I32, I64, I64, I64, *ROW_COLUMNS, I64)
UNPACK = types.int64(types.int64, I64, I64, *ROW_COLUMNS, I64)


@kernel
def pack_rows(
    rows: int, code: Pointer, place: Pointer, flags: Pointer, first: Pointer,
    date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer,
    account: Pointer, packed: Pointer,
) -> int:  # fmt: skip
    """Put row r to place[code[r]] and move that place on; flags say which columns exist, first[0] is row 0's origin."""
    for r in range(rows):
        investor = code[r]
        at = place[investor] * PACKED
        place[investor] += 1
        head = date[r] + (side[r] << SIDE_BIT)
        if flags[S_KIND]:
            head += kind[r] << KIND_BIT
        packed[at + K_HEAD] = head
        if flags[S_TIME]:
            packed[at + K_TIME] = time[r]
        if flags[S_SEQUENCE]:
            packed[at + K_SEQUENCE] = sequence[r]
        packed[at + K_QUANTITY] = quantity[r]
        packed[at + K_PRICE] = price[r]
        packed[at + K_ORIGIN] = first[0] + r
        if flags[S_ACCOUNT]:
            packed[at + K_ACCOUNT] = account[r]
    return rows


@kernel
def unpack_rows(
    rows: int, packed: Pointer, flags: Pointer,
    date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer,
    account: Pointer, origin: Pointer,
) -> int:  # fmt: skip
    """Packed rows as columns again."""
    for r in range(rows):
        at = r * PACKED
        head = packed[at + K_HEAD]
        date[r] = head & 0xFFFFFFFF
        side[r] = (head >> SIDE_BIT) & 0xFF
        if flags[S_KIND]:
            kind[r] = (head >> KIND_BIT) & 0xFF
        if flags[S_TIME]:
            time[r] = packed[at + K_TIME]
        if flags[S_SEQUENCE]:
            sequence[r] = packed[at + K_SEQUENCE]
        quantity[r] = packed[at + K_QUANTITY]
        price[r] = packed[at + K_PRICE]
        origin[r] = packed[at + K_ORIGIN]
        if flags[S_ACCOUNT]:
            account[r] = packed[at + K_ACCOUNT]
    return rows
