"""run.json tells the truth: inputs, settings, key dates, legal basis, totals; the other commands agree."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fengqiao.cli.tests.measuring import CASE, frame, run, trade_rows, write_csv, write_inputs
from fengqiao.engine import law
from fengqiao.engine.loss.case import settings_of
from fengqiao.engine.loss.case_file import load_case

SETTINGS = """
[method]
averaging = "fifo_weighted"
rounding = "truncate"
ratio_digits = 4
[deduction]
market_risk = "synchronised_index"
indices = ["000300", "000905"]
other_ratio = "12.5%"
other_reason = "乙"
combination = "add"
[fees]
stamp_duty_rate = "0.001"
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("record")
    write_inputs(directory, CASE + SETTINGS)
    rows = trade_rows(300)
    write_csv(directory / "a.csv", rows[: len(rows) // 2])
    frame(rows[len(rows) // 2 :]).write_parquet(directory / "b.parquet")
    done = run("loss", "measure", "CASE.toml", "--trades", "a.csv", "b.parquet", "--market", "market.csv", "--indices",
               "indices.csv", "--out", "out", "--formats", "parquet,csv", cwd=directory)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    (directory / "said.txt").write_text(done.stdout, encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def record(measured: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((measured / "out" / "run.json").read_text(encoding="utf-8"))
    return found


def test_digests_are_those_of_the_files(measured: Path, record: dict[str, Any]) -> None:
    roles = [("case", "CASE.toml"), ("trades", "a.csv"), ("trades", "b.parquet"), ("market", "market.csv"),
             ("indices", "indices.csv")]  # fmt: skip
    assert [(item["role"], item["file"]) for item in record["inputs"]] == roles
    for item in record["inputs"]:
        digest = hashlib.sha256((measured / item["file"]).read_bytes()).hexdigest()
        assert item["digest"] == f"sha256:{digest}"


def test_digests_equal_sha256sum(measured: Path, record: dict[str, Any]) -> None:
    try:
        said = subprocess.run(["sha256sum", "a.csv"], cwd=measured, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("there is no sha256sum here")
    assert record["inputs"][1]["digest"] == f"sha256:{said.split()[0]}"


def test_every_setting_is_printed(measured: Path, record: dict[str, Any]) -> None:
    assert record["settings"] == settings_of(load_case(measured / "CASE.toml"))
    wanted = {
        "method.averaging": "fifo_weighted", "method.rounding": "truncate", "method.ratio_digits": "4",
        "method.benchmark_price_digits": "", "deduction.indices": "000300,000905", "deduction.other_ratio": "0.125",
        "deduction.combination": "add", "fees.stamp_duty_rate": "0.001", "method.suspended": "skip",
    }  # fmt: skip
    assert {key: record["settings"][key] for key in wanted} == wanted


def test_key_dates_and_rates(record: dict[str, Any]) -> None:
    segment = record["segments"][0]
    assert segment["implementation_date"] == "2022-03-01"
    assert (segment["revelation_date"], segment["t1"], segment["benchmark_date"]) == (
        "2023-07-20", "2023-07-20", "2023-08-31")  # fmt: skip
    assert segment["revelation_after_close"] is False
    assert (segment["benchmark_from"], segment["trading_day_number"]) == ("longest", 30)
    assert record["rates"] == {"commission": "0.0003", "stamp_duty": "0.001"}


def test_legal_basis(record: dict[str, Any]) -> None:
    rules = law.rule_set("cn2022")
    assert record["rules"] == {"id": "cn2022", "title": rules.title, "chosen_by": rules.legal_basis("rule_choice")}
    assert record["legal_basis"]["difference_loss"] == "法释〔2022〕2号第27条"
    assert record["legal_basis"]["revelation_date"] == "法释〔2022〕2号第8条"
    assert "correction_date" not in record["legal_basis"]
    for figure in ("benchmark_date", "benchmark_price", "intervals", "ex_rights", "accounts", "other_causes", "fees"):
        assert record["legal_basis"][figure] == rules.legal_basis(figure)


def test_totals_are_those_of_the_results(measured: Path, record: dict[str, Any]) -> None:
    table = pl.read_parquet(measured / "out" / "results.parquet")
    totals = record["totals"]
    assert totals["investors"] == table.height == 300
    assert totals["investors_in_scope"] == table.filter(pl.col("scope_quantity") > 0).height > 100
    assert totals["investors_awarded"] == table.filter(pl.col("awarded_loss") > 0).height > 50
    for name in ("difference_loss", "awarded_loss", "commission", "stamp_duty", "interest", "total"):
        assert Decimal(totals[name]) == table[name].sum()
    assert totals["rows_read"] == totals["rows_used"] + totals["rows_left_out"] == len(trade_rows(300))
    findings = pl.read_csv(measured / "out" / "findings.csv")
    noted = {"index_not_comparable", "block_trade", "transfer_without_cost", "bonus_mismatch", "beyond_limits"}
    counted = dict(findings["code"].value_counts().iter_rows())
    assert {code: n for code, n in record["findings"].items() if code not in noted} == counted
    said = (measured / "said.txt").read_text(encoding="utf-8")
    assert f"{Decimal(totals['total']):,}" in said


def test_results_csv_is_the_parquet_file_in_text(measured: Path) -> None:
    table = pl.read_parquet(measured / "out" / "results.parquet")
    text = pl.read_csv(measured / "out" / "results.csv", infer_schema=False)
    assert text.columns == [
        "investor", "security", "segment", "scope_quantity", "purchase_average", "sold_quantity", "sale_average",
        "held_quantity", "benchmark_price", "difference_loss", "market_risk_ratio", "other_ratio", "awarded_loss",
        "commission", "stamp_duty", "interest", "total", "findings",
    ]  # fmt: skip
    assert text["investor"].to_list() == sorted(text["investor"].to_list()) == table["investor"].to_list()
    for name in ("difference_loss", "awarded_loss", "commission", "stamp_duty", "interest", "total"):
        assert [Decimal(value) for value in text[name]] == table[name].to_list()
        assert all(value[-3] == "." for value in text[name])


def test_explain_agrees_with_the_results(measured: Path) -> None:
    table = pl.read_parquet(measured / "out" / "results.parquet").sort("total", descending=True)
    for item in table.head(3).to_dicts():
        done = run("loss", "explain", "CASE.toml", "--trades", "a.csv", "b.parquet", "--market", "market.csv",
                   "--indices", "indices.csv", "--investor", item["investor"], cwd=measured)  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert f"{item['total']:,}" in done.stdout
        assert f"{item['difference_loss']:,}" in done.stdout


def test_dates_as_json(measured: Path, record: dict[str, Any]) -> None:
    done = run("loss", "dates", "--rules", "cn2022", "--revealed", "2023-07-20", "--market", "market.csv", "--json",
               cwd=measured)  # fmt: skip
    found = json.loads(done.stdout)
    segment = record["segments"][0]
    for name in ("t1", "benchmark_date", "benchmark_price", "trading_day_number", "cumulative_turnover"):
        assert found[name] == segment[name]
    assert len(found["days"]) == 31  # 30 and one without trading
    assert [day["number"] for day in found["days"] if day["close"] is None] == [None]
    assert found["legal_basis"] == [record["legal_basis"]["benchmark_date"], record["legal_basis"]["benchmark_price"]]


@pytest.mark.parametrize(("direction", "article"), [("inducing_sale", "第28条"), ("inducing_purchase", "第27条")])
def test_the_article_of_the_direction(direction: str, article: str, tmp_path: Path) -> None:
    write_inputs(tmp_path, CASE.replace("inducing_purchase", direction))
    write_csv(tmp_path / "trades.csv", trade_rows(3))
    done = run("loss", "measure", "CASE.toml", "--trades", "trades.csv", "--market", "market.csv", "--out", "out",
               "--formats", "parquet", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert article in record["legal_basis"]["difference_loss"]
    wanted = ["0.1%", "0.05%"] if direction == "inducing_purchase" else ["0.1%"]
    assert [text.split("（")[0] for text in record["rates"]["stamp_duty"]] == wanted


def test_formats_left_out_this_time_do_not_stay_from_the_last_run(tmp_path: Path) -> None:
    write_inputs(tmp_path)
    write_csv(tmp_path / "trades.csv", trade_rows(3))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("kept")
    arguments = ("loss", "measure", "CASE.toml", "--trades", "trades.csv", "--market", "market.csv", "--out", "out")
    assert run(*arguments, "--formats", "parquet,csv,svg", cwd=tmp_path).returncode == 0
    assert (tmp_path / "out" / "results.csv").exists() and (tmp_path / "out" / "charts").is_dir()
    assert run(*arguments, "--formats", "parquet", cwd=tmp_path).returncode == 0
    left = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert left == ["findings.csv", "mine.txt", "results.parquet", "run.json"]


def test_the_installed_command() -> None:
    command = Path(sys.executable).parent / "fengqiao"
    if not command.exists():
        pytest.skip("the package is not installed beside this Python")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("fengqiao ")
