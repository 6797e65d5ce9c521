"""Rows on their way to disk and back: packed into words, put together by partition, turned into planes of bytes.

A spilled row is W int64 words: the four of `kernel_grouping` that say date to price, then one of row number and code,
and two for recorded fees where there are any. Planes (all first bytes, all second bytes, ...) compress far better.
"""

from __future__ import annotations

from typing import Any

from numba import types

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernel_grouping import (
    ACCOUNT_BIT,
    FIRST_DAY_NUMBER,
    HIGH_BIT,
    K_HEAD,
    K_QUANTITY,
    K_SEQUENCE,
    K_TIME,
    KIND_BIT,
    LOW_BITS,
    PRICE_BIT,
    ROW_COLUMNS,
    S_ACCOUNT,
    S_KIND,
    S_SEQUENCE,
    S_TIME,
    SIDE_BIT,
)  # fmt: skip
from fengqiao.engine.loss.kernel_layout import SPILLED_WORDS
from fengqiao.engine.loss.kernels import I32, I64

Pointer = Any

W_PLACE, W_COMMISSION, W_DUTY = 4, 5, 6
CODE_BITS = 28
CODE_MASK = (1 << CODE_BITS) - 1
S_ROW, S_COMMISSION, S_DUTY, S_STRIDE = 4, 5, 6, 7
LOW32, LOW16, LOW8 = 0x00000000FFFFFFFF, 0x0000FFFF0000FFFF, 0x00FF00FF00FF00FF

PACK_WORDS = types.int64(types.int64, I64, *ROW_COLUMNS, I32, I64, I64, I64, I64)
COUNT_ROWS = types.int64(types.int64, I64, I64, I32, I32, I32, I64, I64, I64)
DISTRIBUTE = types.int64(types.int64, I64, I64, I32, I32, I64, I64)
TURN = types.int64(types.int64, I64, I64, I64)
SET_CODES = types.int64(types.int64, I64, I64, I32, I64)
ORDER_ROWS = types.int64(types.int64, I64, I64, I64, I32)
GATHER_ROWS = types.int64(types.int64, I32, I64, I64, *ROW_COLUMNS, I64, I64, I64)


@kernel
def pack_words(
    rows: int, flags: Pointer,
    date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer,
    account: Pointer, code: Pointer, row: Pointer, commission: Pointer, duty: Pointer, words: Pointer,
) -> int:  # fmt: skip
    """Columns as words. row[0] is the first row number where flags do not say that each row has its own."""
    stride = flags[S_STRIDE]
    for r in range(rows):
        at = r * stride
        head = (date[r] - FIRST_DAY_NUMBER) + (side[r] << SIDE_BIT)
        if flags[S_KIND]:
            head += kind[r] << KIND_BIT
        if flags[S_ACCOUNT]:
            head += (account[r] + 1) << ACCOUNT_BIT
        clock = time[r] + 1 if flags[S_TIME] else 0
        words[at + K_HEAD] = head
        words[at + K_TIME] = clock + ((price[r] >> LOW_BITS) << HIGH_BIT)
        words[at + K_SEQUENCE] = sequence[r] if flags[S_SEQUENCE] else -1
        words[at + K_QUANTITY] = quantity[r] + ((price[r] & ((1 << LOW_BITS) - 1)) << PRICE_BIT)
        number = row[r] if flags[S_ROW] else row[0] + r
        words[at + W_PLACE] = (number << CODE_BITS) + code[r]
        if stride > SPILLED_WORDS:
            words[at + W_COMMISSION] = commission[r] if flags[S_COMMISSION] else -1
            words[at + W_DUTY] = duty[r] if flags[S_DUTY] else -1
    return rows


@kernel
def count_rows(
    rows: int, stride: Pointer, words: Pointer, to: Pointer, local: Pointer, length: Pointer,
    in_partition: Pointer, names: Pointer, size: Pointer,
) -> int:  # fmt: skip
    """Rows, names and bytes of names of each partition; local[code] (-1 before) = the code within the partition."""
    for r in range(rows):
        code = words[r * stride[0] + W_PLACE] & CODE_MASK
        p = to[code]
        in_partition[p] += 1
        if local[code] < 0:
            local[code] = names[p]
            names[p] += 1
            size[p] += length[code]
    return rows


@kernel
def distribute(
    rows: int, stride: Pointer, words: Pointer, to: Pointer, local: Pointer, place: Pointer, out: Pointer
) -> int:
    """Rows of a partition together, with the codes of the partition; place[p] is the next row of partition p."""
    width = stride[0]
    for r in range(rows):
        at = r * width
        code = words[at + W_PLACE] & CODE_MASK
        p = to[code]
        goal = place[p] * width
        place[p] += 1
        for k in range(width):
            out[goal + k] = words[at + k]
        out[goal + W_PLACE] += local[code] - code
    return rows


@kernel
def to_planes(groups: int, stride: Pointer, words: Pointer, planes: Pointer) -> int:
    """Eight rows at a time: word j of group g in plane w * 8 + j holds byte j of word w of its eight rows."""
    width = stride[0]
    for w in range(width):
        for g in range(groups):
            at = g * 8 * width + w
            a, b, c, d = words[at], words[at + width], words[at + 2 * width], words[at + 3 * width]
            at += 4 * width
            e, f, x, y = words[at], words[at + width], words[at + 2 * width], words[at + 3 * width]
            a, b, c, d, e, f, x, y = turned(a, b, c, d, e, f, x, y)
            goal = w * 8 * groups + g
            planes[goal], planes[goal + groups] = a, b
            planes[goal + 2 * groups], planes[goal + 3 * groups] = c, d
            planes[goal + 4 * groups], planes[goal + 5 * groups] = e, f
            planes[goal + 6 * groups], planes[goal + 7 * groups] = x, y
    return groups


