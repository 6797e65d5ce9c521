"""run.json of a comparison: what was compared, from what, and how each scenario came out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.engine import law
from fengqiao.engine.loss.case import settings_of
from fengqiao.engine.loss.grid.figures import Figures
from fengqiao.engine.loss.grid.result import settings_text, varied_keys
from fengqiao.engine.loss.run_record import legal_basis_record, rates_record, segment_record
from fengqiao.engine.money import yuan

if TYPE_CHECKING:
    from fengqiao.engine.loss.grid.computing import Counted
    from fengqiao.engine.loss.grid.result import Comparison

GRID_SCHEMA_VERSION = 1


def grid_record(
    comparison: Comparison, roles: Sequence[tuple[str, Path]], walks: int, counted: Counted
) -> dict[str, Any]:
    """The content of run.json as plain values; money as yuan with two decimals. No time and no machine in it."""
    totals, base = comparison.totals, comparison.base.scenario
    keys = varied_keys([item.scenario for item in comparison.figures])
    return {
        "engine": {"name": "fengqiao", "version": comparison.engine_version, "grid_schema": GRID_SCHEMA_VERSION},
        "base": base.id,
        "base_settings": settings_of(comparison.base_plan.case),
        "varied": keys,
        "scenarios": [scenario_record(item, keys) for item in comparison.figures],
        "inputs": [
            {"role": role, "file": file.name, "digest": digest}
            for (role, file), digest in zip(roles, comparison.digests.values(), strict=True)
        ],
        "totals": {
            "scenarios": len(comparison.figures),
            "scenarios_computed": len(comparison.computed),
            "investors": totals.investors,
            "rows_read": totals.rows_read,
            "rows_used": totals.rows_used,
            "rows_left_out": totals.rows_left_out,
            "distinct_walks": walks,
            "totals_by_the_single_kernel": counted.alone,
            "totals_recomputed_exactly": counted.exact + totals.recomputed_exactly,
            "investors_always_zero": comparison.spread.always_zero,
            "investors_same_everywhere": comparison.spread.always_same,
            "sum_of_lowest": yuan(comparison.spread.lowest),
            "sum_of_highest": yuan(comparison.spread.highest),
        },
        "findings_of_base": dict(totals.findings_by_code),
        "notes": list(comparison.notes),
    }


def scenario_record(item: Figures, keys: Sequence[str]) -> dict[str, Any]:
    """One scenario: settings that differ, key dates, rates, legal basis, figures; or why there are none."""
    scenario, settings = item.scenario, settings_text(item.scenario)
    record: dict[str, Any] = {"id": scenario.id, "name": scenario.name, "base": scenario.base}
    if scenario.case is not None:
        record["settings"] = {key: settings.get(key, "") for key in keys}
    if scenario.plan is None:
        return record | {"not_computed": scenario.reason}
    rules = law.rule_set(scenario.plan.case.rules)
    return record | {
        "rules": {"id": rules.id, "title": rules.title},
        "segments": [segment_record(plan) for plan in scenario.plan.segments],
        "rates": rates_record(scenario.plan),
        "legal_basis": legal_basis_record(scenario.plan, rules.basis),
        "investors_awarded": item.awarded,
        "total": yuan(item.total),
        "median": yuan(item.median),
        "difference_to_base": yuan(item.difference),
        "notes": list(scenario.plan.notes),
    }
