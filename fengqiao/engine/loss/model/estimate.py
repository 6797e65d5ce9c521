"""A whole price model: estimate, events, simulated path, attribution, what changes when a choice changes, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.errors import FengqiaoError
from fengqiao.engine.loss.market import CorporateAction, Market, ordinal
from fengqiao.engine.loss.model.attribution import Attribution, attribute
from fengqiao.engine.loss.model.event_windows import (
    EventResult,
    JointTests,
    event_results,
    event_windows,
    joint_tests,
)
from fengqiao.engine.loss.model.normal import Normal, apply_normal, estimate_normal
from fengqiao.engine.loss.model.path import SimulatedPath, simulate_path
from fengqiao.engine.loss.model.returns import Observations, observe
from fengqiao.engine.loss.model.stability import Stability, stability
from fengqiao.engine.loss.model.windows import Windows, settle_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fengqiao.engine.loss.model.factor_file import Factor
    from fengqiao.engine.loss.model.settings import ModelSettings
    from fengqiao.engine.loss.plan import CasePlan


@dataclass(frozen=True)
class Material:
    """All that a model is estimated on: a case made ready, its market data, factors and corporate actions."""

    plan: CasePlan
    market: Market
    factors: tuple[Factor, ...]
    risk_free: Factor | None = None
    actions: tuple[CorporateAction, ...] = ()


@dataclass(frozen=True)
class Variant:
    """The same model with one choice changed. why_not: why it could not be estimated, in the words of the error.

    car: of the first revelation window; benchmark: mean simulated price over the first period P, in yuan.
    """

    name: str
    observations: int | None = None
    coefficient: tuple[float, ...] = ()
    s: float | None = None
    r2: float | None = None
    car: float | None = None
    car_p: float | None = None
    benchmark: float | None = None
    why_not: str = ""


@dataclass(frozen=True)
class Estimate:
    """Everything a price model says. daily: returns day by day, from which the path is made (limit days not joined)."""

    settings: ModelSettings
    material: Material
    windows: Windows
    daily: Observations
    model: Normal
    stability: Stability
    events: tuple[EventResult, ...]
    joint: JointTests | None
    path: SimulatedPath
    attributions: tuple[Attribution, ...]
    variants: tuple[Variant, ...] = ()

    @property
    def revelations(self) -> tuple[EventResult, ...]:
        """The revelation of each segment."""
        return tuple(item for item in self.events if item.window.role == "revelation")

    def simulated_benchmark(self, segment: int = 0) -> float:
        """Mean simulated price in yuan over the days with trading from T1 to the benchmark date of a segment."""
        part = self.material.plan.segments[segment]
        inside = (self.path.date >= ordinal(part.t1)) & (self.path.date <= ordinal(part.benchmark))
        return float(np.mean(self.path.simulated[inside])) / 10_000 if inside.any() else float("nan")


def estimate(material: Material, settings: ModelSettings, *, variants: bool = True) -> Estimate:
    """Estimate a price model and everything that follows from it.

    Errors: InputError and CannotComputeError say what cannot be used and why (windows, observations, factors).
    """
    plan, calendar = material.plan, material.plan.calendar
    windows = settle_windows(plan, material.market, settings, calendar)
    daily = observe(
        material.market, material.factors, material.risk_free, settings, calendar, material.actions, windows.needed
    )
    model = estimate_normal(daily, windows, settings, calendar)
    events = event_results(event_windows(plan, model, settings, calendar), model)
    found = Estimate(
        settings=settings, material=material, windows=windows, daily=daily, model=model,
        stability=stability(model.y, model.x, model.fit), events=events, joint=joint_tests(events, model),
        path=_path(plan, daily, model, events, windows, settings),
        attributions=tuple(attribute(part, plan, material.market, model, events, settings) for part in plan.segments),
    )  # fmt: skip
    return replace(found, variants=_variants(found)) if variants else found


def _path(
    plan: CasePlan, daily: Observations, model: Normal, events: Sequence[EventResult], windows: Windows,
    settings: ModelSettings,
) -> SimulatedPath:  # fmt: skip
    expected, rows = apply_normal(model, daily, settings)
    first, last = (ordinal(day) for day in windows.conduct)
    places = np.flatnonzero((daily.day >= first) & (daily.day <= last))
    own = _days_of(daily, model, [item for item in events if item.window.belongs])
    if settings.path == "remove_events":
        replaced = own
    else:
        replaced = np.ones(len(daily), np.bool_)
        if settings.path_events == "keep":
            others = _days_of(daily, model, [item for item in events if not item.window.belongs])
            replaced &= ~others | own
    return simulate_path(daily, model, expected, rows, replaced, places, settings)


def _days_of(daily: Observations, model: Normal, events: Sequence[EventResult]) -> NDArray[np.bool_]:
    """Which daily returns lie in the windows of some events (whose observations may join several days)."""
    out = np.zeros(len(daily), np.bool_)
    for item in events:
        for place in item.window.places.tolist():
            out |= (daily.day > model.observed.previous[place]) & (daily.day <= model.observed.day[place])
    return out


def _variants(found: Estimate) -> tuple[Variant, ...]:
    """The model again with one choice changed at a time, for a reader who wants to know what hangs on each."""
    base = found.settings
    changes: list[tuple[str, dict[str, object]]] = [("本案所用设置", {})]
    changes += [
        (f"涨跌停日：{word}", {"limit_days": value})
        for value, word in (("keep", "保留"), ("drop", "剔除"), ("pool", "合并"))
        if value != base.limit_days
    ]
    changes += [
        (f"停牌：{word}", {"suspended": value})
        for value, word in (("trade_to_trade", "跨期收益率"), ("drop", "剔除"))
        if value != base.suspended
    ]
    if base.kind in ("market", "factors"):
        other = "zero" if base.intercept_on_path == "estimated" else "estimated"
        word = "不计截距项" if other == "zero" else "计入截距项"
        changes.append((f"模拟价格{word}", {"path_intercept": other}))
    other_path = "remove_events" if base.path == "compound" else "compound"
    word = "只剔除虚假陈述窗口的异常收益率" if other_path == "remove_events" else "全程按预期收益率复利"
    changes.append((f"模拟价格{word}", {"path": other_path}))
    if base.market is not None and base.kind == "market":
        changes.append(("市场调整模型（α=0，β=1）", {"kind": "market_adjusted"}))
    if base.kind != "constant_mean":
        changes.append(("常数均值模型", {"kind": "constant_mean", "factors": ()}))
    return tuple(_variant(name, found, replace(base, **change)) for name, change in changes)  # type: ignore[arg-type]


def _variant(name: str, found: Estimate, settings: ModelSettings) -> Variant:
    material = found.material
    if settings.kind == "constant_mean":
        material = replace(material, factors=())
    try:
        other = found if settings == found.settings else estimate(material, settings, variants=False)
    except FengqiaoError as error:
        return Variant(name, why_not=str(error))
    first = other.revelations[0]
    return Variant(
        name, other.model.fit.observations, tuple(other.model.fit.coefficient.tolist()), other.model.fit.s,
        other.model.fit.r2, first.car, first.t.p, other.simulated_benchmark(),
    )  # fmt: skip
