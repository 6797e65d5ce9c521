"""Whatever the settings and the data: a whole result or a refusal in one sentence, never anything else."""

from __future__ import annotations

import datetime as dt
import json
import random
import warnings
from pathlib import Path
from typing import Any

import pytest

from fengqiao.engine.errors import FengqiaoError
from fengqiao.engine.loss.model.record import write_record
from fengqiao.engine.loss.model.report import model_charts, write_report
from fengqiao.engine.loss.model.settings import parse_model
from fengqiao.engine.loss.model.tables import write_abnormal, write_events, write_path
from fengqiao.engine.loss.model.tests.invented_company import Company, exact_factor, modelled, settings, trading_days
from fengqiao.engine.loss.model.warnings import warnings_of
from fengqiao.engine.loss.reading import read_path

DAYS = trading_days()


def random_model(rng: random.Random) -> dict[str, Any]:
    """Any `[model]`."""
    kind = rng.choice(["constant_mean", "market", "market_adjusted", "factors"])
    out: dict[str, Any] = {
        "kind": kind,
        "returns": rng.choice(["simple", "log"]),
        "side": rng.choice(["before", "before", "after"]),
        "length": rng.choice([60, 120, 250]),
        "gap": rng.choice([0, 10]),
        "suspended": rng.choice(["trade_to_trade", "drop"]),
        "limit_days": rng.choice(["keep", "pool", "drop"]),
        "price_limit": rng.choice(["0.02", "0.1"]),
        "errors": rng.choice(["ols", "hac"]),
        "path": rng.choice(["compound", "remove_events"]),
        "path_intercept": rng.choice(["zero", "estimated"]),
        "path_events": rng.choice(["remove", "keep"]),
        "inducing_window": rng.choice([[0, 2], [-5, 5]]),
        "revelation_window": rng.choice([[0, 2], [-30, 40]]),
    }
    if kind in ("market", "market_adjusted"):
        out["market"] = "MKT"
    if kind == "factors":
        out["factors"] = rng.choice([["MKT"], ["SMB", "HML", "MKT"]])
    out["events"] = [
        {
            "name": f"事件{number}", "date": rng.choice(DAYS[:480]), "after_close": rng.random() < 0.3,
            "window": rng.choice([[0, 1], [-2, 2], [-20, 30]]), "cause": rng.choice(["operations", "misstatement"]),
        }
        for number in range(rng.choice([0, 1, 3]))
    ]  # fmt: skip
    return out


def random_case(rng: random.Random) -> dict[str, Any]:
    """Any case the model can be asked for, of one misstatement or two."""
    rules = rng.choice(["cn2022", "cn2022", "cn2003"])
    kind = rng.choice(["inducing_purchase", "inducing_sale"]) if rules == "cn2022" else "inducing_purchase"
    out: dict[str, Any] = {
        "case": {"name": "=样本", "security": rng.choice(["600000", "300001"]), "rules": rules, "direction": kind}
    }
    if rules == "cn2003":
        out["method"] = {"not_reached": "thirtieth_day"}
    if rng.random() < 0.3:
        out["segments"] = [
            {"name": "一", "implementation": dt.date(2019, 9, 2), "revelation": dt.date(2020, 3, 2)},
            {"name": "二", "implementation": dt.date(2020, 5, 6), "revelation": dt.date(2020, 10, 12)},
        ]
    else:
        out["dates"] = {"implementation": rng.choice(DAYS[150:300]), "revelation": rng.choice(DAYS[310:480])}
    return out


@pytest.mark.parametrize("seed", range(14))
def test_a_whole_result_or_a_refusal(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    suspended: set[dt.date] = set()
    for _ in range(rng.choice([0, 1, 3])):
        first = rng.randrange(len(DAYS))
        suspended |= set(DAYS[first : first + rng.choice([1, 5, 60])])
    company = Company(
        beta=(1.1, 0.4, -0.3), noise=rng.choice([0.0001, 0.01, 0.05]), start=rng.choice([1.0, 20.0, 3000.0]), seed=seed,
        effects={rng.choice(DAYS): rng.choice([-0.4, -0.1, 0.5]) for _ in range(3)}, suspended=frozenset(suspended),
        digits=rng.choice([2, 4]),
    )  # fmt: skip
    case, table = random_case(rng), random_model(rng)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            found = modelled(company.market(), company.factors(), parse_model(table), case=case, variants=seed % 3 == 0)
        except FengqiaoError as error:
            assert error.what
            return
        written(found, tmp_path)
    assert sum(part.amount for part in found.attributions[0].parts) == pytest.approx(found.attributions[0].decline)


def written(found: Any, folder: Path) -> None:
    """Everything is written, and can be read again."""
    said, charts = warnings_of(found), model_charts(found)
    assert not any("nan" in svg or "None" in svg for svg in charts.values())
    write_record(found, said, [], folder / "model.json")
    assert json.loads((folder / "model.json").read_text(encoding="utf-8"))["events"]
    write_abnormal(found, folder / "abnormal.csv")
    write_events(found, folder / "events.csv")
    write_path(found, folder / "path.csv")
    assert read_path(folder / "path.csv").close.tolist() == found.path.simulated.tolist()
    write_report(found, said, [], charts, folder / "report.pdf")


def test_a_model_without_remainder_is_written_too(tmp_path: Path) -> None:
    market = Company(seed=1).market()
    events = [{"name": "甲", "date": "2020-06-01"}, {"name": "乙", "date": "2020-07-01"}]
    found = modelled(market, [exact_factor(market, 0.0002, 1.2)], settings(events=events), variants=True)
    written(found, tmp_path)
    assert any("没有残差" in said for said in warnings_of(found))
