"""Statements as they are in life: titles, merged cells, several tables, page breaks, footers, several customers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from fengqiao.engine.loss.broker import FileSettings, Settings, load_settings, read_statements
from fengqiao.engine.loss.broker.read import investor_of_name
from fengqiao.engine.loss.broker.tests.reading import brief, checked, codes, read_lines, told
from fengqiao.engine.loss.broker.tests.writing import write_html, write_text, write_xls, write_xlsx, write_xml

HEADER = ["成交日期", "证券代码", "证券名称", "业务名称", "成交数量", "成交价格", "成交金额"]
BUY = ["20160105", "600518", "某某股份", "证券买入", 100, 12.0, 1200.0]
SELL = ["20160106", "600518", "某某股份", "证券卖出", 100, 13.0, 1300.0]
BOTH = ["2016-01-05 buy 100@12 trade 600518.SH", "2016-01-06 sell 100@13 trade 600518.SH"]


def test_page_breaks_repeated_headers_totals_and_footers(tmp_path: Path) -> None:
    rows = [
        ["某某证券客户对账单"], ["客户姓名：投资者A", "", "资金账号：1001"], [], HEADER, BUY,
        ["本页小计", "", "", "", 100, "", 1200.0],
        ["第 1 页 共 2 页"], ["某某证券客户对账单"], HEADER, SELL, ["合 计", "", "", "", 200, "", 2500.0],
        ["第 2 页 共 2 页"], [],
        ["注：本对账单仅供参考，如有疑问请与营业部核对。"], ["打印日期：2016-12-31"],
    ]  # fmt: skip
    for path in (write_xlsx(tmp_path / "a.xlsx", {"对账单": rows}), write_xls(tmp_path / "b.xls", rows)):
        done = checked(read_statements([path]))
        assert brief(done) == BOTH
        assert {entry.investor for entry in done.rows} == {"投资者A 1001"}
        assert not codes(done)


def test_two_tables_in_one_sheet_holdings_before_and_cash_after(tmp_path: Path) -> None:
    rows = [
        ["资金账号：1001"], ["股份余额"], ["证券代码", "证券名称", "股份余额", "可用股份", "成本价", "市价", "市值"],
        ["600518", "某某股份", 500, 500, 11.0, 12.0, 6000.0], ["合计", "", 500, "", "", "", 6000.0],
        ["成交明细"], HEADER, BUY, SELL,
        ["资金流水"], ["发生日期", "业务名称", "发生金额", "资金余额", "备注"],
        ["20160105", "银行转证券", 50000.0, 50000.0, ""],
    ]  # fmt: skip
    done = checked(read_statements([write_xlsx(tmp_path / "a.xlsx", {"对账单": rows})]))
    assert brief(done) == BOTH
    assert [table.mapping.kind for table in done.sheets[0].tables] == ["holdings", "trades", "cash"]
    assert codes(done) == {4: "not_share_trade", 12: "not_share_trade"}


def test_holdings_at_the_beginning_with_a_date_are_opening_positions(tmp_path: Path) -> None:
    rows = [
        ["期初持仓"],
        ["日期", "证券代码", "证券名称", "股份余额", "成本价"],
        ["20151231", "600518", "某某股份", 500, 11.0],
        ["成交明细"],
        HEADER,
        SELL,
    ]
    done = checked(read_statements([write_xlsx(tmp_path / "a.xlsx", {"对账单": rows})]))
    assert brief(done) == ["2015-12-31 buy 500@0 opening 600518.SH", BOTH[1]]
    silent = [
        ["期初持仓"],
        ["证券代码", "证券名称", "股份余额", "成本价"],
        ["600518", "某某股份", 500, 11.0],
        ["成交明细"],
        HEADER,
        SELL,
    ]
    path = write_xlsx(tmp_path / "b.xlsx", {"对账单": silent})
    assert told(checked(read_statements([path])), 3)[0] == "not_share_trade"
    dated = Settings(files={"b.xlsx": FileSettings(date=dt.date(2015, 12, 31))})
    assert brief(checked(read_statements([path], dated)))[0] == "2015-12-31 buy 500@0 opening 600518.SH"


def test_merged_cells_say_what_they_say_for_all_their_rows(tmp_path: Path) -> None:
    rows = [
        ["对账单", "", "", "", "", "", ""], HEADER, BUY, ["", "", "", "证券买入", 200, 12.5, 2500.0],
        ["", "", "", "证券卖出", 50, 13.0, 650.0], SELL,
    ]  # fmt: skip
    areas = [(0, 0, 0, 6), (2, 4, 0, 0), (2, 4, 1, 1), (2, 4, 2, 2)]
    xls = write_xls(tmp_path / "a.xls", rows, areas)
    xlsx = write_xlsx(tmp_path / "b.xlsx", {"对账单": rows}, {"对账单": ["A1:G1", "A3:A5", "B3:B5", "C3:C5"]})
    page = tmp_path / "c.xls"
    page.write_bytes(
        (
            "<table><tr><td colspan=7>对账单</td></tr><tr>" + "".join(f"<th>{name}</th>" for name in HEADER) + "</tr>"
            "<tr><td rowspan=3>20160105<td rowspan='3'>600518<td rowspan=3>某某股份"
            "<td>证券买入<td>100<td>12<td>1200</tr>"
            "<tr><td>证券买入<td>200<td>12.5<td>2500</tr><tr><td>证券卖出</td><td>50<td>13<td>650"
            "<tr><td>20160106<td>600518<td>某某股份<td>证券卖出<td>100<td>13<td>1300</table>"
        ).encode("gbk")
    )
    for path in (xls, xlsx, page):
        done = checked(read_statements([path]))
        assert [line[8:].removesuffix(" trade 600518.SH") for line in brief(done)] == [
            "05 buy 100@12", "05 buy 200@12.5", "05 sell 50@13", "06 sell 100@13",
        ], path  # fmt: skip
        assert not codes(done)


def test_headers_of_two_rows(tmp_path: Path) -> None:
    rows = [
        ["成交日期", "证券代码", "证券名称", "业务名称", "成交", "", "费用", ""],
        ["", "", "", "", "成交数量", "成交价格", "佣金", "印花税"],
        ["20160105", "600518", "某某股份", "证券买入", 100, 12.0, 5.0, 0.0],
    ]  # fmt: skip
    done = checked(read_statements([write_xlsx(tmp_path / "a.xlsx", {"x": rows})]))
    assert brief(done) == BOTH[:1]
    assert done.rows[0].commission == 50_000


def test_several_customers_and_several_sheets(tmp_path: Path) -> None:
    one = [["客户姓名：投资者A", "资金账号：1001"], HEADER, BUY]
    two = [["客户姓名：投资者B", "资金账号：1002"], HEADER, SELL, ["客户姓名：投资者C", "资金账号：1003"], HEADER, BUY]
    done = checked(read_statements([write_xlsx(tmp_path / "a.xlsx", {"甲": one, "乙": two, "空": []})]))
    assert [entry.investor for entry in done.rows] == ["投资者A 1001", "投资者B 1002", "投资者C 1003"]


def test_a_table_about_the_customer_above(tmp_path: Path) -> None:
    rows = [["客户号", "客户姓名", "资金账号", "币种"], ["77", "投资者A", "1001", "人民币"], HEADER, BUY]
    done = checked(read_statements([write_xlsx(tmp_path / "a.xlsx", {"x": rows})]))
    assert done.rows[0].investor == "投资者A 1001"


def test_a_column_of_investors(tmp_path: Path) -> None:
    header = "投资者,成交日期,证券代码,买卖方向,成交数量,成交价格"
    done = read_lines(
        tmp_path, "投资者A,20160105,600518,买入,100,12\n投资者B,20160105,600518,买入,100,12", header=header
    )
    assert [entry.investor for entry in done.rows] == ["投资者A", "投资者B"]


def test_a_cash_ledger_gives_no_rows_and_says_so(tmp_path: Path) -> None:
    header = "发生日期,业务名称,发生金额,资金余额,银行名称"
    done = read_lines(tmp_path, "20160105,银行转证券,50000,50000,某行\n20160106,证券买入,-1200,48800,", header=header)
    assert not done.rows and done.sheets[0].tables[0].mapping.kind == "cash"


def test_orders_are_no_trades(tmp_path: Path) -> None:
    header = "委托日期,委托时间,证券代码,证券名称,买卖标志,委托价格,委托数量,委托状态"
    done = read_lines(tmp_path, "20160105,09:30:00,600518,某某股份,买入,12,100,已成", header=header)
    assert not done.rows and codes(done) == {2: "not_share_trade"}


def test_a_sheet_without_header_is_told_line_by_line(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.txt", [["20160105", "600518", "买入", "100", "12"]] * 60, "utf-8")
    done = checked(read_statements([path]))
    assert not done.rows and done.rows_explained == 60


@pytest.mark.parametrize("rows", [[[]], [["x"]], [HEADER], [["合计"]], [HEADER, ["合计"]]])
def test_next_to_nothing(rows: list[list[str]], tmp_path: Path) -> None:
    for path in (
        write_xlsx(tmp_path / "a.xlsx", {"x": rows}), write_xml(tmp_path / "b.xls", rows, "x"),
        write_html(tmp_path / "c.xls", rows or [[""]], ""),
    ):  # fmt: skip
        assert not checked(read_statements([path])).rows


def test_quotes_and_line_ends_within_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        '成交日期,证券代码,业务名称,成交数量,成交价格,备注\n20160105,="600518",证券买入,"1,000",12,"第一行\n第二行"\n'
        '20160106,"=""600518""",证券卖出,"1,000",13,"没有闭合\n20160107,600518,证券买入,100,14,好\n',
        encoding="utf-8",
    )
    done = checked(read_statements([path]))
    assert [line.split()[2] for line in brief(done)] == ["1000@12", "1000@13", "100@14"]
    assert [entry.row for entry in done.rows] == [2, 4, 5]


