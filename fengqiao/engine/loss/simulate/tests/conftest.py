from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fengqiao.engine.loss.market import NO_PRICE, Market, day_of, ordinal
from fengqiao.engine.loss.simulate import SimulationSpec
from fengqiao.engine.loss.simulate.madeup import IMPLEMENTATION, REVELATION, SECURITY, made_up_market

UNITS_PER_FEN = 100
BENCHMARK_DAYS = 22


@pytest.fixture(scope="session")
def market() -> Market:
    """The invented company's market, as a reader of market.csv would give it."""
    days, _ = made_up_market()
    return Market(
        security=SECURITY,
        date=np.array([ordinal(day.date) for day in days], dtype=np.int32),
        close=np.array([NO_PRICE if day.close is None else day.close * UNITS_PER_FEN for day in days]),
        volume=np.array([day.volume for day in days]),
        float_shares=np.array([day.float_shares for day in days]),
        previous_close=np.array([day.previous_close * UNITS_PER_FEN for day in days]),
    )


@pytest.fixture(scope="session")
def spec_of(market: Market) -> Callable[..., SimulationSpec]:
    """Makes a spec on the invented market; what is not given is small and without faults."""

    def make(**given: object) -> SimulationSpec:
        traded = market.date[market.traded]
        benchmark = day_of(traded[np.searchsorted(traded, ordinal(REVELATION)) + BENCHMARK_DAYS - 1])
        values = {
            "security": SECURITY,
            "market": market,
            "window_from": IMPLEMENTATION,
            "window_to": REVELATION,
            "benchmark": benchmark,
            "investors": 3_000,
            "seed": 11,
            "trades_per_investor": 40.0,
            "faults": 0.0,
        }
        return SimulationSpec(**(values | given))

    return make


@pytest.fixture(scope="session")
def read() -> Callable[[Path], pl.DataFrame]:
    """Reads a Parquet file as it is."""
    return pl.read_parquet
