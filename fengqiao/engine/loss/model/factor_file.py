"""Factor data from a file: indices in long form (date, index, close) or a wide table (date and one column a factor)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.errors import InputError, Place, unknown_name
from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.reading import cells
from fengqiao.engine.loss.reading.headers import Schema, shown
from fengqiao.engine.loss.reading.problems import Problem, cell_error
from fengqiao.engine.loss.reading.tables import Record, no_records, open_raw, records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from fengqiao.engine.loss.model.settings import Units

LIKELY = {"ratio": 1.0, "percent": 100.0}
"""The largest daily return that is taken for one: more than 100% a day is another unit."""


@dataclass(frozen=True)
class Factor:
    """One factor by day, ascending. value float64[n]: an index level (level), else the return of the day as a ratio."""

    name: str
    date: NDArray[np.int32]
    value: NDArray[np.float64]
    level: bool
    file: str = ""


def read_factors(path: Path, names: Sequence[str], units: Units = "ratio") -> tuple[Factor, ...]:
    """The factors asked for, in that order, from CSV, Parquet or XLSX.

    A file with the columns date, index and close holds index levels. Any other file has a column date and one column
    for each factor: returns as ratios (0.01) or in percent (1), or levels, as `units` says.
    Errors: InputError with row and column for a bad or empty cell, a day that occurs twice, a factor that is not there
    (with the nearest names), and for values that are plainly of another unit.
    """
    if not names:
        return ()
    wanted = {name: (name,) for name in names}
    schema = Schema("factors (因子)", {"date": ("日期", "交易日期"), "index": ("指数", "指数代码", "指数名称"),
                    "close": ("收盘点位", "收盘", "收盘价"), **wanted}, ("date",))  # fmt: skip
    raw = open_raw(path, path.name, schema)
    rows = list(records(path, schema))
    if not rows:
        raise no_records(path)
    if {"index", "close"} <= rows[0].cells.keys():
        return tuple(_long(rows, name, path) for name in names)
    missing = [name for name in names if name not in rows[0].cells]
    if missing:
        raise unknown_name("factor column", missing[0], [*raw.ignored, *(n for n in names if n not in missing)],
                           Place(path.name))  # fmt: skip
    return tuple(_wide(rows, name, path, units) for name in names)


def _key(text: str) -> str:
    return text.zfill(6) if text.isascii() and text.isdigit() else text


def _long(rows: Sequence[Record], name: str, path: Path) -> Factor:
    found: dict[int, float] = {}
    known: dict[str, None] = {}
    for record in rows:
        key = _key(record.cells["index"])
        known[key] = None
        if key == _key(name):
            day = _new_day(record, found)
            found[day] = _number(record, "close")
            if found[day] <= 0:
                raise cell_error(Problem.ZERO, record.cells["close"], record.schema, record.at("close"))
    if not found:
        raise unknown_name("factor", name, known, Place(path.name, column="index"))
    return _factor(name, found, True, path)


def _wide(rows: Sequence[Record], name: str, path: Path, units: Units) -> Factor:
    found: dict[int, float] = {}
    for record in rows:
        day = _new_day(record, found)
        value = _number(record, name)
        if units == "level":
            if value <= 0:
                raise cell_error(Problem.ZERO, record.cells[name], record.schema, record.at(name))
        elif abs(value) >= LIKELY[units]:
            raise InputError(
                f'The factor "{shown(name)}" holds {value:g}, which is no daily return in this unit (单位不符)',
                why=f'[model] units = "{units}"', todo='Set units = "percent" or "level", or correct the cell',
                place=record.at(name),
            )  # fmt: skip
        found[day] = value / 100 if units == "percent" else value
    return _factor(name, found, units == "level", path)


def _new_day(record: Record, seen: dict[int, float]) -> int:
    day = record.required("date", cells.date)
    if day in seen:
        raise InputError("The day occurs twice (日期重复)", why=day_of(day).isoformat(), todo="Delete one of the rows",
                         place=record.at("date"))  # fmt: skip
    return day


def _number(record: Record, column: str) -> float:
    text = record.cells.get(column, "")
    if not text:
        raise cell_error(Problem.MISSING, "", record.schema, record.at(column))
    if len(text) > cells.LONGEST_NUMBER or not cells.NUMBER.fullmatch(text) or not np.isfinite(float(text)):
        raise cell_error(Problem.NOT_NUMBER, text, record.schema, record.at(column))
    return float(text)


def _factor(name: str, found: dict[int, float], level: bool, path: Path) -> Factor:
    days = sorted(found)
    values = np.array([found[day] for day in days], np.float64)
    return Factor(name, np.array(days, np.int32), values, level, path.name)
