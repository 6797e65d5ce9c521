"""The headers of the pages of a Parquet column chunk (Thrift, compact protocol): where each page lies, what it holds.

Nothing here trusts the bytes: no read beyond their end, whatever they say.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernel_layout import (
    DATA_PAGE,
    DATA_PAGE_V2,
    DICTIONARY_PAGE,
    INDEX_PAGE,
    PAGE_AT,
    PAGE_ENCODING,
    PAGE_FIELDS,
    PAGE_KIND,
    PAGE_LEVELS,
    PAGE_PACKED,
    PAGE_SIZE,
    PAGE_STORED,
    PAGE_VALUES,
)  # fmt: skip
from fengqiao.engine.loss.kernels import I64

Pointer = Any
U8 = types.CPointer(types.uint8)
SCAN = types.int64(types.int64, U8, I64, I64)

# kinds of fields of the compact protocol
TRUE, FALSE, BYTE, I16_FIELD, I32_FIELD, I64_FIELD, DOUBLE, BINARY = range(1, 9)
STRUCT = 12
DEEPEST = 16
# fields of a header that describe a page, times ten
OF_PAGE, OF_DICTIONARY, OF_PAGE_V2, HEADER = 50, 70, 80, 90
LARGEST_PAGE = 1 << 30


@intrinsic  # type: ignore[untyped-decorator]
def octet_at(typingctx: Any, data: Any, at: Any) -> Any:
    """One byte as an integer of 64 bits."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.zext(builder.load(builder.gep(args[0], [args[1]])), ir.IntType(64))

    return types.int64(data, types.int64), codegen


@intrinsic  # type: ignore[untyped-decorator]
def address_of(typingctx: Any, data: Any) -> Any:
    """The address of some bytes."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ptrtoint(args[0], ir.IntType(64))

    return types.int64(data), codegen


@kernel
def varint(data: Pointer, at: int, end: int) -> tuple[int, int]:
    """(an unsigned number, where it ends); it ends at -1 when there is none."""
    value = shift = 0
    while at < end and shift < 63:
        octet = octet_at(data, at)
        at += 1
        value |= (octet & 127) << shift
        if octet < 128:
            return value, at
        shift += 7
    return 0, -1


@kernel
def past_plain_field(kind: int, data: Pointer, at: int, end: int) -> int:
    """Where a field without parts ends, -1 where it is damaged or none of these."""
    if TRUE <= kind <= FALSE:
        return at
    if kind == BYTE:
        return at + 1
    if I16_FIELD <= kind <= I64_FIELD:
        return int(varint(data, at, end)[1])
    if kind == DOUBLE:
        return at + 8
    if kind == BINARY:
        size, at = varint(data, at, end)
        return at + size if at >= 0 and size <= end - at else -1
    return -1


@kernel
def past_field(kind: int, data: Pointer, at: int, end: int) -> int:
    """Where a field ends, -1 where it is damaged or a list."""
    if kind != STRUCT:
        return int(past_plain_field(kind, data, at, end))
    depth = 1
    while depth:
        if at < 0 or at >= end or depth > DEEPEST:
            return -1
        head = octet_at(data, at)
        at += 1
        if head == 0:
            depth -= 1
            continue
        if head >> 4 == 0:
            at = varint(data, at, end)[1]
        if head & 15 == STRUCT:
            depth += 1
        elif at >= 0:
            at = past_plain_field(head & 15, data, at, end)
    return at


@kernel
def header_end(data: Pointer, at: int, end: int, header: Pointer) -> int:
    """Where a page header ends, -1 where it is damaged. Its numbers and truth values go to header[field number], those
    of the description of a page in it to header[10 * number of that + field number]."""
    first = number = outer = 0
    while 0 <= at < end:
        head = octet_at(data, at)
        at += 1
        if head == 0:
            if first == 0:
                return at
            first, number = 0, outer
            continue
        if head >> 4 == 0:
            return -1
        number += head >> 4
        kind = head & 15
        if kind == STRUCT and first == 0 and OF_PAGE <= 10 * number <= OF_PAGE_V2:
            outer, first, number = number, 10 * number, 0
        elif number <= 9 and I32_FIELD <= kind <= I64_FIELD:
            value, at = varint(data, at, end)
            header[first + number] = (value >> 1) ^ -(value & 1)
        elif number <= 9 and TRUE <= kind <= FALSE:
            header[first + number] = 1 if kind == TRUE else 0
        else:
            at = past_field(kind, data, at, end)
    return -1


@kernel
def scan_pages(length: int, data: Pointer, pages: Pointer, header: Pointer) -> int:
    """Describe the pages of a column chunk of `length` bytes, PAGE_FIELDS numbers each; how many there are, or -1.

    header[0]: for how many there is room.
    """
    room, at, count = header[0], 0, 0
    while at < length:
        for place in range(1, HEADER):
            header[place] = 0
        header[OF_PAGE_V2 + 7] = 1
        at = header_end(data, at, length, header)
        kind, size, stored = header[1], header[2], header[3]
        if at < 0 or count == room or not 0 <= stored <= length - at or not 0 <= size <= LARGEST_PAGE:
            return -1
        if kind == INDEX_PAGE or not DATA_PAGE <= kind <= DATA_PAGE_V2:
            return -1
        first = OF_PAGE if kind == DATA_PAGE else OF_DICTIONARY if kind == DICTIONARY_PAGE else OF_PAGE_V2
        page = count * PAGE_FIELDS
        pages[page + PAGE_KIND], pages[page + PAGE_AT] = kind, address_of(data) + at
        pages[page + PAGE_STORED], pages[page + PAGE_SIZE] = stored, size
        pages[page + PAGE_VALUES], pages[page + PAGE_PACKED] = header[first + 1], 1
        pages[page + PAGE_ENCODING], pages[page + PAGE_LEVELS] = header[first + 2], 0
        if kind == DATA_PAGE_V2:
            if header[first + 2] != 0 or header[first + 6] != 0 or not 0 <= header[first + 5] <= min(stored, size):
                return -1
            pages[page + PAGE_ENCODING], pages[page + PAGE_LEVELS] = header[first + 4], header[first + 5]
            pages[page + PAGE_PACKED] = header[first + 7]
        if not pages[page + PAGE_VALUES] >= 0:
            return -1
        at += stored
        count += 1
    return count
