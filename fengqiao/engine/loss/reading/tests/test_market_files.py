"""Market data, indices, price paths and corporate actions from CSV, Parquet and XLSX, and what is refused in them."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss.market import NO_PRICE, CorporateAction, day_of
from fengqiao.engine.loss.reading import read_actions, read_indices, read_market, read_path
from fengqiao.engine.loss.reading.tests.writing import write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

MARKET = """date,close,volume,float_shares,previous_close,security
2016-12-30,10.5,1000,5000,10.2500,600074
2016-12-29,10.25,2000.0,5000,,600074
2017-01-03,,0,5000,10.5,600074
2017-01-04,10.5,0,5000,10.5,600074
2017-01-05,,,,,600074
2016-12-29,3.3,1,1,,000001
"""
ACTIONS = """security,ex_date,bonus_ratio,rights_ratio,rights_price,cash_per_share
600074,2017-06-01,0.3,,,0.05
000001,2017-06-02,1,,,
600074,2016-06-01,,0.2,5.55,
"""


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def refused(read: Callable[[], Any]) -> str:
    with pytest.raises(InputError) as caught:
        read()
    return str(caught.value)


def test_market_is_sorted_and_suspended_days_have_no_price(tmp_path: Path) -> None:
    market = read_market(text(tmp_path / "m.csv", MARKET), "600074")
    assert (market.security, market.file) == ("600074", "m.csv")
    assert [day_of(day).isoformat() for day in market.date] == [
        "2016-12-29", "2016-12-30", "2017-01-03", "2017-01-04", "2017-01-05",
    ]  # fmt: skip
    assert market.close.tolist() == [102500, 105000, NO_PRICE, NO_PRICE, NO_PRICE]
    assert market.volume.tolist() == [2000, 1000, 0, 0, 0]
    assert market.float_shares.tolist() == [5000, 5000, 5000, 5000, 0]
    assert market.previous_close.tolist() == [NO_PRICE, 102500, 105000, 105000, NO_PRICE]
    assert market.traded.tolist() == [True, True, False, False, False]
    assert [str(values.dtype) for values in (market.date, market.close, market.volume)] == ["int32", "int64", "int64"]


def test_market_from_parquet_and_xlsx_equals_csv(tmp_path: Path) -> None:
    lines = [line.split(",") for line in MARKET.splitlines()]
    numbers = [[float(cell) if cell else None for cell in line[1:5]] for line in lines[1:]]
    dates = [dt.date.fromisoformat(line[0]) for line in lines[1:]]
    parquet, workbook = tmp_path / "m.parquet", tmp_path / "m.xlsx"
    columns: dict[str, Any] = {"date": dates, "security": [line[5] for line in lines[1:]]}
    columns |= {name: [row[position] for row in numbers] for position, name in enumerate(lines[0][1:5])}
    pq.write_table(pa.table(columns), parquet)
    cells = [[day, *row, float(line[5])] for day, row, line in zip(dates, numbers, lines[1:], strict=True)]
    write_xlsx(workbook, {"行情": [["日期", "收盘价", "成交量", "流通股本", "前收盘价", "证券代码"], *cells]})
    expected = read_market(text(tmp_path / "m.csv", MARKET), "600074.SH")
    for path in (parquet, workbook):
        market = read_market(path, "600074")
        for name in ("date", "close", "volume", "float_shares", "previous_close"):
            assert getattr(market, name).tolist() == getattr(expected, name).tolist(), (path.name, name)


def test_market_without_float_shares_and_in_chinese(tmp_path: Path) -> None:
    path = text(tmp_path / "m.csv", "日期;收盘价;成交量\n20161229;10.12345;5\n", "gb18030")
    market = read_market(path, None)
    assert (market.close.tolist(), market.float_shares.tolist(), market.security) == ([101235], [0], "")


@pytest.mark.parametrize(("line", "sentence"), [
    ("2016-12-29,1,1", 'm.csv, row 3, column "date": The day occurs twice (日期重复): 2016-12-29.'),
    ("x,1,1", 'm.csv, row 3, column "date": The date (日期) is not a date (不是日期): "x" was read.'),
    (",1,1", 'm.csv, row 3, column "date": The date (日期) is missing (缺少).'),
    ("2016-12-30,x,1", 'm.csv, row 3, column "close": The close (收盘价) is not a number (不是数字): "x" was read.'),
    ("2016-12-30,nan,1", 'm.csv, row 3, column "close": The close (收盘价) is not a number'),
    ("2016-12-30,-1,1", 'm.csv, row 3, column "close": The close (收盘价) is negative (负数): "-1" was read.'),
    ("2016-12-30,0,1", 'm.csv, row 3, column "close": The close (收盘价) is zero (为零): "0" was read.'),
    ("2016-12-30,1,", 'm.csv, row 3, column "volume": The volume (成交量) is missing (缺少).'),
    ("2016-12-30,1,1.5", 'm.csv, row 3, column "volume": The volume (成交量) is not a whole number'),
    ("2016-12-30,1,1e300", 'm.csv, row 3, column "volume": The volume (成交量) is beyond any possible value'),
    ("1066-10-14,1,1", 'm.csv, row 3, column "date": The date (日期) is not between 1990-01-01 and 2100-12-31'),
    ("2016-12-30,1", 'm.csv, row 3: The row does not have as many columns as the header (列数不符): "2016-12-30,1"'),
])  # fmt: skip
def test_bad_market_rows_are_refused_with_their_place(tmp_path: Path, line: str, sentence: str) -> None:
    path = text(tmp_path / "m.csv", f"date,close,volume\n2016-12-29,1,1\n{line}\n")
    assert refused(lambda: read_market(path, None)).startswith(sentence)


def test_market_securities(tmp_path: Path) -> None:
    path = text(tmp_path / "m.csv", MARKET)
    assert read_market(path, "1").close.tolist() == [33000]
    sentence = refused(lambda: read_market(path, "600047"))
    assert sentence.startswith(
        'm.csv, column "security": There is no row of security 600047 (没有该证券的数据): the file'
    )
    assert "600074" in sentence
    assert "000001" in sentence
    assert refused(lambda: read_market(path, None)).startswith(
        'm.csv, row 7, column "security": The file holds several'
    )
    empty = text(tmp_path / "e.csv", "date,close,volume\n")
    assert refused(lambda: read_market(empty, None)).startswith("e.csv: There is no row below the header")


def test_indices(tmp_path: Path) -> None:
    path = text(
        tmp_path / "i.csv", "date,index,close\n2016-12-30,1,3103.6368\n2016-12-29,000001,3096\n2016-12-29,399001,9\n"
    )
    first, second = read_indices(path, ["399001", "000001"])
    assert (first.name, first.close.tolist(), second.name) == ("399001", [90000], "000001")
    assert second.close.tolist() == [30960000, 31036368]
    assert [day_of(day).day for day in second.date] == [29, 30]
    assert read_indices(path, []) == ()


@pytest.mark.parametrize(("line", "sentence"), [
    ("2016-12-29,000001,1", 'i.csv, row 3, column "date": The day occurs twice'),
    ("2016-12-30,000001,", 'i.csv, row 3, column "close": The close (收盘点位) is missing'),
    ("2016-12-30,000001,0", 'i.csv, row 3, column "close": The close (收盘点位) is zero'),
    ("2016-12-30,,1", 'i.csv, row 3, column "index": The index (指数) is missing'),
])  # fmt: skip
def test_bad_index_rows(tmp_path: Path, line: str, sentence: str) -> None:
    path = text(tmp_path / "i.csv", f"date,index,close\n2016-12-29,000001,3096\n{line}\n")
    assert refused(lambda: read_indices(path, ["000001"])).startswith(sentence)


def test_unknown_index_names_the_known(tmp_path: Path) -> None:
    path = text(tmp_path / "i.csv", "date,index,close\n2016-12-29,000300,1\n2016-12-29,000905,1\n2016-12-30,000905,x\n")
    sentence = refused(lambda: read_indices(path, ["00030"]))
    assert sentence.startswith('i.csv, column "index": Unknown index "00030": did you mean "000300"?')
    assert "000905" in sentence
    assert read_indices(path, ["000300"])[0].close.tolist() == [10000]


def test_price_path(tmp_path: Path) -> None:
    series = read_path(text(tmp_path / "p.csv", "date,price\n2016-12-30,1.00005\n2016-12-29,2\n"))
    assert (series.name, series.close.tolist(), series.file) == ("p", [20000, 10001], "p.csv")
    assert read_path(text(tmp_path / "q.csv", "date,close\n2016-12-30,1\n")).close.tolist() == [10000]
    both = text(tmp_path / "r.csv", "date,close,price\n2016-12-30,1,2\n")
    assert refused(lambda: read_path(both)).startswith('r.csv, row 1: The column "close" (价格) occurs twice')
    gap = text(tmp_path / "s.csv", "date,close\n2016-12-30,\n")
    assert refused(lambda: read_path(gap)).startswith('s.csv, row 2, column "close": The close (价格) is missing')


def test_actions(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", ACTIONS)
    early = CorporateAction(dt.date(2016, 6, 1), Fraction(0), Fraction(1, 5), Fraction(111, 20), Fraction(0))
    late = CorporateAction(dt.date(2017, 6, 1), Fraction(3, 10), Fraction(0), Fraction(0), Fraction(1, 20))
    assert read_actions(path, "600074") == (early, late)
    assert read_actions(path, "300001") == ()
    assert refused(lambda: read_actions(path, None)).startswith(
        'a.csv, row 3, column "security": The file holds several'
    )
    assert read_actions(text(tmp_path / "b.csv", ACTIONS.splitlines()[0]), None) == ()


def test_actions_that_would_count_twice_or_not_at_all(tmp_path: Path) -> None:
    line = ACTIONS.splitlines()[1]
    path = text(tmp_path / "a.csv", f"{ACTIONS}{line}\n")
    said = refused(lambda: read_actions(path, "600074"))
    assert said.startswith('a.csv, row 5, column "ex_date": The corporate action occurs twice (权益事件重复): 20')
    misnamed = text(tmp_path / "b.csv", "ex_date,bonus\n2017-06-01,0.3\n")
    assert refused(lambda: read_actions(misnamed, None)).startswith("b.csv: No column says what happened")


def test_actions_from_floating_point_cells_are_exact(tmp_path: Path) -> None:
    names = ["security", "ex_date", "bonus_ratio", "cash_per_share"]
    workbook = write_xlsx(tmp_path / "a.xlsx", {"S": [names, [600074, dt.date(2017, 6, 1), 0.1 + 0.2, 1 / 3]]})
    parquet = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"ex_date": [dt.date(2017, 6, 1)], "bonus_ratio": [0.1 + 0.2], "cash_per_share": [1 / 3]}), parquet
    )
    third = Fraction(333333333333333, 10**15)
    for path in (workbook, parquet):
        assert read_actions(path, "600074") == (
            CorporateAction(dt.date(2017, 6, 1), Fraction(3, 10), cash_per_share=third),
        )
    exact = text(tmp_path / "a.csv", "ex_date,cash_per_share\n2017-06-01,0.33333333333333333333\n")
    assert read_actions(exact, None)[0].cash_per_share == Fraction(33333333333333333333, 10**20)


@pytest.mark.parametrize(("line", "sentence"), [
    ("600074,2017-06-01,x,,,", 'a.csv, row 2, column "bonus_ratio": The bonus_ratio (送转比例) is not a number'),
    ("600074,2017-06-01,-1,,,", 'a.csv, row 2, column "bonus_ratio": The bonus_ratio (送转比例) is negative'),
    ("600074,2017-06-01,1e999,,,", 'a.csv, row 2, column "bonus_ratio": The bonus_ratio (送转比例) is beyond'),
    ("600074,2017-06-01,,0.3,,", 'a.csv, row 2, column "rights_price": The rights_price (配股价格) is missing'),
    ("600074,,1,,,", 'a.csv, row 2, column "ex_date": The ex_date (除权除息日) is missing'),
])  # fmt: skip
def test_bad_actions(tmp_path: Path, line: str, sentence: str) -> None:
    path = text(tmp_path / "a.csv", f"{ACTIONS.splitlines()[0]}\n{line}\n")
    assert refused(lambda: read_actions(path, "600074")).startswith(sentence)