def test_settings_override_the_mapping(tmp_path: Path) -> None:
    header = "日子,代号,做法,多少,几钱,备用"
    text = "20160105,600518,客户买进,100,12,x\n20160106,600518,客户卖掉,100,13,x"
    assert not read_lines(tmp_path, text, header=header).rows
    (tmp_path / "s.toml").write_text(
        'investor = "I0001"\n[columns]\ndate = "日子"\nsecurity = "代号"\nbusiness = "做法"\nquantity = "多少"\n'
        'price = "几钱"\n'
        '[words]\n"客户买进" = "buy"\n"客户卖掉" = "sell"\n', encoding="utf-8",
    )  # fmt: skip
    done = read_lines(tmp_path, text, header=header, settings=load_settings(tmp_path / "s.toml"))
    assert brief(done) == BOTH
    assert {entry.investor for entry in done.rows} == {"I0001"}
    assert {column.sure for column in done.sheets[0].tables[0].mapping.columns.values()} == {"given"}


def test_settings_for_one_file(tmp_path: Path) -> None:
    first = write_xlsx(tmp_path / "a.xlsx", {"要": [HEADER, BUY], "不要": [HEADER, SELL]})
    second = write_xlsx(
        tmp_path / "b.xlsx", {"x": [["乱"] * 3, ["c1", "c2", "c3", "c4", "c5"], ["600518", "买入", "100", "12", ""]]}
    )
    columns = {"security": "c1", "business": "c2", "quantity": "c3", "price": "c4"}
    settings = Settings(
        investors={"投资者A": "I0007"},
        files={
            "a.xlsx": FileSettings(investor="投资者A", sheets=("要",)),
            "b.xlsx": FileSettings(columns=columns, header_row=2, date=dt.date(2016, 3, 1)),
        },
    )
    done = checked(read_statements([first, second], settings))
    assert sorted(brief(done)) == [BOTH[0], "2016-03-01 buy 100@12 trade 600518.SH"]
    assert {entry.investor for entry in done.rows} == {"I0007", "b"}


@pytest.mark.parametrize(
    ("name", "investor"),
    [
        ("投资者A.xls", "投资者A"), ("交割单_投资者A_20160101-20161231.xls", "投资者A"),
        ("投资者A对账单(1).csv", "投资者A"),
        ("I0001 2016年历史成交.xlsx", "I0001"),
    ],
)  # fmt: skip
def test_investors_from_names_of_files(name: str, investor: str) -> None:
    assert investor_of_name(Path("某处") / name) == investor


def test_a_file_with_nothing_but_a_period_in_its_name_belongs_to_its_folder() -> None:
    assert investor_of_name(Path("投资者B") / "对账单2016.xls") == "投资者B"
