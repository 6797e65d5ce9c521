"""A finished comparison, for every document that speaks of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fengqiao.engine.loss.case import exact_text, setting_text, settings_of
from fengqiao.engine.loss.grid.figures import Figures, Pair
from fengqiao.engine.loss.grid.scenarios import Scenario
from fengqiao.engine.loss.grid.spec import Spec
from fengqiao.engine.money import decimal_text

if TYPE_CHECKING:
    from fengqiao.engine.findings import DataFinding
    from fengqiao.engine.loss.plan import CasePlan
    from fengqiao.engine.loss.run_result import RunTotals

ALWAYS_SAME = ("case.name", "case.security")


@dataclass(frozen=True)
class Comparison:
    """Scenarios with their figures, pairs, the base's counts and findings, and what it was computed from.

    directory: where awards.parquet and ranges.parquet lie. spread: how many investors have the same total under all
    scenarios, and the sums of all lowest and highest totals in fen.
    """

    spec: Spec
    figures: Sequence[Figures]
    pairs: Sequence[Pair]
    totals: RunTotals
    findings: Sequence[DataFinding]
    directory: Path
    digests: Mapping[str, str]
    engine_version: str
    spread: Spread
    notes: Sequence[str] = field(default=())

    @property
    def base(self) -> Figures:
        """The figures that the others are compared with."""
        return next(item for item in self.figures if item.scenario.base)

    @property
    def base_plan(self) -> CasePlan:
        """The base's plan."""
        return next(
            item.scenario.plan for item in self.figures if item.scenario.base and item.scenario.plan is not None
        )

    @property
    def plans(self) -> list[CasePlan]:
        """The plans of the scenarios that could be computed."""
        return [item.scenario.plan for item in self.figures if item.scenario.plan is not None]

    @property
    def computed(self) -> list[Figures]:
        """The figures of the scenarios that could be computed."""
        return [item for item in self.figures if item.scenario.computed]


WIDTHS = (1, 100_000, 1_000_000, 10_000_000, 100_000_000)
"""Bounds in fen of the classes of ranges: none, below 1,000 yuan, 10,000, 100,000, a million, above."""


@dataclass(frozen=True)
class Spread:
    """How far the scenarios lie apart for single investors.

    classes: investors with an award somewhere by the width of their range (see `WIDTHS`).
    """

    investors: int = 0
    always_zero: int = 0
    always_same: int = 0
    lowest: int = 0
    highest: int = 0
    classes: tuple[int, ...] = ()


def varied_keys(scenarios: Sequence[Scenario]) -> list[str]:
    """The settings and dates in which the scenarios that have a case differ, in the order of a case file."""
    tables = [settings_text(item) for item in scenarios if item.case is not None]
    keys = list(dict.fromkeys(key for table in tables for key in table))
    return [key for key in keys if len({table.get(key, "") for table in tables}) > 1]


def settings_text(scenario: Scenario) -> dict[str, str]:
    """Settings and dates of a scenario as texts: "method.averaging", "dates.revelation", "segments.甲.revelation"."""
    case = scenario.case
    if case is None:
        return {}
    out = {key: text for key, text in settings_of(case).items() if key not in ALWAYS_SAME}
    for segment in case.segments:
        where = f"segments.{segment.name}" if len(case.segments) > 1 else "dates"
        for name in (
            "implementation", "revelation", "revelation_after_close", "revelation_kind", "benchmark", "benchmark_price",
            "benchmark_reason", "delisting",
        ):  # fmt: skip
            out[f"{where}.{name}"] = setting_text(getattr(segment, name))
    return out


def key_dates_text(scenario: Scenario) -> dict[str, str]:
    """t1, benchmark_date, benchmark_price of a scenario; several segments are joined by ；."""
    if scenario.plan is None:
        return {"t1": "", "benchmark_date": "", "benchmark_price": "", "benchmark_price_exact": ""}
    parts = scenario.plan.segments
    return {
        "t1": "；".join(part.t1.isoformat() for part in parts),
        "benchmark_date": "；".join(part.benchmark.isoformat() for part in parts),
        "benchmark_price": "；".join(decimal_text(part.price, 4) for part in parts),
        "benchmark_price_exact": "；".join(exact_text(part.price) for part in parts),
    }
