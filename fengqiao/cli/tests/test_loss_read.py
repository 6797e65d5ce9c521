"""`fengqiao loss read` through the command: three people's statements in one run, what is shown, what is written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest

from fengqiao.cli.tests.measuring import run, write_inputs
from fengqiao.engine.loss.broker.tests.writing import write_csv, write_text, write_xlsx

HEADER = ["成交日期", "证券代码", "证券名称", "业务名称", "成交数量", "成交价格", "成交金额"]
LINES = [
    ["20220302", "600000", "某某股份", "证券买入", "1000", "10.00", "10000.00"],
    ["20220303", "204001", "GC001", "融券回购", "100", "2.00", "10000.00"],
    ["20230803", "600000", "某某股份", "证券卖出", "400", "9.00", "3600.00"],
    ["20230804", "600000", "某某股份", "神秘业务", "10", "9.00", "90.00"],
]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A web page is no part of it: a text under the name of a workbook, a workbook with titles, a csv with signs."""
    write_text(tmp_path / "投资者A.xls", [HEADER, *LINES], "gbk")
    typed = [[*line[:4], int(line[4]), float(line[5]), float(line[6])] for line in LINES]
    titles = [["某某证券对账单"], ["客户姓名：投资者B", "", "资金账号：1001"]]
    write_xlsx(tmp_path / "对账单.xlsx", {"明细": [*titles, HEADER, *typed, ["合计", "", "", "", 1510]]})
    signed = [
        [line[0], line[1], f"-{line[4]}" if "卖出" in line[3] else line[4], line[5]] for line in (LINES[0], LINES[2])
    ]
    write_csv(tmp_path / "投资者C.csv", [["日期", "证券代码", "发生数量", "成交均价"], *signed], "utf-8-sig")
    return tmp_path


