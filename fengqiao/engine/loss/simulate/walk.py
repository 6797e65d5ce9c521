"""One investor after another: what each bought and sold, when, how much and at what price (compiled).

An investor's records are walked in time along the market's clock. State per account: shares held, and shares
bought today, which may not be sold before the next trading day (T+1). Only additions, multiplications, divisions
and comparisons are used, so that every machine gives the same figures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

import numba
import numpy as np

from fengqiao.engine.loss.rows import BUY, KINDS, SELL
from fengqiao.engine.loss.simulate.spec import FAULTS
from fengqiao.engine.loss.simulate.tape import SLOTS, Clock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.simulate.population import Investors
    from fengqiao.engine.loss.simulate.tape import Tape

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """The function compiled to machine code, kept on disk, running without the interpreter's lock."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))


class Walked(NamedTuple):
    """Records of a range of investors, n rows by investor and time.

    investor  int32[n], number of the investor, from 0
    axis      int32[n], position on the axis of dates
    slot      int32[n], moment of the day, 0 to SLOTS - 1
    side      int8[n], BUY or SELL
    account   int8[n], 0 or 1
    quantity  int64[n], shares
    price     int32[n], fen
    kind      int8[n], index into KINDS
    repeated  int8[n], 1 for the second of a duplicated record
    """

    investor: NDArray[np.int32]
    axis: NDArray[np.int32]
    slot: NDArray[np.int32]
    side: NDArray[np.int8]
    account: NDArray[np.int8]
    quantity: NDArray[np.int64]
    price: NDArray[np.int32]
    kind: NDArray[np.int8]
    repeated: NDArray[np.int8]


class State(NamedTuple):
    """What the walk remembers: random stream uint64[1]; held, bought (today) int64[2] and day int64[2] by account."""

    stream: NDArray[np.uint64]
    held: NDArray[np.int64]
    bought: NDArray[np.int64]
    day: NDArray[np.int64]


class Marks(NamedTuple):
    """Key dates on the clock (see Tape), and what opening rows carry."""

    implementation: float
    revelation: float
    benchmark_end: float
    opening_axis: int
    opening_price: int


DUPLICATE, OVERSOLD, PRICE_OFF, CLOSED_DAY = (
    FAULTS.index(name) + 1 for name in ("duplicate", "oversold", "price_off", "closed_day")
)
OPENING_KIND = KINDS.index("opening")
LOT = 100
STEP = np.uint64(0x9E3779B97F4A7C15)
MIX_ONE, MIX_TWO = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S30, S27, S31, S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
UNIT = 2.0**-53
AUCTION, U_SHAPE, NOISE = 0.015, 0.5, 0.008
SECONDS = SLOTS - 2
BUSY, VERY_BUSY = 40, 400
LARGE_HOLDING = 30
LAST_MOMENT = 1.0 - 1e-9


def walk_investors(tape: Tape, people: Investors) -> Walked:
    """All records of a range of investors, ordered by investor, then date and moment."""
    rows = int(people.records.sum(dtype=np.int64))
    out = Walked(
        investor=np.repeat(np.arange(people.first, people.first + len(people.records), dtype=np.int32), people.records),
        axis=np.empty(rows, np.int32),
        slot=np.empty(rows, np.int32),
        side=np.empty(rows, np.int8),
        account=np.empty(rows, np.int8),
        quantity=np.empty(rows, np.int64),
        price=np.empty(rows, np.int32),
        kind=np.zeros(rows, np.int8),
        repeated=np.zeros(rows, np.int8),
    )
    marks = Marks(tape.implementation, tape.revelation, tape.benchmark_end, tape.opening_axis, tape.opening_price)
    traits = (people.stream, people.records, people.lots, people.fault, people.two, people.opening)
    _walk_all(tape.clock, marks, traits, out)
    return out


@compiled
def _uniform(stream: NDArray[np.uint64]) -> float:
    """The next number in [0, 1) of a stream (splitmix64)."""
    stream[0] += STEP
    z = stream[0]
    z = (z ^ (z >> S30)) * MIX_ONE
    z = (z ^ (z >> S27)) * MIX_TWO
    z = z ^ (z >> S31)
    return np.float64(z >> S11) * UNIT  # type: ignore[no-any-return,unused-ignore]


