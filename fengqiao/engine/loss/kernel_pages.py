"""Pages of Parquet files: LZ4, runs of dictionary positions, straight to the values that are wanted.

Nothing here trusts the bytes: no read or write beyond a buffer, whatever they say. What is not understood ends with a
negative number, and the general reader takes the row group.

pages: PAGE_FIELDS numbers a page, from `kernel_page_headers.scan_pages`. task: see T_ in `kernel_layout`.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from fengqiao.engine.loss.ddouble import kernel
from fengqiao.engine.loss.kernel_layout import *  # noqa: F403 - positions only, a hundred of them
from fengqiao.engine.loss.kernel_page_headers import U8, address_of, octet_at, varint
from fengqiao.engine.loss.kernels import I8, I32, I64

Pointer = Any

UNPACK_PAGE = types.int64(types.int64, I64, I64, U8)
SPREAD = {
    "spread_8": types.int64(types.int64, I64, I64, U8, I8, I8),
    "spread_32": types.int64(types.int64, I64, I64, U8, I32, I32),
    "spread_64": types.int64(types.int64, I64, I64, U8, I64, I64),
}
TEXTS = types.int64(types.int64, U8, I64, I32, U8)


@intrinsic  # type: ignore[untyped-decorator]
def word_at(typingctx: Any, data: Any, at: Any) -> Any:
    """Eight bytes from data[at], least significant first."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.gep(args[0], [args[1]])
        return builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()), align=1)

    return types.int64(data, types.int64), codegen


@intrinsic  # type: ignore[untyped-decorator]
def copy_bytes(typingctx: Any, target: Any, at: Any, source: Any, start: Any, count: Any) -> Any:
    """Copy count bytes; at and start are in bytes whatever the pointers point to."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        octet = ir.IntType(8).as_pointer()
        into = builder.gep(builder.bitcast(args[0], octet), [args[1]])
        out_of = builder.gep(builder.bitcast(args[2], octet), [args[3]])
        cgutils.raw_memcpy(builder, into, out_of, args[4], 1)
        return context.get_constant(types.int64, 0)

    return types.int64(target, types.int64, source, types.int64, types.int64), codegen


@intrinsic  # type: ignore[untyped-decorator]
def bytes_at(typingctx: Any, address: Any) -> Any:
    """The bytes at an address."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return U8(types.int64), codegen


@kernel
def long_length(data: Pointer, at: int, end: int) -> tuple[int, int]:
    """What is added to a length of 15 in LZ4: (number, where it ends), it ends at -1 when it does not."""
    more = 0
    while at < end:
        octet = octet_at(data, at)
        at += 1
        more += octet
        if octet != 255:
            return more, at
    return 0, -1


@kernel
def lz4(data: Pointer, length: int, out: Pointer, size: int) -> bool:
    """Unpack one block, which must give `size` bytes; out has SLACK bytes more."""
    at = done = 0
    while at < length:
        token = octet_at(data, at)
        at += 1
        count = token >> 4
        if count == 15:
            more, at = long_length(data, at, length)
            count += more
        if at < 0 or count > length - at or count > size - done:
            return False
        if count <= 16 <= length - at:
            copy_bytes(out, done, data, at, 16)
        else:
            copy_bytes(out, done, data, at, count)
        at, done = at + count, done + count
        if at == length:
            return bool(done == size)
        if at + 2 > length:
            return False
        back = octet_at(data, at) | octet_at(data, at + 1) << 8
        at += 2
        count = (token & 15) + 4
        if count == 19:
            more, at = long_length(data, at, length)
            count += more
        if at < 0 or back == 0 or back > done or count > size - done:
            return False
        if back >= 8:
            for place in range(0, count, 8):
                copy_bytes(out, done + place, out, done + place - back, 8)
        else:
            for place in range(done, done + count):
                out[place] = out[place - back]
        done += count
    return False


@kernel
def page_body(page: int, pages: Pointer, task: Pointer, out: Pointer) -> int:
    """Put the unpacked bytes of a page to out; how many, or -1. task[T_SCRATCH]: for how many there is room."""
    row = page * PAGE_FIELDS
    data, stored, size = bytes_at(pages[row + PAGE_AT]), pages[row + PAGE_STORED], pages[row + PAGE_SIZE]
    if size > task[T_SCRATCH]:
        return -1
    if not pages[row + PAGE_PACKED] or task[T_CODEC] == 0:
        if stored != size:
            return -1
        copy_bytes(out, 0, data, 0, size)
        return int(size)
    if task[T_CODEC] != CODEC_LZ4 or size < pages[row + PAGE_LEVELS]:
        return -1
    levels = pages[row + PAGE_LEVELS]
    copy_bytes(out, 0, data, 0, levels)
    start = address_of(out) + levels
    packed = bytes_at(pages[row + PAGE_AT] + levels)
    return int(size) if lz4(packed, stored - levels, bytes_at(start), size - levels) else -1


