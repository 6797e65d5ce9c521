"""Invented cases: a market, indices and a price path of 2022 and 2023, settings and records drawn at random.

The window after the revelation runs across 2023-08-28, when the stamp duty was halved.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from fengqiao.engine.dates import trading_calendar
from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.block import DayChecks, Rows, exact_results, run_kernel
from fengqiao.engine.loss.case_file import parse_case
from fengqiao.engine.loss.checks import day_checks
from fengqiao.engine.loss.kernel_plan import FIRST_DAY, LAST_DAY, kernel_plan
from fengqiao.engine.loss.market import NO_PRICE, CorporateAction, Market, Series, ordinal
from fengqiao.engine.loss.plan import CasePlan, SegmentPlan, prepare
from fengqiao.engine.loss.rows import BLOCK, BONUS, BUY, OPENING, RIGHTS, SELL, TRADE, TRANSFER_IN, TRANSFER_OUT
from fengqiao.engine.loss.trade import Trade, record_order

FIRST, LAST = dt.date(2022, 1, 4), dt.date(2023, 12, 29)
IMPLEMENTATION, REVELATION = "2022-03-01", "2023-07-20"
BASE = ordinal(FIRST_DAY)
INDICES = ("000001", "000300", "000905")
ACTIONS = (
    (),
    (CorporateAction(dt.date(2022, 6, 1), bonus_ratio=Fraction(3, 10)),),
    (
        CorporateAction(dt.date(2022, 6, 1), bonus_ratio=Fraction(1)),
        CorporateAction(dt.date(2023, 8, 10), cash_per_share=Fraction(15, 100)),
    ),
    (CorporateAction(dt.date(2023, 5, 4), rights_ratio=Fraction(3, 10), rights_price=Fraction(3)),),
    (
        CorporateAction(dt.date(2022, 9, 1), cash_per_share=Fraction(99, 10)),
        CorporateAction(dt.date(2023, 8, 1), bonus_ratio=Fraction(7, 13)),
    ),
)


@cache
def market() -> Market:
    """A random walk with suspensions that falls after the revelation; the benchmark date is about T30."""
    days = trading_calendar().between(FIRST, LAST)
    rng = np.random.default_rng(11)
    steps = rng.normal(0.0, 0.015, len(days))
    revealed = days.index(dt.date(2023, 7, 20))
    steps[revealed : revealed + 6] = -0.06
    close = np.maximum(np.round(10 * np.exp(np.cumsum(steps)) * 100).astype(np.int64), 150) * 100
    volume = rng.integers(5_000_000, 12_000_000, len(days))
    suspended = trading_calendar().between(dt.date(2022, 7, 4), dt.date(2022, 7, 15))
    gap = np.isin(days, [*suspended, dt.date(2023, 8, 3)])
    close[gap], volume[gap] = NO_PRICE, 0
    return Market(
        "600000", np.array([ordinal(day) for day in days], dtype=np.int32), close, volume,
        np.full(len(days), 300_000_000, dtype=np.int64), np.full(len(days), NO_PRICE, dtype=np.int64), "market.csv",
    )  # fmt: skip


@cache
def series(name: str, start: int = 3000) -> Series:
    """An index, or a price path: another random walk for each name."""
    days = trading_calendar().between(FIRST, LAST)
    rng = np.random.default_rng(sum(name.encode()))
    close = np.round(start * np.exp(np.cumsum(rng.normal(-0.0006, 0.01, len(days)))) * 100).astype(np.int64) * 100
    return Series(name, np.array([ordinal(day) for day in days], dtype=np.int32), close, "indices.csv")


def random_settings(rng: random.Random) -> dict[str, Any]:
    """The tables of a CASE.toml: any setting that the kernels carry out."""
    rules = rng.choice(["cn2022", "cn2022", "cn2003"])
    new = rules == "cn2022"
    method: dict[str, Any] = {
        "averaging": rng.choice(["moving_weighted", "moving_weighted", "fifo_weighted", "weighted", "actual_cost"]),
        "rounding": rng.choice(["half_up", "truncate"]),
        "floor": rng.choice(["total", "each_part"]),
        "dividends": rng.choice(["ignore", "adjust"]) if new else "ignore",
        "rights": rng.choice(["adjust", "ignore"]),
        "block_trades": rng.choice(["exclude", "count"]),
        "duplicates": rng.choice(["keep", "keep", "drop"]),
        "not_reached": "wait" if new else "thirtieth_day",
    }
    if rng.random() < 0.3:
        method["ratio_digits"] = rng.choice([0, 2, 4])
    if rng.random() < 0.4:
        method["benchmark_price_digits"] = rng.choice([1, 2, 4])
    fees: dict[str, Any] = {}
    if rng.random() < 0.3:
        fees = {
            "commission_rate": rng.choice(["0", "0.0003", "0.00025"]),
            "stamp_duty_rate": rng.choice(["0.001", "0"]),
        }
    direction = rng.choice(["inducing_purchase", "inducing_purchase", "inducing_sale"]) if new else "inducing_purchase"
    case = {"name": "样本", "security": "600000", "rules": rules, "direction": direction}
    settings: dict[str, Any] = {"case": case, "method": method, "deduction": random_deduction(rng), "fees": fees}
    if rng.random() < 0.25:
        method["overlap"] = rng.choice(["earliest", "latest"])
        settings["segments"] = rng.choice(
            [
                [("2022-03-01", "2022-11-15"), ("2022-08-01", "2023-07-20")],
                [("2022-03-01", "2023-07-20"), ("2022-08-01", "2022-11-15")],
                [("2022-03-01", "2022-06-15"), ("2022-06-15", "2022-12-01"), ("2023-01-04", "2023-07-20")],
            ]
        )
        settings["segments"] = [{"implementation": a, "revelation": b} for a, b in settings["segments"]]
    else:
        start, end = rng.choice(
            [(IMPLEMENTATION, REVELATION), (IMPLEMENTATION, REVELATION), ("2023-05-04", "2023-09-15")]
        )
        settings["dates"] = {"implementation": start, "revelation": end}
        settings["dates"]["revelation_after_close"] = rng.random() < 0.2
    return settings


def random_deduction(rng: random.Random) -> dict[str, Any]:
    """Other causes of any kind but the comparison in separate parts, which is always exact."""
    risk = rng.choice(["none", "fixed", "synchronised_index", "synchronised_index", "simulated_price"])
    out: dict[str, Any] = {"market_risk": risk, "combination": rng.choice(["multiply", "add"])}
    if risk == "fixed":
        out |= {"ratio": rng.choice(["0.3", "0.15", "1", "0", "0.3333"]), "reason": "甲"}
    if risk == "synchronised_index":
        out |= {"indices": list(rng.choice([INDICES[:1], INDICES])), "index_floor": rng.choice(["each", "after_mean"])}
    if risk == "simulated_price":
        out["path"] = "path.csv"
    if rng.random() < 0.4:
        out |= {"other_ratio": rng.choice(["0.2", "0.05", "0.9"]), "other_reason": "乙"}
    return out


def plan_of(settings: dict[str, Any], actions: Sequence[CorporateAction] = ()) -> CasePlan:
    """A case made ready on the invented market."""
    case = parse_case(settings)
    return prepare(
        case, market=market(), indices=[series(name) for name in INDICES],
        path=series("path", 9), actions=actions,
    )  # fmt: skip


# -- records

MOODS = ("ordinary", "four_decimals", "ties", "huge", "tiny", "heavy")


def random_group(rng: random.Random, mood: str, kinds: bool) -> list[Trade]:
    """One investor's rows. ties: amounts that often end in half a fen. heavy: hundreds of rows."""
    closes = {int(day): int(close) for day, close in zip(market().date, market().close, strict=True) if close > 0}
    days = [day for day in closes if ordinal(dt.date(2022, 1, 20)) <= day <= ordinal(dt.date(2023, 10, 20))]
    count = rng.choice([1, 2, 3, 5, 8, 20, 60]) if mood != "heavy" else rng.choice([150, 400])
    some = rng.sample(days, min(len(days), rng.choice([2, 10, count]) if count > 2 else count))
    out = []
    for _ in range(count):
        day = rng.choice(some)
        kind = rng.choice([BLOCK, OPENING, TRANSFER_IN, BLOCK, TRADE, OPENING, RIGHTS, TRANSFER_OUT, BONUS]) \
            if kinds and rng.random() < 0.12 else TRADE  # fmt: skip
        side = SELL if rng.random() < 0.45 else BUY
        if kind in (OPENING, TRANSFER_IN, RIGHTS, BONUS):
            side = BUY
        elif kind == TRANSFER_OUT:
            side = SELL
        price = (
            0 if kind in (TRANSFER_IN, OPENING, BONUS) and rng.random() < 0.5 else random_price(rng, mood, closes[day])
        )
        clock = rng.choice([-1, 34_200_000_000, 40_000_000_000]) if rng.random() < 0.5 else 34_200_000_000
        out.append(
            Trade(
                day - (rng.random() < 0.02), side, random_quantity(rng, mood), price, clock,
                rng.choice([-1, 1, 2, 3]), kind, account=rng.choice([1, 2]),
            )
        )  # fmt: skip
    return out


