"""Trades in every format, encoding and spelling the reader promises to understand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.reading import LeftOut, merge_left_out, open_trades
from fengqiao.engine.loss.reading.tests.writing import (
    NAMES,
    csv_bytes,
    good_row,
    read_all,
    sheet_of,
    tuples,
    write_csv,
    write_parquet,
    write_xlsx,
)  # fmt: skip
from fengqiao.engine.loss.rows import ABSENT, BLOCK, BONUS, BUY, DIVIDEND, OPENING, SELL, TRANSFER_OUT

CHINESE = ["投资者", "证券账户", "证券代码", "成交日期", "成交时间", "序号", "买卖方向", "成交数量", "成交价格", "佣金",
           "印花税", "业务类别"]  # fmt: skip
DAY = ordinal(dt.date(2016, 12, 1))
MORNING = (9 * 3600 + 30 * 60 + 15) * 10**6
ONE = (2, "A1", DAY, BUY, 100, 123400, MORNING, 7, 0, 50000, 0)
REQUIRED = {"investor": ["A1"], "date": ["2016-12-01"], "side": ["buy"], "quantity": ["100"], "price": ["12.34"]}


def parquet(path: Path, **columns: Any) -> Path:
    """One row or more; columns replace the required ones."""
    arrays = {name: column if isinstance(column, pa.Array) else pa.array(column) for name, column in columns.items()}
    length = max(len(column) for column in arrays.values())
    rest = {name: pa.array(values * length) for name, values in REQUIRED.items() if name not in arrays}
    pq.write_table(pa.table(rest | arrays), path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("header", [NAMES, CHINESE, [f" {name.upper()} " for name in NAMES]])
def test_csv_in_all_encodings(tmp_path: Path, encoding: str, delimiter: str, header: list[str]) -> None:
    rows = [good_row(), good_row(side="卖出", kind="大宗交易", investor="张三")]
    path = write_csv(tmp_path / "t.csv", rows, names=NAMES, header=header, encoding=encoding, delimiter=delimiter)
    found, findings = read_all(path)
    assert found == [ONE, (3, "张三", DAY, SELL, 100, 123400, MORNING, 7, BLOCK, 50000, 0)]
    assert findings == []


@pytest.mark.parametrize("side", ["buy", "B", "买入", "证券买入", " Buy "])
def test_sides(tmp_path: Path, side: str) -> None:
    assert read_all(write_csv(tmp_path / "t.csv", [good_row(side=side)]))[0] == [ONE]


@pytest.mark.parametrize("date", ["2016-12-01", "20161201", "2016/12/01", "2016/12/1", "2016.12.01", "2016年12月1日",
                                  "2016-12-01 00:00:00"])  # fmt: skip
@pytest.mark.parametrize("time", ["09:30:15", "9:30:15", "09:30:15.000", "93015", "093015"])
def test_dates_and_times(tmp_path: Path, date: str, time: str) -> None:
    assert read_all(write_csv(tmp_path / "t.csv", [good_row(date=date, time=time)])) == ([ONE], [])


def test_only_required_columns_leave_the_others_out(tmp_path: Path) -> None:
    rows = [{name: good_row()[name] for name in ("price", "investor", "date", "side", "quantity")}]
    chunk = open_trades([write_csv(tmp_path / "t.csv", rows)], None).load(0).chunk
    assert tuples(chunk) == [(2, "A1", DAY, BUY, 100, 123400, ABSENT, ABSENT, 0, ABSENT, ABSENT)]
    optional = (
        chunk.time,
        chunk.sequence,
        chunk.kind,
        chunk.commission,
        chunk.stamp_duty,
        chunk.comparable().account,
        chunk.row,
    )
    assert optional == (None,) * 7


def test_the_kind_decides_the_side_and_what_may_be_zero(tmp_path: Path) -> None:
    rows = [
        good_row(kind="opening", side="", price=""),
        good_row(kind="转出", side="buy", price="0"),
        good_row(kind="红股", side="whatever", price="0"),
        good_row(kind="dividend", side="sell", price="0.35", quantity="0"),
        good_row(kind="rights", price="0"),
        good_row(kind="dividend", price="", quantity="0"),
    ]
    found, findings = read_all(write_csv(tmp_path / "t.csv", rows))
    assert [(row[0], row[3], row[4], row[5], row[8]) for row in found] == [
        (2, BUY, 100, 0, OPENING), (3, SELL, 100, 0, TRANSFER_OUT), (4, BUY, 100, 0, BONUS),
        (5, BUY, 0, 3500, DIVIDEND),
    ]  # fmt: skip
    assert [(finding.row, finding.code) for finding in findings] == [(6, "bad_price"), (7, "missing_value")]


def test_rounding_is_told_and_noise_is_not(tmp_path: Path) -> None:
    prices = ["12.34565", "12.34564999", "12.340000000000001", "0.1", "12.3400000000", "0.00005"]
    rows = [good_row(price=price) for price in prices]
    found, findings = read_all(write_csv(tmp_path / "t.csv", rows))
    assert [row[5] for row in found] == [123457, 123456, 123400, 1000, 123400, 1]
    assert [(finding.row, finding.code, finding.used) for finding in findings] == [
        (2, "price_rounded", True), (3, "price_rounded", True), (7, "price_rounded", True),
    ]  # fmt: skip
    assert findings[0].reason == "成交价格“12.34565”超过四位小数，已四舍五入到0.0001元。"


def test_findings_say_where_who_and_what(tmp_path: Path) -> None:
    rows = [good_row(), good_row(investor="张三", quantity="一百" * 40), good_row(price="")]
    found, findings = read_all(write_xlsx(tmp_path / "t.xlsx", {"甲": [["x"]], "乙": sheet_of(rows)}))
    assert len(found) == 1
    assert [(f.code, f.file, f.sheet, f.row, f.investor, f.used) for f in findings] == [
        ("bad_quantity", "t.xlsx", "乙", 3, "张三", False), ("missing_value", "t.xlsx", "乙", 4, "A1", False),
    ]  # fmt: skip
    assert findings[0].reason == f"成交数量“{'一百' * 20}…”不是数字，该行未参与计算。"
    assert findings[1].reason == "缺少成交价格，该行未参与计算。"


def test_other_securities_are_told_once(tmp_path: Path) -> None:
    codes = ["600074", "000001", "600074.SH", "", "000001", "sh600074", "1", "300001"]
    rows = [good_row(security=code, price="x" if code == "000001" else "1") for code in codes]
    found, findings = read_all(write_csv(tmp_path / "t.csv", rows))
    assert [row[0] for row in found] == [2, 4, 5, 7]
    assert [(f.code, f.row, f.used) for f in findings] == [
        ("unknown_security", 3, False), ("unknown_security", 8, False), ("unknown_security", 9, False),
    ]  # fmt: skip
    assert findings[0].reason == "证券代码 000001 不是本案证券 600074，共 2 行未参与计算（首行见本行号）。"
    assert len(read_all(tmp_path / "t.csv", security=None)[0]) == 6  # the two prices "x" stay bad


def test_other_securities_of_several_parts_can_be_put_together(tmp_path: Path) -> None:
    rows = [good_row(security=code) for code in ["000001", "600074", "000001", "000002", "000001"]]
    path = write_parquet(tmp_path / "t.parquet", rows, group=2)
    found, findings = read_all(path)
    assert len(found) == 1
    assert [(f.security, f.row, f.count) for f in findings if isinstance(f, LeftOut)] == [
        ("000001", 2, 1), ("000001", 4, 1), ("000002", 5, 1), ("000001", 6, 1),
    ]  # fmt: skip
    merged = merge_left_out(findings, "600074")
    assert [(f.row, f.reason) for f in merged] == [
        (2, "证券代码 000001 不是本案证券 600074，共 3 行未参与计算（首行见本行号）。"),
        (5, "证券代码 000002 不是本案证券 600074，共 1 行未参与计算（首行见本行号）。"),
    ]


@pytest.mark.parametrize("investor", [
    pa.array(["A1"]), pa.array(["A1"], pa.large_string()), pa.array(["A1"]).dictionary_encode(), pa.array([b"A1"]),
    pa.array(["A1"], pa.string_view()),
])  # fmt: skip
def test_parquet_identifiers(tmp_path: Path, investor: pa.Array) -> None:
    assert read_all(parquet(tmp_path / "t.parquet", investor=investor))[0][0][:3] == (2, "A1", DAY)


@pytest.mark.parametrize(("investor", "text"), [
    (pa.array([37]), "37"), (pa.array([37], pa.uint8()), "37"), (pa.array([37.0]), "37"),
    (pa.array([110101199001011234]), "110101199001011234"),
])  # fmt: skip
def test_parquet_identifiers_stored_as_numbers(tmp_path: Path, investor: pa.Array, text: str) -> None:
    assert read_all(parquet(tmp_path / "t.parquet", investor=investor))[0][0][1] == text


@pytest.mark.parametrize("date", [
    pa.array([dt.date(2016, 12, 1)]), pa.array([dt.date(2016, 12, 1)], pa.date64()), pa.array([20161201]),
    pa.array([20161201.0]), pa.array([dt.datetime(2016, 12, 1, 9, 30)]),  # noqa: DTZ001
    pa.array([dt.datetime(2016, 11, 30, 16, tzinfo=dt.UTC)]), pa.array(["2016/12/01"]).dictionary_encode(),
    pa.array([dt.datetime(2016, 12, 1)], pa.timestamp("ns")),  # noqa: DTZ001
])  # fmt: skip
def test_parquet_dates(tmp_path: Path, date: pa.Array) -> None:
    assert read_all(parquet(tmp_path / "t.parquet", date=date))[0][0][2] == DAY


@pytest.mark.parametrize("time", [
    pa.array([dt.time(9, 30, 15)], pa.time32("s")), pa.array([dt.time(9, 30, 15)], pa.time32("ms")),
    pa.array([dt.time(9, 30, 15)], pa.time64("us")), pa.array([dt.time(9, 30, 15)], pa.time64("ns")), pa.array([93015]),
    pa.array(["9:30:15"]), pa.array([dt.datetime(2016, 12, 1, 9, 30, 15)]),  # noqa: DTZ001
])  # fmt: skip
def test_parquet_times(tmp_path: Path, time: pa.Array) -> None:
    assert read_all(parquet(tmp_path / "t.parquet", time=time))[0][0][6] == MORNING


@pytest.mark.parametrize("price", [
    pa.array([12.34]), pa.array([12.34], pa.float32()), pa.array([Decimal("12.34")]), pa.array(["12.34"]),
    pa.array([Decimal("12.34")], pa.decimal256(50, 10)), pa.array([12.340000000000002]),
])  # fmt: skip
@pytest.mark.parametrize("quantity", [
    pa.array([100]), pa.array([100], pa.int16()), pa.array([100.0]), pa.array([Decimal("100.00")]), pa.array(["100.0"]),
    pa.array([100], pa.uint64()),
])  # fmt: skip
def test_parquet_numbers(tmp_path: Path, price: pa.Array, quantity: pa.Array) -> None:
    found, findings = read_all(parquet(tmp_path / "t.parquet", price=price, quantity=quantity))
    assert (found[0][4:6], findings) == ((100, 123400), [])


def test_parquet_nothing_but_numbers_counts_as_a_number(tmp_path: Path) -> None:
    for column in (pa.array([True]), pa.array([dt.date(2016, 12, 1)]), pa.array([dt.time(1)]), pa.nulls(1)):
        found, findings = read_all(parquet(tmp_path / "t.parquet", price=column))
        assert (found, len(findings)) == ([], 1)


def test_parquet_nulls_and_nan_are_findings(tmp_path: Path) -> None:
    prices = pa.array([None, float("nan"), float("inf"), 1.0, -1.0, 0.0, 10**7 + 1.0])
    found, findings = read_all(parquet(tmp_path / "t.parquet", price=prices))
    assert [row[0] for row in found] == [5]
    assert [(f.row, f.code) for f in findings] == [
        (2, "missing_value"), (3, "bad_price"), (4, "bad_price"), (6, "bad_price"), (7, "bad_price"), (8, "bad_price"),
    ]  # fmt: skip


def test_parquet_days_and_times_beyond_any_calendar(tmp_path: Path) -> None:
    far = pa.array([0, 2**31 - 1, -(2**31), 17136], pa.int32()).view(pa.date32())
    found, findings = read_all(parquet(tmp_path / "d.parquet", date=far))
    assert [row[2] for row in found] == [17136]
    assert [(f.row, f.code) for f in findings] == [(2, "bad_date"), (3, "bad_date"), (4, "bad_date")]
    stamps = pa.array([2**62, -(2**62), 17136 * 86_400_000_000], pa.int64()).view(pa.timestamp("us"))
    found, findings = read_all(parquet(tmp_path / "s.parquet", date=stamps))
    assert [row[2] for row in found] == [17136]
    assert [(f.row, f.code) for f in findings] == [(2, "bad_date"), (3, "bad_date")]
    times = pa.array([-1, 86_400_000_000, 0], pa.int64()).view(pa.time64("us"))
    found, findings = read_all(parquet(tmp_path / "t.parquet", time=times))
    assert [row[6] for row in found] == [0]
    assert [(f.row, f.code) for f in findings] == [(2, "bad_time"), (3, "bad_time")]


def test_xlsx_typed_cells(tmp_path: Path) -> None:
    names = ["investor", "security", "date", "time", "side", "quantity", "price"]
    rows = [
        [37, 600074, dt.date(2016, 12, 1), 0.39600694, "买入", 100, 12.34],
        ["A1", "600074", 42705, "09:30:15", "buy", "100", "12.34"],
        [110101199001011, 1, 20161201, None, "buy", 100.0, 12.340000000000001],
        [110101199001011234.0, 600074, 42705, None, "buy", 100, 12.34],
    ]
    path = write_xlsx(tmp_path / "t.xlsx", {"S": [names, *rows]})
    found, findings = read_all(path)
    assert [row[:7] for row in found] == [
        (2, "37", DAY, BUY, 100, 123400, MORNING), (3, "A1", DAY, BUY, 100, 123400, MORNING),
    ]  # fmt: skip
    assert [(f.code, f.row) for f in findings] == [("bad_investor", 5), ("unknown_security", 4)]
    assert read_all(path, security=None)[0][2][1] == "110101199001011"


def test_xlsx_all_sheets_with_the_header(tmp_path: Path) -> None:
    rows = [good_row(), good_row(investor="A2")]
    sheets = {
        "封面": [["某公司"], []],
        "一月": sheet_of(rows),
        "二月": [["交易明细表"], [], *sheet_of(rows), [], [""] * 12],
    }
    source = open_trades([write_xlsx(tmp_path / "t.xlsx", sheets)], "600074")
    assert (source.parts, source.disjoint) == (2, False)
    parts = [source.load(part) for part in range(2)]
    assert [(part.chunk.source.sheet, part.chunk.row_numbers().tolist(), part.rows_read) for part in parts] == [
        ("一月", [2, 3], 2), ("二月", [4, 5], 2),
    ]  # fmt: skip


def test_several_files_of_different_kinds(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    rows = [good_row() | {"备注": "x"}]
    paths = [write_csv(tmp_path / "t.csv", rows), write_csv(tmp_path / "b" / "t.csv", rows),
             write_parquet(tmp_path / "t.parquet", rows),
             write_xlsx(tmp_path / "t.xlsx", {"S": sheet_of(rows)})]  # fmt: skip
    source = open_trades(paths, "600074")
    assert source.parts == 4
    assert source.ignored_columns == ("备注",)
    assert source.files == (str(paths[0]), str(paths[1]), "t.parquet", "t.xlsx")
    assert [tuples(source.load(part).chunk) for part in range(4)] == [[ONE]] * 4


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    rows = [good_row()]
    for written, name in ((write_csv(tmp_path / "a", rows), "a.xlsx"), (write_parquet(tmp_path / "b", rows), "b.csv"),
                          (write_xlsx(tmp_path / "c", {"S": sheet_of(rows)}), "c.parquet")):  # fmt: skip
        assert read_all(written.rename(tmp_path / name))[0] == [ONE]


def test_rows_that_do_not_fit_the_header_are_told(tmp_path: Path) -> None:
    header, good = csv_bytes([good_row()], end="\n").decode().split("\n")[:2]
    lines = [
        header, good, "", good + ",", "   ", good + ",x", good.rsplit(",", 3)[0], ",,,,,,,,,,,", f'"{good}',
        good.replace("trade", '"trade"'), good.replace("A1", 'A"1'),
    ]  # fmt: skip
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines))
    found, findings = read_all(path)
    assert [(row[0], row[1]) for row in found] == [(2, "A1"), (4, "A1"), (10, "A1"), (11, 'A"1')]
    assert [(f.row, f.code) for f in findings] == [(6, "unreadable"), (7, "unreadable"), (9, "unreadable")]


def test_line_ends_within_quotes_and_stray_carriage_returns(tmp_path: Path) -> None:
    header, good = csv_bytes([good_row() | {"备注": ""}], end="\n").decode().split("\n")[:2]
    path = tmp_path / "t.csv"
    path.write_bytes(f'{header}\n{good}"甲\n乙"\n{good}\n{good}丙\r丁\n{good}\r\n'.encode())
    found, findings = read_all(path)
    assert [row[0] for row in found] == [2, 4, 6]
    assert [(f.row, f.code) for f in findings] == [(5, "unreadable")]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_many_blocks_keep_rows_and_numbers(tmp_path: Path, encoding: str) -> None:
    header, good = csv_bytes([good_row(side="买入")], end="\n").decode().split("\n")[:2]
    total = 300_000
    lines = [header, *([good] * total)]
    bad = {5: "x,y", 150_000: f'"{good}', 299_999: good.replace("100", "1.5")}
    for number, text in bad.items():
        lines[number] = text
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines), encoding=encoding)
    source = open_trades([path], "600074")
    assert source.parts > 2
    assert not source.disjoint
    loaded = [source.load(part) for part in range(source.parts)]
    numbers = [number for part in loaded for number in part.chunk.row_numbers().tolist()]
    assert numbers == [row for row in range(2, total + 2) if row - 1 not in bad]
    assert [finding.row for part in loaded for finding in part.findings] == [number + 1 for number in bad]
    assert {tuples(part.chunk)[-1][1:] for part in loaded} == {ONE[1:]}


def test_a_file_without_records_among_others(tmp_path: Path) -> None:
    full, empty = write_csv(tmp_path / "a.csv", [good_row()]), tmp_path / "b.csv"
    empty.write_bytes(csv_bytes([good_row()]).split(b"\r\n")[0])
    source = open_trades([full, empty], None)
    assert source.parts == 1
    assert len(source.load(0).chunk) == 1


def test_accounts_have_the_same_code_everywhere(tmp_path: Path) -> None:
    rows = [good_row(account=account) for account in ["Z1", "Z2", "", "Z1", "很长的账户"]]
    text = open_trades([write_csv(tmp_path / "t.csv", rows)], None).load(0).chunk.comparable().account
    assert text is not None
    assert text[0] == text[3]
    assert len(set(text.tolist())) == 4
    assert text[2] == ABSENT
    rows[2]["account"] = "Z3"
    fast = open_trades([write_parquet(tmp_path / "t.parquet", rows)], None).load(0).chunk.comparable().account
    assert fast is not None
    assert [fast[i] == text[i] for i in range(5)] == [True, True, False, True, True]
