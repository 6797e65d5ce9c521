"""Cases of other wrongs than misrepresentation through the command, as a second process."""

from __future__ import annotations

import json
from pathlib import Path

from fengqiao.cli.tests.measuring import run

CASE = """\
[case]
wrong = "futures_misconduct"
name = "样本"
security = "RB2305"
[futures]
liable = "firm"
misconduct = "full_discretion"
start = 2023-03-01
end = 2023-03-31
contracts = [{ code = "RB2305", multiplier = "10" }, { code = "CU2305", multiplier = "5" }]
"""
TRADES = """\
投资者,证券代码,成交日期,买卖方向,成交数量,成交价格,手续费
I0001,RB2305,2023-03-02,买入,10,4200,20
I0001,RB2305,2023-03-09,卖出,10,4050,20
I0001,CU2305,2023-03-03,卖出,1,70000,5
I0001,CU2305,2023-03-10,买入,1,68000,5
I0002,AU2306,2023-03-06,卖出,3,400,6
I0003,RB2305,2023-03-06,卖出,3,,6
"""


def test_measure_and_explain(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(CASE, encoding="utf-8")
    (tmp_path / "trades.csv").write_text(TRADES, encoding="utf-8")
    done = run("loss", "measure", "case.toml", "--trades", "trades.csv", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "合计          4,040.00 元" in done.stdout  # (15,000 - 10,000 + 50) * 80%
    findings = (tmp_path / "out" / "findings.csv").read_text(encoding="utf-8")
    assert "证券代码 AU2306 不是本案证券 RB2305、CU2305，共 1 行未参与计算" in findings
    assert "I0003" in findings
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["wrong"]["id"] == "futures_misconduct"
    assert record["totals"]["rows_read"] == 6
    assert record["totals"]["rows_left_out"] == 2
    said = run(
        "loss", "explain", "case.toml", "--trades", "trades.csv", "--investor", "I0001", "--pdf", "s.pdf", cwd=tmp_path
    )
    assert said.returncode == 0, said.stderr
    assert "4,040.00 元" in said.stdout
    assert (tmp_path / "s.pdf").read_bytes().startswith(b"%PDF")
    for name, more in (("explain", ["--investor", "I0001"]), ("measure", ["--out", "limited"])):
        limited = ["case.toml", "--trades", "trades.csv", *more, "--memory", "1GiB"]
        refused = run("loss", name, *limited, cwd=tmp_path)
        assert refused.returncode == 2 and "--memory is for misrepresentation only" in refused.stderr, refused.stderr


def test_a_case_that_cannot_be_used_ends_with_code_2_and_nothing_written(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(CASE.replace("misconduct =", "misconducts ="), encoding="utf-8")
    (tmp_path / "trades.csv").write_text(TRADES, encoding="utf-8")
    done = run("loss", "measure", "case.toml", "--trades", "trades.csv", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert 'did you mean "misconduct"?' in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_records_of_which_nothing_can_be_used_still_give_results(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(CASE, encoding="utf-8")
    (tmp_path / "trades.csv").write_text(TRADES.splitlines()[0] + "\nI0003,RB2305,2023-03-06,卖出,3,,6\n", "utf-8")
    done = run("loss", "measure", "case.toml", "--trades", "trades.csv", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "I0003" in (tmp_path / "out" / "results.csv").read_text(encoding="utf-8")
