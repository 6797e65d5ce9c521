"""run.json: what was computed from what, by which rules and settings, so that anybody can check or repeat it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.engine import law
from fengqiao.engine.loss.case import exact_text
from fengqiao.engine.loss.run_result import SCHEMA_VERSION, RunResult
from fengqiao.engine.money import decimal_text, yuan

if TYPE_CHECKING:
    from fengqiao.engine.loss.plan import CasePlan, SegmentPlan
    from fengqiao.engine.loss.run_result import RunTotals

MONEY = ("difference_loss", "awarded_loss", "commission", "stamp_duty", "interest", "total")
FIGURES = (
    "rule_choice", "implementation_date", "revelation_date", "correction_date", "benchmark_date", "benchmark_price",
    "intervals", "scope", "difference_loss", "ex_rights", "accounts", "other_causes", "fees", "interest",
)  # fmt: skip


def write_run_record(result: RunResult, path: Path, roles: Sequence[tuple[str, Path]]) -> None:
    """Write run.json. It holds no time and no machine, so the same inputs give the same bytes."""
    path.write_text(json.dumps(run_record(result, roles), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def run_record(result: RunResult, roles: Sequence[tuple[str, Path]]) -> dict[str, Any]:
    """The content of run.json as plain values; money as yuan with two decimals, exact numbers as text."""
    rules = law.rule_set(result.plan.case.rules)
    totals = result.totals
    return {
        "engine": {"name": "fengqiao", "version": result.engine_version, "result_schema": SCHEMA_VERSION},
        "rules": {"id": rules.id, "title": rules.title, "chosen_by": rules.legal_basis("rule_choice")},
        "settings": dict(result.settings),
        "segments": [segment_record(plan) for plan in result.plan.segments],
        "rates": rates_record(result.plan),
        "legal_basis": legal_basis_record(result.plan, rules.basis),
        "inputs": inputs_record(roles, result.digests.values()),
        "totals": totals_record(totals, MONEY),
        "findings": dict(totals.findings_by_code),
        "notes": list(result.plan.notes),
    }


def inputs_record(roles: Sequence[tuple[str, Path]], digests: Iterable[str]) -> list[dict[str, str]]:
    """Each file that was read: what for, its name, its digest. Digests stand in the order of the files."""
    return [
        {"role": role, "file": file.name, "digest": digest}
        for (role, file), digest in zip(roles, digests, strict=True)
    ]  # fmt: skip


def totals_record(totals: RunTotals, money: Sequence[str]) -> dict[str, Any]:
    """Counts of investors and rows, and the sums of the columns named in `money` as yuan."""
    return {
        "investors": totals.investors,
        "investors_in_scope": totals.investors_in_scope,
        "investors_awarded": totals.investors_awarded,
        "rows_read": totals.rows_read,
        "rows_used": totals.rows_used,
        "rows_left_out": totals.rows_left_out,
        "recomputed_exactly": totals.recomputed_exactly,
        **{column: yuan(totals.sums[column]) for column in money},
    }


def legal_basis_record(plan: CasePlan, basis: Mapping[str, str]) -> dict[str, str]:
    """The articles that each figure of this case rests on; of revelation and correction only what the case uses."""
    kinds = {f"{item.segment.revelation_kind}_date" for item in plan.segments}
    unused = {"revelation_date", "correction_date"} - kinds
    found = {figure: basis[figure] for figure in FIGURES if figure in basis and figure not in unused}
    if plan.case.direction == "inducing_sale":
        found["difference_loss"] = basis["difference_loss_sale"]
    return found


def segment_record(plan: SegmentPlan) -> dict[str, Any]:
    """Key dates and benchmark price of a segment, with how they were found."""
    found = plan.key_dates
    record: dict[str, Any] = {
        "name": plan.segment.name,
        "implementation_date": plan.segment.implementation.isoformat(),
        f"{plan.segment.revelation_kind}_date": plan.segment.revelation.isoformat(),
        "revelation_after_close": plan.segment.revelation_after_close,
        "t1": plan.t1.isoformat(),
        "benchmark_date": plan.benchmark.isoformat(),
        "benchmark_price": decimal_text(plan.price, 4),
        "benchmark_price_exact": exact_text(plan.price),
        "benchmark_from": "given" if found is None else found.settled_by,
    }
    if found is not None:
        record["trading_day_number"] = found.trading_day_number
        record["cumulative_turnover"] = decimal_text(found.cumulative_turnover, 6)
    for name, value in (("benchmark_reason", plan.segment.benchmark_reason), ("delisting", plan.segment.delisting)):
        if value:
            record[name] = str(value)
    if plan.adjustment.actions:
        record["ex_rights_dates"] = [action.ex_date.isoformat() for action in plan.adjustment.actions]
    return record


def rates_record(plan: CasePlan) -> dict[str, Any]:
    """Rates used, each with its source; what could not be verified carries 待核."""
    rates: dict[str, Any] = {"commission": exact_text(plan.commission)}
    if plan.case.fees.stamp_duty_rate is None:
        used = {str(step): f"{step}，{day}起" for item in plan.segments for day, step in duty_steps(item)}
        rates["stamp_duty"] = list(used.values())
    else:
        rates["stamp_duty"] = exact_text(plan.case.fees.stamp_duty_rate)
    if plan.case.fees.interest != "none":
        rates["interest"] = [str(step) for step in law.history("interest.demand_deposit")]
    return rates


def duty_steps(plan: SegmentPlan) -> list[tuple[dt.date, law.Dated]]:
    """The stamp duty rates of the days on which an in-scope sale can lie: (first such day of each, rate)."""
    start, end = plan.windows[plan.place]
    first, last = (plan.t1, plan.benchmark) if plan.purchases else (start, end - dt.timedelta(days=1))
    found = [
        (max(step.in_force_from, first), step)
        for step in law.history("fees.stamp_duty_sell")
        if step.in_force_from <= last and (step.in_force_to is None or step.in_force_to >= first)
    ]
    return found or [(first, law.value_on("fees.stamp_duty_sell", first))]
