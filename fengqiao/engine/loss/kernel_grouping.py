"""Bring the rows of each investor together: whole rows are packed and put to their investor's place."""

from __future__ import annotations

from typing import Any

from numba import types

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernels import I8, I32, I64

Pointer = Any

# a packed row is 5 int64: day since 1990, side, kind and account + 1 in one; time + 1 and the high bits of the price;
# sequence; quantity and the low bits of the price; origin. Readers keep quantity below 2**40, price below 2**37.
(K_HEAD, K_TIME, K_SEQUENCE, K_QUANTITY, K_ORIGIN) = range(5)
PACKED = 5
FIRST_DAY_NUMBER = 7305  # 1990-01-01
SIDE_BIT, KIND_BIT, ACCOUNT_BIT, HIGH_BIT, PRICE_BIT = 16, 17, 20, 40, 40
LOW_BITS = 24
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
        head = (date[r] - FIRST_DAY_NUMBER) + (side[r] << SIDE_BIT)
        if flags[S_KIND]:
            head += kind[r] << KIND_BIT
        if flags[S_ACCOUNT]:
            head += (account[r] + 1) << ACCOUNT_BIT
        clock = time[r] + 1 if flags[S_TIME] else 0
        packed[at + K_HEAD] = head
        packed[at + K_TIME] = clock + ((price[r] >> LOW_BITS) << HIGH_BIT)
        if flags[S_SEQUENCE]:
            packed[at + K_SEQUENCE] = sequence[r]
        packed[at + K_QUANTITY] = quantity[r] + ((price[r] & ((1 << LOW_BITS) - 1)) << PRICE_BIT)
        packed[at + K_ORIGIN] = first[0] + r
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
        head, clock, amount = packed[at + K_HEAD], packed[at + K_TIME], packed[at + K_QUANTITY]
        date[r] = (head & 0xFFFF) + FIRST_DAY_NUMBER
        side[r] = (head >> SIDE_BIT) & 1
        if flags[S_KIND]:
            kind[r] = (head >> KIND_BIT) & 7
        if flags[S_ACCOUNT]:
            account[r] = (head >> ACCOUNT_BIT) - 1
        if flags[S_TIME]:
            time[r] = (clock & ((1 << HIGH_BIT) - 1)) - 1
        if flags[S_SEQUENCE]:
            sequence[r] = packed[at + K_SEQUENCE]
        quantity[r] = amount & ((1 << PRICE_BIT) - 1)
        price[r] = ((amount >> PRICE_BIT) & ((1 << LOW_BITS) - 1)) + ((clock >> HIGH_BIT) << LOW_BITS)
        origin[r] = packed[at + K_ORIGIN]
    return rows