def test_three_people_one_run_and_then_the_measurement(place: Path) -> None:
    files = ["投资者A.xls", "对账单.xlsx", "投资者C.csv"]
    done = run("loss", "read", *files, "--out", "out/trades.parquet", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    shown = (
        "投资者A.xls（文本）", "对账单.xlsx（xlsx 工作簿）", "工作表 明细 第 3 行表头", "投资者B 1001", "读入 16 行",
        "融券回购", "债券回购", "神秘业务", "按数量正负", "需要核对  2 处",
    )  # fmt: skip
    for words in shown:
        assert words in done.stdout, words
    table = pl.read_parquet(place / "out/trades.parquet")
    assert table.group_by("investor").len().sort("investor").rows() == [
        ("投资者A", 2),
        ("投资者B 1001", 2),
        ("投资者C", 2),
    ]
    with (place / "out/findings.csv").open(encoding="utf-8-sig", newline="") as file:
        findings = list(csv.DictReader(file))
    assert [row["code"] for row in findings[:2]] == ["not_understood", "not_understood"]
    assert len([row for row in findings if row["used"] == "false"]) == 16 - len(table)
    assert sorted(path.name for path in (place / "out").iterdir()) == ["findings.csv", "trades.parquet"]
    inputs = write_inputs(place)
    measured = run(
        "loss", "measure", inputs["case"], "--trades", "out/trades.parquet", "--market", inputs["market"],
        "--out", "results", "--formats", "csv", cwd=place,
    )  # fmt: skip
    assert measured.returncode == 0, measured.stderr
    assert "6 行，其中 0 行未参与计算" in measured.stdout
    assert "3 人" in measured.stdout


def test_settings_investor_and_json(place: Path) -> None:
    (place / "s.toml").write_text('[words]\n"神秘业务" = "buy"\n', encoding="utf-8")
    done = run("loss", "read", "投资者A.xls", "--settings", "s.toml", "--investor", "I0001", "--json", cwd=place)
    record = json.loads(done.stdout)
    assert record["investors"] == {"I0001": 3} and record["to_look_at"] == 0
    assert record["rows_in"] == 5 == record["rows_used"] + record["rows_explained"]
    assert {"words": "神秘业务", "taken": "买入", "used": True, "rows": 1} in record["kinds"]
    assert record["files"][0]["tables"][0]["columns"][0] == {"heading": "成交日期", "field": "date", "sure": "known"}


def test_without_out_nothing_is_written(place: Path) -> None:
    before = sorted(place.iterdir())
    done = run("loss", "read", "投资者A.xls", cwd=place)
    assert done.returncode == 0 and "--out trades.parquet" in done.stdout
    assert sorted(place.iterdir()) == before


def test_a_cash_ledger_says_that_it_gives_nothing(place: Path) -> None:
    write_csv(
        place / "流水.csv",
        [["发生日期", "业务名称", "发生金额", "资金余额"], ["20220302", "银行转证券", "5", "5"]],
        "gbk",
    )
    done = run("loss", "read", "流水.csv", "--out", "trades.parquet", cwd=place)
    assert done.returncode == 0 and "没有可以测算的股票交易：这是资金流水" in done.stdout.splitlines()[-1]
    assert len(pl.read_parquet(place / "trades.parquet")) == 0


NOTHING = {
    "funds and bonds": ([HEADER, LINES[1]], "各行的处理见上表，原因见"),
    "words that nobody knows": ([HEADER, LINES[3]], "用 --settings 指明"),
    "holdings": ([["证券代码", "证券名称", "股份余额", "市值"], ["600000", "某某股份", "100", "900"]], "只有持仓"),
    "no header": ([["甲", "乙"], ["丙", "丁"]], "没有找到表头"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_the_last_sentence_and_the_exit_code_say_that_nothing_counts(name: str, place: Path) -> None:
    rows, why = NOTHING[name]
    write_csv(place / "空.csv", rows, "gbk")
    for extra in ((), ("--out", "t.parquet"), ("--json",)):
        done = run("loss", "read", "空.csv", *extra, cwd=place)
        assert (done.returncode, done.stderr) == (1, "")
        if "--json" in extra:
            assert json.loads(done.stdout)["rows_used"] == 0
        else:
            last = done.stdout.splitlines()[-1]
            assert last.startswith("结果      没有一行计入") and why in last
            assert "下一步" not in done.stdout
    assert len(pl.read_parquet(place / "t.parquet")) == 0
    with (place / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(rows)
    with_trades = run("loss", "read", "空.csv", "投资者A.xls", cwd=place)
    assert with_trades.returncode == 0


@pytest.mark.parametrize("file", ["t.csv", "t.xlsx"])
def test_trades_are_no_statement(file: str, place: Path) -> None:
    """What this program writes and measures has its investors, kinds and order already: nothing is guessed of it."""
    done = run("loss", "read", "投资者A.xls", "--out", "t.csv", cwd=place)
    assert done.returncode == 0
    with (place / "t.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert len(rows) == 3
    write_xlsx(place / "t.xlsx", {"明细": rows})
    again = run("loss", "read", file, "--out", "again.parquet", cwd=place)
    assert (again.returncode, again.stdout, again.stderr.count("\n")) == (2, "", 1)
    assert "已是交易记录，不是对账单" in again.stderr and "fengqiao loss measure CASE.toml --trades" in again.stderr
    assert not (place / "again.parquet").exists()
    skipped = run("loss", "read", file, "投资者C.csv", "--skip-unreadable", cwd=place)
    alone = run("loss", "read", file, "--skip-unreadable", cwd=place)
    assert alone.returncode == 1 and alone.stdout.splitlines()[-1].endswith("文件都未读取，原因见上。")
    assert skipped.returncode == 0 and f"{file}：未读取" in skipped.stdout and "投资者C" in skipped.stdout
    inputs = write_inputs(place)
    measured = run(
        "loss", "measure", inputs["case"], "--trades", file, "--market", inputs["market"], "--out", "r", "--formats",
        "csv", cwd=place,
    )  # fmt: skip
    assert measured.returncode == 0 and "2 行，其中 0 行未参与计算" in measured.stdout


REFUSED = {
    "a PDF": (["x.pdf", "--out", "t.parquet"], "PDF"),
    "another ending": (["投资者A.xls", "--out", "t.xlsx"], "must end in .parquet or .csv"),
    "over a statement": (["投资者C.csv", "--out", "投资者C.csv"], "overwrite a statement"),
    "settings that are not there": (["投资者A.xls", "--settings", "n.toml"], "n.toml"),
    "an investor of nothing": (["投资者A.xls", "--investor", " "], "--investor"),
    "a file twice": (["投资者A.xls", "投资者A.xls"], "twice"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_one_sentence_and_leave_nothing(name: str, place: Path) -> None:
    (place / "x.pdf").write_bytes(b"%PDF-1.7")
    before = {path: path.read_bytes() for path in place.iterdir()}
    arguments, words = REFUSED[name]
    done = run("loss", "read", *arguments, cwd=place)
    assert done.returncode == 2 and not done.stdout
    assert words in done.stderr and done.stderr.count("\n") == 1
    assert {path: path.read_bytes() for path in place.iterdir()} == before


@pytest.mark.parametrize("file", ["投资者A.xls", "对账单.xlsx"])
def test_measuring_a_statement_points_to_reading_it(file: str, place: Path) -> None:
    inputs = write_inputs(place)
    done = run(
        "loss", "measure", inputs["case"], "--trades", file, "--market", inputs["market"], "--out", "r", cwd=place
    )
    assert done.returncode == 2 and "fengqiao loss read" in done.stderr
