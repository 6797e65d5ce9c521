"""What a Parquet file says about its row groups: rows, sizes, smallest and largest value of a column, where it lies.

pyarrow offers the same, but ends the whole process when a damaged footer contradicts itself; a file that somebody
uploaded must not be able to do that. So the footer (Thrift, compact protocol) is read here, as far as it is needed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TAIL = 8  # length of the footer, and the mark
LONGEST_FOOTER = 1 << 28
DEEPEST = 16
INT32, INT64, DOUBLE_TYPE, BYTE_ARRAY = 1, 2, 5, 6
REQUIRED, OPTIONAL = 0, 1

# types of the compact protocol
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)

Fields = dict[int, Any]


@dataclass(frozen=True)
class ColumnFacts:
    """One column of one row group. values: cells. size: bytes before compression. smallest, largest: of texts only.

    kind: physical type, codec: compression, both as the format numbers them. start, length: where its pages lie in the
    file. optional: None where the column is neither one of required cells (False) nor of optional ones (True).
    """

    values: int
    size: int
    smallest: bytes | None
    largest: bytes | None
    kind: int
    codec: int
    start: int
    length: int
    optional: bool | None


@dataclass(frozen=True)
class GroupFacts:
    """One row group: its number of rows, and its columns by path."""

    rows: int
    columns: Mapping[str, ColumnFacts]


def read_footer(path: Path) -> list[GroupFacts]:
    """The row groups of a Parquet file. Errors: ValueError when the footer is damaged, OSError."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - TAIL, 0))
        tail = stream.read(TAIL)
        if len(tail) < TAIL or tail[4:] != b"PAR1":
            raise ValueError("no mark at the end")
        length = struct.unpack("<I", tail[:4])[0]
        if length > min(size - TAIL, LONGEST_FOOTER):
            raise ValueError("footer longer than the file")
        stream.seek(size - TAIL - length)
        data = stream.read(length)
    try:
        whole = _Thrift(data).struct(0)
        optional = _optional(whole[2])
        return [_group(group, optional) for group in whole.get(4, [])]
    except (IndexError, KeyError, TypeError, AttributeError, UnicodeDecodeError, struct.error) as error:
        raise ValueError("footer is damaged") from error


def _optional(schema: list[Fields]) -> dict[str, bool]:
    """Which columns without parts may have empty cells; neither those with parts nor lists are named."""
    found, at = {}, 1
    while at < len(schema):
        element = schema[at]
        if not element.get(5) and element.get(3) in (REQUIRED, OPTIONAL):
            found[element[4].decode()] = element[3] == OPTIONAL
        inside = element.get(5, 0)
        at += 1
        while inside > 0:  # everything below this element
            inside += schema[at].get(5, 0) - 1
            at += 1
    return found


def _group(fields: Fields, optional: Mapping[str, bool]) -> GroupFacts:
    columns: dict[str, ColumnFacts] = {}
    for chunk in fields.get(1, []):
        facts = chunk[3]
        statistics = facts.get(12, {}) if facts[1] == BYTE_ARRAY else {}
        path = ".".join(part.decode() for part in facts[3])
        data, dictionary = int(facts[9]), int(facts.get(11, 0))
        columns[path] = ColumnFacts(
            int(facts[5]), int(facts[6]), _bytes(statistics, 6), _bytes(statistics, 5),
            kind=int(facts[1]), codec=int(facts[4]), start=dictionary if 0 < dictionary < data else data,
            length=int(facts[7]), optional=optional.get(path) if len(facts[3]) == 1 else None,
        )  # fmt: skip
    return GroupFacts(int(fields[3]), columns)


def _bytes(fields: Fields, number: int) -> bytes | None:
    value = fields.get(number)
    return value if isinstance(value, bytes) else None


class _Thrift:
    """Reads structures as field number -> value; running past the end is an IndexError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def struct(self, depth: int) -> Fields:
        if depth > DEEPEST:
            raise ValueError("nested too deeply")
        fields: Fields = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else self._signed()
            fields[number] = kind == TRUE if kind in (TRUE, FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (I16, I32, I64):
            return self._signed()
        if kind == BINARY:
            return self._take(self._unsigned())
        if kind in (LIST, SET):
            return self._list(depth)
        if kind == STRUCT:
            return self.struct(depth + 1)
        if kind in (TRUE, FALSE, BYTE):
            return self._byte()
        if kind == DOUBLE:
            return self._take(8)
        if kind == MAP:
            return self._map(depth)
        raise ValueError("unknown type")

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        size, kind = head >> 4, head & 15
        if size == 15:
            size = self._unsigned()
        return [self._value(kind, depth) for _ in range(self._sensible(size))]

    def _map(self, depth: int) -> list[tuple[Any, Any]]:
        size = self._sensible(self._unsigned())
        kinds = self._byte() if size else 0
        return [(self._value(kinds >> 4, depth), self._value(kinds & 15, depth)) for _ in range(size)]

    def _sensible(self, size: int) -> int:
        """A number of elements, each of which takes a byte at least."""
        if size > len(self._data) - self._at:
            raise ValueError("list longer than the footer")
        return size

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _take(self, size: int) -> bytes:
        piece = self._data[self._at : self._at + self._sensible(size)]
        self._at += size
        return piece

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("number too long")

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)