@compiled
def _slot_of(part: float) -> int:
    """The moment of the day for a part (0 to 1) of its volume: both auctions, and more volume near open and close."""
    if part < AUCTION:
        return 0
    if part >= 1.0 - AUCTION:
        return SLOTS - 1
    x = (part - AUCTION) / (1.0 - 2.0 * AUCTION)
    moment = (1.0 - U_SHAPE) * x + U_SHAPE * x * x * (3.0 - 2.0 * x)
    return 1 + min(SECONDS - 1, int(moment * SECONDS))


@compiled
def _price(clock: Clock, day: int, part: float, stream: NDArray[np.uint64]) -> int:
    """A price in fen on the way from the previous close to the close, with some noise, within the day's range."""
    close, previous = clock.close[day], clock.previous[day]
    noise = (_uniform(stream) + _uniform(stream) - 1.0) * max(1.0, NOISE * close)
    price = int(np.floor(previous + (close - previous) * part + noise + 0.5))
    return min(max(price, clock.low[day]), clock.high[day])  # type: ignore[no-any-return,unused-ignore]


@compiled
def _span(marks: Marks, records: int, early: bool, stream: NDArray[np.uint64]) -> tuple[float, float]:
    """From where to where on the clock an investor is active; busy ones longer, `early` from before the window."""
    u, s = _uniform(stream), _uniform(stream)
    window = marks.revelation - marks.implementation
    length = s * s
    if early:
        start = marks.implementation * u
        length = 0.1 + 0.9 * s
    elif records > VERY_BUSY:
        start = marks.implementation + window * 0.2 * u
        length = 1.0 - 0.2 * s
    elif records > BUSY:
        start = marks.implementation + window * 0.7 * u
        length = 0.2 + 0.8 * s
    else:
        phase = _uniform(stream)
        if phase < 0.86:
            start = marks.implementation + window * u
        elif phase < 0.97 or marks.benchmark_end >= LAST_MOMENT:
            start = marks.revelation + (marks.benchmark_end - marks.revelation) * u
        else:
            start = marks.benchmark_end + (1.0 - marks.benchmark_end) * u
    start = min(start, LAST_MOMENT)
    return start, start + (1.0 - start) * length


@compiled
def _sell_share(marks: Marks, clock_now: float, temper: float, held: int, unit: int) -> float:
    """How likely an order is a sale when shares can be sold: by temper, after the revelation, with large holdings."""
    share = 0.15 if temper < 0.2 else (0.55 if temper < 0.7 else 0.75)
    if clock_now >= marks.revelation:
        share = min(0.9, share + 0.25)
    if held > LARGE_HOLDING * unit * LOT:
        share = 0.85
    return share


@compiled
def _quantity(side: int, sellable: int, unit: int, stream: NDArray[np.uint64]) -> int:
    """Shares of one record: whole lots; a sale may take all that can be sold, or fill an odd quantity."""
    size = LOT * max(1, int(unit * (0.25 + 1.5 * _uniform(stream))))
    if side == BUY:
        return size
    if sellable <= LOT or _uniform(stream) < 0.12:
        return sellable
    if _uniform(stream) < 0.04:
        size -= 1 + int(_uniform(stream) * (LOT - 1))
    return min(size, sellable)


@compiled
def _sellable(state: State, account: int, day: int) -> int:
    """Shares of an account that may be sold on a day: those not bought that day."""
    if state.day[account] != day:
        state.day[account] = day
        state.bought[account] = 0
    return state.held[account] - state.bought[account]  # type: ignore[no-any-return,unused-ignore]


@compiled
def _book(state: State, account: int, side: int, quantity: int) -> None:
    if side == BUY:
        state.held[account] += quantity
        state.bought[account] += quantity
    else:
        state.held[account] -= quantity


