"""CSV files: UTF-8 with or without mark, or GB18030; comma, semicolon or tab; read in blocks of whole lines."""

from __future__ import annotations

import csv
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from fengqiao.engine.errors import InputError, Place, cannot_open
from fengqiao.engine.loss.reading.arrays import int32_array
from fengqiao.engine.loss.reading.headers import HEADER_WITHIN, Schema, header_row, match, require
from fengqiao.engine.loss.reading.problems import QUOTED
from fengqiao.engine.loss.reading.raw import RawPart, Unreadable
from fengqiao.engine.loss.reading.text_scan import LONGEST_LINE, Block, scan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

DELIMITERS = (",", ";", "\t")
LINE_BYTES = 64  # of a line on average in a piece of a block, at most
LONGEST_RECORD = 100  # lines that one record with line ends inside quotes may take


class TextFile:
    """One CSV file. The whole file is looked at once on opening, for its encoding, its soundness and its blocks."""

    def __init__(self, path: Path, name: str, schema: Schema) -> None:
        self._path, self.name = path, name
        self._plan = scan(path, name)
        self._delimiter, names, skip = self._find_header(schema)
        self.header = require(names, schema, Place(name, row=skip))
        self.ignored = self.header.ignored
        self._skip = skip
        self.parts = len(self._plan.blocks)
        if self.parts == 1 and not b"".join(self._bytes(self._plan.blocks[0]).split(b"\n", skip)[skip:]).strip():
            self.parts = 0

    def _bytes(self, block: Block) -> bytes:
        """One block as UTF-8."""
        return self._utf8(self._found(block), block.line)

    def _found(self, block: Block) -> bytes:
        """One block as it stands in the file."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(block.start)
                data = stream.read(block.size)
        except OSError as error:
            raise cannot_open(self.name, error) from error
        if len(data) != block.size:
            raise InputError(
                "The file changed while it was read (文件被改动)", todo="Run again", place=Place(self.name)
            )
        return data

    def _utf8(self, data: bytes, line: int) -> bytes:
        """Lines from line `line` of the file on as UTF-8."""
        if self._plan.encoding == "utf-8":
            return data
        try:
            return data.decode("gb18030").encode()
        except UnicodeError as error:
            raise InputError(
                "The line is not GB18030 text like the rest of the file (编码混杂)",
                todo='Save the file again as "CSV UTF-8"',
                place=Place(self.name, row=line),
            ) from error

    def rows(self) -> list[int]:
        """How many lines each part has; of the last one as many as its size lets expect."""
        blocks = self._plan.blocks[: self.parts]
        lines = [after.line - block.line for block, after in pairwise(blocks)]
        if not blocks:
            return []
        known = sum(block.size for block in blocks[:-1])
        mean = sum(lines) / known if known else self._bytes(blocks[-1]).count(b"\n") / max(blocks[-1].size, 1)
        return [*lines, int(mean * blocks[-1].size) + 1]

    def _find_header(self, schema: Schema) -> tuple[str, list[str], int]:
        """The delimiter under which the first lines make the best header, its names, and its line number."""
        first = self._plan.blocks[0] if self._plan.blocks else Block(0, 0, 1)
        head = self._bytes(first).decode("utf-8", "replace").split("\n", HEADER_WITHIN)[:HEADER_WITHIN]
        best: tuple[int, int, str, list[str], int] | None = None
        for delimiter in DELIMITERS:
            rows = [_fields(line, delimiter) or [line] for line in head]
            at = header_row(rows, schema)
            if at is not None:
                found = (len(match(rows[at], schema).columns), len(rows[at]), delimiter, rows[at], at + 1)
                best = found if best is None or found[:2] > best[:2] else best
        if best is None:
            raise InputError("The file is empty (空文件)", todo="Export it again", place=Place(self.name))
        return best[2], best[3], best[4]

    def part(self, number: int) -> RawPart:
        """The records of one block as text columns."""
        block = self._plan.blocks[number]
        return self._raw(self._bytes(block), self._skip if number == 0 else 0, block.line)

    def pieces(self, number: int, rows: int) -> Iterator[RawPart]:
        """The records of one block in order, at most `rows` lines and LINE_BYTES times as many bytes at once (but for
        a record that takes more alone); the records are those of the block as a whole."""
        block = self._plan.blocks[number]
        data = self._found(block)
        skip = self._skip if number == 0 else 0
        for start, end, line in self._spans(data, skip, rows):
            piece = self._utf8(data[start:end], block.line + line)
            yield self._raw(piece, skip if start == 0 else 0, block.line + line)

    def _spans(self, data: bytes, skip: int, rows: int) -> Iterator[tuple[int, int, int]]:
        """Where pieces of whole records begin and end, and how many lines stand before each."""
        quoted = b'"' in data
        start = at = first = line = 0
        while at < len(data):
            taken = 1
            if quoted and line >= skip and data.count(b'"', at, _behind(data, at)) % 2:
                taken = self._record_lines(self._lines_from(data, at), 0)
            end = at
            for _ in range(taken):
                end = _behind(data, end)
            if line > max(skip, first) and (line + taken - first > rows or end - start > rows * LINE_BYTES):
                yield start, at, first
                start, first = at, line
            at, line = end, line + taken
        if start < at:
            yield start, at, first

    def _lines_from(self, data: bytes, at: int) -> list[str]:
        """The lines that a record beginning there may take."""
        end = at
        for _ in range(LONGEST_RECORD):
            end = _behind(data, end)
        return self._utf8(data[at:end], 1).decode().removesuffix("\n").split("\n")

    def _raw(self, data: bytes, skip: int, line: int) -> RawPart:
        """The records of some lines, of which the first `skip` are none. line: of the file, the first of them."""
        if not data.endswith(b"\n"):
            data += b"\n"
        parsed = self._quick(data, skip) or self._line_by_line(data, skip)
        table, lines, unreadable = parsed
        return RawPart(
            table, lines + (line - 1),
            unreadable=[Unreadable(one.row + line - 1, one.text) for one in unreadable], blank_rows=True,
        )  # fmt: skip

    def _quick(self, data: bytes, skip: int) -> tuple[pa.Table, NDArray[np.int64], list[Unreadable]] | None:
        """A block in which every line is a record, by Arrow; None when it is not so simple."""
        if data.count(b"\r") != data.count(b"\r\n") or _open_quotes(data):
            return None
        odd: list[tuple[int, str]] = []

        def note(row: pacsv.InvalidRow) -> str:
            odd.append((row.number, row.text))
            return "skip"

        names = [str(position) for position in range(self.header.width)]
        wanted = {name: names[position] for name, position in self.header.columns.items()}
        try:
            table = pacsv.read_csv(
                pa.BufferReader(data),
                pacsv.ReadOptions(use_threads=False, block_size=len(data) + 1, skip_rows=skip, column_names=names),
                pacsv.ParseOptions(delimiter=self._delimiter, ignore_empty_lines=False, invalid_row_handler=note),
                pacsv.ConvertOptions(
                    column_types=dict.fromkeys(wanted.values(), pa.string()), include_columns=list(wanted.values()),
                    strings_can_be_null=False,
                ),
            )  # fmt: skip
        except pa.ArrowInvalid:
            return None
        total = data.count(b"\n")
        regular = np.ones(total, np.bool_)
        regular[:skip] = False
        regular[[number - 1 for number, _ in odd]] = False
        lines = np.flatnonzero(regular) + 1
        table = table.rename_columns(list(wanted))
        if len(lines) != table.num_rows:
            return None
        return self._with_surplus(table, lines, odd)

    def _with_surplus(
        self, table: pa.Table, lines: NDArray[np.int64], odd: list[tuple[int, str]]
    ) -> tuple[pa.Table, NDArray[np.int64], list[Unreadable]]:
        """Records that only have empty fields too many are put back among the others."""
        saved: list[tuple[int, list[str]]] = []
        unreadable: list[Unreadable] = []
        for number, text in odd:
            self._sort_out(number, text, saved, unreadable)
        if not saved:
            return table, lines, unreadable
        whole = pa.concat_tables([table, self._table([fields for _, fields in saved])])
        numbers = np.concatenate([lines, np.array([number for number, _ in saved], np.int64)])
        order = np.argsort(numbers, kind="stable")
        return whole.take(int32_array(order)), numbers[order], unreadable

    def _sort_out(
        self, number: int, text: str, saved: list[tuple[int, list[str]]], unreadable: list[Unreadable]
    ) -> None:
        fields = _fields(text, self._delimiter)
        if fields is not None and not "".join(fields).strip():
            return  # a blank line is no record
        if fields is None or len(fields) < self.header.width or "".join(fields[self.header.width :]).strip():
            unreadable.append(Unreadable(number, text.strip()[: QUOTED + 1]))
        else:
            saved.append((number, fields))

    def _table(self, records: list[list[str]]) -> pa.Table:
        wanted = self.header.columns.items()
        return pa.table(
            {name: pa.array([record[position] for record in records], pa.string()) for name, position in wanted}
        )

    def _line_by_line(self, data: bytes, skip: int) -> tuple[pa.Table, NDArray[np.int64], list[Unreadable]]:
        """A block with line ends inside quotes, quotes that are not closed, or stray carriage returns."""
        texts = data.decode().split("\n")[:-1]
        saved: list[tuple[int, list[str]]] = []
        unreadable: list[Unreadable] = []
        at = skip
        while at < len(texts):
            taken = self._record_lines(texts, at)
            self._sort_out(at + 1, "\n".join(texts[at : at + taken]), saved, unreadable)
            at += taken
        numbers = np.array([number for number, _ in saved], np.int64)
        return self._table([fields for _, fields in saved]), numbers, unreadable

    def _record_lines(self, texts: list[str], at: int) -> int:
        """How many lines the record from line `at` takes: more than one only if its quotes close and its fields fit."""
        if texts[at].count('"') % 2 == 0:
            return 1
        joined = texts[at]
        for taken in range(2, min(LONGEST_RECORD, len(texts) - at) + 1):
            joined += "\n" + texts[at + taken - 1]
            if len(joined) > LONGEST_LINE:
                return 1
            if joined.count('"') % 2 == 0:
                fields = _fields(joined, self._delimiter)
                return taken if fields is not None and len(fields) == self.header.width else 1
        return 1


def _behind(data: bytes, at: int) -> int:
    """Where the line that holds `at` ends, its line end included."""
    return data.find(b"\n", at) + 1 or len(data)


def _fields(text: str, delimiter: str) -> list[str] | None:
    """The fields of one record; None when it cannot be cut into fields."""
    *lines, last = text.rstrip("\r").split("\n")
    try:
        # where quotes are left open the strict reader tells a quoted field without end from a quote sign in a text
        strict = text.count('"') % 2 == 1
        rows = list(csv.reader([*(f"{line}\n" for line in lines), last], delimiter=delimiter, strict=strict))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None if rows else []


def _open_quotes(data: bytes) -> bool:
    """Whether any line holds an odd number of quotes."""
    if b'"' not in data:
        return False
    array = np.frombuffer(data, np.uint8)
    upto = np.searchsorted(np.flatnonzero(array == ord('"')), np.flatnonzero(array == ord("\n")))
    return bool((upto % 2).any())
