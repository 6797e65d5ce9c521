"""`fengqiao loss compare`: one case under many alternatives at once."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from fengqiao.cli.loss import ProgressBar, add_inputs, calendar, formats, input_files, positive

SHOWN = 40


def add_to(commands: Any) -> None:
    """Add `compare` to the `loss` commands."""
    parser = commands.add_parser("compare", help="one case under many alternatives: who gains, who loses (方案比较)")
    add_inputs(parser)
    parser.add_argument("--vary", required=True, type=Path, metavar="SPEC.toml", help="the alternatives (备选方案)")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR")
    parser.add_argument(
        "--between", nargs=2, action="append", default=[], metavar=("A", "B"),
        help="also write who gains and who loses from scenario A to B (id or name); may be repeated",
    )  # fmt: skip
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N", help="threads")
    parser.add_argument("--formats", type=formats, metavar="parquet,csv,xlsx,pdf,svg")
    parser.set_defaults(run=run_compare)


def run_compare(arguments: argparse.Namespace) -> int:
    """Compare and print the table."""
    from fengqiao.cli.memory import keep_freed_memory

    keep_freed_memory()
    from fengqiao.engine.loss.grid.compare import compare_files
    from fengqiao.engine.loss.native import is_compiled

    if sys.stderr.isatty() and not is_compiled():
        print("Compiling the kernels, once on this machine: some 20 seconds.", file=sys.stderr)
    bar = ProgressBar()
    try:
        done = compare_files(
            input_files(arguments), arguments.vary, arguments.out, jobs=arguments.jobs, formats=arguments.formats,
            between=[(a, b) for a, b in arguments.between], progress=bar, calendar=calendar(),
        )  # fmt: skip
    finally:
        bar.close()
    print(summary(done, arguments.out))
    return 0


def summary(done: Any, out: Path) -> str:
    """What was compared, one line a scenario."""
    from fengqiao.engine.money import yuan_grouped

    comparison = done.comparison
    totals, spread, base = comparison.totals, comparison.spread, comparison.base
    lines = [
        f"案件          {base.scenario.case.name}（{base.scenario.case.security}）",
        f"方案          {len(comparison.figures)} 个，其中 {len(comparison.computed)} 个已计算；"
        f"基准方案 {base.scenario.id} {base.scenario.name}",
        f"交易记录      {totals.rows_read:,} 行，其中 {totals.rows_left_out:,} 行未参与计算（见 findings.csv）",
        f"投资者        {totals.investors:,} 人；{spread.always_zero:,} 人在各方案下都没有损失，"
        f"{spread.always_same - spread.always_zero:,} 人在各方案下损失相同且不为零",
    ]
    lines += [_line(item) for item in comparison.figures[:SHOWN]]
    if len(comparison.figures) > SHOWN:
        lines.append(f"              另有 {len(comparison.figures) - SHOWN} 个方案，见 scenarios.csv")
    lines.append(f"每人取最低合计  {yuan_grouped(spread.lowest)}；每人取最高合计  {yuan_grouped(spread.highest)}")
    lines += [f"note: {note}" for note in done.notes]
    lines.append(f"结果          {', '.join(str(path) for path in done.files if path.parent == out)}")
    return "\n".join(lines)


def _line(item: Any) -> str:
    from fengqiao.engine.money import yuan_grouped

    scenario = item.scenario
    mark = "*" if scenario.base else " "
    if not scenario.computed:
        return f"  {mark}{scenario.id}  未计算  {scenario.name}"
    change = f"{item.difference / 100:+,.2f}" if not scenario.base else "基准"
    return (
        f"  {mark}{scenario.id}  {yuan_grouped(item.total):>22}  中位数 {yuan_grouped(item.median):>16}  "
        f"{item.awarded:>9,} 人  {change:>20}  {scenario.name}"
    )
