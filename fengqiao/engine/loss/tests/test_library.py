"""The library: frames in and out, the same figures and sentences as files, documented examples that run."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fengqiao.engine.errors import InputError
from fengqiao.engine.loss import (
    FINDINGS_SCHEMA,
    RESULT_SCHEMA,
    RESULT_SCHEMA_VERSION,
    load_case,
    prepare,
    statement_text,
    write_statement,
)
from fengqiao.engine.loss.inputs import InputFiles
from fengqiao.engine.loss.measure import measure_files

ROOT = Path(__file__).parents[4]
CASE: dict[str, Any] = {
    "case": {"name": "样本", "security": "600000", "rules": "cn2022", "direction": "inducing_purchase"},
    "dates": {
        "implementation": "2022-03-01", "revelation": "2023-07-20", "benchmark": "2023-09-01",
        "benchmark_price": "8.50",
    },
}  # fmt: skip
ROWS: dict[str, list[Any]] = {
    "investor": ["I0002", "I0001", "I0001", "I0003"],
    "date": [dt.date(2022, 6, 6), dt.date(2022, 5, 5), dt.date(2023, 8, 1), dt.date(2022, 5, 7)],
    "side": ["buy", "buy", "sell", "sell"],
    "quantity": [300, 1000, 400, 50],
    "price": [11.111, 12.34, 9.01, 10.0],
}
FRAMES = {
    "arrow": pa.table,
    "batch": pa.RecordBatch.from_pydict,
    "polars": lambda rows: pl.DataFrame(rows, strict=False),
    "pandas": pd.DataFrame,
    "pandas by pyarrow": lambda rows: pd.DataFrame(rows).convert_dtypes(dtype_backend="pyarrow"),
}


def from_files(rows: dict[str, list[Any]], folder: Path) -> tuple[pa.Table, str]:
    """Results and findings of the same rows in a Parquet file, through the command's way."""
    from fengqiao.engine.loss.tests.worked_case import toml_text

    (folder / "case.toml").write_text(toml_text(CASE), encoding="utf-8")
    pq.write_table(pa.table(rows), folder / "trades")
    measure_files(InputFiles(folder / "case.toml", (folder / "trades",)), folder / "out", formats=("parquet",))
    return pq.read_table(folder / "out" / "results.parquet"), (folder / "out" / "findings.csv").read_text("utf-8")


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_figures_of_files_and_its_own_kind(kind: str, tmp_path: Path) -> None:
    frame = FRAMES[kind](ROWS)
    measured = prepare(CASE).measure(frame)
    expected, findings = from_files(ROWS, tmp_path)
    assert measured.to_arrow().equals(expected)
    own = type(pa.table(ROWS)) if kind == "batch" else type(frame)
    assert type(measured.frame) is own
    assert type(measured.findings) is own
    assert isinstance(measured.to_polars(), pl.DataFrame)
    assert isinstance(measured.to_pandas(), pd.DataFrame)
    assert measured.totals.investors == 3
    reasons = pl.DataFrame(measured.findings)["reason"].to_list() if kind != "arrow" else []
    assert all(reason in findings for reason in reasons)


def test_figures_by_hand() -> None:
    """1,000 bought at 12.34, 400 sold at 9.01, 600 held at 8.50: 400 * 3.33 + 600 * 3.84 = 3,636.00; commission 0.03%:
    1.09; stamp duty 0.1% for what was sold before 2023-08-28, 0.05% at the benchmark date: 0.07% of 3,636: 2.55."""
    row = prepare(CASE).measure(pl.DataFrame(ROWS)).to_polars().row(0, named=True)
    assert row["difference_loss"] == Decimal("3636.00")
    assert row["commission"] == Decimal("1.09")
    assert row["stamp_duty"] == Decimal("2.55")
    assert row["total"] == Decimal("3639.64")


