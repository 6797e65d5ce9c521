"""Blocks: the rows that one piece of the input has for one partition, packed, turned into planes and compressed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from fengqiao.engine.loss.block import COLUMNS, DTYPES
from fengqiao.engine.loss.kernel_layout import SPILLED_WORDS, SPILLED_WORDS_WITH_FEES
from fengqiao.engine.loss.native import address, kernels
from fengqiao.engine.loss.packing import FEES, FLAGGED
from fengqiao.engine.loss.reading.arrays import numpy_view
from fengqiao.engine.loss.spill.frames import frame, with_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.rows import Chunk
    from fengqiao.engine.loss.spill.scratch import Scratch
    from fengqiao.engine.loss.spill.splitters import Splitters

KINDS = dict(zip(COLUMNS, DTYPES, strict=True))
TURN_NAMES_FROM = 8  # names of equal length that are turned into planes, which compress better


@dataclass(frozen=True)
class Names:
    """Distinct names (or nearly so) by code: name `code` is length[code] bytes of data from start[code]."""

    start: NDArray[np.int32]
    length: NDArray[np.int32]
    data: NDArray[np.uint8]


@dataclass(frozen=True)
class Words:
    """Rows as words. words: int64[rows * stride] and room for eight more rows; the code in the last of the five words
    points into names. have: which optional columns these rows have."""

    rows: int
    stride: int
    words: NDArray[np.int64]
    names: Names
    have: frozenset[str]


@dataclass(frozen=True)
class Block:
    """What goes to one partition. buffers: a frame, to be written as it is."""

    partition: int
    rows: int
    names: int
    name_bytes: int
    buffers: list[bytes | memoryview]

    def set_piece(self, piece: int) -> None:
        """Say from which piece of the input the block comes."""
        self.buffers[0] = with_number(self.buffers[0], 0, piece)


@cache
def codec() -> Any:
    """The compression of blocks."""
    return pa.Codec("lz4")


def call(name: str, first: int, *arrays: NDArray[Any]) -> int:
    """A kernel over arrays."""
    return kernels()[name](first, *(address(array) for array in arrays))


def words_of(chunk: Chunk, scratch: Scratch) -> Words:
    """The rows of a chunk as words, with the row numbers that people see."""
    n = len(chunk)
    have = frozenset(name for name in (*FLAGGED, *FEES) if getattr(chunk, name) is not None)
    stride = SPILLED_WORDS_WITH_FEES if have & set(FEES) else SPILLED_WORDS
    code, names = _names(chunk.investor, n, scratch)
    row = np.array([chunk.source.first_row], dtype=np.int64) if chunk.row is None else chunk.row
    words = scratch.array("words", (n + 8) * stride, np.int64)
    words[n * stride :] = 0
    if n:
        columns = [_column(chunk, name) for name in COLUMNS]
        fees = [_column(chunk, name) for name in FEES]
        call("pack_words", n, flags_of(have, stride, own_rows=chunk.row is not None), *columns, code, row, *fees, words)
    return Words(n, stride, words, names, have)


def _column(chunk: Chunk, name: str) -> NDArray[Any]:
    column = getattr(chunk, name)
    kind = KINDS.get(name, np.int64)
    return np.zeros(1, dtype=kind) if column is None else np.ascontiguousarray(column, dtype=kind)


def flags_of(have: frozenset[str], stride: int, *, own_rows: bool = False) -> NDArray[np.int64]:
    """For the kernels: which columns there are, and how many words a row takes."""
    known = [name in have for name in FLAGGED]
    return np.array([*known, own_rows, *(name in have for name in FEES), stride], dtype=np.int64)


def _names(investor: pa.Array, rows: int, scratch: Scratch) -> tuple[NDArray[np.int32], Names]:
    """Codes of rows and the names they stand for; neighbours with one name share a code."""
    encoded = pa.types.is_dictionary(investor.type)
    texts = investor.dictionary if encoded else investor
    texts = texts if texts.type == pa.string() else texts.cast(pa.string())
    offsets, data = _bytes_of(texts)
    if encoded:
        codes = investor.indices if investor.indices.type == pa.int32() else investor.indices.cast(pa.int32())
        return numpy_view(codes), Names(offsets[:-1].copy(), np.diff(offsets), data)
    code, start, length = (scratch.array(name, max(rows, 1), np.int32) for name in ("code", "start", "length"))
    runs = call("name_runs", rows, offsets, data, code, start, length) if rows else 0
    return code, Names(start[:runs], length[:runs], data)


def _bytes_of(texts: pa.Array) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    _, offset_buffer, data_buffer = texts.buffers()
    if not len(texts) or offset_buffer is None:
        return np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.uint8)
    offsets = np.frombuffer(offset_buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    empty = data_buffer is None or not data_buffer.size
    return offsets, np.zeros(1, dtype=np.uint8) if empty else np.frombuffer(data_buffer, np.uint8)


def distributed(given: Words, splitters: Splitters, piece: int, scratch: Scratch) -> list[Block]:
    """Blocks of all partitions that have rows among the given ones. piece: number of the piece they come from."""
    if not given.rows:
        return []
    names, stride = given.names, np.array([given.stride], dtype=np.int64)
    to = scratch.array("to", len(names.start), np.int32)
    call("route_names", len(to), names.start, names.length, names.data, *splitters.arrays, to)
    local = scratch.array("local", len(to), np.int32)
    local.fill(-1)
    rows, used, size = np.zeros((3, splitters.partitions), dtype=np.int64)
    call("count_rows", given.rows, stride, given.words, to, local, names.length, rows, used, size)
    words = scratch.array("distributed", len(given.words), np.int64)
    words[given.rows * given.stride :] = 0
    place = np.concatenate(([0], np.cumsum(rows)))
    call("distribute", given.rows, stride, given.words, to, local, place.copy(), words)
    first = np.concatenate(([0], np.cumsum(used)))
    slot = scratch.array("slot", int(first[-1]), np.int32)
    lengths = scratch.array("lengths", int(first[-1]), np.uint16)
    data = scratch.array("names", max(int(size.sum()), 1), np.uint8)
    call("copy_names", len(to), to, local, names.start, names.length, names.data, first, first[-1:].copy(), slot,
         lengths, data)  # fmt: skip
    at = np.concatenate(([0], np.cumsum(size)))
    blocks = []
    for p in np.flatnonzero(rows).tolist():
        raw, equal = _raw(
            words[int(place[p]) * given.stride :], int(rows[p]), stride,
            lengths[first[p] : first[p + 1]], data[at[p] : at[p + 1]], scratch,
        )  # fmt: skip
        packed = codec().compress(pa.py_buffer(raw))
        head = (piece, int(rows[p]), int(used[p]), int(size[p]), equal, given.stride)
        blocks.append(Block(p, int(rows[p]), int(used[p]), int(size[p]), frame(packed, *head)))
    return blocks


def _raw(
    words: NDArray[np.int64], rows: int, stride: NDArray[np.int64], lengths: NDArray[np.uint16],
    data: NDArray[np.uint8], scratch: Scratch,
) -> tuple[NDArray[np.uint8], int]:  # fmt: skip
    """The bytes of a block before compression, and the length of its names where it is worth turning them."""
    groups = -(-rows // 8)
    planes = groups * 64 * int(stride[0])
    raw = scratch.array("raw", planes + 2 * len(lengths) + len(data), np.uint8)
    call("to_planes", groups, stride, words, raw[:planes])
    raw[planes : planes + 2 * len(lengths)] = lengths.view(np.uint8)
    equal = int(lengths[0]) if len(lengths) >= TURN_NAMES_FROM and (lengths == lengths[0]).all() else 0
    if equal:
        call("turn_bytes", len(lengths), np.array([equal], dtype=np.int64), data, raw[planes + 2 * len(lengths) :])
    else:
        raw[planes + 2 * len(lengths) :] = data
    return raw, equal


@dataclass(frozen=True)
class Unpacked:
    """A block that was read: its piece, rows and stride, planes of its words, and its names one after the other."""

    piece: int
    rows: int
    stride: int
    planes: NDArray[np.uint8]
    lengths: NDArray[np.uint16]
    data: NDArray[np.uint8]


def unpacked(numbers: NDArray[np.int64], payload: pa.Buffer) -> Unpacked:
    """A block from its frame."""
    piece, rows, names, size, equal, stride = (int(number) for number in numbers)
    planes = -(-rows // 8) * 64 * stride
    whole = codec().decompress(payload, planes + 2 * names + size)
    raw = np.frombuffer(whole, np.uint8)
    lengths = raw[planes : planes + 2 * names].view(np.uint16)
    data = raw[planes + 2 * names :]
    if equal:
        turned = np.empty(size, dtype=np.uint8)
        call("turn_bytes", equal, np.array([names], dtype=np.int64), data, turned)
        data = turned
    return Unpacked(piece, rows, stride, raw[:planes], lengths, data)


def words_again(block: Unpacked, scratch: Scratch) -> Words:
    """The rows of a block as words with its names, to be distributed anew."""
    words = scratch.array("words", (block.rows + 16) * block.stride, np.int64)
    call("from_planes", -(-block.rows // 8), np.array([block.stride], dtype=np.int64), block.planes, words)
    ends = np.cumsum(block.lengths, dtype=np.int32)
    length = block.lengths.astype(np.int32)
    cut = (block.rows + 8) * block.stride
    words[block.rows * block.stride :] = 0
    return Words(block.rows, block.stride, words[:cut], Names(ends - length, length, block.data), frozenset())
