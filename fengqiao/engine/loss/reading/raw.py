"""Tables as they stand in a file, before any cell is understood: what every file format is brought to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

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

    frame: the columns found, under their canonical names, with whatever types the file has (text for CSV and XLSX).
    row: int64[n], row numbers as people see them. blank_rows: True where a row without any value is no record at
    all (texts and workbooks often end in such rows).
    """

    frame: pl.DataFrame
    row: NDArray[np.int64]
    sheet: str = ""
    unreadable: Sequence[Unreadable] = ()
    blank_rows: bool = False


class RawFile(Protocol):
    """One file in parts that can be read independently, from several threads at once."""

    name: str
    parts: int
    ignored: tuple[str, ...]

    def part(self, number: int) -> RawPart:
        """The records of one part, in file order. Errors: InputError when the file proves damaged."""
        ...
