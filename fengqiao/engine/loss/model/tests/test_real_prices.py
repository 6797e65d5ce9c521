"""The market model on real closes, computed a second time by pandas and statsmodels from the files themselves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import OLS, add_constant

from fengqiao.engine.loss.case_file import parse_case
from fengqiao.engine.loss.model.estimate import Material, estimate
from fengqiao.engine.loss.model.factor_file import read_factors
from fengqiao.engine.loss.model.settings import parse_model
from fengqiao.engine.loss.plan import prepare
from fengqiao.engine.loss.reading import read_market

REAL = Path(__file__).parents[6] / "shared" / "data" / "market"
FIRST, LAST = dt.date(2014, 10, 30), dt.date(2017, 2, 16)


@pytest.mark.parametrize("errors", ["ols", "hac"])
def test_600074(errors: str) -> None:
    if not (REAL / "600074.csv").exists():
        pytest.skip("real market data are not here (600074.csv in shared/data/market beside the repository)")
    case = parse_case({
        "case": {"name": "600074", "security": "600074", "rules": "cn2022", "direction": "inducing_purchase"},
        "dates": {"implementation": FIRST, "revelation": dt.date(2016, 12, 29)},
    })  # fmt: skip
    market = read_market(REAL / "600074.csv", "600074")
    wanted = parse_model({"kind": "market", "market": "000001", "errors": errors})
    plan = prepare(case, market=market)
    found = estimate(Material(plan, market, read_factors(REAL / "indices.csv", ["000001"])), wanted, variants=False)
    assert plan.segments[0].benchmark == LAST

    stock = pd.read_csv(REAL / "600074.csv", parse_dates=["date"]).dropna(subset=["close"])
    index = pd.read_csv(REAL / "indices.csv", parse_dates=["date"], dtype={"index": str})
    index = index[index["index"] == "000001"].set_index("date")["close"]
    closes = stock[stock["volume"] > 0].set_index("date")["close"]
    table = pd.DataFrame({"r": closes.pct_change(), "m": index.reindex(closes.index).pct_change()}).dropna()
    days = np.array([day.date() for day in table.index])
    inside = (days >= found.windows.estimation[0]) & (days <= found.windows.estimation[1])
    model = OLS(table["r"][inside], add_constant(table["m"][inside]))
    fit = model.fit() if errors == "ols" else model.fit(
        cov_type="HAC", cov_kwds={"maxlags": found.model.fit.lags, "use_correction": True}
    )  # fmt: skip
    assert inside.sum() == found.model.fit.observations == 94
    np.testing.assert_allclose(found.model.fit.coefficient, fit.params, rtol=1e-9)
    np.testing.assert_allclose(found.model.fit.error, fit.bse, rtol=1e-9)
    conduct = (days >= FIRST) & (days <= LAST)
    growth = (1 + fit.params.iloc[1] * table["m"][conduct]).cumprod()
    start = float(closes[closes.index < pd.Timestamp(FIRST)].iloc[-1])
    np.testing.assert_allclose(found.path.simulated[1:] / 10_000, start * growth, atol=0.5001e-4)
    revealed = table.index.get_loc(pd.Timestamp("2016-12-29"))
    three = table.iloc[revealed : revealed + 3]
    car = float((three["r"] - fit.params.iloc[0] - fit.params.iloc[1] * three["m"]).sum())
    assert found.revelations[0].car == pytest.approx(car, abs=1e-12)
    assert found.revelations[0].limits == 1  # 13.97 -> 12.57, the lower limit
