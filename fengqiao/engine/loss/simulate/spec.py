"""What to simulate, the checks on it, and what came out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, get_args

from fengqiao.engine.errors import CannotComputeError, InputError, unknown_name
from fengqiao.engine.loss.market import day_of

if TYPE_CHECKING:
    from pathlib import Path

    from fengqiao.engine.loss.market import Market

Order = Literal["investor", "date"]

LARGEST_INVESTORS = 999_999_999
LARGEST_MEAN = 2_000.0
XLSX_ROWS = 1_048_575
SUFFIXES = (".parquet", ".csv", ".xlsx")


@dataclass(frozen=True, eq=False)
class SimulationSpec:
    """Everything the records depend on: the same values give the same bytes.

    security             code written in the `security` column
    market               daily prices and volumes of that security; more trades fall on days of higher volume
    window_from          implementation date (实施日)
    window_to            revelation date (揭露日)
    benchmark            benchmark date (基准日)
    investors            number of investors, 1 to 999,999,999; every one has at least one record
    seed                 any integer from 0 up
    trades_per_investor  mean number of records an investor has; the distribution is heavy-tailed
    order                "investor": by investor, then date, time, sequence; "date": by date, time, sequence
    opening_share        share (0 to 1) of investors who held shares before the implementation date: real
                         earlier trades when the market data begin at least `MINIMUM_DAYS_BEFORE` trading days
                         before it, rows of kind `opening` otherwise
    faults               share (0 to 1) of investors with one fault in their records (see `FAULTS`)
    two_accounts         share (0 to 1) of investors who trade through two accounts
    price_limit          daily price limit as a ratio of the previous close
    days_before, days_after   trading days simulated before the implementation and after the benchmark date
    """

    security: str
    market: Market
    window_from: dt.date
    window_to: dt.date
    benchmark: dt.date
    investors: int
    seed: int
    trades_per_investor: float = 96.0
    order: Order = "investor"
    opening_share: float = 0.15
    faults: float = 0.0005
    two_accounts: float = 0.06
    price_limit: Fraction = Fraction(1, 10)
    days_before: int = 120
    days_after: int = 60


@dataclass(frozen=True)
class SimulationSummary:
    """What was written.

    rows: records in the file. buys, sells: records by side (opening rows are neither). opening_rows: rows of
    kind `opening`. opening_investors: investors with shares from before the implementation date.
    faults: investors by fault (keys of `FAULTS`). first, last: earliest and latest date of a record.
    """

    path: Path
    rows: int
    investors: int
    buys: int
    sells: int
    opening_rows: int
    opening_investors: int
    two_account_investors: int
    faults: dict[str, int]
    first: dt.date
    last: dt.date


FAULTS = ("duplicate", "oversold", "price_off", "closed_day")
"""One record twice; more sold than held; a price far off the day's range; a trade on a day without trading."""

MINIMUM_DAYS_BEFORE = 5


def check_spec(spec: SimulationSpec) -> None:
    """Raise InputError or CannotComputeError with one sentence if the spec cannot be simulated."""
    if spec.order not in get_args(Order):
        raise unknown_name("order", spec.order, get_args(Order))
    _check_whole("The number of investors", spec.investors, 1, LARGEST_INVESTORS)
    _check_whole("The seed", spec.seed, 0, 2**63 - 1)
    _check_whole("The number of days before the implementation date", spec.days_before, 0, 10_000)
    _check_whole("The number of days after the benchmark date", spec.days_after, 0, 10_000)
    if not 1.0 <= spec.trades_per_investor <= LARGEST_MEAN:
        raise InputError(
            f"The mean number of trades per investor must lie between 1 and {LARGEST_MEAN:.0f}",
            why=f"it is {spec.trades_per_investor}",
        )
    for name in ("opening_share", "faults", "two_accounts"):
        share = getattr(spec, name)
        if not 0.0 <= share <= 1.0:
            raise InputError(f"{name} must be a share between 0 and 1", why=f"it is {share}")
    if not 0 < spec.price_limit < 1:
        raise InputError("The daily price limit must lie between 0 and 1", why=f"it is {spec.price_limit}")
    if not spec.security.strip():
        raise InputError("The security code is empty", todo="Give the code the records shall carry")
    _check_dates(spec)


def check_output(out: Path) -> None:
    """Raise InputError if `out` cannot be written: unknown kind of file, no such directory, a directory itself."""
    if out.suffix.lower() not in SUFFIXES:
        raise InputError(
            f'Cannot write trade records to "{out.name}"',
            why=f'the kind of file "{out.suffix}" is not known',
            todo=f"End the name with one of {', '.join(SUFFIXES)}",
        )
    if not out.parent.is_dir():
        raise InputError(f'The directory "{out.parent}" does not exist', todo="Create it first")
    if out.is_dir():
        raise InputError(f'"{out}" is a directory', todo="Give the name of a file")


def _check_whole(what: str, value: int, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise InputError(f"{what} must be a whole number from {low:,} to {high:,}", why=f"it is {value!r}")


def _check_dates(spec: SimulationSpec) -> None:
    market = spec.market
    if not spec.window_from < spec.window_to <= spec.benchmark:
        raise InputError(
            "The dates are out of order",
            why=f"implementation {spec.window_from}, revelation {spec.window_to}, benchmark {spec.benchmark}",
            todo="Implementation must come before the revelation, and the benchmark date not before the revelation",
        )
    if market.security and market.security != spec.security:
        raise InputError(
            f'The market data are those of "{market.security}"', why=f'the case is about "{spec.security}"'
        )
    if len(market.date) == 0 or not market.traded.any():
        raise CannotComputeError("The market data hold no day with trading")
    first, last = day_of(market.date[0]), day_of(market.date[-1])
    if first > spec.window_from or last < spec.benchmark:
        raise CannotComputeError(
            "The market data do not cover the window",
            why=f"they run from {first} to {last}, the window from {spec.window_from} to {spec.benchmark}",
            todo="Give market data from the implementation date to the benchmark date at least",
        )