@kernel
def from_planes(groups: int, stride: Pointer, planes: Pointer, words: Pointer) -> int:
    """Planes as rows again; writes whole groups of eight rows."""
    width = stride[0]
    for w in range(width):
        for g in range(groups):
            at = w * 8 * groups + g
            a, b, c, d = planes[at], planes[at + groups], planes[at + 2 * groups], planes[at + 3 * groups]
            at += 4 * groups
            e, f, x, y = planes[at], planes[at + groups], planes[at + 2 * groups], planes[at + 3 * groups]
            a, b, c, d, e, f, x, y = turned(a, b, c, d, e, f, x, y)
            goal = g * 8 * width + w
            words[goal], words[goal + width] = a, b
            words[goal + 2 * width], words[goal + 3 * width] = c, d
            words[goal + 4 * width], words[goal + 5 * width] = e, f
            words[goal + 6 * width], words[goal + 7 * width] = x, y
    return groups


@kernel
def turned(
    a: int, b: int, c: int, d: int, e: int, f: int, g: int, h: int
) -> tuple[int, int, int, int, int, int, int, int]:
    """Eight words of eight bytes with rows and columns exchanged."""
    a, e = swapped(a, e, 32, LOW32)
    b, f = swapped(b, f, 32, LOW32)
    c, g = swapped(c, g, 32, LOW32)
    d, h = swapped(d, h, 32, LOW32)
    a, c = swapped(a, c, 16, LOW16)
    b, d = swapped(b, d, 16, LOW16)
    e, g = swapped(e, g, 16, LOW16)
    f, h = swapped(f, h, 16, LOW16)
    a, b = swapped(a, b, 8, LOW8)
    c, d = swapped(c, d, 8, LOW8)
    e, f = swapped(e, f, 8, LOW8)
    g, h = swapped(g, h, 8, LOW8)
    return a, b, c, d, e, f, g, h


@kernel
def swapped(one: int, other: int, shift: int, mask: int) -> tuple[int, int]:
    """The upper parts of one exchanged with the lower parts of the other."""
    t = ((one >> shift) ^ other) & mask
    return one ^ (t << shift), other ^ t


@kernel
def set_codes(rows: int, stride: Pointer, words: Pointer, ids: Pointer, counts: Pointer) -> int:
    """Give rows the numbers ids[code] instead of their codes, and count the rows of each."""
    for r in range(rows):
        at = r * stride[0] + W_PLACE
        code = words[at] & CODE_MASK
        number = ids[code]
        words[at] += number - code
        counts[number] += 1
    return rows


@kernel
def order_rows(rows: int, stride: Pointer, words: Pointer, place: Pointer, order: Pointer) -> int:
    """order[k] = the row that stands k-th when rows are put together; place[number]: the next place of that number."""
    for r in range(rows):
        number = words[r * stride[0] + W_PLACE] & CODE_MASK
        order[place[number]] = r
        place[number] += 1
    return rows


@kernel
def gather_rows(
    rows: int, order: Pointer, words: Pointer, flags: Pointer,
    date: Pointer, time: Pointer, sequence: Pointer, side: Pointer, kind: Pointer, quantity: Pointer, price: Pointer,
    account: Pointer, origin: Pointer, commission: Pointer, duty: Pointer,
) -> int:  # fmt: skip
    """Rows order[0], order[1], ... as columns; origin is the place of a row among the words."""
    stride = flags[S_STRIDE]
    for r in range(rows):
        at = order[r] * stride
        head, clock, amount = words[at + K_HEAD], words[at + K_TIME], words[at + K_QUANTITY]
        date[r] = (head & 0xFFFF) + FIRST_DAY_NUMBER
        side[r] = (head >> SIDE_BIT) & 1
        if flags[S_KIND]:
            kind[r] = (head >> KIND_BIT) & 7
        if flags[S_ACCOUNT]:
            account[r] = (head >> ACCOUNT_BIT) - 1
        if flags[S_TIME]:
            time[r] = (clock & ((1 << HIGH_BIT) - 1)) - 1
        if flags[S_SEQUENCE]:
            sequence[r] = words[at + K_SEQUENCE]
        quantity[r] = amount & ((1 << PRICE_BIT) - 1)
        price[r] = ((amount >> PRICE_BIT) & ((1 << LOW_BITS) - 1)) + ((clock >> HIGH_BIT) << LOW_BITS)
        origin[r] = order[r]
        if flags[S_COMMISSION]:
            commission[r] = words[at + W_COMMISSION]
        if flags[S_DUTY]:
            duty[r] = words[at + W_DUTY]
    return rows


WANTED = {
    "pack_words": (pack_words, PACK_WORDS),
    "count_rows": (count_rows, COUNT_ROWS),
    "distribute": (distribute, DISTRIBUTE),
    "to_planes": (to_planes, TURN),
    "from_planes": (from_planes, TURN),
    "set_codes": (set_codes, SET_CODES),
    "order_rows": (order_rows, ORDER_ROWS),
    "gather_rows": (gather_rows, GATHER_ROWS),
}