def test_the_schema_is_stable_and_carries_its_version() -> None:
    measured = prepare(CASE).measure(pa.table(ROWS))
    assert measured.to_arrow().schema.equals(RESULT_SCHEMA, check_metadata=True)
    assert RESULT_SCHEMA.metadata[b"fengqiao.schema"] == str(RESULT_SCHEMA_VERSION).encode()
    assert measured.findings.schema.equals(FINDINGS_SCHEMA)
    # a change of these is a new version of the schema
    assert RESULT_SCHEMA_VERSION == 1
    assert RESULT_SCHEMA.names == [
        "investor", "security", "segment", "scope_quantity", "purchase_average", "sold_quantity", "sale_average",
        "held_quantity", "benchmark_price", "difference_loss", "market_risk_ratio", "other_ratio", "awarded_loss",
        "commission", "stamp_duty", "interest", "total", "findings", "bought_quantity", "left_quantity",
        "oversold_quantity", "stock_drop",
    ]  # fmt: skip


BROKEN: list[tuple[str, dict[str, list[Any]], str]] = [
    ("a text that is no number", {**ROWS, "price": ["11.111", "12,3a", "9.01", "10"]}, "bad_price"),
    ("NaN", {**ROWS, "price": [11.111, float("nan"), 9.01, 10.0]}, "missing_value"),
    ("infinity", {**ROWS, "price": [11.111, float("inf"), 9.01, 10.0]}, "bad_price"),
    ("an empty cell", {**ROWS, "price": [11.111, None, 9.01, 10.0]}, "missing_value"),
    ("a negative quantity", {**ROWS, "quantity": [300, -1, 400, 50]}, "bad_quantity"),
    ("a day that is none", {**ROWS, "date": ["2022-06-06", "2022-13-05", "2023-08-01", "2022-05-07"]}, "bad_date"),
    ("a side that is none", {**ROWS, "side": ["buy", "hold", "sell", "sell"]}, "bad_side"),
]


@pytest.mark.parametrize("kind", ["arrow", "polars", "pandas"])
@pytest.mark.parametrize(("what", "rows", "code"), BROKEN, ids=[what for what, _, _ in BROKEN])
def test_bad_rows_are_told_in_the_sentences_of_files(
    kind: str, what: str, rows: dict[str, list[Any]], code: str, tmp_path: Path
) -> None:
    measured = prepare(CASE).measure(FRAMES[kind](rows))
    found = [item for item in measured.result.findings if not item.used]
    assert [(item.row, item.investor) for item in found] == [(3, "I0001")]
    if not (kind == "pandas" and what == "NaN"):
        _, told = from_files(rows, tmp_path)
        assert found[0].reason in told, what
    assert found[0].code in (code, "missing_value", "bad_price")
    assert measured.totals.rows_left_out == 1


@pytest.mark.parametrize("kind", ["arrow", "polars", "pandas"])
def test_tables_that_cannot_be_used_are_refused_in_a_sentence(kind: str) -> None:
    prepared, make = prepare(CASE), FRAMES[kind]
    with pytest.raises(InputError, match=r"Column is missing \(缺少列\) in trades .*\"price\""):
        prepared.measure(make({name: values for name, values in ROWS.items() if name != "price"}))
    with pytest.raises(InputError, match=r"There is no trade record"):
        prepared.measure(make({name: values[:0] for name, values in ROWS.items()}))
    with pytest.raises(InputError, match="occurs twice"):
        prepared.measure(make({**ROWS, "成交价": ROWS["price"]}))


def test_what_is_no_table_is_refused() -> None:
    prepared = prepare(CASE)
    for thing in ([1, 2], {"a": 1}, "no_such_file.csv", pl.DataFrame(ROWS).lazy()):
        with pytest.raises(InputError):
            prepared.measure(thing)
    with pytest.raises(InputError, match="neither texts, numbers nor dates"):
        prepared.measure(pa.table({**ROWS, "price": [[1], [2], [3], [4]]}))


