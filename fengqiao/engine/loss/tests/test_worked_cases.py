"""Worked cases (cases/*.toml), each by the exact twin, by the kernels and by the whole way from files to results."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from fengqiao.engine.loss import kernel_layout as k
from fengqiao.engine.loss.block import exact_results, measure_block
from fengqiao.engine.loss.checks import day_checks
from fengqiao.engine.loss.inputs import InputFiles
from fengqiao.engine.loss.kernel_plan import FIRST_DAY, LAST_DAY, kernel_plan
from fengqiao.engine.loss.market import ordinal
from fengqiao.engine.loss.measure import measure_files
from fengqiao.engine.loss.results import result_batch
from fengqiao.engine.loss.tests.worked_case import CASES, INVESTOR, plan_of, rows_of, trades_of, worked, write_inputs

FILES = sorted(path.name for path in CASES.glob("*.toml") if not path.name.startswith("key_dates"))
WORKED = [case for file in FILES for case in worked(file)]
BASE = ordinal(FIRST_DAY)


def expected_rows(case: dict[str, Any]) -> list[dict[str, Any]]:
    found = case["expected"]
    return found if isinstance(found, list) else [found]


def check(row: dict[str, Any], wanted: dict[str, Any], name: str) -> None:
    for column, value in wanted.items():
        got = row[column]
        if column == "findings":
            for part in value:
                assert part in got, f"{name}: {column}"
            assert value or not got, f"{name}: unexpected findings {got}"
        elif value == "none":
            assert got is None, f"{name}: {column}"
        elif isinstance(got, Decimal):
            assert got == Decimal(value), f"{name}: {column} is {got}, worked out by hand: {value}"
        else:
            assert got == value, f"{name}: {column}"


@pytest.mark.parametrize("case", WORKED, ids=[f"{case['file']}: {case['name']}" for case in WORKED])
def test_twin_and_kernel(case: dict[str, Any]) -> None:
    whole = plan_of(case)
    trades = trades_of(case["trades"])
    rows, starts = rows_of([trades])
    checks = day_checks(whole, BASE, (LAST_DAY - FIRST_DAY).days + 1)
    outs, exact = [], 0
    for plan in whole.segments:
        twin = exact_results(sorted(trades), plan, whole, checks, BASE)
        compiled = kernel_plan(plan, whole)
        kernel = None if isinstance(compiled, str) else compiled
        out, recomputed = measure_block(rows, starts, plan, whole, kernel, checks, BASE)
        assert out[:, 0].tolist() == twin.tolist()
        outs.append(out)
        exact += recomputed
    # an ordinary case must be proven by the kernel; those that need exact arithmetic say so
    assert (exact > 0) == case.get("exact", False)
    import pyarrow as pa

    table = pa.Table.from_batches([result_batch(pa.array([INVESTOR]), outs, whole, {})])
    for row, wanted in zip(table.to_pylist(), expected_rows(case), strict=True):
        check(row, wanted, case["name"])
    assert (outs[0][k.R_BOUGHT] >= 0).all()


@pytest.mark.parametrize("case", WORKED, ids=[f"{case['file']}: {case['name']}" for case in WORKED])
def test_from_files(case: dict[str, Any], tmp_path: Path) -> None:
    files = write_inputs(case, tmp_path)
    done = measure_files(
        InputFiles(files["case"], (files["trades"],), files.get("market"), files.get("indices"), files.get("actions")),
        tmp_path / "out", formats=("parquet",),
    )  # fmt: skip
    rows = pq.read_table(tmp_path / "out" / "results.parquet").to_pylist()
    assert [row["investor"] for row in rows] == [INVESTOR] * len(expected_rows(case))
    for row, wanted in zip(rows, expected_rows(case), strict=True):
        check(row, wanted, case["name"])
    total = sum(row["total"] for row in rows)
    assert done.result.totals.sums["total"] == int(total * 100)
    assert np.all([row["total"] >= 0 for row in rows])
