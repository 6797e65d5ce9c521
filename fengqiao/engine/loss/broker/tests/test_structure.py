"""Tables of any shape: whatever stands in them, every line becomes one row or one finding."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fengqiao.engine.loss.broker import canonical_table, read_statements
from fengqiao.engine.loss.broker.headings import headings
from fengqiao.engine.loss.broker.tests.reading import checked
from fengqiao.engine.loss.broker.tests.writing import (
    write_csv,
    write_html,
    write_text,
    write_xls,
    write_xlsx,
    write_xml,
)
from fengqiao.engine.loss.broker.words import words

HEADING = st.sampled_from(sorted(headings().fields) + sorted(headings().others) + ["备用1", "", "成交日期(交易所)"])
ODD = st.sampled_from([
    "", " ", "600518", "000001", "1", "204001", "700518", "730111", "="'"600518"', "２０１６０１０５", "20160105",
    "2016-01-05", "16-01-05", "42733",
    "100", "-100", "1,000", "0",
    "0.5", "12.345678", "1e9", "1E+17", "abc", "合计", "本页小计", "第1页",
    "客户姓名：投资者A", "资金账号", "1001", "持仓",
    "09:31:02", "93102", "--", "null", "=1+1", "\u200b", "x" * 300, "(100)", "12.5元",
    "沪A", "港股通", "撤单", "废单", "人民币",
])  # fmt: skip
WORD = st.sampled_from(sorted(words().words) + [f"红冲{word}" for word in ("证券买入", "证券卖出")] + ["未知业务"])
NUMBER = st.one_of(st.integers(-(10**13), 10**13), st.floats(allow_nan=False, allow_infinity=False))
CELL = st.one_of(
    ODD, ODD, WORD, st.text(st.characters(codec="gb18030", exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=8)
)
HEADERS = st.lists(HEADING, min_size=1, max_size=14)
LINES = st.lists(st.lists(CELL, max_size=14), max_size=14)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(HEADERS, LINES), min_size=1, max_size=3), st.sampled_from(["csv", "tab", "html"]))
def test_texts_of_any_shape(parts: list[tuple[list[str], list[list[str]]]], kind: str) -> None:
    rows = [row for header, lines in parts for row in (header, *lines)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xls"
        if kind == "csv":
            write_csv(path, rows, "gb18030")
        elif kind == "tab":
            write_text(path, rows, "gb18030")
        else:
            write_html(path, rows, "标题", "gb18030")
        if path.stat().st_size:
            canonical_table(checked(read_statements([path])).rows)


@settings(max_examples=40, deadline=None)
@given(
    HEADERS,
    st.lists(st.lists(st.one_of(CELL, NUMBER), max_size=14), max_size=10),
    st.sampled_from(["xls", "xlsx", "xml"]),
)
def test_workbooks_of_any_shape(header: list[str], lines: list[list[object]], kind: str) -> None:
    rows = [header, *lines]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xls"
        if kind == "xls":
            write_xls(path, rows)
        elif kind == "xlsx":
            clean = [
                ["".join(c for c in item if c >= " ") if isinstance(item, str) else item for item in row]
                for row in rows
            ]
            write_xlsx(
                path, {"一": [["'" + item if str(item).startswith("=") else item for item in row] for row in clean]}
            )
        else:
            write_xml(path, rows, "一")
        canonical_table(checked(read_statements([path])).rows)


ORDERED_WORDS = st.sampled_from(
    ["证券买入", "证券卖出", "红股入账", "配股入账", "新股入账", "中签缴款", "冲正", "担保品划出", "担保品划入"]
)
QUANTITY, PRICE = st.sampled_from([100, -100, 200]), st.sampled_from(["", "12", "12.5"])
ORDERED = st.lists(st.tuples(st.integers(1, 28), ORDERED_WORDS, QUANTITY, PRICE), max_size=20)


@settings(max_examples=80, deadline=None)
@given(ORDERED, ORDERED)
def test_lines_that_belong_together_never_vanish(
    one: list[tuple[int, str, int, str]], two: list[tuple[int, str, int, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, lines in (("a", one), ("b", two)):
            table = [["成交日期", "证券代码", "业务名称", "成交数量", "成交价格"]]
            table += [
                [f"201601{day:02d}", "600518", word, str(quantity), price] for day, word, quantity, price in lines
            ]
            paths.append(write_csv(Path(folder) / f"{name}.csv", table, "utf-8"))
        checked(read_statements(paths))
