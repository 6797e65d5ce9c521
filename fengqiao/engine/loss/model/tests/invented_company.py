"""An invented company for price models: closes that follow known coefficients, factors, a case around them."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fengqiao.engine.dates import trading_calendar
from fengqiao.engine.loss.case_file import parse_case
from fengqiao.engine.loss.market import NO_PRICE, Market, day_of, ordinal
from fengqiao.engine.loss.model.estimate import Estimate, Material, estimate
from fengqiao.engine.loss.model.factor_file import Factor
from fengqiao.engine.loss.model.settings import ModelSettings, parse_model
from fengqiao.engine.loss.plan import prepare

FIRST, LAST = dt.date(2019, 1, 2), dt.date(2021, 3, 31)
IMPLEMENTATION, REVELATION = dt.date(2020, 3, 2), dt.date(2020, 11, 16)
CASE: dict[str, Any] = {
    "case": {"name": "样本", "security": "600000", "rules": "cn2022", "direction": "inducing_purchase"},
    "dates": {"implementation": IMPLEMENTATION, "revelation": REVELATION},
}
CASE_TEXT = f"""\
[case]
name = "样本"
security = "600000"
rules = "cn2022"
direction = "inducing_purchase"
[dates]
implementation = {IMPLEMENTATION}
revelation = {REVELATION}
"""


def trading_days() -> list[dt.date]:
    """Every trading day of the company's life."""
    return trading_calendar().between(FIRST, LAST)


@dataclass
class Company:
    """Closes that follow alpha + beta * market + noise, with effects planted on some days.

    effects: day -> extra return. suspended: days without trading. names of factors: MKT, and SMB where beta has two.
    """

    alpha: float = 0.0003
    beta: Sequence[float] = (1.1,)
    noise: float = 0.01
    start: float = 20.0
    seed: int = 5
    effects: dict[dt.date, float] = field(default_factory=dict)
    suspended: frozenset[dt.date] = frozenset()
    digits: int = 4

    def factor_returns(self) -> np.ndarray:
        """float64[days, factors]."""
        rng = np.random.default_rng(self.seed)
        return rng.normal(0.0002, 0.011, (len(trading_days()), len(self.beta)))

    def market(self) -> Market:
        """Market data; prices have `digits` decimals."""
        days, rng = trading_days(), np.random.default_rng(self.seed + 1)
        returns = self.alpha + self.factor_returns() @ np.array(self.beta) + rng.normal(0, self.noise, len(days))
        returns += np.array([self.effects.get(day, 0.0) for day in days])
        unit = 10 ** (4 - self.digits)
        prices = self.start * np.cumprod(1 + returns)
        close = np.maximum(np.round(prices * 10**self.digits).astype(np.int64), 1) * unit
        volume = rng.integers(4_000_000, 9_000_000, len(days))
        closed = np.array([day in self.suspended for day in days])
        close[closed], volume[closed] = NO_PRICE, 0
        return Market(
            "600000", np.array([ordinal(day) for day in days], np.int32), close, volume,
            np.full(len(days), 120_000_000, np.int64), np.full(len(days), NO_PRICE, np.int64), "market.csv",
        )  # fmt: skip

    def factors(self) -> tuple[Factor, ...]:
        """The factors as returns."""
        days = np.array([ordinal(day) for day in trading_days()], np.int32)
        returns = self.factor_returns()
        return tuple(
            Factor(name, days, returns[:, place], False, "factors.csv")
            for place, name in enumerate(("MKT", "SMB", "HML")[: len(self.beta)])
        )


def exact_factor(market: Market, alpha: float, beta: float, name: str = "MKT") -> Factor:
    """A factor that explains the closes without remainder: (return - alpha) / beta on every day with trading."""
    traded = market.traded
    returns = np.zeros(len(market.date))
    closes = market.close[traded].astype(np.float64)
    returns[np.flatnonzero(traded)[1:]] = (closes[1:] / closes[:-1] - 1 - alpha) / beta
    return Factor(name, market.date.copy(), returns, False, "factors.csv")


def settings(**more: Any) -> ModelSettings:
    """The settings of a `[model]`; a market model on MKT unless said otherwise."""
    return parse_model({"kind": "market", "market": "MKT", **more})


def modelled(
    market: Market, factors: Sequence[Factor], wanted: ModelSettings, *, case: dict[str, Any] | None = None,
    actions: Sequence[Any] = (), risk_free: Factor | None = None, variants: bool = False,
) -> Estimate:  # fmt: skip
    """The estimate of a case on a market."""
    plan = prepare(parse_case(case or CASE), market=market, actions=actions)
    given = {factor.name: factor for factor in factors}
    used = tuple(given[name] for name in wanted.columns)
    return estimate(Material(plan, market, used, risk_free, tuple(actions)), wanted, variants=variants)


def write_market(market: Market, path: Path) -> Path:
    """Market data as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "close", "volume", "float_shares"])
        for day, close, volume, shares in zip(
            market.date, market.close, market.volume, market.float_shares, strict=True
        ):
            writer.writerow([day_of(day), "" if close == NO_PRICE else f"{close / 10_000:.4f}", volume, shares])
    return path


def write_factors(factors: Sequence[Factor], path: Path) -> Path:
    """Factor returns as a wide CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", *(factor.name for factor in factors)])
        for place, day in enumerate(factors[0].date):
            writer.writerow([day_of(day), *(repr(float(factor.value[place])) for factor in factors)])
    return path