@kernel
def all_present(data: Pointer, at: int, end: int, values: int) -> bool:
    """True if definition levels (runs of one bit) say 1 for every value."""
    while values > 0:
        head, at = varint(data, at, end)
        if at < 0:
            return False
        if head & 1:
            octets = min(head >> 1, (values + 7) // 8)
            if octets == 0 or octets > end - at:
                return False
            for place in range(octets):
                rest = values - 8 * place
                wanted = 255 if rest >= 8 else (1 << rest) - 1
                if octet_at(data, at + place) & wanted != wanted:
                    return False
            at += head >> 1
            values -= 8 * octets
        else:
            if at >= end or octet_at(data, at) != 1 or head >> 1 == 0:
                return False
            at += 1
            values -= head >> 1
    return True


@kernel
def values_at(page: int, size: int, pages: Pointer, task: Pointer, data: Pointer) -> int:
    """Where the values of an unpacked data page begin; -1 when one is missing or the page is damaged."""
    row = page * PAGE_FIELDS
    values = pages[row + PAGE_VALUES]
    if pages[row + PAGE_KIND] == DATA_PAGE_V2:
        levels = pages[row + PAGE_LEVELS]
        if task[T_OPTIONAL] and not all_present(data, 0, levels, values):
            return -1
        return int(levels)
    if not task[T_OPTIONAL]:
        return 0
    if size < 4:
        return -1
    end = 4 + (word_at(data, 0) & 0xFFFFFFFF)
    return int(end) if end <= size and all_present(data, 4, end, values) else -1


@kernel
def next_page(pages: Pointer, task: Pointer, scratch: Pointer) -> int:
    """Unpack the page that comes next and say where its values begin, -1 when it needs the general reader.

    Sets in task how many values it has (T_LEFT), where it ends (T_END), the bits of a position in it (T_WIDTH; -1 when
    its values stand for themselves).
    """
    page = task[T_PAGE]
    while page < task[T_PAGES] and pages[page * PAGE_FIELDS + PAGE_KIND] == DICTIONARY_PAGE:
        page += 1
    if page >= task[T_PAGES]:
        return -1
    row = page * PAGE_FIELDS
    size = page_body(page, pages, task, scratch)
    at = values_at(page, size, pages, task, scratch) if size >= 0 else -1
    if at < 0:
        return -1
    values, encoding = pages[row + PAGE_VALUES], pages[row + PAGE_ENCODING]
    task[T_PAGE], task[T_LEFT], task[T_END] = page + 1, values, size
    if encoding == PLAIN:
        task[T_WIDTH] = -1
        return at if task[T_PLAIN] and values <= (size - at) // task[T_PLAIN] else -1
    if encoding != RLE_DICTIONARY or task[T_DISTINCT] == 0:
        return -1
    if at >= size:
        return 0 if values == 0 else -1
    task[T_WIDTH] = octet_at(scratch, at)
    return at + 1 if task[T_WIDTH] <= 32 else -1


@kernel
def next_run(left: int, data: Pointer, at: int, end: int, width: int) -> tuple[int, int, int]:
    """(values in the run that begins at `at`, its position or -1 when each has its own, where what follows begins).

    No values: the page is damaged. What follows is the bits of the positions, or the next run.
    """
    head, at = varint(data, at, end)
    if at < 0 or head >> 40:
        return 0, 0, 0
    count = min(8 * (head >> 1) if head & 1 else head >> 1, left)
    if head & 1:
        return (count if (count * width + 7) // 8 <= end - at else 0), -1, at
    octets = (width + 7) // 8
    if octets > end - at:
        return 0, 0, 0
    return count, word_at(data, at) & ((1 << width) - 1), at + octets


@kernel
def spread(rows: int, pages: Pointer, task: Pointer, scratch: Pointer, table: Pointer, out: Pointer) -> int:
    """The values of a column: 0, or -1 when a page needs the general reader.

    table: what stands at each position of the dictionary. task[T_PLAIN]: bytes of a value in pages that hold values
    themselves, 0 where there must be none.
    """
    left = run = position = at = bit = end = width = mask = largest = done = 0
    distinct, plain = task[T_DISTINCT], task[T_PLAIN]
    task[T_PAGE] = 0
    while done < rows:
        if left == 0:
            at = next_page(pages, task, scratch)
            if at < 0:
                return -1
            left, end, width, run = task[T_LEFT], task[T_END], task[T_WIDTH], 0
            mask = (1 << max(width, 0)) - 1
            continue
        count = min(left, rows - done)
        if width < 0:
            copy_bytes(out, done * plain, scratch, at, count * plain)
            done, left = done + count, left - count
            continue
        run, position, at = next_run(count, scratch, at, end, width)
        if run <= 0:
            return -1
        if position < 0:
            bit = 8 * at
            at += (run + 7) // 8 * width
            for k in range(done, done + run):
                code = (word_at(scratch, bit >> 3) >> (bit & 7)) & mask
                bit += width
                largest = max(largest, code)
                out[k] = table[code if code < distinct else 0]
        else:
            largest = max(largest, position)
            value = table[position if position < distinct else 0]
            for k in range(done, done + run):
                out[k] = value
        done, left = done + run, left - run
    return 0 if largest < max(distinct, 1) else -1


@kernel
def texts(count: int, data: Pointer, task: Pointer, offsets: Pointer, out: Pointer) -> int:
    """Texts as a dictionary page has them (a length of four bytes before each) one after the other: their bytes, or -1.

    task[0]: length of data. offsets: count + 1 places in out.
    """
    size, at, done = task[0], 0, 0
    offsets[0] = 0
    for k in range(count):
        if at + 4 > size:
            return -1
        length = word_at(data, at) & 0xFFFFFFFF
        at += 4
        if length > size - at:
            return -1
        copy_bytes(out, done, data, at, length)
        at, done = at + length, done + length
        offsets[k + 1] = done
    return done
