"""The plain twin: one investor, one segment, in exact fractions. Slow, short, and the measure of every fast path.

Sections 2 and 3 of the method: which shares count, how they are consumed, what they cost. All quantities and
prices are on the basis of the benchmark date; prices and amounts are in yuan.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.rows import (
    ABSENT,
    BLOCK,
    BONUS,
    BUY,
    DIVIDEND,
    OPENING,
    RIGHTS,
    SELL,
    TRADE,
    TRANSFER_IN,
    TRANSFER_OUT,
)  # fmt: skip
from fengqiao.engine.loss.trade import Lot, Trade, execution_order
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN

if TYPE_CHECKING:
    import datetime as dt

    from fengqiao.engine.loss.plan import SegmentPlan

ZERO = Fraction(0)


@dataclass(slots=True)
class Step:
    """What one row did, for the statement: taken from out-of-scope lots, from in-scope lots, from nothing known."""

    trade: Trade
    quantity: Fraction
    price: Fraction
    what: str
    other: Fraction = ZERO
    scope: Fraction = ZERO
    excess: Fraction = ZERO
    scope_after: Fraction = ZERO
    cost_after: Fraction = ZERO


@dataclass(slots=True)
class Tally:
    """What the walk over one investor's rows found (quantities on the benchmark basis, amounts in yuan).

    scope, cost: in-scope quantity at T1 and its cost by the averaging method. exited, exit_value: the part that left
    in P. first_entry: the last entry that brought shares into an empty scope (第一笔有效买入). replay_cost,
    replay_exit:
    the same amounts on each replay series. exit_duty: sum of quantity * duty rate over exits in P; entry_duty (诱空):
    the same over the sales in W that are open at T1. dividends: cash received on in-scope shares.
    """

    scope: Fraction = ZERO
    cost: Fraction = ZERO
    exited: Fraction = ZERO
    exit_value: Fraction = ZERO
    entered_quantity: Fraction = ZERO
    entered_value: Fraction = ZERO
    left_quantity: Fraction = ZERO
    left_value: Fraction = ZERO
    replay_entered: list[Fraction] = field(default_factory=list)
    replay_left: list[Fraction] = field(default_factory=list)
    replay_cost: list[Fraction] = field(default_factory=list)
    replay_exit: list[Fraction] = field(default_factory=list)
    entry_duty: Fraction = ZERO
    exit_duty: Fraction = ZERO
    commission: Fraction = ZERO
    stamp_duty: Fraction = ZERO
    dividends: Fraction = ZERO
    first_entry: int = ABSENT
    last_exit: int = ABSENT
    oversold: Fraction = ZERO
    marks: set[str] = field(default_factory=set)

    @property
    def held(self) -> Fraction:
        """In-scope quantity that is still there at the benchmark date."""
        return self.scope - self.exited


class Walk:
    """Replays one investor's rows for one segment. Use `walk`."""

    def __init__(self, plan: SegmentPlan, trace: list[Step] | None) -> None:
        self.plan, self.trace = plan, trace
        self.enter_side = BUY if plan.purchases else SELL
        self.lots: deque[Lot] = deque()
        self.tally = Tally()
        self.tally.replay_cost = [ZERO] * len(plan.replay)
        self.tally.replay_exit = [ZERO] * len(plan.replay)
        self.tally.replay_entered = [ZERO] * len(plan.replay)
        self.tally.replay_left = [ZERO] * len(plan.replay)
        self.holding = ZERO
        self.frozen = False
        self.pending = list(plan.dividend_days)

    def take(self, trade: Trade) -> None:
        day = day_of(trade.date)
        if trade.kind != OPENING:
            self.pay_dividends(day)
            self.freeze_before(day)
        basis = self.plan.adjustment.on(day)
        quantity = trade.quantity * basis.shares
        price = basis.price(Fraction(trade.price, PRICE_UNITS_PER_YUAN))
        step = Step(trade, quantity, price, "")
        self.mark(trade)
        if trade.kind == BONUS:
            self.bonus(trade, day, quantity, step)
        elif trade.kind == DIVIDEND:
            self.dividend(trade, day, step)
        elif trade.kind == RIGHTS and self.plan.rights_adjusted(day):
            self.rights(quantity, price, trade, step)
        elif self.plan.purchases:
            self.purchases(trade, day, quantity, price, step)
        else:
            self.sales(trade, day, quantity, price, step)
        if self.trace is not None:
            scope = self.tally.scope - self.tally.exited if self.frozen else self.tally.scope
            step.scope_after, step.cost_after = scope, self.tally.cost
            self.trace.append(step)

    def mark(self, trade: Trade) -> None:
        if trade.kind == BLOCK:
            self.tally.marks.add("block_trade")
        elif trade.kind == TRANSFER_IN and trade.price == 0 and self.plan.purchases:
            self.tally.marks.add("transfer_without_cost")

    # -- inducing purchase (诱多): purchases open lots, what goes out consumes them first in, first out

    def purchases(self, trade: Trade, day: dt.date, quantity: Fraction, price: Fraction, step: Step) -> None:
        if trade.side == BUY:
            scope = self.plan.in_scope(day) and self.may_be_in_scope(trade)
            self.enter(trade, quantity, price, scope, step)
            self.holding += quantity
            return
        step.what = "transfer_out" if trade.kind == TRANSFER_OUT else "sale"
        self.consume(trade, quantity, price, step)
        step.excess = max(quantity - self.holding, ZERO)
        self.tally.oversold += step.excess
        self.holding = max(self.holding - quantity, ZERO)

    def may_be_in_scope(self, trade: Trade) -> bool:
        if trade.kind == BLOCK:
            return self.plan.method.block_trades == "count"
        return trade.kind != OPENING and not (trade.kind == TRANSFER_IN and trade.price == 0)

    # -- inducing sale (诱空): sales in W open lots, purchases close them

    def sales(self, trade: Trade, day: dt.date, quantity: Fraction, price: Fraction, step: Step) -> None:
        traded = trade.kind == TRADE or (trade.kind == BLOCK and self.plan.method.block_trades == "count")
        if trade.side == SELL:
            if traded and self.plan.in_any_window(day):
                self.enter(trade, quantity, price, self.plan.in_scope(day), step)
            step.what = step.what or "sale"
            step.excess = max(quantity - self.holding, ZERO)
            self.tally.oversold += step.excess
            self.holding = max(self.holding - quantity, ZERO)
            return
        step.what = "purchase"
        if traded:
            self.consume(trade, quantity, price, step)
        self.holding += quantity

    # -- lots

    def enter(self, trade: Trade, quantity: Fraction, price: Fraction, scope: bool, step: Step) -> None:
        replay = tuple(series.on(trade.date) for series in self.plan.replay) if scope else ()
        commission = Fraction(max(trade.commission, 0), PRICE_UNITS_PER_YUAN) / quantity if quantity else ZERO
        duty = Fraction(max(trade.stamp_duty, 0), PRICE_UNITS_PER_YUAN) / quantity if quantity else ZERO
        self.lots.append(Lot(quantity, price, scope, trade.date, replay, commission, duty))
        step.what = "entry_in_scope" if scope else "entry_out_of_scope"
        if not scope:
            return
        tally = self.tally
        if tally.scope == 0:
            tally.first_entry = trade.date
        tally.scope += quantity
        tally.cost += quantity * price
        tally.entered_quantity += quantity
        tally.entered_value += quantity * price
        for j, value in enumerate(replay):
            tally.replay_cost[j] += quantity * value
            tally.replay_entered[j] += quantity * value

    def consume(self, trade: Trade, quantity: Fraction, price: Fraction, step: Step) -> None:
        while quantity and self.lots:
            lot = self.lots[0]
            part = min(quantity, lot.quantity)
            lot.quantity -= part
            quantity -= part
            if lot.scope:
                step.scope += part
                self.leave_scope(trade, part, price, lot)
            else:
                step.other += part
            if lot.quantity == 0:
                self.lots.popleft()

    def leave_scope(self, trade: Trade, part: Fraction, price: Fraction, lot: Lot) -> None:
        tally, fees = self.tally, self.fee_parts(trade, part, lot)
        if not self.frozen:
            self.shrink(tally.scope - part)
            if trade.kind == TRANSFER_OUT and tally.scope + part:
                average = (tally.entered_value - tally.left_value) / (tally.entered_quantity - tally.left_quantity)
                tally.left_value += part * average
            else:
                tally.left_value += part * price
            tally.left_quantity += part
            for j, series in enumerate(self.plan.replay):
                tally.replay_left[j] += part * series.on(trade.date)
        elif trade.kind == TRANSFER_OUT:
            self.shrink(tally.scope - part)
        else:
            tally.exited += part
            tally.exit_value += part * price
            tally.exit_duty += part * self.plan.duty_on(trade.date)
            tally.last_exit = trade.date
            tally.commission += fees[0]
            tally.stamp_duty += fees[1]
            for j, series in enumerate(self.plan.replay):
                tally.replay_exit[j] += part * series.on(trade.date)

    def fee_parts(self, trade: Trade, part: Fraction, lot: Lot) -> tuple[Fraction, Fraction]:
        """Recorded fees of an exit in P: those of the exit and those of the entry, for the shares concerned."""
        whole = trade.quantity * self.plan.adjustment.on(day_of(trade.date)).shares
        commission = Fraction(max(trade.commission, 0), PRICE_UNITS_PER_YUAN) * part / whole + lot.commission * part
        duty = Fraction(max(trade.stamp_duty, 0), PRICE_UNITS_PER_YUAN) * part / whole + lot.stamp_duty * part
        return commission, duty

    def shrink(self, left: Fraction) -> None:
        """The in-scope pool becomes smaller at an unchanged average price."""
        tally = self.tally
        ratio = left / tally.scope
        tally.cost *= ratio
        tally.dividends *= ratio
        tally.replay_cost = [cost * ratio for cost in tally.replay_cost]
        tally.scope = left

    # -- the revelation

    def freeze_before(self, day: dt.date) -> None:
        if not self.frozen and day >= self.plan.t1:
            self.freeze()

    def freeze(self) -> None:
        """At T1 the in-scope quantity stands; its average price follows the method's `averaging` (section 3)."""
        self.frozen, tally = True, self.tally
        if tally.scope == 0:
            return
        averaging = self.plan.method.averaging
        kept = [lot for lot in self.lots if lot.scope]
        if not self.plan.purchases:
            tally.entry_duty = sum((lot.quantity * self.plan.duty_on(lot.date) for lot in kept), ZERO)
        if averaging == "fifo_weighted":
            tally.cost = sum((lot.quantity * lot.price for lot in kept), ZERO)
            for j in range(len(self.plan.replay)):
                tally.replay_cost[j] = sum((lot.quantity * lot.replay[j] for lot in kept), ZERO)
        elif averaging == "weighted":
            ratio = tally.scope / tally.entered_quantity
            tally.cost = tally.entered_value * ratio
            tally.replay_cost = [value * ratio for value in tally.replay_entered]
        elif averaging == "actual_cost":
            tally.cost = tally.entered_value - tally.left_value
            tally.replay_cost = [
                entered - left for entered, left in zip(tally.replay_entered, tally.replay_left, strict=True)
            ]

    # -- what shareholders receive

    def pay_dividends(self, day: dt.date) -> None:
        """Cash on in-scope shares, at each ex date up to `day` (only with dividends = "deduct")."""
        while self.pending and self.pending[0][0] <= day:
            ex_date, cash, shares_before = self.pending.pop(0)
            self.freeze_before(ex_date)
            held = self.tally.scope - self.tally.exited
            self.tally.dividends += held / shares_before * cash

    def dividend(self, trade: Trade, day: dt.date, step: Step) -> None:
        step.what = "dividend"
        if self.plan.method.dividends == "deduct" and not self.plan.dividend_days and self.holding:
            held = self.tally.scope - self.tally.exited
            self.tally.dividends += Fraction(trade.quantity * trade.price, PRICE_UNITS_PER_YUAN) * held / self.holding

    def bonus(self, trade: Trade, day: dt.date, quantity: Fraction, step: Step) -> None:
        """Bonus shares: already in the basis where the corporate actions hold them; else they make a new basis."""
        step.what = "bonus"
        action = self.plan.bonus_action(day)
        if action is not None:
            before = self.holding * action.bonus_ratio / (1 + action.bonus_ratio)
            if abs(before - quantity) >= max(quantity / 100, Fraction(2)):
                self.tally.marks.add("bonus_mismatch")
            return
        if self.holding == 0:
            self.tally.marks.add("bonus_mismatch")
            self.lots.append(Lot(quantity, ZERO, False, trade.date))
            self.holding = quantity
            return
        self.rebase((self.holding + quantity) / self.holding)

    def rebase(self, factor: Fraction) -> None:
        """One share before becomes `factor` shares at 1/factor of the price; amounts stay."""
        tally = self.tally
        self.holding *= factor
        for lot in self.lots:
            lot.quantity *= factor
            lot.price /= factor
            lot.commission /= factor
            lot.stamp_duty /= factor
        for j, series in enumerate(self.plan.replay):
            self.rebase_replay(j, factor, series.price_like)
        tally.scope *= factor
        tally.exited *= factor
        tally.entered_quantity *= factor
        tally.left_quantity *= factor
        tally.entry_duty *= factor
        tally.exit_duty *= factor

    def rebase_replay(self, j: int, factor: Fraction, price_like: bool) -> None:
        """On an index more shares are more units; a price path is divided like the price itself."""
        if price_like:
            for lot in self.lots:
                if lot.scope:
                    lot.replay = (*lot.replay[:j], lot.replay[j] / factor, *lot.replay[j + 1 :])
            return
        tally = self.tally
        for amounts in (tally.replay_cost, tally.replay_exit, tally.replay_entered, tally.replay_left):
            amounts[j] *= factor

    def rights(self, quantity: Fraction, price: Fraction, trade: Trade, step: Step) -> None:
        """Rights shares bought where prices are adjusted for the rights issue: they share the scope of their parents.

        Their fees (fees.mode = "recorded") are shared out over the shares held. Rights shares bought in P are out of
        scope.
        """
        step.what = "rights"
        if self.frozen or self.holding == 0 or not self.plan.purchases:
            self.lots.append(Lot(quantity, price, False, trade.date))
            self.holding += quantity
            return
        factor, tally = (self.holding + quantity) / self.holding, self.tally
        fees = [
            Fraction(max(fee, 0), PRICE_UNITS_PER_YUAN) / self.holding for fee in (trade.commission, trade.stamp_duty)
        ]
        self.holding += quantity
        for lot in self.lots:
            lot.quantity *= factor
            lot.commission, lot.stamp_duty = (lot.commission + fees[0]) / factor, (lot.stamp_duty + fees[1]) / factor
        tally.scope *= factor
        tally.cost *= factor
        tally.replay_cost = [cost * factor for cost in tally.replay_cost]
        tally.entered_quantity *= factor
        tally.entered_value *= factor
        tally.left_quantity *= factor
        tally.left_value *= factor
        tally.entry_duty *= factor
        tally.replay_entered = [value * factor for value in tally.replay_entered]
        tally.replay_left = [value * factor for value in tally.replay_left]


def walk(trades: Iterable[Trade], plan: SegmentPlan, trace: list[Step] | None = None) -> Tally:
    """Replay one investor's rows for one segment and add up what the method needs.

    trades: any order; they are put into execution order first (`execution_order`). trace: when given, gets a Step
    a row. Rows after the benchmark date are not looked at. A sale of more than is known to be held takes what is known
    first; only its excess counts as coming from an opening position that the record does not state [ours]. Shares
    transferred out in P are neither sold nor held. Source: cn2022 arts. 27, 28, 30, 34; cn2003 arts. 18, 31.
    """
    replay = Walk(plan, trace)
    for trade in sorted(trades, key=execution_order):
        if trade.kind != OPENING and day_of(trade.date) > plan.benchmark:
            break
        replay.take(trade)
    replay.pay_dividends(plan.benchmark)
    replay.freeze_before(plan.benchmark)
    if not replay.frozen:
        replay.freeze()
    for lot in replay.lots:
        if lot.scope:
            replay.tally.commission += lot.commission * lot.quantity
            replay.tally.stamp_duty += lot.stamp_duty * lot.quantity
    return replay.tally
