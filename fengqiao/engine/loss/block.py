"""Measure a block of investors: the kernel for all, exact arithmetic for those it could not prove, one result shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.checks import row_checks
from fengqiao.engine.loss.exact import Tally, walk
from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.native import address, kernels
from fengqiao.engine.loss.recorded_fees import add_recorded_fees
from fengqiao.engine.loss.rows import ABSENT, BLOCK, OPENING, TRADE
from fengqiao.engine.loss.settle import Outcome, settle
from fengqiao.engine.loss.trade import Trade, record_order
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN, round_fraction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.kernel_plan import KernelPlan
    from fengqiao.engine.loss.plan import CasePlan, SegmentPlan

MICRO = 10**6
LARGEST_RESULT = 10**18  # what the columns of results hold; only impossible records come near it
QUANTITY_SCALE = 10**4
DayChecks = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.int64]"]


@dataclass(frozen=True)
class Rows:
    """Rows of several investors, those of one investor together. Units as in `rows.Chunk`; absent columns are None.

    origin: where each row came from, a number that the caller understands; None means first, first + 1, ...
    """

    date: NDArray[np.int32]
    side: NDArray[np.int8]
    quantity: NDArray[np.int64]
    price: NDArray[np.int64]
    time: NDArray[np.int64] | None = None
    sequence: NDArray[np.int64] | None = None
    kind: NDArray[np.int8] | None = None
    account: NDArray[np.int32] | None = None
    commission: NDArray[np.int64] | None = None
    stamp_duty: NDArray[np.int64] | None = None
    origin: NDArray[np.int64] | None = None
    first: int = 0

    def origins(self, start: int, end: int) -> NDArray[np.int64]:
        """Where rows start..end came from."""
        if self.origin is not None:
            return self.origin[start:end]
        return np.arange(self.first + start, self.first + end, dtype=np.int64)

    def trades(self, start: int, end: int) -> list[Trade]:
        """Rows start..end as values for exact arithmetic, in execution order."""
        columns: list[Any] = [
            self.date, self.side, self.quantity, self.price, self.time, self.sequence, self.kind, self.commission,
            self.stamp_duty, self.account,
        ]  # fmt: skip
        gaps = [None, None, None, None, ABSENT, ABSENT, TRADE, ABSENT, ABSENT, ABSENT]
        filled: list[list[Any]] = [
            [gap] * (end - start) if column is None else column[start:end].tolist()
            for column, gap in zip(columns, gaps, strict=True)
        ]
        origins = [(0, origin) for origin in self.origins(start, end).tolist()]
        rows = [Trade(*values) for values in zip(*filled, origins, strict=True)]
        return sorted(rows, key=record_order)


COLUMNS = ("date", "time", "sequence", "side", "kind", "quantity", "price", "account")
DTYPES = (np.int32, np.int64, np.int64, np.int8, np.int8, np.int64, np.int64, np.int32)


def run_kernel(rows: Rows, starts: NDArray[np.int64], plan: KernelPlan) -> NDArray[np.int64]:
    """Kernel results, int64[fields, investors] (see `kernel_layout`); G_EXACT marks those left to exact arithmetic."""
    investors = len(starts) - 1
    fields = k.R_DROPS + plan.series
    out = np.zeros((fields, max(investors, 1)), dtype=np.int64)
    if investors == 0:
        return out[:, :0]
    parameters = plan.parameters.copy()
    for flag, column in ((k.P_HAS_TIME, rows.time), (k.P_HAS_SEQUENCE, rows.sequence), (k.P_HAS_KIND, rows.kind),
                         (k.P_HAS_ACCOUNT, rows.account)):  # fmt: skip
        parameters[flag] = column is not None
    largest = int(np.diff(starts).max())
    nothing = [np.zeros(1, dtype=kind) for kind in DTYPES]
    columns = [getattr(rows, name) for name in COLUMNS]
    given = [spare if column is None else column for column, spare in zip(columns, nothing, strict=True)]
    scratch = [np.empty(largest if column is not None else 1, dtype=kind)
               for column, kind in zip(columns, DTYPES, strict=True)]  # fmt: skip
    order = np.empty(2 * largest, dtype=np.int64)
    walk_state, floats = np.zeros(k.WALK_STATE, dtype=np.int64), np.zeros(k.FLOAT_STATE)
    work = np.zeros(k.WORK_STATE)
    arrays = [starts, *given, order, *scratch, parameters, plan.days, walk_state, floats, work, out]
    kernels()["measure"](investors, *(address(array) for array in arrays))
    return out


def measure_block(
    rows: Rows,
    starts: NDArray[np.int64],
    plan: SegmentPlan,
    whole: CasePlan,
    kernel: KernelPlan | None,
    checks: DayChecks,
    base: int,
    progress: Callable[[int], None] | None = None,
) -> tuple[NDArray[np.int64], int]:
    """Results of a block for one segment, int64[fields, investors], and how many were computed exactly.

    starts: int64[investors + 1], rows starts[i]..starts[i + 1] belong to investor i. kernel None: everybody exactly.
    """
    investors = len(starts) - 1
    fields = k.R_DROPS + len(plan.replay)
    if kernel is None:
        out = np.zeros((fields, investors), dtype=np.int64)
        exact = list(range(investors))
    else:
        out = run_kernel(rows, starts, kernel)
        if kernel.fees is not None:
            add_recorded_fees(rows, starts, kernel.fees, out, progress)
        exact = np.flatnonzero(out[k.R_FLAGS] & k.G_EXACT).tolist()
    for done, investor in enumerate(exact):
        trades = rows.trades(int(starts[investor]), int(starts[investor + 1]))
        out[:, investor] = exact_results(trades, plan, whole, checks, base)
        if progress is not None and done % 100 == 99:
            progress(100)
    return out, len(exact)


def counted_rows(trades: list[Trade], plan: SegmentPlan) -> list[Trade]:
    """Rows up to the benchmark date, without repeated records where the method drops them (duplicates = "drop").

    A trade is a repeated record when another one of the same account is equal to it in everything, fees included, and
    both carry a time or a sequence number: without these, two equal orders of one day are two trades.
    """
    last = ordinal(plan.benchmark)
    kept = [trade for trade in trades if trade.kind == OPENING or trade.date <= last]
    if plan.method.duplicates == "keep":
        return kept
    seen: set[Trade] = set()
    out = []
    for trade in kept:
        key = trade._replace(source=(0, 0))
        if trade.kind not in (TRADE, BLOCK) or trade.time == trade.sequence == ABSENT:
            out.append(trade)
        elif key not in seen:
            seen.add(key)
            out.append(trade)
    return out


def exact_results(
    trades: list[Trade], plan: SegmentPlan, whole: CasePlan, checks: DayChecks, base: int
) -> NDArray[np.int64]:
    """One investor's results in the kernel's shape, by exact arithmetic.

    Results that no column can hold (quantities or prices that are impossible) are zeros with the flag G_LIMITS.
    """
    relevant = [trade for trade in trades if trade.kind == OPENING or trade.date <= ordinal(plan.benchmark)]
    tally = walk(counted_rows(trades, plan), plan)
    outcome = settle(tally, plan, whole)
    codes = {code: bit for bit, code in k.FLAG_CODES.items()}
    flags = sum(codes[mark] for mark in outcome.marks if mark in codes)
    for _, code, _ in row_checks(relevant, *checks, base):
        flags |= codes[code]
    if oversold(tally, plan):
        flags |= k.G_OVERSOLD
    series = len(plan.replay)
    try:
        return results_of(outcome, tally, flags, series)
    except OverflowError:
        return results_of(Outcome(drops=(Fraction(0),) * series), Tally(), flags | k.G_LIMITS, series)


def oversold(tally: Tally, plan: SegmentPlan) -> bool:
    """True if more was sold than the record shows; fractions of a share from bonus ratios do not count."""
    return tally.oversold >= 1


def results_of(outcome: Outcome, tally: Tally, flags: int, series: int) -> NDArray[np.int64]:
    """An outcome as integers in the kernel's units: shares and prices in 1/10000, ratios in millionths, fen."""
    out = np.zeros(k.R_DROPS + series, dtype=np.int64)
    out[k.R_SCOPE], out[k.R_EXITED], out[k.R_HELD] = (_shares(v) for v in (outcome.scope, outcome.exited, outcome.held))
    out[k.R_ENTRY_AVERAGE], out[k.R_EXIT_AVERAGE] = _price(outcome.entry_average), _price(outcome.exit_average)
    out[k.R_DIFFERENCE], out[k.R_AWARD] = _held(outcome.difference_fen), outcome.award_fen
    out[k.R_RATIO] = round_fraction(outcome.ratio * MICRO)
    out[k.R_COMMISSION], out[k.R_STAMP_DUTY] = outcome.commission_fen, outcome.stamp_duty_fen
    out[k.R_INTEREST], out[k.R_TOTAL] = outcome.interest_fen, _held(outcome.total_fen)
    out[k.R_BOUGHT], out[k.R_LEFT] = _shares(tally.entered_quantity), _shares(tally.left_quantity)
    out[k.R_OVERSOLD], out[k.R_FLAGS] = _shares(tally.oversold), flags
    drop = outcome.stock_drop
    out[k.R_STOCK_DROP] = k.NONE if drop is None else _held(round_fraction(drop * MICRO))
    for j, fall in enumerate(outcome.drops):
        out[k.R_DROPS + j] = _held(round_fraction(fall * MICRO))
    return out


def _held(value: int) -> int:
    if abs(value) >= LARGEST_RESULT:
        raise OverflowError
    return value


def _shares(value: Fraction) -> int:
    return round_fraction(value * QUANTITY_SCALE)


def _price(value: Fraction | None) -> int:
    return k.NONE if value is None else _held(round_fraction(value * PRICE_UNITS_PER_YUAN))
