"""Records as they are written: columns with their types, identifiers of fixed width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from fengqiao.engine.loss.rows import BUY, KINDS, SIDES, TRADE
from fengqiao.engine.loss.simulate.tape import slot_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.simulate.walk import Walked

ID_DIGITS = 9
PREFIX = b"A"
FEN_PER_YUAN = 100.0

ROW = np.dtype(
    [
        ("place", "<i8"), ("quantity", "<i8"), ("investor", "<i4"), ("price", "<i4"), ("axis", "<i4"), ("slot", "<i2"),
        ("side", "i1"), ("account", "i1"), ("kind", "i1"), ("repeated", "i1"), ("spare", "<i2"),
    ]
)  # fmt: skip
"""One record in the order it will be written; `place` is its place in the file sorted by date."""

SECONDS = slot_seconds()


@dataclass(frozen=True)
class Layout:
    """How tables are made: the security's code, the axis of dates, whether there is a column `kind`."""

    security: str
    dates: NDArray[np.int32]
    with_kind: bool

    @property
    def schema(self) -> pa.Schema:
        """Columns and types of the records; no cell is ever empty."""
        text = pa.string()
        fields = [
            ("investor", text), ("account", text), ("security", text), ("date", pa.date32()), ("time", pa.time32("s")),
            ("sequence", pa.int64()), ("side", text), ("quantity", pa.int64()), ("price", pa.float64()),
        ]  # fmt: skip
        every = [*fields, ("kind", text)] if self.with_kind else fields
        return pa.schema([pa.field(name, kind, nullable=False) for name, kind in every])

    def table(self, rows: NDArray[np.void], sequence: NDArray[np.int64]) -> pa.Table:
        """Rows (dtype ROW) with their sequence numbers as a table of `schema`.

        Prices are the nearest float64 to the price in yuan with two decimals, what reading the decimal text gives.
        """
        columns = [
            identifiers(rows["investor"]),
            identifiers(rows["investor"], rows["account"]),
            pa.repeat(pa.scalar(self.security, pa.string()), len(rows)),
            pa.array(self.dates[rows["axis"]], pa.int32()).cast(pa.date32()),
            pa.array(SECONDS[rows["slot"]], pa.int32()).cast(pa.time32("s")),
            pa.array(sequence, pa.int64()),
            _named(rows["side"], SIDES),
            pa.array(rows["quantity"], pa.int64()),
            pa.array(rows["price"] / FEN_PER_YUAN, pa.float64()),
        ]
        if self.with_kind:
            columns.append(_named(rows["kind"], KINDS))
        return pa.Table.from_arrays(columns, schema=self.schema)


def pack(walked: Walked, places: NDArray[np.int64]) -> NDArray[np.void]:
    """Walked columns and their places as rows of dtype ROW."""
    rows = np.zeros(len(places), dtype=ROW)
    rows["place"] = places
    for name in ("quantity", "investor", "price", "axis", "slot", "side", "account", "kind", "repeated"):
        rows[name] = getattr(walked, name)
    return rows


def identifiers(investor: NDArray[np.int32], account: NDArray[np.int8] | None = None) -> pa.StringArray:
    """Identifiers of investors numbered from 0, or of their accounts; sorting them as text sorts by number.

    >>> identifiers(np.array([0, 122], dtype=np.int32)).to_pylist()
    ['A000000001', 'A000000123']
    >>> identifiers(np.array([122], dtype=np.int32), np.array([1], dtype=np.int8)).to_pylist()
    ['A000000123-2']
    """
    head = len(PREFIX)
    width = head + ID_DIGITS + (2 if account is not None else 0)
    text = np.empty((len(investor), width), dtype=np.uint8)
    text[:, :head] = np.frombuffer(PREFIX, dtype=np.uint8)
    rest = investor + np.int32(1)
    for place in range(head + ID_DIGITS - 1, head - 1, -1):
        rest, digit = np.divmod(rest, np.int32(10))
        text[:, place] = digit + ord("0")
    if account is not None:
        text[:, -2] = ord("-")
        text[:, -1] = account + ord("1")
    offsets = np.arange(0, (len(investor) + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(len(investor), pa.py_buffer(offsets), pa.py_buffer(text))


def _named(codes: NDArray[np.int8], names: tuple[str, ...]) -> pa.StringArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(names, pa.string())).cast(pa.string())


def is_trade(rows: NDArray[np.void]) -> NDArray[np.bool_]:
    """Which rows (dtype ROW) are trades."""
    mask: NDArray[np.bool_] = rows["kind"] == TRADE
    return mask


def is_buy(rows: NDArray[np.void]) -> NDArray[np.bool_]:
    """Which rows (dtype ROW) are purchases."""
    mask: NDArray[np.bool_] = is_trade(rows) & (rows["side"] == BUY)
    return mask
