"""Whole columns of cells as values: vectorised where the cells are plain, one distinct text at a time where not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from fengqiao.engine.loss.reading import cells
from fengqiao.engine.loss.reading.arrays import numpy_view
from fengqiao.engine.loss.reading.problems import Problem
from fengqiao.engine.loss.rows import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Cell = tuple[int, Problem]
CHINA = "Asia/Shanghai"
UNITS = {"ms": 10**3, "us": 10**6, "ns": 10**9}  # a second
FIRST_DAY_NUMBER, LAST_DAY_NUMBER = -719_162, 2_932_896  # of the years 1 and 9999


@dataclass(frozen=True)
class Parsed:
    """A column understood. value int64[n], 0 where there is a problem; problem int8[n] (problems.Problem)."""

    value: NDArray[np.int64]
    problem: NDArray[np.int8]

    def absent_where_missing(self) -> Parsed:
        """The same for a column that need not be filled: an empty cell is ABSENT and no problem."""
        empty = self.problem == Problem.MISSING
        return Parsed(np.where(empty, ABSENT, self.value), np.where(empty, 0, self.problem).astype(np.int8))


def text_of(raw: pl.Series) -> pl.Series:
    """A column as text without surrounding blanks; null where a cell is empty. Whole numbers have no ".0".

    >>> text_of(pl.Series([" a ", "", None])).to_list(), text_of(pl.Series([1.0, 2.5])).to_list()
    (['a', None, None], ['1', '2.5'])
    """
    if raw.dtype.is_float():
        return raw.cast(pl.String).str.replace(r"\.0$", "")
    if raw.dtype.is_temporal():
        return _temporal_text(raw)
    if raw.dtype != pl.String:
        return raw.cast(pl.String)
    stripped = raw.str.strip_chars(cells.BLANKS)
    return stripped.set(stripped == "", None)


def _outside(raw: pl.Series) -> pl.Series:
    """Which cells of a date, time or timestamp column lie beyond what Polars can work with (years 1 to 9999)."""
    number = raw.to_physical().cast(pl.Int64)
    if raw.dtype == pl.Time:
        first, last = 0, 86_400 * UNITS["ns"] - 1
    elif raw.dtype == pl.Date:
        first, last = FIRST_DAY_NUMBER, LAST_DAY_NUMBER
    else:  # 64 bits of nanoseconds end before these years do
        day = 86_400 * UNITS[getattr(raw.dtype, "time_unit", None) or "us"]
        first, last = max(FIRST_DAY_NUMBER * day, -(2**63)), min(LAST_DAY_NUMBER * day, 2**63 - 1)
    return ((number < first) | (number > last)).fill_null(False)


def _temporal_text(raw: pl.Series) -> pl.Series:
    outside = _outside(raw)
    text = raw.set(outside, None).cast(pl.String)
    return text.zip_with(~outside, raw.to_physical().cast(pl.String)) if outside.any() else text


def encoded(text: pl.Series) -> tuple[NDArray[np.int32], pa.Array]:
    """A text column as codes (int32[n], -1 where null) and the distinct texts they stand for (string array)."""
    array = text.to_arrow().cast(pa.string()).dictionary_encode()
    return numpy_view(array.indices.fill_null(-1)), array.dictionary


def by_distinct_text(text: pl.Series, parse: Callable[[str], Cell]) -> Parsed:
    """Understand each distinct text once and hand the values out; null is MISSING."""
    codes, distinct = encoded(text)
    understood = [parse(cell) for cell in distinct.to_pylist()]
    understood.append((0, Problem.MISSING))  # code -1 takes the last
    value = np.array([value for value, _ in understood], np.int64)
    problem = np.array([problem for _, problem in understood], np.int8)
    return Parsed(value[codes], problem[codes])


def _numbers(raw: pl.Series, scale: int, largest: int, parse: Callable[[str], Cell]) -> Parsed:
    """Numbers >= 0 times `scale`: floating point where that is exact, `parse` on the text of all other cells."""
    if not raw.dtype.is_numeric() or raw.dtype == pl.Float32:  # of a Float32 the shortest text says what was meant
        raw = text_of(raw)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = raw.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy() * scale
        nearest = np.rint(scaled)
        plain = (scaled >= 0) & (scaled <= largest)
        plain &= np.abs(scaled - nearest) <= np.maximum(cells.NOISE, scaled * cells.RELATIVE_NOISE)
    value = np.where(plain, nearest, 0).astype(np.int64)
    problem = np.zeros(len(raw), np.int8)
    if not plain.all():
        rest = np.flatnonzero(~plain)
        parsed = by_distinct_text(text_of(raw.gather(rest)), parse)
        value[rest], problem[rest] = parsed.value, parsed.problem
    return Parsed(value, problem)


def price_column(raw: pl.Series) -> Parsed:
    """Prices in yuan as 1/10000 yuan; 0 is let through."""
    return _numbers(raw, 10_000, cells.LARGEST_PRICE, cells.price)


def quantity_column(raw: pl.Series) -> Parsed:
    """Numbers of shares; 0 is let through."""
    return _numbers(raw, 1, cells.LARGEST_QUANTITY, cells.quantity)


def fee_column(raw: pl.Series) -> Parsed:
    """Fees in yuan as 1/10000 yuan, ABSENT where empty."""
    return _numbers(raw, 10_000, cells.LARGEST_FEE, cells.fee).absent_where_missing()


def sequence_column(raw: pl.Series) -> Parsed:
    """Running numbers, ABSENT where empty."""
    text = text_of(raw)
    number = text.cast(pl.Int64, strict=False).fill_null(-1).to_numpy()
    plain = (number >= 0) & (number <= cells.LARGEST_SEQUENCE)
    value = np.where(plain, number, 0)
    problem = np.zeros(len(raw), np.int8)
    if not plain.all():
        rest = np.flatnonzero(~plain)
        parsed = by_distinct_text(text.gather(rest), cells.sequence).absent_where_missing()
        value[rest], problem[rest] = parsed.value, parsed.problem
    return Parsed(value, problem)


def _in_china(raw: pl.Series) -> pl.Series:
    return raw if raw.dtype.time_zone is None else raw.dt.convert_time_zone(CHINA)  # type: ignore[attr-defined]


def date_column(raw: pl.Series) -> Parsed:
    """Dates as days since 1970-01-01. A timestamp with a time zone counts by the calendar of China."""
    if raw.dtype != pl.Date and not isinstance(raw.dtype, pl.Datetime):
        return by_distinct_text(text_of(raw), cells.date)
    missing = raw.is_null().to_numpy()
    known = raw.set(_outside(raw), None)
    days = known if known.dtype == pl.Date else _in_china(known).dt.date()
    value = days.to_physical().cast(pl.Int64).fill_null(0).to_numpy()
    wrong = (value < cells.FIRST_DAY) | (value > cells.LAST_DAY)
    problem = np.where(missing, Problem.MISSING, np.where(wrong, Problem.DATE_RANGE, 0)).astype(np.int8)
    return Parsed(np.where(problem == 0, value, 0), problem)


def time_column(raw: pl.Series) -> Parsed:
    """Times of day as microseconds since midnight, ABSENT where empty."""
    if raw.dtype != pl.Time and not isinstance(raw.dtype, pl.Datetime):
        return by_distinct_text(text_of(raw), cells.time).absent_where_missing()
    outside = _outside(raw)
    known = raw.set(outside, None)
    times = known if known.dtype == pl.Time else _in_china(known).dt.time()
    value = (times.to_physical() // 1000).fill_null(ABSENT).to_numpy()
    return Parsed(value, np.where(outside.to_numpy(), Problem.NOT_TIME, 0).astype(np.int8))


def side_column(raw: pl.Series) -> Parsed:
    """Sides as BUY or SELL."""
    return by_distinct_text(text_of(raw), cells.side)


def kind_column(raw: pl.Series) -> Parsed:
    """Kinds as indices into KINDS; an empty cell is a trade."""
    parsed = by_distinct_text(text_of(raw), cells.kind)
    return Parsed(parsed.value, np.where(parsed.problem == Problem.MISSING, 0, parsed.problem).astype(np.int8))
