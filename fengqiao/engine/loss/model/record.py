"""model.json: everything a price model estimated, on what, by which settings, with every warning."""

from __future__ import annotations

import json
import math
from importlib import metadata
from typing import TYPE_CHECKING, Any

import fengqiao
from fengqiao.engine import law
from fengqiao.engine.loss.case import settings_of
from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.model.limits import MAIN, SPECIAL, limit_parameter
from fengqiao.engine.loss.model.settings import model_settings_of
from fengqiao.engine.loss.model.words import described
from fengqiao.engine.loss.run_record import segment_record
from fengqiao.engine.money import price

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from fengqiao.engine.loss.model.attribution import Attribution
    from fengqiao.engine.loss.model.estimate import Estimate, Variant
    from fengqiao.engine.loss.model.event_windows import EventResult, JointTests
    from fengqiao.engine.loss.model.significance import Test

SCHEMA_VERSION = 1


def write_record(found: Estimate, warnings: Sequence[str], inputs: Sequence[Mapping[str, str]], path: Path) -> None:
    """Write model.json. No time and no machine in it: the same inputs give the same bytes with the same libraries."""
    text = json.dumps(model_record(found, warnings, inputs), ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def model_record(
    found: Estimate, warnings: Sequence[str], inputs: Sequence[Mapping[str, str]]
) -> dict[str, Any]:  # fmt: skip
    """The content of model.json as plain values; returns are ratios, prices yuan as decimal texts."""
    plan, fit = found.material.plan, found.model.fit
    rules = law.rule_set(plan.case.rules)
    return {
        "engine": {"name": "fengqiao", "version": fengqiao.__version__, "model_schema": SCHEMA_VERSION,
                   "libraries": {name: metadata.version(name) for name in ("numpy", "scipy")}},
        "rules": {"id": rules.id, "title": rules.title, "other_causes": rules.basis.get("other_causes", "")},
        "settings": {**{k: v for k, v in settings_of(plan.case).items() if k.startswith("case.")},
                     **model_settings_of(found.settings)},
        "segments": [segment_record(part) for part in plan.segments],
        "model": described(found.settings),
        "estimation_window": {
            "from": found.windows.estimation[0].isoformat(), "to": found.windows.estimation[1].isoformat(),
            "first_used": day_of(found.model.observed.day[found.model.used][0]).isoformat(),
            "last_used": day_of(found.model.observed.day[found.model.used][-1]).isoformat(),
            "observations": fit.observations, "degrees_of_freedom": fit.freedom,
        },
        "conduct_window": {"from": found.windows.conduct[0].isoformat(), "to": found.windows.conduct[1].isoformat()},
        "coefficients": [
            {"name": name, "estimate": finite(b), "standard_error": finite(e), "t": finite(t), "p": finite(p)}
            for name, b, e, t, p in zip(fit.names, fit.coefficient, fit.error, fit.t(), fit.p(), strict=True)
        ],
        "standard_errors": "ols" if fit.lags is None else f"newey-west, bartlett, {fit.lags} lags, n/(n-k)",
        "residual_standard_error": finite(fit.s), "r2": finite(fit.r2), "adjusted_r2": finite(fit.adjusted_r2),
        "stability": _stability(found),
        "events": [_event(item) for item in found.events],
        "events_together": _joint(found.joint),
        "attribution": [_attribution(item) for item in found.attributions],
        "path": {
            "kind": found.settings.path, "intercept": found.settings.intercept_on_path,
            "from": price(int(found.path.simulated[0])), "to": price(int(found.path.simulated[-1])),
            "days": len(found.path.date), "days_replaced": int(found.path.replaced.sum()),
            "benchmark_simulated": [finite(round(found.simulated_benchmark(k), 4)) for k in range(len(plan.segments))],
        },
        "variants": [_variant(item) for item in found.variants],
        "price_limits": _limits(found),
        "warnings": list(warnings),
        "inputs": [dict(item) for item in inputs],
    }  # fmt: skip


def finite(value: float | None) -> float | None:
    """A number that JSON knows, else null.

    >>> finite(float("nan")) is None, finite(0.5)
    (True, 0.5)
    """
    return None if value is None or not math.isfinite(value) else float(value)


def _test(test: Test) -> dict[str, Any]:
    out: dict[str, Any] = {"statistic": finite(test.statistic), "p": finite(test.p)}
    return {**out, "why_not": test.why_not} if test.why_not else out


def _stability(found: Estimate) -> dict[str, Any]:
    checks = found.stability
    return {
        "chow": _test(checks.chow), "cusum": _test(checks.cusum), "jarque_bera": _test(checks.jarque_bera),
        "durbin_watson": finite(checks.durbin_watson), "skewness": finite(checks.skewness),
        "kurtosis": finite(checks.kurtosis),
    }  # fmt: skip


def _event(item: EventResult) -> dict[str, Any]:
    window = item.window
    return {
        "name": window.name, "role": window.role, "cause": window.cause, "segment": window.segment,
        "date": window.date.isoformat(), "day_zero": window.day_zero.isoformat(), "days": len(window.places),
        "complete": window.complete, "actual": finite(item.actual), "expected": finite(item.expected),
        "car": finite(item.car), "standard_error": finite(item.error), "t": _test(item.t), "p_holm": finite(item.holm),
        "rank": _test(item.rank), "generalised_sign": _test(item.sign), "empirical": _test(item.empirical),
        "bhar": finite(item.bhar), "bhar_t": _test(item.bhar_t), "limit_days": item.limits,
        "suspended_days": item.suspended, "shared_days_with": list(item.shared),
    }  # fmt: skip


def _joint(joint: JointTests | None) -> dict[str, Any] | None:
    if joint is None:
        return None
    return {
        "events": joint.count, "patell": _test(joint.patell), "bmp": _test(joint.bmp),
        "generalised_sign": _test(joint.sign), "corrado_rank_first_day": _test(joint.rank),
    }  # fmt: skip


def _attribution(item: Attribution) -> dict[str, Any]:
    return {
        "segment": item.segment, "decline_log": finite(item.decline),
        "parts": [
            {
                "name": part.name, "cause": part.cause, "amount_log": finite(part.amount), "share": finite(part.share),
                "share_error": finite(part.error), "share_of_harm": finite(part.harm),
                "days": part.days, "p": finite(part.p), "borne": part.bears,
            }
            for part in item.parts
        ],
        "market_share": finite(item.market_share),
        "proposal": {
            "other_ratio_all": finite(item.other_ratio_all), "other_ratio_borne": finite(item.other_ratio_borne),
            "other_ratio_all_multiply": finite(item.other_ratio_all_multiply),
            "other_ratio_borne_multiply": finite(item.other_ratio_borne_multiply), "combination": item.combination,
        },
    }  # fmt: skip


def _variant(item: Variant) -> dict[str, Any]:
    return {
        "name": item.name, "observations": item.observations, "coefficients": [finite(b) for b in item.coefficient],
        "residual_standard_error": finite(item.s), "r2": finite(item.r2), "revelation_car": finite(item.car),
        "revelation_p": finite(item.car_p), "benchmark_simulated": finite(item.benchmark), "why_not": item.why_not,
    }  # fmt: skip


def _limits(found: Estimate) -> list[str]:
    """The price limits that flagged days, each with its source and what is 待核 about it."""
    if found.settings.price_limit is not None:
        return []
    names = [limit_parameter(found.material.plan.case.security)]
    if names == [MAIN] and found.settings.special_treatment:
        names.append(SPECIAL)
    return [f"{law.parameter(name).title}：{dated}" for name in names for dated in law.history(name)]
