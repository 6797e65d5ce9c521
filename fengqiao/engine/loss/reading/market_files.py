"""Market data, indices, given price paths and corporate actions from files.

These decide the result of everybody, so a bad cell in them is an error with its place, never a finding.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.errors import InputError, Place, unknown_name
from fengqiao.engine.loss.market import NO_PRICE, CorporateAction, Market, Series, day_of
from fengqiao.engine.loss.reading import cells
from fengqiao.engine.loss.reading.headers import ACTIONS, INDICES, MARKET, PATH, shown
from fengqiao.engine.loss.reading.problems import Problem, cell_error
from fengqiao.engine.loss.reading.tables import Record, no_records, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

LARGEST_VOLUME = 10**15
LARGEST_RATIO = 10_000
LISTED = 20  # names that an error sentence lists at most


def read_market(path: Path, security: str | None) -> Market:
    """Daily closes and volumes of one security, ascending by date, from CSV, Parquet or XLSX.

    Columns date, close, volume[, float_shares, previous_close, security]. A day with an empty close or no volume
    is a day without trading. Closes with more than four decimals are rounded half up to 1/10000 yuan.
    security: the code whose rows are taken; None when the file holds one only.
    Errors: InputError with row and column for a bad cell, a day that occurs twice, or a security that is not there.
    """
    rows: dict[int, tuple[int, int, int, int]] = {}
    name = security or ""
    for record in _of_security(records(path, MARKET), security, path):
        day = record.required("date", cells.date)
        _require_new_day(day, rows, record)
        rows[day] = _market_day(record)
        name = name or record.cells.get("security", "")
    if not rows:
        raise no_records(path)
    days = sorted(rows)
    columns = np.array([rows[day] for day in days], np.int64)
    return Market(
        name, np.array(days, np.int32), columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 2].copy(),
        columns[:, 3].copy(), path.name,
    )  # fmt: skip


def _market_day(record: Record) -> tuple[int, int, int, int]:
    """close, volume, float_shares and previous_close of one day."""
    close = record.value("close", cells.price) or NO_PRICE
    volume = record.value("volume", _shares)
    if volume is None:
        if close != NO_PRICE:
            raise cell_error(Problem.MISSING, "", MARKET, record.at("volume"))
        volume = 0
    if volume and close == NO_PRICE and record.cells["close"]:
        raise cell_error(Problem.ZERO, record.cells["close"], MARKET, record.at("close"))
    float_shares = record.value("float_shares", _shares) or 0
    previous = record.value("previous_close", cells.price) or NO_PRICE
    return (close if volume else NO_PRICE), volume, float_shares, previous


def _shares(text: str) -> tuple[int, Problem]:
    return cells.quantity(text, LARGEST_VOLUME)


def _index_name(text: str) -> str:
    return text.zfill(6) if text.isascii() and text.isdigit() else text


def read_indices(path: Path, names: Sequence[str]) -> tuple[Series, ...]:
    """Index closes by day (columns date, index, close), one Series for each name asked for, in that order.

    close int64, 1/10000 points, rounded half up. A code that a spreadsheet turned into a number (1 for 000001) is
    found by its six digits.
    Errors: InputError for a name that the file does not have (with the nearest ones), a day that occurs twice for an
    index, an empty or bad cell of an index asked for.
    """
    keys = [_index_name(name.strip()) for name in names]
    days: dict[str, dict[int, int]] = {key: {} for key in keys}
    known: dict[str, None] = {}
    for record in records(path, INDICES):
        key = _index_name(record.cells["index"])
        known[key] = None
        if not key:
            raise cell_error(Problem.MISSING, "", INDICES, record.at("index"))
        if key in days:
            day = record.required("date", cells.date)
            _require_new_day(day, days[key], record)
            days[key][day] = _positive(record, "close")
    for name, key in zip(names, keys, strict=True):
        if not days[key]:
            near = get_close_matches(key, known, n=LISTED, cutoff=0.0)
            raise unknown_name("index", name, near, Place(path.name, column="index"))
    return tuple(_series(name, days[key], path) for name, key in zip(names, keys, strict=True))


def read_path(path: Path) -> Series:
    """A given simulated price path (columns date and close or price): the price without the misstatement, day by day.

    close int64, 1/10000 yuan, rounded half up. Errors: InputError for a bad or empty cell or a day that occurs twice.
    """
    days: dict[int, int] = {}
    for record in records(path, PATH):
        day = record.required("date", cells.date)
        _require_new_day(day, days, record)
        days[day] = _positive(record, "close")
    if not days:
        raise no_records(path)
    return _series(path.stem, days, path)


def _positive(record: Record, column: str) -> int:
    value = record.required(column, cells.price)
    if value == 0:
        raise cell_error(Problem.ZERO, record.cells[column], record.schema, record.at(column))
    return value


def _series(name: str, days: dict[int, int], path: Path) -> Series:
    order = sorted(days)
    close = np.array([days[day] for day in order], np.int64)
    return Series(name, np.array(order, np.int32), close, path.name)


def _require_new_day(day: int, seen: Iterable[int], record: Record) -> None:
    if day in seen:
        raise InputError(
            "The day occurs twice (日期重复)", why=day_of(day).isoformat(), todo="Delete one of the rows",
            place=record.at("date"),
        )  # fmt: skip


def _of_security(rows: Iterator[Record], security: str | None, path: Path) -> Iterator[Record]:
    """The rows of one security; rows that state none count as its own.

    Errors: InputError when the file has rows, but none of it; or when none was asked for and there are several.
    """
    others: dict[str, None] = {}
    first, found = "", False
    for record in rows:
        code = record.cells.get("security", "")
        if security is None:
            first = first or code
            if code and not cells.same_security(code, first):
                raise InputError(
                    "The file holds several securities (多只证券)", why=f"{shown(first)} and {shown(code)}",
                    todo="Say which one is meant", place=record.at("security"),
                )  # fmt: skip
        elif code and not cells.same_security(code, security):
            others[code] = None
            continue
        found = True
        yield record
    if others and not found:
        near = get_close_matches(str(security), others, n=3, cutoff=0.0)
        raise InputError(
            f"There is no row of security {security} (没有该证券的数据)",
            why=f"the file holds {', '.join(map(shown, near))}",
            todo="Check the code or the file", place=Place(path.name, column="security"),
        )  # fmt: skip


def read_actions(path: Path, security: str | None) -> tuple[CorporateAction, ...]:
    """Corporate actions of one security, ascending by ex date; rows of other securities are passed over.

    Columns security, ex_date, bonus_ratio, rights_ratio, rights_price, cash_per_share; an empty cell is 0. Numbers
    are taken exactly. No row at all is no action.
    Errors: InputError with row and column for a bad cell, a rights issue without a price, an action that occurs twice,
    a file whose columns name no action, or several securities when none was asked for.
    """
    found: list[tuple[str, Record, CorporateAction]] = []
    for record in records(path, ACTIONS):
        code = record.cells.get("security", "")
        if security is not None and code and not cells.same_security(code, security):
            continue
        found.append((code, record, _action(record)))
        _require_new_action(found)
    if security is None:
        for code, record, _ in found:
            if code and not cells.same_security(code, found[0][0] or code):
                raise InputError(
                    "The file holds several securities (多只证券)", why=f"{shown(found[0][0])} and {shown(code)}",
                    todo="Say which one is meant", place=record.at("security"),
                )  # fmt: skip
    return tuple(sorted((action for _, _, action in found), key=lambda action: action.ex_date))


def _require_new_action(found: Sequence[tuple[str, Record, CorporateAction]]) -> None:
    """The last action found must be named by a column, and stand in the file once: it would count twice otherwise."""
    code, record, action = found[-1]
    if not record.cells.keys() & {"bonus_ratio", "rights_ratio", "cash_per_share"}:
        raise InputError(
            "No column says what happened (缺少送转、配股、派息的列)",
            why="there is none of bonus_ratio, rights_ratio, cash_per_share",
            todo="Name the columns in the first row of the file", place=Place(record.at("ex_date").file),
        )  # fmt: skip
    if any((other, same) == (code, action) for other, _, same in found[:-1]):
        raise InputError(
            "The corporate action occurs twice (权益事件重复)", why=f"{action.ex_date} with the same figures",
            todo="Delete one of the rows, or add both up in one", place=record.at("ex_date"),
        )  # fmt: skip


def _action(record: Record) -> CorporateAction:
    ex_date: dt.date = day_of(record.required("ex_date", cells.date))
    bonus, rights, price, cash = (
        _fraction(record, column) for column in ("bonus_ratio", "rights_ratio", "rights_price", "cash_per_share")
    )
    if rights and not price:
        raise cell_error(Problem.MISSING, "", ACTIONS, record.at("rights_price"))
    return CorporateAction(ex_date, bonus, rights, price, cash)


def _fraction(record: Record, column: str) -> Fraction:
    """An exact number from 0 to 10,000."""
    text = record.cells.get(column, "")
    if not text:
        return Fraction(0)
    if len(text) > cells.LONGEST_NUMBER or not cells.NUMBER.fullmatch(text):
        raise cell_error(Problem.NOT_NUMBER, text, ACTIONS, record.at(column))
    value = Fraction(Decimal(text))
    if value < 0 or value > LARGEST_RATIO:
        problem = Problem.NEGATIVE if value < 0 else Problem.TOO_LARGE
        raise cell_error(problem, text, ACTIONS, record.at(column))
    return value
