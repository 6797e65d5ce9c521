"""Tables with bad cells at random, in every format: the good rows equal a plain reader's, the bad are explained."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengqiao.engine.loss.reading.tests.reference import BLANKS, BadCellError, understand
from fengqiao.engine.loss.reading.tests.writing import (
    NAMES,
    Row,
    good_row,
    read_all,
    sheet_of,
    write_csv,
    write_parquet,
    write_xlsx,
)  # fmt: skip

ODD = [
    "", " ", "\u3000", "abc", "NaN", "nan", "inf", "-inf", "Infinity", "-1", "-0", "0", "0.0", "00", "1.5",
    "100.0", "1e2", "1E+05", "1e400", "1e-9", "+5", "5.", ".5", "-.5", "--5", "1e", "0x10", "1_000", "１２",
    "1,000", "12,5", "999999999999999999999", "1000000000000", "1000000000001", "10000000", "10000000.0001",
    "10000001", "12.34565", "12.34564999", "12.340000000000001", "0.00004", "0.00005", "9999999999999999999",
    "4611686018427387904", "4611686018427387905", "2016-02-30", "2016-02-29", "2016/2/9", "2016.02.09", "20160209",
    "2016-2/9", "2016年2月9日", "1989-12-31", "1990-01-01", "2100-12-31", "2101-01-01", "0000-00-00", "20161332",
    "42733", "09:30", "9:30:15.25", "24:00:00", "09:60", "93015", "093015", "253015", "930", "buy", "SELL", "b",
    "S", "买入", "证券卖出", "买卖", "opening", "红股", "transfer_out", "dividend", "bonus", "rights", "Block",
    "未知", "A1", " A2 ", "张三", "1.10101E+17", "x" * 201, "引\"号", "\"", "=1+1", "@x", "'1", "null", "None",
    "🙂", "a;b", "a,b",
]  # fmt: skip
ANY_TEXT = st.text(st.characters(codec="gb18030", exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=12)
CELL = st.one_of(st.sampled_from(ODD), st.sampled_from(ODD), ANY_TEXT)
GOOD = st.builds(
    good_row,
    investor=st.sampled_from(["A1", "A2", "00037", "张三", "B-7"]),
    account=st.sampled_from(["", "Z1", "Z2"]),
    date=st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31)).map(str),
    time=st.sampled_from(["", "09:30", "14:59:59.999", "93015"]),
    sequence=st.integers(0, 2**62).map(str) | st.just(""),
    side=st.sampled_from(["buy", "Sell", "B", "卖出"]),
    quantity=st.integers(1, 10**12).map(str),
    price=st.integers(1, 10**11).map(lambda units: f"{units // 10000}.{units % 10000:04d}"),
    commission=st.sampled_from(["", "0", "5", "12.3456"]),
    kind=st.sampled_from(["", "trade", "trade", "opening", "rights", "block"]),
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[Row]]:
    """Column names in some order, some optional ones left out, and rows of which some have a bad cell."""
    optional = draw(st.sets(st.sampled_from(["account", "time", "sequence", "commission", "stamp_duty", "kind"])))
    names = [name for name in NAMES if name not in optional and name != "security"]
    names = draw(st.permutations(names))
    rows = draw(st.lists(GOOD, min_size=1, max_size=12))
    for row in rows:
        for name in draw(st.sets(st.sampled_from(names), max_size=2)) if draw(st.booleans()) else ():
            row[name] = draw(CELL)
    return names, [{name: row[name] for name in names} for row in rows]


def expected(rows: list[Row], *, blank_rows: bool) -> tuple[list[tuple[object, ...]], list[int]]:
    """Row number and values of the good rows, and the row numbers of the bad ones."""
    good, bad = [], []
    for number, row in enumerate(rows, 2):
        if blank_rows and not any(cell.strip(BLANKS) for cell in row.values()):
            continue
        try:
            good.append((number, *understand(row)))
        except BadCellError:
            bad.append(number)
    return good, bad


def check(path: Path, rows: list[Row], *, blank_rows: bool) -> None:
    found, findings = read_all(path)
    good, bad = expected(rows, blank_rows=blank_rows)
    assert found == good
    assert sorted(finding.row for finding in findings if not finding.used) == bad
    assert {finding.code for finding in findings if finding.used} <= {"price_rounded"}
    for finding in findings:
        assert finding.file == path.name
        assert finding.reason.endswith("。")
        assert len(finding.reason) < 140


@settings(max_examples=250, deadline=None)
@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]), st.sampled_from([",", ";", "\t"]),
       st.sampled_from(["\n", "\r\n"]))  # fmt: skip
def test_csv_equals_the_plain_reader(
    table: tuple[list[str], list[Row]], encoding: str, delimiter: str, end: str
) -> None:
    names, rows = table
    with tempfile.TemporaryDirectory() as folder:
        path = write_csv(Path(folder, "t.csv"), rows, names=names, encoding=encoding, delimiter=delimiter, end=end)
        check(path, rows, blank_rows=True)


@settings(max_examples=150, deadline=None)
@given(tables(), st.integers(1, 5))
def test_parquet_of_texts_equals_the_plain_reader(table: tuple[list[str], list[Row]], group: int) -> None:
    names, rows = table
    with tempfile.TemporaryDirectory() as folder:
        path = write_parquet(Path(folder, "t.parquet"), rows, names, group)
        check(path, rows, blank_rows=False)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_xlsx_equals_the_plain_reader(table: tuple[list[str], list[Row]]) -> None:
    names, rows = table
    with tempfile.TemporaryDirectory() as folder:
        path = write_xlsx(Path(folder, "t.xlsx"), {"明细": sheet_of(rows, names)})
        check(path, rows, blank_rows=True)


@pytest.mark.parametrize("column", [name for name in NAMES if name not in ("security", "account")])
def test_every_odd_cell_in_every_column(tmp_path: Path, column: str) -> None:
    rows = [good_row(**{column: cell}) for cell in ODD]
    check(write_csv(tmp_path / "t.csv", rows), rows, blank_rows=True)
    check(write_parquet(tmp_path / "t.parquet", rows), rows, blank_rows=False)
    check(write_xlsx(tmp_path / "t.xlsx", {"S": sheet_of(rows)}), rows, blank_rows=True)
