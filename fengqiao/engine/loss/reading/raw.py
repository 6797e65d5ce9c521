"""Tables as they stand in a file, before any cell is understood: what every file format is brought to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Unreadable:
    """A record that does not fit the header: its row number and its text (cut to what a sentence can quote)."""

    row: int
    text: str


@dataclass(frozen=True)
class RawPart:
    """Some records of a file.

    held: the columns found, under their canonical names, with whatever types the file has (text for CSV and XLSX):
    a Polars frame, or an Arrow table of texts, which `frame` turns into one only where somebody asks for it (to
    import Polars costs more than to read a small table). row: int64[n], row numbers as people see them. blank_rows:
    True where a row without any value is no record at all (texts and workbooks often end in such rows).
    """

    held: pl.DataFrame | pa.Table
    row: NDArray[np.int64]
    sheet: str = ""
    unreadable: Sequence[Unreadable] = ()
    blank_rows: bool = False

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The columns as a Polars frame."""
        if not isinstance(self.held, pa.Table):
            return self.held
        import polars as pl

        return pl.DataFrame(pl.from_arrow(self.held))


class RawFile(Protocol):
    """One file in parts that can be read independently, from several threads at once."""

    name: str
    parts: int
    ignored: tuple[str, ...]

    def rows(self) -> Sequence[int]:
        """About how many rows each part has."""
        ...

    def part(self, number: int) -> RawPart:
        """The records of one part, in file order. Errors: InputError when the file proves damaged."""
        ...