def test_a_statement_is_about_one_investor() -> None:
    prepared, trades = prepare(CASE), pl.DataFrame(ROWS)
    statement = prepared.statement(trades.filter(pl.col("investor") == "I0001"))
    assert "3,639.64 元" in statement_text(statement)
    assert "3,639.64 元" in statement_text(prepared.statement(trades, "I0001"))
    with pytest.raises(InputError, match="hold 3 investors"):
        prepared.statement(trades)
    with pytest.raises(InputError, match='"X" is not in'):
        prepared.statement(trades, "X")


def test_statements_are_written_as_pdf(tmp_path: Path) -> None:
    write_statement(prepare(CASE).statement(pd.DataFrame(ROWS), "I0001"), tmp_path / "one.pdf")
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF")


def test_market_data_may_be_frames() -> None:
    case = {**CASE, "dates": {"implementation": "2022-03-01", "revelation": "2023-07-20"}}
    days = [
        day
        for day in pd.bdate_range("2022-03-01", "2023-09-28").date
        if not dt.date(2022, 9, 30) < day < dt.date(2022, 10, 8)
    ]
    market = pl.DataFrame({
        "date": days, "close": [10.0 - k / 1000 for k in range(len(days))], "volume": [50_000] * len(days),
        "float_shares": [1_000_000] * len(days),
    })  # fmt: skip
    by_frame = [prepare(case, market=make(market.to_dict(as_series=False))).plan for make in FRAMES.values()]
    assert len({plan.segments[0].price for plan in by_frame}) == 1  # type: ignore[union-attr]
    with pytest.raises(InputError, match=r"market.*volume"):
        prepare(case, market=market.drop("volume"))


@pytest.mark.parametrize("kind", ["arrow", "polars", "pandas"])
def test_other_wrongs_go_the_same_way(kind: str) -> None:
    case = {
        "case": {"wrong": "manipulation", "name": "样本", "security": "600000"},
        "conduct": {"harmed": "buyers", "start": "2023-03-01", "end": "2023-03-03"},
    }
    path = FRAMES[kind]({
        "date": ["2023-03-01", "2023-03-02", "2023-03-03"], "close": ["10", "10.1", "10.2"],
    })  # fmt: skip
    prepared = prepare(load_case(case), path=path)
    trades = FRAMES[kind]({
        "investor": ["I0001"], "date": ["2023-03-02"], "side": ["buy"], "quantity": [1000], "price": ["12"],
    })  # fmt: skip
    measured = prepared.measure(trades)
    assert measured.to_polars()["total"].to_list() == [Decimal("1900.00")]
    assert type(measured.frame) is type(trades)
    assert "1,900.00 元" in statement_text(prepared.statement(trades))


def test_importing_the_library_imports_no_frames() -> None:
    code = "\n".join([
        "import sys",
        "import fengqiao.engine.loss",
        "assert 'pyarrow' not in sys.modules, 'the package must not import anything heavy'",
        "from fengqiao.engine.loss import prepare",
        "import pyarrow as pa",
        f"made = prepare({CASE!r})",
            "assert not {'pandas', 'polars'} & set(sys.modules)",
        "import datetime as dt",
        "rows = {'investor': ['A'], 'date': pa.array([dt.date(2022, 5, 5)]), 'side': ['buy'], 'quantity': [100],",
        "        'price': [12.34]}",
        "assert made.measure(pa.table(rows)).totals.investors == 1",
        "assert 'polars' not in sys.modules",
    ])  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_examples_of_the_document_run() -> None:
    document = ROOT / "docs" / "library.md"
    if not document.exists():
        pytest.skip("the documents are not beside the package")
    blocks = re.findall(r"^```python\n(.*?)^```", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    names: dict[str, Any] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for block in blocks:
            exec(compile(block, "docs/library.md", "exec"), names)
    assert "3639.64" in said.getvalue()
    assert "bad_price" in said.getvalue()
    assert "投资者损失计算书" in said.getvalue()
