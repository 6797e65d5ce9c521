"""What a `[model]` may say, and what is refused with a sentence that says what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fengqiao.engine.errors import CannotComputeError, FengqiaoError, InputError
from fengqiao.engine.loss.market import NO_PRICE, ordinal
from fengqiao.engine.loss.model.factor_file import read_factors
from fengqiao.engine.loss.model.settings import ModelSettings, model_settings_of, parse_model
from fengqiao.engine.loss.model.tests.invented_company import (
    Company,
    modelled,
    settings,
    trading_days,
    write_factors,
)
from fengqiao.engine.loss.model.warnings import warnings_of
from fengqiao.engine.loss.model.words import SETTINGS, VALUES

BAD_SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"kinds": "market"}, r'Unknown key in \[model\] "kinds": did you mean "kind"'),
    ({"kind": "markt"}, r'"markt": did you mean "market"'),
    ({"kind": "market"}, r'kind = "market" needs market'),
    ({"kind": "factors"}, r'kind = "factors" needs factors'),
    ({"kind": "market", "market": "A", "factors": ["B"]}, r'factors are given but kind is "market"'),
    ({"kind": "factors", "factors": ["A", "A"]}, r"names the same column twice .*A, A"),
    ({"kind": "factors", "market": "A", "factors": ["A"]}, r"the same column is named twice"),
    ({"kind": "constant_mean", "minimum_observations": 30}, r"minimum_observations must be at least 60.*30 was given"),
    ({"kind": "constant_mean", "gap": -1}, r"gap must be a whole number from 0 to 250"),
    ({"kind": "constant_mean", "confidence": "1"}, r"confidence must lie between 0.5 and 0.999"),
    ({"kind": "constant_mean", "confidence": 0.9}, r"confidence must be a decimal string"),
    ({"kind": "constant_mean", "estimation_from": "2019-01-02"}, r"estimation_from and estimation_to go together"),
    ({"kind": "constant_mean", "estimation_from": "2019-06-02", "estimation_to": "2019-01-02"}, r"before it begins"),
    ({"kind": "constant_mean", "revelation_window": [2, 0]}, r"two trading-day numbers such as \[0, 2\]"),
    ({"kind": "constant_mean", "special_treatment": ["2019"]}, r"list of periods"),
    ({"kind": "constant_mean", "events": [{"name": "甲"}]}, r"\[\[model.events\]\] number 1 lacks date"),
    ({"kind": "constant_mean", "events": [{"name": "甲", "dat": "2020-01-02"}]}, r'"dat": did you mean "date"'),
    ({"kind": "constant_mean", "events": [{"name": "甲", "date": "2020-01-02", "cause": "rumour"}]}, r"Unknown value"),
    ({"kind": "constant_mean", "events": [{"name": "甲", "date": "2020-01-02"}] * 2}, r"same name"),
    ({"kind": "constant_mean", "market": ""}, r"market must be a text"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "says"), BAD_SETTINGS)
def test_settings_that_cannot_be_used(table: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_model(table)


def test_every_setting_has_its_words() -> None:
    shown = model_settings_of(ModelSettings())
    assert list(shown) == list(SETTINGS)
    assert all(value in VALUES[key] for key, value in shown.items() if key in VALUES)


def still(company: Company) -> Any:
    market = company.market()
    return replace(market, close=np.full_like(market.close, 100_000))


def nothing_before(company: Company) -> Any:
    market = company.market()
    closed = market.date < ordinal(dt.date(2020, 2, 17))
    return replace(
        market, close=np.where(closed, NO_PRICE, market.close), volume=np.where(closed, 0, market.volume)
    )  # fmt: skip


def begins_late(company: Company) -> Any:
    market = company.market()
    kept = market.date >= ordinal(dt.date(2020, 3, 5))
    return replace(market, **{name: getattr(market, name)[kept] for name in
                              ("date", "close", "volume", "float_shares", "previous_close")})  # fmt: skip


REFUSED: list[tuple[Callable[[Company], Any], dict[str, Any], type[FengqiaoError], str]] = [
    (still, {}, InputError, r"do not vary in the estimation window \(收益率不变\): all 250 equal 0"),
    (nothing_before, {}, CannotComputeError, r"holds no return at all \(没有收益率\): at least 60 are needed"),
    (begins_late, {}, CannotComputeError, r"no day with trading before the implementation date"),
    (Company.market, {"length": 60, "minimum_observations": 100}, CannotComputeError,
     r"holds only 60 returns \(观测太少\): at least 100"),
    (Company.market, {"estimation_from": "2019-06-03", "estimation_to": "2020-03-02"}, InputError,
     r"2019-06-03 to 2020-03-02 overlaps the conduct window \(虚假陈述影响期间\) 2020-03-02"),
    (Company.market, {"estimation_from": "2020-12-01", "estimation_to": "2021-03-01"}, InputError, r"overlaps"),
    (Company.market, {"side": "after", "minimum_observations": 120}, CannotComputeError, r"only \d+ returns"),
    (Company.market, {"events": [{"name": "以后", "date": "2021-03-31", "after_close": True}]}, CannotComputeError,
     r'event "以后" \(2021-03-31\) has no return in its window'),
]  # fmt: skip


@pytest.mark.parametrize(("make", "more", "kind", "says"), REFUSED)
def test_data_that_cannot_carry_a_model(
    make: Callable[[Company], Any], more: dict[str, Any], kind: type[FengqiaoError], says: str
) -> None:
    company = Company()
    with pytest.raises(kind, match=says):
        modelled(make(company), company.factors(), settings(**more))


def test_fewer_observations_than_wanted_are_said() -> None:
    company = Company()
    found = modelled(company.market(), company.factors(), settings(length=80))
    assert found.model.fit.observations == 80
    assert any("只有 80 个收益率，少于通常要求的 120 个" in said for said in warnings_of(found))


def test_the_window_by_trading_days_is_counted_from_the_implementation_date() -> None:
    company, days = Company(), trading_days()
    found = modelled(company.market(), company.factors(), settings(length=100, gap=10))
    place = days.index(dt.date(2020, 3, 2))
    assert found.windows.estimation == (days[place - 110], days[place - 11])
    assert days[place - 11] < days[place - 10] < dt.date(2020, 3, 2)  # ten trading days lie in between
    assert found.model.fit.observations == 100


def test_a_window_after_the_benchmark_date() -> None:
    company = Company()
    early = {"implementation": dt.date(2019, 3, 1), "revelation": dt.date(2019, 9, 2)}
    from fengqiao.engine.loss.model.tests.invented_company import CASE

    found = modelled(
        company.market(), company.factors(), settings(side="after", length=200), case={**CASE, "dates": early}
    )
    assert found.windows.estimation[0] > found.windows.conduct[1]
    assert found.model.fit.observations == 200


def test_factor_files(tmp_path: Path) -> None:
    factors = Company(beta=(1.0, 0.5)).factors()
    path = write_factors(factors, tmp_path / "factors.csv")
    smb, mkt = read_factors(path, ["SMB", "MKT"])
    assert smb.value.tolist() == factors[1].value.tolist()
    assert not mkt.level
    percent = tmp_path / "percent.csv"
    percent.write_text("日期,MKT\n2019-01-02,1.5\n2019-01-03,-2\n", encoding="utf-8")
    assert read_factors(percent, ["MKT"], "percent")[0].value.tolist() == [0.015, -0.02]
    levels = tmp_path / "levels.csv"
    levels.write_text("date,index,close\n2019-01-03,1,3000.5\n2019-01-02,1,2990\n", encoding="utf-8")
    (found,) = read_factors(levels, ["000001"])
    assert (found.level, found.value.tolist()) == (True, [2990.0, 3000.5])


BAD_FILES = [
    ("date,MKT\n2019-01-02,1.5\n", "ratio", r'row 2, column "MKT": The factor "MKT" holds 1.5.*单位不符'),
    ("date,MKT\n2019-01-02,\n", "ratio", r"row 2, column .MKT.: The MKT .* is missing"),
    ("date,MKT\n2019-01-02,abc\n", "ratio", r"is not a number"),
    ("date,MKT\n2019-01-02,nan\n", "ratio", r"is not a number"),
    ("date,MKT\n2019-01-02,0.1\n2019-01-02,0.1\n", "ratio", r"occurs twice \(日期重复\): 2019-01-02"),
    ("date,MTK\n2019-01-02,0.1\n", "ratio", r'Unknown factor column "MKT": did you mean "MTK"'),
    ("date,MKT\n2019-01-02,0\n", "level", r"is zero"),
    ("date,index,close\n2019-01-02,000300,3000\n", "ratio", r'Unknown factor "MKT".*Known: 000300'),
    ("date,index,close\n2019-01-02,MKT,0\n", "ratio", r"is zero"),
    ("date,MKT\n", "ratio", r"no row below the header"),
]


@pytest.mark.parametrize(("text", "units", "says"), BAD_FILES)
def test_factor_files_that_cannot_be_used(tmp_path: Path, text: str, units: Any, says: str) -> None:
    path = tmp_path / "factors.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        read_factors(path, ["MKT"], units)


def test_collinear_factors_are_named_in_a_whole_model() -> None:
    company = Company(beta=(1.0, 0.5))
    mkt, smb = company.factors()
    twin = replace(smb, name="HML", value=mkt.value * 2)
    with pytest.raises(InputError, match=r"The factors MKT, HML are collinear"):
        modelled(company.market(), [mkt, twin], parse_model({"kind": "factors", "factors": ["MKT", "HML"]}))


def test_the_risk_free_rate_is_taken_off_both_sides() -> None:
    company = Company()
    (mkt,) = company.factors()
    free = replace(mkt, name="RF", value=np.full(len(mkt.value), 0.0002))
    plain = modelled(company.market(), [mkt], settings())
    excess = modelled(company.market(), [mkt], settings(risk_free="RF"), risk_free=free)
    beta = plain.model.fit.coefficient[1]
    assert excess.model.fit.coefficient[1] == pytest.approx(beta, rel=1e-9)
    expected = plain.model.fit.coefficient[0] - 0.0002 * (1 - beta)
    assert excess.model.fit.coefficient[0] == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(plain.model.abnormal, excess.model.abnormal, atol=1e-12)