def random_price(rng: random.Random, mood: str, close: int) -> int:
    """A price in 1/10000 yuan, near the close of the day."""
    if mood == "huge":
        return rng.choice([1, 100, close, 10**11, rng.randint(1, 10**11)])
    if mood == "tiny":
        return rng.choice([1, 2, 3, 100])
    if mood == "ties":
        return max(close + rng.choice([-1000, -500, 0, 500, 1000, 2500]), 500)
    if mood == "four_decimals":
        return max(close + rng.randint(-3000, 3000), 1)
    return max(close + rng.randint(-30, 30) * 100, 100)


def random_quantity(rng: random.Random, mood: str) -> int:
    """A number of shares."""
    if mood == "huge":
        return rng.choice([1, 10**6, 2**40, 10**12, rng.randint(1, 10**12), 2 ** rng.randint(1, 39)])
    if mood == "ties":
        return rng.choice([1, 2, 3, 5, 7, 10, 25, 50, 150])
    return rng.choice([100, 200, 300, 500, 100, 200, rng.randint(1, 5000)])


def random_records(rng: random.Random, mood: str, kinds: bool, investors: int) -> list[list[Trade]]:
    """Rows of several investors, of most of them already in order; columns that are to be absent are emptied."""
    blank = {name: -1 for name in ("time", "sequence", "account") if rng.random() < 0.4}
    groups = []
    for _ in range(investors):
        group = [trade._replace(**blank) for trade in random_group(rng, mood, kinds)]
        groups.append(sorted(group, key=record_order) if rng.random() < 0.7 else group)
    return groups


# -- both ways


def checks_of(whole: CasePlan) -> DayChecks:
    """What is known of each day."""
    return day_checks(whole, BASE, (LAST_DAY - FIRST_DAY).days + 1)


def by_kernel(rows: Rows, starts: np.ndarray, plan: SegmentPlan, whole: CasePlan) -> np.ndarray:
    """The kernel's results as they are: those left to exact arithmetic carry G_EXACT."""
    compiled = kernel_plan(plan, whole)
    assert not isinstance(compiled, str), compiled
    return run_kernel(rows, starts, compiled)


def by_twin(rows: Rows, starts: np.ndarray, plan: SegmentPlan, whole: CasePlan) -> np.ndarray:
    """The same in exact fractions."""
    checks = checks_of(whole)
    out = np.zeros((k.R_DROPS + len(plan.replay), len(starts) - 1), dtype=np.int64)
    for i in range(len(starts) - 1):
        out[:, i] = exact_results(rows.trades(int(starts[i]), int(starts[i + 1])), plan, whole, checks, BASE)
    return out
