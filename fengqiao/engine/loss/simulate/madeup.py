"""An invented listed company, its invented market and an invented case, for trying the software out.

Nothing here is about a real company. 枫桥样本 (code 999001) misstated its results on 2017-04-28, which was revealed
on 2019-05-17; its price fell afterwards. Only the trading days are real. The figures come from a fixed stream of
random numbers, so they are the same everywhere.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.dates import trading_calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SECURITY, NAME = "999001", "枫桥样本"
FIRST, LAST = dt.date(2016, 1, 4), dt.date(2019, 12, 31)
BONUS_DAY = dt.date(2016, 6, 15)
IMPLEMENTATION, REVELATION = dt.date(2017, 4, 28), dt.date(2019, 5, 17)
SUSPENDED = (
    (dt.date(2016, 3, 7), dt.date(2016, 3, 11)),
    (dt.date(2017, 9, 11), dt.date(2017, 10, 20)),
    (dt.date(2018, 6, 4), dt.date(2018, 6, 8)),
    (dt.date(2019, 5, 30), dt.date(2019, 5, 31)),
)
INDICES = {"M00001": (320_000, 80), "M00300": (350_000, 95), "M00905": (600_000, 115)}
"""First close in 1/100 points, and how lively each index is (1/10000 a day)."""

SEED = 999_001
FIRST_CLOSE = 1_240
FIRST_FLOAT = 640_000_000
BONUS_FLOAT = FIRST_FLOAT * 13 // 10
WHOLE = 10_000
LIMIT = 1_000
FALL = (-1_000, -1_000, -780, 260, -430, -350, 190, -240, -310, 120)
"""Daily changes of the price from the revelation date on, 1/10000."""

CASE = f"""\
# Invented for trying the software out: {NAME} ({SECURITY}) does not exist, and neither do its prices, its volumes,
# the three indices or any of its investors. Only the trading days are real.

[case]
name = "{NAME}虚假陈述（虚构示例）"
security = "{SECURITY}"
rules = "cn2022"
direction = "inducing_purchase"

[dates]
implementation = {IMPLEMENTATION}
revelation = {REVELATION}
revelation_after_close = false

[method]
averaging = "moving_weighted"

[deduction]
market_risk = "synchronised_index"
indices = ["M00001", "M00300", "M00905"]

[fees]
mode = "flat"
"""


@dataclass(frozen=True)
class MadeUpDay:
    """One day of the invented company: prices in fen, volume and tradable shares; no close when suspended."""

    date: dt.date
    close: int | None
    volume: int
    float_shares: int
    previous_close: int


def write_demo_case(directory: Path) -> Path:
    """Write case.toml, market.csv, indices.csv and actions.csv into a directory (made if absent); the path of the case.

    The same bytes every time.
    """
    directory.mkdir(parents=True, exist_ok=True)
    days, indices = made_up_market()
    _write_csv(
        directory / "market.csv",
        ("date", "close", "volume", "float_shares", "previous_close"),
        (
            (day.date, "" if day.close is None else _hundredths(day.close), day.volume, day.float_shares,
             _hundredths(day.previous_close))
            for day in days
        ),
    )  # fmt: skip
    _write_csv(
        directory / "indices.csv",
        ("date", "index", "close"),
        (
            (day.date, name, _hundredths(int(closes[i])))
            for i, day in enumerate(days)
            for name, closes in indices.items()
        ),
    )
    _write_csv(
        directory / "actions.csv",
        ("security", "ex_date", "bonus_ratio", "rights_ratio", "rights_price", "cash_per_share"),
        [(SECURITY, BONUS_DAY, "0.3", "0", "0", "0")],
    )
    case = directory / "case.toml"
    case.write_text(CASE, encoding="utf-8", newline="\n")
    return case


def made_up_market() -> tuple[list[MadeUpDay], dict[str, NDArray[np.int64]]]:
    """The invented company's days in order, and the closes of each invented index on the same days in 1/100 points."""
    dates = trading_calendar().between(FIRST, LAST)
    source = np.random.PCG64(SEED)
    mood = _bells(source, len(dates))
    indices = {
        name: _index(first, liveliness, dates, (3 * mood + _bells(source, len(dates))) // 4)
        for name, (first, liveliness) in INDICES.items()
    }
    return _company(dates, (mood + 2 * _bells(source, len(dates))) // 3, _bells(source, len(dates))), indices


def _bells(source: np.random.PCG64, count: int) -> NDArray[np.int64]:
    """Whole numbers of mean 0 and spread about 1000, bell-shaped: sums of twelve even ones."""
    raw = np.asarray(source.random_raw(count * 12), dtype=np.uint64).reshape(count, 12)
    thousandths = (raw >> np.uint64(40)).astype(np.int64) * 1000 >> 24
    total: NDArray[np.int64] = thousandths.sum(axis=1) - 6 * 1000
    return total


def _drift(day: dt.date) -> int:
    """How the market leans, 1/10000 a day: rising in 2017, falling in 2018, weak after the revelation."""
    if day < dt.date(2016, 3, 1):
        return -25
    if day < dt.date(2018, 2, 1):
        return 5
    if day < dt.date(2019, 1, 4):
        return -13
    return 21 if day < dt.date(2019, 4, 20) else -6


def _index(first: int, liveliness: int, dates: Sequence[dt.date], bells: NDArray[np.int64]) -> NDArray[np.int64]:
    closes, close = [], first
    for day, bell in zip(dates, bells, strict=True):
        close += close * (_drift(day) * 1000 + liveliness * int(bell)) // (WHOLE * 1000)
        closes.append(close)
    return np.array(closes, dtype=np.int64)


def _company(dates: Sequence[dt.date], changes: NDArray[np.int64], crowds: NDArray[np.int64]) -> list[MadeUpDay]:
    """Day after day: the change in price, cut at the limit, and the volume as a share of the tradable shares."""
    out: list[MadeUpDay] = []
    close, shares, since = FIRST_CLOSE, FIRST_FLOAT, 0
    for day, change, crowd in zip(dates, changes, crowds, strict=True):
        if day == BONUS_DAY:
            close, shares = close * 10 // 13, BONUS_FLOAT
        if any(first <= day <= last for first, last in SUSPENDED):
            out.append(MadeUpDay(day, None, 0, shares, close))
            continue
        revealed = day >= REVELATION
        lean = 12 if IMPLEMENTATION <= day < dt.date(2017, 11, 1) else 0
        step = FALL[since] if revealed and since < len(FALL) else lean + _drift(day) + int(change) * 240 // 1000
        step = max(-LIMIT, min(LIMIT, step))
        new = (close * (WHOLE + step) * 2 + WHOLE) // (2 * WHOLE)
        since += revealed
        out.append(MadeUpDay(day, new, _volume(shares, since, int(crowd), step), shares, close))
        close = new
    return out


def _volume(shares: int, since: int, crowd: int, step: int) -> int:
    """Shares traded: about 1 % of the tradable shares a day, several times that when the news is out."""
    base = 95 if since == 0 else (250 if since <= 2 else max(110, 600 - 14 * since))
    lively = base * (1_000 + max(-600, min(900, 300 * crowd // 1000)) + abs(step) // 2) // 1_000
    return shares * lively // WHOLE // 100 * 100 + (crowd % 100)


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
