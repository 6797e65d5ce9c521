"""The running average price of an investor's in-scope shares, step by step, by whichever averaging a case uses."""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fengqiao.engine.loss.run_result import SegmentStatement

ZERO = Fraction(0)


def running_averages(part: SegmentStatement) -> list[Fraction | None]:
    """The average price after each step; None where nothing is in scope, or where it cannot be followed from the steps.

    Before T1 the average follows the method's averaging; from T1 on it stands. What is followed here must end at the
    average that was settled; if it does not (rows the steps do not explain), only the settled average is shown.
    """
    settled, averaging = part.outcome.entry_average, part.plan.method.averaging
    frozen = [_frozen(part, place) for place in range(len(part.steps))]
    if averaging == "moving_weighted":
        before = [step.cost_after / step.scope_after if step.scope_after else None for step in part.steps]
    else:
        before = _followed(part, averaging, frozen)
    last = next((before[k] for k in range(len(before) - 1, -1, -1) if not frozen[k]), None)
    trusted = averaging == "moving_weighted" or settled is None or last == settled
    return [
        (settled if step.scope_after else None) if late else (value if trusted else None)
        for step, late, value in zip(part.steps, frozen, before, strict=True)
    ]


def _frozen(part: SegmentStatement, place: int) -> bool:
    from fengqiao.engine.loss.market import ordinal
    from fengqiao.engine.loss.rows import OPENING

    trade = part.steps[place].trade
    return trade.kind != OPENING and trade.date >= ordinal(part.plan.t1)


def _followed(part: SegmentStatement, averaging: str, frozen: list[bool]) -> list[Fraction | None]:
    """Averages other than the moving one, followed through the steps before T1."""
    lots: deque[list[Fraction]] = deque()
    entered, value, left_value, before = ZERO, ZERO, ZERO, ZERO
    out: list[Fraction | None] = []
    for step, late in zip(part.steps, frozen, strict=True):
        if late:
            out.append(None)
            continue
        if step.what == "entry_in_scope":
            entered, value = entered + step.quantity, value + step.quantity * step.price
            lots.append([step.quantity, step.price])
        elif step.scope:
            left_value += step.scope * step.price
            _take(lots, step.scope)
        elif before and step.scope_after != before:
            factor = step.scope_after / before
            entered *= factor
            lots = deque([quantity * factor, price / factor] for quantity, price in lots)
        before = step.scope_after
        out.append(_average(averaging, lots, entered, value, left_value, before))
    return out


def _average(
    averaging: str,
    lots: deque[list[Fraction]],
    entered: Fraction,
    value: Fraction,
    left_value: Fraction,
    held: Fraction,
) -> Fraction | None:
    if not held:
        return None
    if averaging == "weighted":
        return value / entered if entered else None
    if averaging == "actual_cost":
        return (value - left_value) / held
    return sum((quantity * price for quantity, price in lots), ZERO) / held


def _take(lots: deque[list[Fraction]], quantity: Fraction) -> None:
    while quantity and lots:
        part = min(quantity, lots[0][0])
        lots[0][0] -= part
        quantity -= part
        if not lots[0][0]:
            lots.popleft()
