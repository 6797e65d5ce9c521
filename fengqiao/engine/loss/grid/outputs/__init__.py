"""What people look at after a comparison: charts, workbook, report, ranges as CSV. Nothing heavy is imported before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fengqiao.engine.loss.grid.result import Comparison

__all__ = ["write_charts", "write_ranges", "write_report", "write_workbook"]


def write_charts(comparison: Comparison, directory: Path) -> tuple[Path, ...]:
    """Write total.svg, median.svg and pairs.svg into a directory."""
    from fengqiao.engine.loss.grid.outputs.charts import write_charts as write

    return write(comparison, directory)


def write_workbook(comparison: Comparison, path: Path) -> None:
    """Write comparison.xlsx: 方案, 热图, 两两比较, 投资者区间, 说明."""
    from fengqiao.engine.loss.grid.outputs.workbook import write_workbook as write

    write(comparison, path)


def write_report(comparison: Comparison, path: Path) -> None:
    """Write report.pdf: scenarios, heat maps, who gains and loses, ranges, settings, in Chinese."""
    from fengqiao.engine.loss.grid.outputs.report import write_report as write

    write(comparison, path)


def write_ranges(comparison: Comparison, path: Path) -> None:
    """Write ranges.csv: ranges.parquet for people, money in yuan, scenarios by name."""
    from fengqiao.engine.loss.grid.outputs.ranges import write_ranges as write

    write(comparison, path)
