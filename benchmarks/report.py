"""docs/benchmarks.md: the measured table, with the machine and the date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from benchmarks.material import LIMIT, Material
from benchmarks.peers import PandasRun
from benchmarks.statement import TRADES, StatementTimes
from benchmarks.timing import Timing, machine
from fengqiao.engine.loss.spill.limit import parse_size

MIB = 2**20


def write_report(
    path: Path, material: Material, times: dict[str, Timing], pandas: PandasRun, one: StatementTimes, date: dt.date
) -> None:
    """Write the table. Ratios are of whole processes in this run; "to reach" is what the project has set itself."""
    rows, arrow = material.rows, material.arrow_bytes()
    per_trade = (pandas.seconds / pandas.rows) / (times["a"].wall / rows)
    lines = [
        "# Benchmarks",
        "",
        f"Measured on {date} by `make bench`: {machine()}. The portal: "
        "[benchmarks of the portal](benchmarks_portal.md).",
        "",
        f"{rows:,} invented trades of {material.investors:,} investors on the invented market that the package ships, "
        "in Parquet with nine columns (LZ4, row groups of about a million rows). Every line is the whole process of a "
        "command, the fastest of some runs after a first one, files in the page cache. The DuckDB query "
        "is `SELECT investor, count(*), sum(quantity), sum(quantity*price), min(date), max(date) GROUP BY investor`, "
        "written as Parquet.",
        "",
        "| what | wall | slowest run | processor time | peak memory |",
        "|---|---|---|---|---|",
        *(_line(label, times[name]) for name, label in LABELS.items()),
        "",
        "| ratio | measured | to reach |",
        "|---|---|---|",
        _ratio("(a) against DuckDB on the same file", times["a"].wall / times["duckdb_a"].wall, "at most 2, then 1"),
        _ratio("(b) against DuckDB on the same file", times["b"].wall / times["duckdb_b"].wall, "at most 6"),
        _ratio("(c) against (a)", times["c"].wall / times["a"].wall, "at most 2"),
        _ratio("(g) recorded fees against (a)", times["recorded"].wall / times["a"].wall, "at most 4"),
        _ratio("(d) 36 scenarios against one run (a)", times["grid"].wall / times["a"].wall, "at most 6"),
        _ratio(
            "(e) 36 scenarios that share no walk against one run (a)", times["grid_far"].wall / times["a"].wall, "-"
        ),
        _ratio("(f) against (b), per row", times["limited"].wall / times["b"].wall, "at most 4"),
        _ratio("peak memory of (f) against its limit", times["limited"].peak / parse_size(LIMIT), "at most 1"),
        _ratio("(a) against merely reading the file with Polars", times["a"].wall / times["polars_a"].wall, "-"),
        _ratio("pandas groupby-apply against (a), per trade", per_trade, "at least 200"),
        _ratio("peak memory of (a) against its columns in Arrow", times["a"].peak / arrow, "at most 2"),
        _ratio(
            f"a statement of {TRADES} trades in a prepared case against reading its rows from CSV with Polars",
            one.statement / one.csv,
            "-",
        ),
        f"| the same statement, processor time | {one.statement * 1000:.0f} ms | below 50 ms |",
        f"| start-up: the whole measuring command on three records | {times['start'].wall:.2f} s | below 0.5 s |",
        "",
        f"The pandas peer reads {pandas.rows:,} of the records and applies the same method (moving weighted average, "
        f"no deduction) in {pandas.seconds:.1f} s; {pandas.agreed:,} of its {pandas.investors:,} losses agree with "
        f"the exact ones within half a fen. The columns take {arrow / MIB:,.0f} MiB in Arrow.",
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


LABELS = {
    "duckdb_a": "DuckDB, records by investor",
    "a": "(a) `fengqiao loss measure`, records by investor",
    "c": "(c) the same with three indices compared",
    "recorded": '(g) the records of (a) with two columns of fees, `fees.mode = "recorded"`',
    "grid": "(d) `fengqiao loss compare`, 36 scenarios: 3 revelation dates, 4 averages, none, one and three indices",
    "grid_far": "(e) the same with 36 implementation dates, three indices: no two share a walk",
    "polars_a": "Polars reading the records by investor",
    "duckdb_b": "DuckDB, records by date",
    "b": "(b) `fengqiao loss measure`, records by date",
    "limited": f"(f) the same as (b) within `--memory {LIMIT}`, through partitions on the disk",
    "polars_b": "Polars reading the records by date",
    "start": "start-up, three records",
}


def _line(label: str, timing: Timing) -> str:
    return (
        f"| {label} | {timing.wall:.2f} s | {timing.slowest:.2f} s | {timing.processor:.2f} s | "
        f"{timing.peak / MIB:,.0f} MiB |"
    )


def _ratio(label: str, value: float, goal: str) -> str:
    return f"| {label} | {value:.2f} | {goal} |"
