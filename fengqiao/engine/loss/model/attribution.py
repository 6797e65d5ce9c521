"""What the price lost on the average in-scope buyer, split into market, misstatement, company events and the rest.

A purchase at the close of day s that leaves at the close of day e loses the sum of the log returns in between. With
the days of purchase weighted by the volume traded in the window, and all leaving evenly from T1 to the benchmark date
(as the benchmark price does), each day's log return counts with the share of buyers who hold through it. The parts add
up exactly. cn2022 art. 31: the defendant proves other causes; what comes out here is a proposal, never a deduction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.errors import CannotComputeError
from fengqiao.engine.loss.market import day_of, ordinal
from fengqiao.engine.loss.model.event_windows import car_error
from fengqiao.engine.loss.model.normal import over_long

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fengqiao.engine.loss.market import Market
    from fengqiao.engine.loss.model.event_windows import EventResult
    from fengqiao.engine.loss.model.normal import Normal
    from fengqiao.engine.loss.model.returns import Observations
    from fengqiao.engine.loss.model.settings import ModelSettings
    from fengqiao.engine.loss.plan import CasePlan, SegmentPlan

SIGNIFICANT = 0.05
NOT_PROPOSED = ("market", "rest", "misstatement")


@dataclass(frozen=True)
class Part:
    """One part of the decline. amount: log points, in the direction of the loss (a fall for purchases) positive.

    share: of the whole (net) decline, error its standard error. harm: share of all parts that made the loss larger,
    0 for a part that made it smaller. bears: the statistics carry it (harmful, adjusted p below 5%, days of its own).
    """

    name: str
    cause: str
    amount: float
    share: float | None
    error: float | None
    days: int
    p: float | None
    bears: bool
    harm: float | None = None


@dataclass(frozen=True)
class Attribution:
    """The decline of one segment and its parts. other_ratio_all, other_ratio_borne: proposals from all company events
    that made the loss larger, and from those the statistics bear, as shares of all that made it larger; for combination
    "add", and for "multiply" with the market's share taken off first."""

    segment: str
    decline: float
    parts: tuple[Part, ...]
    market_share: float | None
    other_ratio_all: float | None
    other_ratio_borne: float | None
    other_ratio_all_multiply: float | None
    other_ratio_borne_multiply: float | None
    combination: str


def holding_weights(part: SegmentPlan, plan: CasePlan, market: Market, observed: Observations) -> NDArray[np.float64]:
    """For each return, the share of the segment's volume-weighted purchases (诱空: sales) that is held through it."""
    days = observed.day
    first, t1, last = (ordinal(day) for day in (part.segment.implementation, part.t1, part.benchmark))
    scope = np.array([
        int(volume) if traded and part.in_scope(day_of(day)) else 0
        for day, volume, traded in zip(market.date, market.volume, market.traded, strict=True)
    ], np.float64)  # fmt: skip
    bought = np.concatenate([[0.0], np.cumsum(scope)]) / (scope.sum() or 1.0)
    weights = bought[np.searchsorted(market.date, observed.previous, side="right")]
    leaving = (days >= t1) & (days <= last)
    count = int(leaving.sum())
    weights[leaving] *= (count - np.arange(count)) / max(count, 1)
    weights[(days <= first) | (days > last)] = 0.0
    out: NDArray[np.float64] = weights
    return out


def attribute(
    part: SegmentPlan, plan: CasePlan, market: Market, model: Normal, results: Sequence[EventResult],
    settings: ModelSettings,
) -> Attribution:  # fmt: skip
    """Split the decline of a segment. A day belongs to the misstatement first, then to the earliest company event.

    The market's part is the expected return as the price path takes it; what the parts leave over is the rest.
    Errors: CannotComputeError where a day that counts is expected to take the whole price.
    """
    observed = model.observed
    weights = holding_weights(part, plan, market, observed)
    held = weights > 0
    of_events = np.zeros_like(held)
    for item in results:
        of_events[item.window.places] = held[item.window.places]
    sign = -1.0 if part.purchases else 1.0
    total = sign * weights * _logs(observed.value, observed, held)
    normal = sign * weights * _logs(model.expected, observed, of_events)
    decline = float(total.sum())
    market_amount = float((sign * weights * _logs(over_long(model, settings)[0], observed, held)).sum())
    free = held.copy()
    found: list[Part] = [_plain("大盘及因子（模型预期）", "market", market_amount, decline, int(free.sum()))]
    ordered = sorted(results, key=lambda item: (not item.window.belongs, item.window.day_zero))
    for item in ordered:
        places = item.window.places[free[item.window.places]]
        free[places] = False
        amount = float((total - normal)[places].sum())
        error = 0.0 if model.fit.exact or not len(places) else car_error(model, weights[places], places)
        company = not item.window.belongs
        alone = company and len(places) == len(item.window.places) and not item.shared
        p = item.holm if company else item.t.p
        share, share_error = (amount / decline, error / decline) if decline > 0 else (None, None)
        bears = bool(alone and p is not None and p < SIGNIFICANT and amount > 0)
        found.append(Part(item.window.name, item.window.cause, amount, share, share_error, len(places), p, bears))
    rest = decline - sum(item.amount for item in found)
    found.append(_plain("其余日子（未归因）", "rest", rest, decline, int(free.sum())))
    return _proposals(part.segment.name, decline, tuple(found), plan.case.deduction.combination)


def _logs(
    values: NDArray[np.float64], observed: Observations, needed: NDArray[np.bool_]
) -> NDArray[np.float64]:  # fmt: skip
    """Returns as log returns; 0 on days that are not needed and have none."""
    if observed.log:
        return values
    none = values <= -1.0
    if (none & needed).any():
        raise CannotComputeError(
            f"The model expects a return of -100% or less on {day_of(observed.day[none & needed][0])} "
            "(预期收益率不大于-100%)",
            why="such a decline cannot be split into parts", todo="Choose another model or estimation window",
        )  # fmt: skip
    out: NDArray[np.float64] = np.log1p(np.where(none, 0.0, values))
    return out


def _plain(name: str, cause: str, amount: float, decline: float, days: int) -> Part:
    return Part(name, cause, amount, amount / decline if decline > 0 else None, None, days, None, False)


def _proposals(segment: str, decline: float, parts: tuple[Part, ...], combination: str) -> Attribution:
    """Proposals as shares of the harmful parts: where gains of some days offset losses of others, a share of the net
    decline could exceed all of it."""
    harm = sum(part.amount for part in parts if part.amount > 0)
    if decline <= 0 or harm <= 0:
        return Attribution(segment, decline, parts, None, None, None, None, None, combination)
    parts = tuple(replace(part, harm=max(part.amount, 0.0) / harm) for part in parts)
    company = [part for part in parts if part.cause not in NOT_PROPOSED]
    market = parts[0].harm or 0.0
    everything = sum(part.harm or 0.0 for part in company)
    borne = sum(part.harm or 0.0 for part in company if part.bears)

    def times(ratio: float) -> float | None:
        return min(ratio / (1 - market), 1.0) if market < 1 else None

    return Attribution(segment, decline, parts, market, everything, borne, times(everything), times(borne), combination)
