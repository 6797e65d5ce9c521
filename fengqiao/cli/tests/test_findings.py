"""findings.csv and the findings of results: every check with its file, sheet, row and reason."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from fengqiao.cli.tests.measuring import market_rows, run, write_csv, write_inputs
from fengqiao.engine.findings import CODES

BUY = {
    "date": "2022-03-02",
    "time": "10:00:00",
    "sequence": "1",
    "side": "buy",
    "quantity": "100",
    "security": "600000",
}
CLOSE = {row["date"]: row["close"] for row in market_rows()}


def row(investor: str, **changed: str) -> dict[str, str]:
    found = {"investor": investor, **BUY, **changed}
    return {**found, "price": changed.get("price") or CLOSE.get(found["date"]) or "9.00"}


# investor -> rows; what is to be found: (code, which of the rows, part of the reason)
ODD: dict[str, tuple[list[dict[str, str]], tuple[str, int, str]]] = {
    "oversold": (
        [row("oversold"), row("oversold", date="2023-07-21", side="sell", quantity="60"),
         row("oversold", date="2023-07-24", side="sell", quantity="340"),
         row("oversold", date="2023-07-25", side="sell", quantity="50")],
        ("oversold", 2, "多350股")),
    "twice": ([row("twice"), row("twice")], ("duplicate", 1, "完全相同")),
    "dear": ([row("dear", price="99.00")], ("price_out_of_range", 0, "99.0000元超出2022-03-02的合理区间")),
    "cheap": ([row("cheap", price="1.00")], ("price_out_of_range", 0, "1.0000元超出")),
    "sunday": ([row("sunday", date="2022-03-06")], ("non_trading_day", 0, "2022-03-06不是交易日")),
    "holiday": ([row("holiday", date="2022-10-03")], ("non_trading_day", 0, "2022-10-03不是交易日")),
    "suspended": ([row("suspended", date="2022-07-05")], ("suspended_day", 0, "2022-07-05该证券停牌")),
    "broken": (
        [row("broken", sequence="7"), row("broken", time="10:30:00", sequence="3")], ("broken_sequence", 1, "序号")),
    "other": ([row("other", security="600001"), row("other")], ("unknown_security", 0, "600001")),
    "no price": ([row("no price"), row("no price", price=" ")], ("missing_value", 1, "成交价格")),
    "part of a share": ([row("part of a share", quantity="1.5")], ("bad_quantity", 0, "1.5")),
    "no side": ([row("no side", side="hold")], ("bad_side", 0, "hold")),
    "no date": ([row("no date", date="2022-02-30")], ("bad_date", 0, "2022-02-30")),
}  # fmt: skip
GOOD = [row("good"), row("good", date="2023-07-21", side="sell", quantity="60")]
NOTHING = [row("nothing", date="2022-02-15")]
USED = {"oversold", "duplicate", "price_out_of_range", "non_trading_day", "suspended_day", "broken_sequence"}


def measured(directory: Path, kind: str) -> tuple[list[dict[str, str]], dict[str, dict[str, object]], dict[str, int]]:
    """(rows of findings.csv, results by investor, row number in the file of each investor's first row)."""
    write_inputs(directory)
    rows, first = [], {}
    for investor, (own, _) in ODD.items():
        first[investor] = len(rows) + 2
        rows += own
    rows += GOOD + NOTHING
    if kind == "csv":
        path = write_csv(directory / "trades.csv", rows)
    else:
        path = directory / "trades.xlsx"
        pl.DataFrame(rows).write_excel(path, worksheet="成交")
    done = run("loss", "measure", "CASE.toml", "--trades", path.name, "--market", "market.csv", "--out", "out",
               "--formats", "parquet,csv", cwd=directory)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    with (directory / "out" / "findings.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    results = {item["investor"]: item for item in pl.read_parquet(directory / "out" / "results.parquet").to_dicts()}
    return found, results, first


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_check(kind: str, tmp_path: Path) -> None:
    found, results, first = measured(tmp_path, kind)
    for investor, (_, (code, place, reason)) in ODD.items():
        own = [item for item in found if item["code"] == code and item["row"] == str(first[investor] + place)]
        assert len(own) == 1, (investor, found)
        assert own[0]["file"] == f"trades.{kind}"
        assert own[0]["sheet"] == ("" if kind == "csv" else "成交")
        assert reason in own[0]["reason"] and own[0]["reason"].endswith("。")
        assert own[0]["used"] == ("true" if code in USED else "false")
        if code != "unknown_security":
            assert own[0]["investor"] == investor
            assert CODES[code] in str(results[investor]["findings"])
    assert len(found) == len(ODD)  # and nothing else
    assert results["good"]["findings"] in ("", "没有投资差额损失")
    assert results["nothing"]["findings"] == "实施日至揭露日之前没有买入"
    assert "卖出超过已知持仓350股" in str(results["oversold"]["findings"])
    assert set(results) == {*ODD, "good", "nothing"}


def test_odd_rows_still_count_and_rejected_rows_do_not(tmp_path: Path) -> None:
    _, results, _ = measured(tmp_path, "csv")
    for investor in ("twice",):
        assert results[investor]["scope_quantity"] == 200
    for investor in ("dear", "cheap", "sunday", "holiday", "suspended", "no price", "other"):
        assert results[investor]["scope_quantity"] == 100, investor
    for investor in ("part of a share", "no side", "no date", "nothing"):
        assert results[investor]["scope_quantity"] == 0
        assert results[investor]["total"] == 0
        assert results[investor]["purchase_average"] is None


def test_cells_that_spreadsheets_take_for_formulas(tmp_path: Path) -> None:
    write_inputs(tmp_path)
    write_csv(tmp_path / "trades.csv", [row("=1+1", quantity="0"), row("@sum", quantity="0"), row("good")])
    done = run("loss", "measure", "CASE.toml", "--trades", "trades.csv", "--market", "market.csv", "--out", "out",
               "--formats", "parquet,csv", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0
    for name in ("findings.csv", "results.csv"):
        text = (tmp_path / "out" / name).read_text(encoding="utf-8-sig")
        assert "'=1+1" in text and "'@sum" in text
        assert ",=1+1" not in text and "\n=1+1" not in text
