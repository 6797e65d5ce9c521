"""`fengqiao loss compare` over real files: every figure that of `fengqiao loss measure`, files that agree, refusals."""

from __future__ import annotations

import csv
import json
import signal
import time
import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pyarrow.parquet as pq
import pytest

from fengqiao.cli.tests.measuring import (
    ASLEEP,
    CASE,
    digests,
    frame,
    run,
    start,
    trade_rows,
    wait_until,
    write_csv,
    write_inputs,
)  # fmt: skip
from fengqiao.engine.loss.tests.worked_case import toml_text

SPEC = """
[vary.dates]
revelation = [2023-07-20, 2023-07-06]
[vary.method]
averaging = ["moving_weighted", "fifo_weighted"]
[[axis]]
name = "市场风险"
[[axis.alternative]]
name = "不扣"
deduction.market_risk = "none"
[[axis.alternative]]
name = "指数"
deduction = { market_risk = "synchronised_index", indices = ["000001", "000300"] }
[[scenario]]
name = "老规则，截断"
case = { rules = "cn2003" }
method = { rounding = "truncate", not_reached = "thirtieth_day" }
[[scenario]]
name = "行情不足"
dates.revelation = 2023-12-20
"""
FILES = ("--market", "market.csv", "--indices", "indices.csv")
ROWS = trade_rows(150)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("compare")
    write_inputs(directory)
    (directory / "SPEC.toml").write_text(SPEC, encoding="utf-8")
    frame(ROWS).write_parquet(directory / "trades.parquet", row_group_size=900)
    return directory


