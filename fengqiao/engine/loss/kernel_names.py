"""Names of investors on their way to disk and back: runs of equal ones, their partition, a table of distinct ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernels import I32, I64

Pointer = Any
U8, U16 = types.CPointer(types.uint8), types.CPointer(types.uint16)
LOW32 = 0x00000000FFFFFFFF
FNV_START, FNV_PRIME = 14695981039346656037, 1099511628211

NAME_RUNS = types.int64(types.int64, I32, U8, I32, I32, I32)
ROUTE_NAMES = types.int64(types.int64, I32, I32, U8, I64, I64, U8, I32)
COPY_NAMES = types.int64(types.int64, I32, I32, I32, I32, U8, I64, I64, I32, U16, U8)
TURN_BYTES = types.int64(types.int64, I64, U8, U8)
INTERN = types.int64(types.int64, U16, U8, I64, I64, I64, U8, I32)
REHASH = types.int64(types.int64, I64, U8, I64, I64)


@kernel
def name_runs(rows: int, offsets: Pointer, data: Pointer, code: Pointer, start: Pointer, length: Pointer) -> int:
    """Names of rows as codes, one for each run of equal ones: where the name of each run stands, and its length."""
    runs = 0
    for r in range(rows):
        begin, size = offsets[r], offsets[r + 1] - offsets[r]
        same = False
        if runs and length[runs - 1] == size:
            before = start[runs - 1]
            same = True
            for k in range(size):
                if data[before + k] != data[begin + k]:
                    same = False
                    break
        if not same:
            start[runs], length[runs] = begin, size
            runs += 1
        code[r] = runs - 1
    return runs


@kernel
def route_names(
    names: int, start: Pointer, length: Pointer, data: Pointer,
    bounds: Pointer, bound_offsets: Pointer, bound_data: Pointer, to: Pointer,
) -> int:  # fmt: skip
    """The partition of each name: how many of the bounds[0] ascending boundaries are not greater than it."""
    for n in range(names):
        low, high = 0, bounds[0]
        while low < high:
            middle = (low + high) // 2
            begin, size = bound_offsets[middle], bound_offsets[middle + 1] - bound_offsets[middle]
            shorter = min(size, length[n])
            difference = 0
            for k in range(shorter):
                one, other = bound_data[begin + k], data[start[n] + k]
                if one != other:
                    difference = -1 if one < other else 1
                    break
            if difference < 0 or (difference == 0 and size <= length[n]):
                low = middle + 1
            else:
                high = middle
        to[n] = low
    return names


@kernel
def copy_names(
    codes: int, to: Pointer, local: Pointer, start: Pointer, length: Pointer, data: Pointer,
    first: Pointer, used: Pointer, slot: Pointer, lengths: Pointer, out: Pointer,
) -> int:  # fmt: skip
    """Names that rows have, by partition and in the order of their codes there. first[p]: the first of partition p."""
    for code in range(codes):
        if local[code] >= 0:
            slot[first[to[code]] + local[code]] = code
    at = 0
    for s in range(used[0]):
        code = slot[s]
        lengths[s] = length[code]
        for k in range(length[code]):
            out[at + k] = data[start[code] + k]
        at += length[code]
    return at


@kernel
def turn_bytes(rows: int, columns: Pointer, source: Pointer, out: Pointer) -> int:
    """A table of bytes with rows and columns exchanged."""
    width = columns[0]
    for c in range(width):
        for r in range(rows):
            out[c * rows + r] = source[r * width + c]
    return rows


@kernel
def hashed(data: Pointer, start: int, length: int) -> int:
    """A hash of 62 bits of some bytes (Fowler, Noll, Vo, with its upper bits mixed in)."""
    state = np.uint64(FNV_START)
    for k in range(length):
        state = (state ^ np.uint64(data[start + k])) * np.uint64(FNV_PRIME)
    state ^= state >> np.uint64(29)
    return int(np.int64(state & np.uint64((1 << 62) - 1)))


@kernel
def intern(
    names: int, lengths: Pointer, data: Pointer, table: Pointer, state: Pointer,
    offsets: Pointer, store: Pointer, ids: Pointer,
) -> int:  # fmt: skip
    """ids[n] = number of name n among the distinct ones, which are kept in `store` (offsets say where).

    table: open addressing, each slot the upper bits of the hash and the number + 1. state: number of slots less one
    (a power of two), names known.
    """
    mask, known, at = state[0], state[1], 0
    for n in range(names):
        size = int(lengths[n])
        value = hashed(data, at, size)
        tag = (value >> 31) << 32
        slot = value & mask
        while True:
            held = table[slot]
            if held == 0:
                table[slot] = tag + known + 1
                begin = offsets[known]
                for k in range(size):
                    store[begin + k] = data[at + k]
                known += 1
                offsets[known] = begin + size
                ids[n] = known - 1
                break
            if (held >> 32) << 32 == tag:
                number = (held & LOW32) - 1
                begin = offsets[number]
                if offsets[number + 1] - begin == size:
                    same = True
                    for k in range(size):
                        if store[begin + k] != data[at + k]:
                            same = False
                            break
                    if same:
                        ids[n] = number
                        break
            slot = (slot + 1) & mask
        at += size
    state[1] = known
    return names


@kernel
def rehash(names: int, offsets: Pointer, store: Pointer, state: Pointer, table: Pointer) -> int:
    """Enter the known names into a larger, empty table."""
    mask = state[0]
    for n in range(names):
        value = hashed(store, offsets[n], offsets[n + 1] - offsets[n])
        slot = value & mask
        while table[slot] != 0:
            slot = (slot + 1) & mask
        table[slot] = ((value >> 31) << 32) + n + 1
    return names


WANTED = {
    "name_runs": (name_runs, NAME_RUNS),
    "route_names": (route_names, ROUTE_NAMES),
    "copy_names": (copy_names, COPY_NAMES),
    "turn_bytes": (turn_bytes, TURN_BYTES),
    "intern": (intern, INTERN),
    "rehash": (rehash, REHASH),
}
