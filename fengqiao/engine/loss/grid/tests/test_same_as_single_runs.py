"""A grid gives what single runs give, to the fen: random scenarios over random records, every total compared."""

from __future__ import annotations

import copy
import random
from typing import Any

import numpy as np
import pytest

from fengqiao.engine.errors import FengqiaoError
from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.block import Rows, measure_block
from fengqiao.engine.loss.grid.computing import Computing
from fengqiao.engine.loss.kernel_plan import kernel_plan
from fengqiao.engine.loss.plan import CasePlan
from fengqiao.engine.loss.tests.invented_case import (
    ACTIONS,
    BASE,
    INDICES,
    MOODS,
    checks_of,
    plan_of,
    random_deduction,
    random_records,
    random_settings,
)
from fengqiao.engine.loss.tests.worked_case import rows_of

DATES = ("2023-07-20", "2023-07-06", "2023-08-24", "2023-03-01")
DEDUCTIONS: tuple[dict[str, Any], ...] = (
    {"market_risk": "none"},
    {"market_risk": "synchronised_index", "indices": ["000300"]},
    {"market_risk": "synchronised_index", "indices": list(INDICES)},
    {"market_risk": "synchronised_index", "indices": list(INDICES), "index_floor": "each"},
    {"market_risk": "fixed", "ratio": "0.3", "reason": "甲"},
    {"market_risk": "simulated_price", "path": "path.csv"},
)


def changed(rng: random.Random, settings: dict[str, Any]) -> dict[str, Any]:
    """One more scenario: some settings of a case replaced."""
    out = copy.deepcopy(settings)
    method = out.setdefault("method", {})
    if rng.random() < 0.7:
        method["averaging"] = rng.choice(["moving_weighted", "fifo_weighted", "weighted", "actual_cost"])
    if rng.random() < 0.5:
        out["deduction"] = random_deduction(rng) if rng.random() < 0.5 else dict(rng.choice(DEDUCTIONS))
    if rng.random() < 0.3:
        method["rounding"] = rng.choice(["half_up", "truncate"])
    if rng.random() < 0.3:
        method["floor"] = rng.choice(["total", "each_part"])
    if rng.random() < 0.2:
        method["benchmark_price_digits"] = rng.choice([1, 2, 4])
    if rng.random() < 0.2:
        out["fees"] = {**out.get("fees", {}), "stamp_duty_rate": rng.choice(["by_date", "0.001"])}
    if "dates" in out and rng.random() < 0.6:
        revelation = rng.choice(DATES)
        out["dates"] = {**out["dates"], "revelation": revelation}
        if rng.random() < 0.3:
            out["dates"] |= {"benchmark": "2023-10-10", "benchmark_price": rng.choice(["6", "7.005", "3.3333"])}
        if rng.random() < 0.15:
            out["dates"]["implementation"] = rng.choice(["2022-03-01", "2022-06-01"])
    return out


def plans_of(rng: random.Random, count: int) -> list[CasePlan]:
    """Scenarios of one case on one market; those that cannot be made ready are left out."""
    settings, actions, plans = random_settings(rng), rng.choice(ACTIONS), []
    while len(plans) < count:
        try:
            plans.append(plan_of(changed(rng, settings) if plans else settings, actions))
        except FengqiaoError:
            continue
    return plans


def singly(rows: Rows, starts: np.ndarray, whole: CasePlan) -> np.ndarray:
    """The totals of a run over one scenario."""
    out = np.zeros(len(starts) - 1, dtype=np.int64)
    for plan in whole.segments:
        found = kernel_plan(plan, whole)
        kernel = None if isinstance(found, str) else found
        out += measure_block(rows, starts, plan, whole, kernel, checks_of(whole), BASE)[0][k.R_TOTAL]
    return out


def compare(seed: int, mood: str, *, kinds: bool, investors: int, scenarios: int) -> tuple[int, int, int]:
    """(totals compared, totals above zero, totals not proven by shared walks); all must be equal."""
    rng = random.Random(f"grid {mood} {seed}")
    plans = plans_of(rng, scenarios)
    rows, starts = rows_of(random_records(rng, mood, kinds, investors))
    computing = Computing(plans, checks_of(plans[0]), BASE)
    found, counted = computing.totals(rows, starts)
    for place, whole in enumerate(plans):
        wanted = singly(rows, starts, whole)
        different = np.flatnonzero(found[place] != wanted)
        if len(different):
            i = int(different[0])
            trades = rows.trades(int(starts[i]), int(starts[i + 1]))
            pytest.fail(f"{whole.case}\n{whole.actions}\n{found[place, i]} is not {wanted[i]}\n{trades}")
    return found.size, int((found > 0).sum()), counted.alone + counted.exact


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("seed", range(6))
def test_the_same_to_the_fen(seed: int, mood: str) -> None:
    heavy = mood == "heavy"
    compare(seed, mood, kinds=seed % 3 == 2, investors=8 if heavy else 25, scenarios=8)


@pytest.mark.long
@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("seed", range(6, 150))
def test_the_same_to_the_fen_far_and_wide(seed: int, mood: str) -> None:
    compare(seed, mood, kinds=seed % 3 == 2, investors=15 if mood == "heavy" else 40, scenarios=14)