def compare(inputs: Path, out: Path, *more: str, trades: str = "trades.parquet", jobs: int = 2) -> str:
    done = run(
        "loss", "compare", "CASE.toml", "--trades", trades, *FILES, "--vary", "SPEC.toml", "--out", out, "--jobs",
        str(jobs), *more, cwd=inputs,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def out(inputs: Path) -> Path:
    said = compare(inputs, inputs / "out", "--between", "s01", "老规则，截断")
    assert "方案          10 个，其中 9 个已计算；基准方案 s01" in said
    assert "note: s10 行情不足 was not computed" in said
    return inputs / "out"


def awards(out: Path) -> dict[str, np.ndarray]:
    table = pq.read_table(out / "awards.parquet")
    return {name: table[name].to_numpy() for name in table.column_names[1:]}


def scenarios(out: Path) -> list[dict[str, str]]:
    with (out / "scenarios.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_scenario_is_what_a_run_of_its_own_gives(inputs: Path, out: Path, tmp_path: Path) -> None:
    """Totals of every investor, key dates and sums of five scenarios against `loss measure` over the same files."""
    by_name = {row["id"]: row for row in scenarios(out)}
    base = tomllib.loads(CASE)
    indexed = {"market_risk": "synchronised_index", "indices": ["000001", "000300"]}
    wanted = {
        "s01": {}, "s02": {"deduction": indexed},
        "s04": {"method": {"averaging": "fifo_weighted"}, "deduction": indexed},
        "s05": {"dates": {"revelation": "2023-07-06"}},
        "s09": {"case": {"rules": "cn2003"}, "method": {"rounding": "truncate", "not_reached": "thirtieth_day"}},
    }  # fmt: skip
    found = awards(out)
    for name, change in wanted.items():
        tables = {key: {**base.get(key, {}), **change.get(key, {})} for key in {**base, **change}}
        (inputs / f"{name}.toml").write_text(toml_text(tables), encoding="utf-8")
        done = run(
            "loss", "measure", f"{name}.toml", "--trades", "trades.parquet", *FILES, "--out", tmp_path / name,
            "--formats", "parquet", cwd=inputs,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        single = pq.read_table(tmp_path / name / "results.parquet")
        assert single["investor"].to_pylist() == pq.read_table(out / "awards.parquet")["investor"].to_pylist()
        assert [int(value * 100) for value in single["total"].to_pylist()] == found[name].tolist()
        record = json.loads((tmp_path / name / "run.json").read_text(encoding="utf-8"))
        segment, row = record["segments"][0], by_name[name]
        for key in ("t1", "benchmark_date", "benchmark_price"):
            assert row[key] == segment[key]
        assert row["total"] == record["totals"]["total"]
        assert int(row["investors_awarded"]) == record["totals"]["investors_awarded"] > 20
        if name == "s01":
            assert (out / "findings.csv").read_bytes() == (tmp_path / name / "findings.csv").read_bytes()


def test_tables_follow_from_the_awards(out: Path) -> None:
    found, rows = awards(out), scenarios(out)
    ids = list(found)
    matrix = np.stack([found[name] for name in ids])
    for row in rows[:-1]:
        column = found[row["id"]]
        above = np.sort(column[column > 0])
        assert int(row["total"].replace(".", "")) == column.sum()
        middle = above[(len(above) - 1) // 2] + above[len(above) // 2]
        assert int(row["median"].replace(".", "")) == (middle + 1) // 2
        assert int(row["p90"].replace(".", "")) == above[-(-len(above) * 90 // 100) - 1]
        assert int(row["highest"].replace(".", "")) == above[-1]
        assert float(row["difference_to_base"]) == pytest.approx((column.sum() - found["s01"].sum()) / 100)
        assert int(row["gain_against_base"]) == (column > found["s01"]).sum()
    assert rows[-1]["computed"] == "false" and "trading day" in rows[-1]["reason"] and rows[-1]["total"] == ""
    assert [row["base"] for row in rows] == ["true"] + ["false"] * 9
    ranges = pq.read_table(out / "ranges.parquet").to_pylist()
    for place, row in enumerate(ranges):
        column = matrix[:, place]
        assert (int(row["lowest"] * 100), int(row["highest"] * 100)) == (column.min(), column.max())
        assert row["lowest_scenario"] == ids[int(column.argmin())]
        assert row["highest_scenario"] == ids[int(column.argmax())]
        assert int(row["median"] * 100) == int(np.sort(column)[len(ids) // 2])
        assert row["scenarios_with_zero"] == (column == 0).sum()
    with (out / "pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    assert [(pair["a"], pair["b"]) for pair in pairs] == list(combinations(ids, 2))
    for pair in pairs:
        change = found[pair["b"]] - found[pair["a"]]
        assert [int(pair[key]) for key in ("gain", "lose", "stay")] == [
            (change > 0).sum(), (change < 0).sum(), (change == 0).sum(),
        ]  # fmt: skip
        assert int(pair["gained"].replace(".", "")) == change[change > 0].sum()
        assert int(pair["net"].replace(".", "")) == change.sum()


def test_who_gains_and_who_loses_between_two(out: Path) -> None:
    found = awards(out)
    between = pl.read_csv(out / "between_s01_s09.csv", schema_overrides={"difference": pl.String})
    change = found["s09"] - found["s01"]
    assert [int(text.replace(".", "")) for text in between["difference"]] == change.tolist()
    assert between["result"].to_list() == [("lose", "stay", "gain")[int(np.sign(item)) + 1] for item in change]
    assert set(between["result"]) == {"lose", "stay", "gain"}


def test_documents_for_people(out: Path) -> None:
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF")
    names = sorted(path.name for path in (out / "charts").iterdir())
    assert names == ["median.svg", "pairs.svg", "total.svg"]
    picture = (out / "charts" / "total.svg").read_text(encoding="utf-8")
    assert "先进先出加权平均" in picture and "未计算" in picture and "基准" in picture
    book = openpyxl.load_workbook(out / "comparison.xlsx", read_only=True)
    assert book.sheetnames == ["方案", "热图", "两两比较", "投资者区间", "说明"]
    rows = list(book["方案"].iter_rows(values_only=True))
    assert len(rows) == 2 + 10 and rows[2][0] == "s01"
    found = awards(out)["s01"].sum()
    assert any(value == pytest.approx(found / 100) for value in rows[2] if isinstance(value, float))
    text = (out / "ranges.csv").read_text(encoding="utf-8").splitlines()
    assert len(text) == 151
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["varied"] == [
        "case.rules", "method.averaging", "method.rounding", "method.not_reached", "deduction.market_risk",
        "deduction.indices", "fees.interest", "dates.revelation",
    ]  # fmt: skip
    assert [item["role"] for item in record["inputs"]] == ["case", "spec", "trades", "market", "indices"]


def test_the_same_bytes_whatever_the_threads_and_the_order(inputs: Path, out: Path, tmp_path: Path) -> None:
    wanted = digests(out)
    compare(inputs, tmp_path / "one", "--between", "s01", "s09", jobs=1)
    assert digests(tmp_path / "one") == wanted
    frame(ROWS[::-1]).write_parquet(inputs / "reversed.parquet")
    compare(inputs, tmp_path / "two", "--formats", "parquet", trades="reversed.parquet")
    for name in ("awards.parquet", "ranges.parquet", "pairs.csv", "scenarios.csv"):
        assert digests(tmp_path / "two")[name] == wanted[name]


def test_records_without_kinds_share_one_walk(inputs: Path, tmp_path: Path) -> None:
    write_csv(inputs / "plain.csv", trade_rows(60, seed=5, kinds=False))
    compare(inputs, tmp_path / "plain", "--formats", "parquet", trades="plain.csv")
    record = json.loads((tmp_path / "plain" / "run.json").read_text(encoding="utf-8"))
    assert record["totals"]["distinct_walks"] == 1
    assert record["totals"]["scenarios_computed"] == 9


def test_how_scenarios_that_share_nothing_are_computed_is_said(inputs: Path, tmp_path: Path) -> None:
    """Recorded fees come from the single run's kernels; dividends to deduct need exact arithmetic for everybody."""
    (tmp_path / "CASE.toml").write_text(CASE, encoding="utf-8")
    (tmp_path / "FEES.toml").write_text(CASE + '[fees]\nmode = "recorded"\n', encoding="utf-8")
    spec = '[[scenario]]\nname = "比例"\n[[scenario]]\nname = "记录"\nfees.mode = "recorded"\n'
    spec += '[[scenario]]\nname = "红利"\nmethod.dividends = "deduct"\n'
    (tmp_path / "SPEC.toml").write_text(spec, encoding="utf-8")
    rows = [row | {"commission": "5.01", "stamp_duty": "2.5", "kind": "trade"} for row in ROWS]
    table = frame(rows).with_columns(pl.col("commission", "stamp_duty").cast(pl.Float64))
    table.write_parquet(tmp_path / "t.parquet")
    files = ("--trades", "t.parquet", "--market", inputs / "market.csv", "--formats", "parquet")
    done = run("loss", "compare", "CASE.toml", *files, "--vary", "SPEC.toml", "--out", "all", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "computed in exact arithmetic for everybody: dividends to be deducted (method.dividends).\n" in done.stdout
    assert "computed one by one, as single runs are: recorded fees (fees.mode).\n" in done.stdout
    assert run("loss", "measure", "FEES.toml", *files, "--out", "one", cwd=tmp_path).returncode == 0
    single, both = pq.read_table(tmp_path / "one" / "results.parquet"), pq.read_table(tmp_path / "all/awards.parquet")
    assert [int(value * 100) for value in single["total"].to_pylist()] == both["s02"].to_pylist()
    assert sum(single["commission"].to_pylist()) > 100
    record = json.loads((tmp_path / "all" / "run.json").read_text(encoding="utf-8"))
    assert record["totals"]["totals_by_the_single_kernel"] > record["totals"]["investors"] * 0.9


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ('[vary.method]\naveragng = ["weighted"]\n', "SPEC.toml: Unknown key in [vary] method"),
        ("[vary\n", "SPEC.toml: The specification is not valid TOML"),
        ("[vary.dates]\nrevelation = [2030-01-02, 2030-02-01]\n", "None of the scenarios can be computed"),
    ],
)
def test_a_specification_that_cannot_be_used(spec: str, said: str, inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "SPEC.toml").write_text(spec, encoding="utf-8")
    done = run(
        "loss", "compare", "CASE.toml", "--trades", "trades.parquet", *FILES, "--vary", tmp_path / "SPEC.toml", "--out",
        tmp_path / "none", cwd=inputs,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1 and said in done.stderr
    assert not (tmp_path / "none").exists()


def test_unknown_scenarios_in_between(inputs: Path, tmp_path: Path) -> None:
    for name, said in (("s99", 'Unknown scenario "s99"'), ("行情不足", "cannot be computed")):
        done = run(
            "loss", "compare", "CASE.toml", "--trades", "trades.parquet", *FILES, "--vary", "SPEC.toml", "--out",
            tmp_path / "none", "--between", "s01", name, cwd=inputs,
        )  # fmt: skip
        assert done.returncode == 2 and said in done.stderr, done.stderr
        assert not (tmp_path / "none").exists()


def test_ctrl_c_leaves_nothing(inputs: Path, tmp_path: Path) -> None:
    """Everybody in exact fractions under one scenario: a run that takes a while."""
    spec = '[[scenario]]\nname = "红利"\nmethod.dividends = "deduct"\n[[scenario]]\nname = "比例"\n'
    (tmp_path / "SPEC.toml").write_text(spec, encoding="utf-8")
    copies = [frame(ROWS).with_columns(pl.col("investor") + f"-{number:03d}") for number in range(150)]
    pl.concat(copies).sort("investor", maintain_order=True).write_parquet(tmp_path / "t.parquet", row_group_size=20_000)
    process = start(
        "loss", "compare", "CASE.toml", "--trades", tmp_path / "t.parquet", *FILES, "--vary", tmp_path / "SPEC.toml",
        "--out", tmp_path / "results", cwd=inputs,
    )  # fmt: skip
    wait_until(lambda: list(tmp_path.glob(".results.*/awards.parquet")), process)
    time.sleep(0.5)
    assert process.poll() is None, "the run was over before it could be interrupted"
    process.send_signal(signal.SIGINT)
    said, error = process.communicate(timeout=ASLEEP)
    assert (process.returncode, said, error) == (130, "", "fengqiao: interrupted; nothing was written.\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["SPEC.toml", "t.parquet"]
