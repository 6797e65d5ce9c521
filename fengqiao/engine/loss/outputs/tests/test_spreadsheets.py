"""results.csv and results.xlsx: written, read back, and free of formulas from the input."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
from decimal import Decimal

import openpyxl
import pytest
import python_calamine

from fengqiao.engine.findings import DataFinding
from fengqiao.engine.loss.outputs import workbook, write_csv, write_workbook
from fengqiao.engine.loss.outputs.tests.samples import (
    case_table,
    made_findings,
    made_market,
    made_plan,
    made_result,
    repeated,
    result_of,
)
from fengqiao.engine.loss.run_result import AMOUNT, PRICE, QUANTITY, RATIO, RESULT_COLUMNS

INDEX = {"market_risk": "synchronised_index", "indices": ["000001", "000300"]}
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "＝1+1"]


@pytest.fixture(scope="module")
def result():
    return made_result(made_plan(made_market(), deduction=INDEX), 40)


def named(result, names):
    """The same result with other investors' names."""
    rows = result.table.slice(0, len(names)).to_pylist()
    for row, name in zip(rows, names, strict=True):
        row["investor"] = row["findings"] = name
    return result_of(result.plan, rows)


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_csv_holds_every_figure_in_its_form(result, tmp_path):
    write_csv(result, tmp_path / "r.csv")
    rows = read_csv(tmp_path / "r.csv")
    assert rows[0] == [name for name, _ in RESULT_COLUMNS]
    assert len(rows) == len(result.table) + 1
    digits = {AMOUNT: 2, PRICE: 4, RATIO: 6}
    for line, row in zip(rows[1:], result.table.to_pylist(), strict=True):
        for text, (name, kind) in zip(line, RESULT_COLUMNS, strict=True):
            if row[name] is None:
                assert text == "0.0000"  # the average of nothing
            elif kind in digits:
                assert Decimal(text) == row[name]
                assert len(text.partition(".")[2]) == digits[kind]
            elif kind == QUANTITY:
                assert Decimal(text) == row[name]
                assert not ("." in text and text.endswith(("0", ".")))
            else:
                assert text == row[name]


def test_csv_is_plain_utf8_with_line_feeds(result, tmp_path):
    write_csv(result, tmp_path / "r.csv")
    raw = (tmp_path / "r.csv").read_bytes()
    assert raw.startswith(b"investor,") and raw.endswith(b"\n") and b"\r" not in raw


def test_csv_neutralises_and_quotes_names(result, tmp_path):
    names = [*FORMULAS, 'a"b', "a,b", "line\nbreak", "张三"]
    write_csv(named(result, names), tmp_path / "r.csv")
    read = [line[0] for line in read_csv(tmp_path / "r.csv")[1:]]
    assert read == [f"'{name}" for name in FORMULAS] + names[len(FORMULAS) :]


def test_csv_quantities_with_and_without_decimals(result, tmp_path):
    rows = result.table.slice(0, 4).to_pylist()
    for row, text in zip(rows, ["100.0000", "0.0000", "130.2500", "1000.0001"], strict=True):
        row["scope_quantity"] = Decimal(text)
    write_csv(result_of(result.plan, rows), tmp_path / "r.csv")
    assert [line[3] for line in read_csv(tmp_path / "r.csv")[1:]] == ["100", "0", "130.25", "1000.0001"]


def test_csv_of_nobody_has_a_header(result, tmp_path):
    write_csv(result_of(result.plan, []), tmp_path / "r.csv")
    assert len(read_csv(tmp_path / "r.csv")) == 1


def test_csv_in_several_slices_loses_nothing(result, tmp_path, monkeypatch):
    from fengqiao.engine.loss.outputs import csv_file

    write_csv(result, tmp_path / "whole.csv")
    monkeypatch.setattr(csv_file, "ROWS_AT_ONCE", 7)
    write_csv(result, tmp_path / "parts.csv")
    assert (tmp_path / "whole.csv").read_bytes() == (tmp_path / "parts.csv").read_bytes()


