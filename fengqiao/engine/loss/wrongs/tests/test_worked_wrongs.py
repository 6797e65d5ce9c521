"""Worked cases of the other wrongs, from files to results; the statement says the same; the record is complete."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from fengqiao.engine.loss.explain import explain_files
from fengqiao.engine.loss.measure import measure_files
from fengqiao.engine.loss.outputs import statement_text
from fengqiao.engine.loss.run_result import RESULT_COLUMNS
from fengqiao.engine.loss.wrongs.kinds import MISREPRESENTATION, WRONGS
from fengqiao.engine.loss.wrongs.tests.wrong_cases import INVESTOR, worked, write_inputs

WORKED = worked()


def check(row: dict[str, Any], wanted: dict[str, Any], name: str) -> None:
    for column, value in wanted.items():
        got = row[column]
        if column == "findings":
            assert all(part in got for part in value), f"{name}: {got}"
        elif value == "none":
            assert got is None, f"{name}: {column}"
        else:
            assert got == Decimal(value), f"{name}: {column} is {got}, worked out by hand: {value}"


@pytest.mark.parametrize("case", WORKED, ids=[f"{case['file']}: {case['name']}" for case in WORKED])
def test_from_files(case: dict[str, Any], tmp_path: Path) -> None:
    files = write_inputs(case, tmp_path)
    done = measure_files(files, tmp_path / "out", formats=("parquet",))
    table = pq.read_table(tmp_path / "out" / "results.parquet")
    (row,) = table.to_pylist()
    check(row, case["expected"], case["name"])
    assert row["total"] == sum(row[name] for name in ("awarded_loss", "commission", "stamp_duty", "interest"))
    assert table.schema.names[: len(RESULT_COLUMNS)] == [name for name, _ in RESULT_COLUMNS]
    assert done.result.totals.sums["total"] == int(row["total"] * 100)
    statement = explain_files(files, INVESTOR)
    assert statement.award.total_fen == int(row["total"] * 100)  # type: ignore[union-attr]
    assert f"{row['total']:,.2f} 元" in statement_text(statement)
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["totals"]["total"] == str(row["total"])
    assert record["rates"]
    assert len(record["inputs"]) == len(done.result.digests)


def test_every_wrong_has_worked_cases() -> None:
    said = "".join(case["toml"] for case in WORKED)
    assert all(f'"{wrong}"' in said for wrong in WRONGS if wrong != MISREPRESENTATION)
