"""Trade records of several files, in parts that can be loaded from several threads at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fengqiao.engine.errors import InputError, Place
from fengqiao.engine.loss.reading.content import content_of
from fengqiao.engine.loss.reading.headers import TRADES
from fengqiao.engine.loss.rows import Loaded, RowSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fengqiao.engine.loss.reading.parquet_file import ParquetFile
    from fengqiao.engine.loss.reading.raw import RawFile
    from fengqiao.engine.loss.reading.text_file import TextFile

Range = tuple[bytes, bytes]
USUAL_ROW = (
    150  # bytes of a row of a Parquet file before compression, up to which pieces have as many rows as asked for
)
LARGEST_ROW = 600  # bytes of a row in memory, on average over a piece, beyond which it is refused
FEW_ROWS = 10_000


class TradeFile(Protocol):
    """One file of trades. ranges: smallest and largest investor of each part, None where the file does not say."""

    name: str
    parts: int
    ignored: tuple[str, ...]
    ranges: Sequence[Range | None]

    def load(self, part: int) -> Loaded: ...
    def pieces(self, part: int, rows: int) -> Iterator[Loaded]: ...
    def names(self, part: int, rows: int) -> Iterator[Any]: ...
    def rows(self) -> Sequence[int]: ...


class CheckedFile:
    """A workbook: every part goes the general way."""

    def __init__(self, file: RawFile, security: str | None) -> None:
        self._file, self._security = file, security
        self.name, self.parts, self.ignored = file.name, file.parts, file.ignored
        self.ranges: Sequence[Range | None] = [None] * file.parts

    def load(self, part: int) -> Loaded:
        """Usable rows and findings of one part."""
        from fengqiao.engine.loss.reading.normalise import normalise

        return normalise(self._file.part(part), self.name, self._security)

    def pieces(self, part: int, rows: int) -> Iterator[Loaded]:
        """The part as a whole: a workbook is held as a whole anyway."""
        yield self.load(part)

    def names(self, part: int, rows: int) -> Iterator[Any]:
        """The investors of the rows of a part."""
        for loaded in self.pieces(part, rows):
            yield loaded.chunk.investor

    def rows(self) -> Sequence[int]:
        """About how many rows each part has."""
        return self._file.rows()


class TextTrades(CheckedFile):
    """A CSV file."""

    def __init__(self, file: TextFile, security: str | None) -> None:
        super().__init__(file, security)
        self._text = file

    def pieces(self, part: int, rows: int) -> Iterator[Loaded]:
        """The same in pieces of at most `rows` lines, of which only one is held at a time."""
        from fengqiao.engine.loss.reading.normalise import normalise

        for raw in self._text.pieces(part, rows):
            yield normalise(raw, self.name, self._security)


class ParquetTrades:
    """A Parquet file: clean row groups go the fast way, the others the general way."""

    def __init__(self, file: ParquetFile, security: str | None) -> None:
        from fengqiao.engine.loss.reading.clean_group import DICTIONARIES

        self._file, self._security = file, security
        self.name, self.parts, self.ignored = file.name, file.parts, file.ignored
        names = [name for name in DICTIONARIES if _is_text_column(file, name)]
        if _is_text_column(file, "investor") and file.few_distinct("investor"):
            names.append("investor")
        self._dictionary = tuple(names)
        self.ranges: Sequence[Range | None] = [
            None if facts.smallest is None or facts.largest is None else (facts.smallest, facts.largest)
            for facts in file.facts("investor")
        ]

    def load(self, part: int) -> Loaded:
        """Usable rows and findings of one row group."""
        from fengqiao.engine.loss.reading.clean_group import clean_chunk

        source = RowSource(self.name, first_row=self._file.first_rows[part])
        encoded = self._file.encoded(part)
        rest = self._file.columns.keys() - encoded.keys()
        chunk = clean_chunk(self._file.table(part, self._dictionary, rest), source, self._security, encoded)
        if chunk is None and encoded:
            chunk = clean_chunk(self._file.table(part, self._dictionary), source, self._security)
        if chunk is not None:
            return Loaded(chunk, (), len(chunk))
        from fengqiao.engine.loss.reading.normalise import normalise

        return normalise(self._file.part(part), self.name, self._security)

    def pieces(self, part: int, rows: int) -> Iterator[Loaded]:
        """The same in pieces of at most `rows` rows, of which only one is held at a time."""
        from fengqiao.engine.loss.reading.clean_group import clean_chunk

        for first, table in self._file.pieces(part, self._fitting(part, rows), (), self._dictionary):
            if table.nbytes > max(rows, FEW_ROWS) * LARGEST_ROW:
                raise InputError(
                    "The texts in the cells are too long for the limit on memory (单元格过长)",
                    why=f"{table.num_rows:,} records take {table.nbytes >> 20} MiB",
                    todo="Give more memory, or leave the long texts out", place=Place(self.name, row=first),
                )  # fmt: skip
            chunk = clean_chunk(table, RowSource(self.name, first_row=first), self._security)
            if chunk is not None:
                yield Loaded(chunk, (), len(chunk))
                continue
            from fengqiao.engine.loss.reading.normalise import normalise

            yield normalise(self._file.raw(table, first), self.name, self._security)

    def _fitting(self, part: int, rows: int) -> int:
        """How many rows take no more than `rows` rows of the usual width, by what the file says of its sizes."""
        size = sum(self._file.facts(name)[part].size for name in self._file.columns)
        return max(min(rows, rows * USUAL_ROW * self._file.rows()[part] // max(size, 1)), 1)

    def names(self, part: int, rows: int) -> Iterator[Any]:
        """The investors of the rows of a part as the file has them, without reading its other columns."""
        if not _is_text_column(self._file, "investor"):
            for loaded in self.pieces(part, rows):
                yield loaded.chunk.investor
            return
        encoded = tuple(name for name in self._dictionary if name == "investor")
        for _, table in self._file.pieces(part, rows, ("investor",), encoded):
            yield table.column("investor").combine_chunks().drop_null()

    def rows(self) -> Sequence[int]:
        """How many rows each part has."""
        return self._file.rows()


def _is_text_column(file: ParquetFile, name: str) -> bool:
    import pyarrow as pa

    return name in file.types and (pa.types.is_string(file.types[name]) or pa.types.is_large_string(file.types[name]))


class TradeFiles:
    """Trade records of all files as one source (rows.TradeSource).

    parts: row groups, blocks of text and sheets of all files, in the order the files were given.
    disjoint: True when the investors of the parts follow each other (bytewise, sharing at most the one at the edge).
    ignored_columns: columns of the files that mean nothing here, each once.
    """

    def __init__(self, files: Sequence[TradeFile]) -> None:
        self._parts = [(file, part) for file in files for part in range(file.parts)]
        self.parts = len(self._parts)
        self._files = tuple(files)
        self.files = tuple(file.name for file in files)
        self.ignored_columns = tuple(dict.fromkeys(name for file in files for name in file.ignored))
        self._ranges = [bounds for file in files for bounds in file.ranges]
        self.disjoint = self.parts <= 1 or _ascending(self._ranges)

    def load(self, part: int) -> Loaded:
        """Rows of one part (0 <= part < parts), in file order, with what was noticed on the way; safe from any thread.

        Errors: InputError when the file proves damaged.
        """
        file, number = self._parts[part]
        loaded = file.load(number)
        if self.disjoint and self.parts > 1:
            self._require_in_range(loaded, part, file.name)
        return loaded

    def pieces(self, part: int, rows: int) -> Iterator[Loaded]:
        """The rows of one part in order, in pieces of about `rows` rows where its format allows that."""
        file, number = self._parts[part]
        for loaded in file.pieces(number, rows):
            if self.disjoint and self.parts > 1:
                self._require_in_range(loaded, part, file.name)
            yield loaded

    def names(self, part: int, rows: int) -> Iterator[Any]:
        """The investors of the rows of one part, as string or dictionary arrays; not yet checked."""
        file, number = self._parts[part]
        return file.names(number, rows)

    def rows(self) -> list[int]:
        """About how many rows each part has."""
        return [rows for file in self._files for rows in file.rows()]

    def _require_in_range(self, loaded: Loaded, part: int, name: str) -> None:
        """What the file says about its order must be so: whoever relies on it would tear an investor apart."""
        import pyarrow.compute as pc

        bounds = self._ranges[part]
        investor = loaded.chunk.investor
        texts = investor.dictionary if hasattr(investor, "dictionary") else investor
        if bounds is None or not len(texts):
            return
        found = pc.min_max(texts).as_py()
        if found["min"].encode() < bounds[0].strip() or found["max"].encode() > bounds[1]:
            raise InputError(
                "The statistics of the file do not fit its contents (统计信息与内容不符)",
                why="investors lie outside the range that their row group announces",
                todo="Write the file again", place=Place(name),
            )  # fmt: skip


def _ascending(ranges: Sequence[Range | None]) -> bool:
    last = b""
    for bounds in ranges:
        if bounds is None or bounds[0] < last or bounds[1] < bounds[0]:
            return False
        last = bounds[1]
    return True


def open_trades(paths: Sequence[Path], security: str | None) -> TradeFiles:
    """Open trade records (CSV, Parquet, XLSX), several files at once, without loading them.

    paths: the files, in the order in which their rows count. security: the code the case is about; rows of others are
    left out with a finding. None takes all rows.
    Errors: InputError with the file and, where it applies, sheet, row and column: no file, a file that is no table,
    columns that are missing or occur twice, text that cannot be read. A bad row is no error but a finding.
    """
    if not paths:
        raise InputError("No file of trades was given (未指定交易文件)", todo="Name at least one")
    names = _names([Path(path) for path in paths])
    files = [_open(path, name, security) for path, name in names]
    source = TradeFiles(files)
    if source.parts == 0:
        raise InputError(
            "There is no trade record below the header (没有交易记录)", todo="Export it again",
            place=Place(", ".join(source.files)),
        )  # fmt: skip
    return source


def _open(path: Path, name: str, security: str | None) -> TradeFile:
    content = content_of(path, name)
    if content == "parquet":
        from fengqiao.engine.loss.reading.parquet_file import ParquetFile

        return ParquetTrades(ParquetFile(path, name, TRADES), security)
    if content == "xlsx":
        from fengqiao.engine.loss.reading.workbook_file import WorkbookFile

        return CheckedFile(WorkbookFile(path, name, TRADES), security)
    from fengqiao.engine.loss.reading.text_file import TextFile

    return TextTrades(TextFile(path, name, TRADES), security)


def _names(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """Each path with the name that sentences call it: without its folder, unless two files share that name."""
    seen: set[Path] = set()
    for path in paths:
        resolved = path.resolve()
        if resolved in seen:
            raise InputError("The file was given twice (重复指定)", todo="Name it once", place=Place(path.name))
        seen.add(resolved)
    names = [path.name for path in paths]
    return [(path, path.name if names.count(path.name) == 1 else str(path)) for path in paths]


def rows_explained(loaded: Loaded) -> int:
    """How many rows of a part are told of in findings instead of being used.

    rows_read = len(chunk) + rows_explained, always.
    """
    from fengqiao.engine.loss.reading.noticed import LeftOut

    return sum(finding.count if isinstance(finding, LeftOut) else 1 for finding in loaded.findings if not finding.used)