@compiled
def _walk_one(
    clock: Clock, marks: Marks, state: State, traits: tuple[int, int, bool, bool], out: Walked, first: int, stop: int
) -> None:
    """Write rows first to stop - 1 of one investor. traits: usual lots, fault, two accounts, held before."""
    unit, fault, two, opening = traits
    stream, records = state.stream, stop - first
    start, end = _span(marks, records, opening and marks.opening_axis < 0, stream)
    temper = _uniform(stream)
    again = 0.45 if records > BUSY else 0.12
    at, row, day, slot, account, side, more = start, first, 0, 0, 0, BUY, False
    if opening and marks.opening_axis >= 0:
        _open(marks, state, unit, out, row)
        row += 1
    while row < stop:
        sellable = _sellable(state, account, day)
        if not more or (side == SELL and sellable == 0):
            if row > first:
                at = min(start + (end - start) * (row - first + _uniform(stream)) / records, LAST_MOMENT)
            day = int(np.searchsorted(clock.edge, at, side="right")) - 1
            slot = _slot_of((at - clock.edge[day]) / (clock.edge[day + 1] - clock.edge[day]))
            account = 1 if two and _uniform(stream) < 0.4 else 0
            sellable = _sellable(state, account, day)
            side = BUY
            if sellable > 0 and _uniform(stream) < _sell_share(marks, at, temper, state.held[account], unit):
                side = SELL
        quantity = _quantity(side, sellable, unit, stream)
        part = (at - clock.edge[day]) / (clock.edge[day + 1] - clock.edge[day])
        out.axis[row], out.slot[row] = clock.axis[day], slot
        out.side[row], out.account[row] = side, account
        out.quantity[row], out.price[row] = quantity, _price(clock, day, part, stream)
        _book(state, account, side, quantity)
        more = _uniform(stream) < again
        row += 1
    if fault > 0:
        _spoil(clock, state, fault, day, out, first, stop)


@compiled
def _open(marks: Marks, state: State, unit: int, out: Walked, row: int) -> None:
    """An opening row: shares held before the implementation date."""
    out.axis[row], out.slot[row] = marks.opening_axis, 0
    out.side[row], out.account[row] = BUY, 0
    out.quantity[row], out.price[row] = _quantity(BUY, 0, 2 * unit, state.stream), marks.opening_price
    out.kind[row] = OPENING_KIND
    state.held[0] += out.quantity[row]


@compiled
def _spoil(clock: Clock, state: State, fault: int, day: int, out: Walked, first: int, stop: int) -> None:
    """Put one fault into an investor's rows. For a duplicate the last row is spare; `day` is that of the last row."""
    last = stop - 1
    chosen = first + int(_uniform(state.stream) * (stop - first))
    if fault == DUPLICATE:
        chosen = min(chosen, last - 1)
        for row in range(last, chosen, -1):
            out.axis[row], out.slot[row] = out.axis[row - 1], out.slot[row - 1]
            out.side[row], out.account[row] = out.side[row - 1], out.account[row - 1]
            out.quantity[row], out.price[row] = out.quantity[row - 1], out.price[row - 1]
        out.repeated[chosen + 1] = 1
    elif fault == OVERSOLD:
        account = out.account[last]
        held = state.held[account]
        held += out.quantity[last] if out.side[last] == SELL else -out.quantity[last]
        out.side[last] = SELL
        out.quantity[last] = held + LOT * (1 + int(10.0 * _uniform(state.stream)))
    elif fault == PRICE_OFF:
        out.price[chosen] = int(out.price[chosen] * (1.6 if _uniform(state.stream) < 0.5 else 0.45)) + 1
    else:
        out.axis[last] = clock.closed[day]


@compiled
def _walk_all(
    clock: Clock,
    marks: Marks,
    traits: tuple[
        NDArray[np.uint64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], NDArray[np.bool_], NDArray[np.bool_]
    ],
    out: Walked,
) -> None:
    streams, records, lots, faults, two, opening = traits
    state = State(np.zeros(1, np.uint64), np.zeros(2, np.int64), np.zeros(2, np.int64), np.zeros(2, np.int64))
    row = 0
    for i in range(len(records)):
        state.stream[0] = streams[i]
        state.held[:], state.bought[:], state.day[:] = 0, 0, -1
        fault = int(faults[i])
        before = opening[i] and (fault == 0 or marks.opening_axis < 0)
        _walk_one(clock, marks, state, (int(lots[i]), fault, two[i], before), out, row, row + records[i])
        row += records[i]