def test_workbook_sheets_and_figures(result, tmp_path):
    write_workbook(result, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["结果", "设置", "数据问题", "基准日计算"]
    sheet = book["结果"]
    assert sheet.freeze_panes == "B4" and sheet.auto_filter.ref == f"A3:R{3 + len(result.table)}"
    headings = [cell.value for cell in sheet[3]]
    assert headings[:5] == ["投资者", "证券", "虚假陈述", "范围内股数", "买入平均价（元）"]
    for line, row in zip(sheet.iter_rows(min_row=4, values_only=True), result.table.to_pylist(), strict=True):
        for value, (name, kind) in zip(line, RESULT_COLUMNS, strict=True):
            if kind in (AMOUNT, PRICE, RATIO, QUANTITY):
                assert value is None if row[name] is None else Decimal(repr(value)) == row[name]
            else:
                assert (value or "") == row[name]
    assert sheet["J4"].number_format == "#,##0.00" and sheet["K4"].number_format == "0.00%"


def test_workbook_totals_are_sums_of_the_rows(result, tmp_path):
    write_workbook(result, tmp_path / "r.xlsx")
    formulas = openpyxl.load_workbook(tmp_path / "r.xlsx")["结果"]
    assert formulas["Q2"].value == f"=SUBTOTAL(109,Q4:Q{3 + len(result.table)})"
    stored = openpyxl.load_workbook(tmp_path / "r.xlsx", data_only=True)["结果"]
    total = sum(row["total"] for row in result.table.to_pylist())
    assert Decimal(str(stored["Q2"].value)) == total


def test_workbook_never_turns_input_into_formulas(result, tmp_path):
    findings = tuple(DataFinding("bad_price", text, text, text, 2, text) for text in FORMULAS)
    plan = made_plan(made_market(), case={"name": "=EVIL()"})
    hostile = dataclasses.replace(
        named(result, FORMULAS),
        plan=plan,
        findings=findings,
        digests={"=file": "=x"},
        settings={"case.name": "=EVIL()"},
    )
    write_workbook(hostile, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    formulas = [
        (sheet.title, cell.coordinate) for sheet in book for row in sheet for cell in row if cell.data_type == "f"
    ]
    assert {title for title, _ in formulas} == {"结果"}
    assert all(place[1:] == "2" for _, place in formulas)
    assert [book["结果"].cell(4 + k, 1).value.lstrip("'") for k in range(4)] == FORMULAS[:4]


def test_workbook_says_settings_law_and_findings(result, tmp_path):
    write_workbook(result, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    settings = {row[0]: row[1:] for row in book["设置"].iter_rows(values_only=True) if row[0]}
    assert settings["平均价格算法"][0] == "移动加权平均"
    assert settings["基准日"][1] == "法释〔2022〕2号第26条第1款至第3款"
    assert settings["交易记录：trades.csv"][0].startswith("sha256:")
    assert any(str(row[2]).startswith("待核") for row in settings.values())
    found = list(book["数据问题"].iter_rows(min_row=3, values_only=True))
    assert len(found) == len(made_findings())
    assert found[1][2:4] == (4021, "A000000003") and found[1][4] == "卖出超过已知持仓" and found[1][6] == "参与"
    days = list(book["基准日计算"].iter_rows(values_only=True))
    assert days[1][0] == "日期" and len(days) >= 30 and days[5][1] == "停牌"


def test_workbook_says_how_many_findings_are_not_listed(result, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "FINDINGS_SHOWN", 2)
    write_workbook(result, tmp_path / "r.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["数据问题"]
    assert "其余 2 项见 findings.csv" in sheet["A1"].value and sheet.max_row == 4


def test_workbook_continues_on_further_sheets(result, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "ROWS_A_SHEET", 15)
    write_workbook(result, tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames[:3] == ["结果", "结果2", "结果3"]
    names = [
        book[title].cell(row, 1).value for title in book.sheetnames[:3] for row in range(4, book[title].max_row + 1)
    ]
    assert names == result.table["investor"].to_pylist()


def test_workbook_headings_of_inducing_sale_speak_of_buying_back(tmp_path):
    plan = made_plan(made_market(), case={"direction": "inducing_sale"})
    write_workbook(made_result(plan, 5), tmp_path / "r.xlsx")
    headings = [cell.value for cell in openpyxl.load_workbook(tmp_path / "r.xlsx")["结果"][3]]
    assert headings[4:8] == ["买回平均价（元）", "已买回股数", "卖出平均价（元）", "未买回股数"]


def test_workbook_of_nobody_and_without_market(tmp_path):
    plan = made_plan(None, dates={"benchmark": "2019-07-01", "benchmark_price": "3.5"})
    write_workbook(result_of(plan, []), tmp_path / "r.xlsx")
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book["结果"]["A3"].value == "投资者" and book["结果"].max_row == 3
    assert "由案件文件给定" in book["基准日计算"]["A2"].value
    assert book["数据问题"]["A1"].value == "没有发现数据问题。"


def test_workbook_is_the_same_every_time(result, tmp_path):
    for name in ("a", "b"):
        write_workbook(result, tmp_path / name)
    digests = {hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("a", "b")}
    assert len(digests) == 1


def test_workbook_cuts_texts_that_are_too_long_for_a_cell(result, tmp_path):
    write_workbook(named(result, ["张" * 40_000]), tmp_path / "r.xlsx")
    assert openpyxl.load_workbook(tmp_path / "r.xlsx")["结果"]["A4"].value.endswith("…")


def test_workbook_of_a_hundred_thousand_rows(result, tmp_path):
    big = repeated(result, 2500)
    write_workbook(big, tmp_path / "r.xlsx")
    sheet = python_calamine.load_workbook(tmp_path / "r.xlsx").get_sheet_by_name("结果")
    rows = sheet.to_python(skip_empty_area=False)[3:]
    assert (len(rows), rows[-1][0]) == (100_000, "B000099999")


def test_sample_case_is_a_case():
    assert case_table()["case"]["rules"] == "cn2022"
