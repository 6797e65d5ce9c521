"""Everything people look at: results.csv, results.xlsx, report.pdf, charts and the statement of one investor.

Nothing heavy is imported before the first document is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from fengqiao.engine.loss.run_result import RunResult, Statement
    from fengqiao.engine.loss.wrongs.run_result import WrongStatement

__all__ = ["statement_text", "write_charts", "write_csv", "write_report", "write_statement", "write_workbook"]


def write_csv(result: RunResult, path: Path) -> None:
    """Write results.csv: one line an investor and segment, the columns of `run_result.RESULT_COLUMNS`."""
    from fengqiao.engine.loss.outputs.csv_file import write_csv as write

    write(result, path)


def write_workbook(result: RunResult, path: Path) -> None:
    """Write results.xlsx: 结果, 设置, 数据问题, 基准日计算."""
    from fengqiao.engine.loss.outputs.workbook import write_workbook as write

    write(result, path)


def write_report(result: RunResult, path: Path) -> None:
    """Write report.pdf: the case, its key dates, totals, distributions, method and data findings, in Chinese."""
    from fengqiao.engine.loss.outputs.report import write_report as write

    write(result, path)


def write_charts(result: RunResult, directory: Path) -> tuple[Path, ...]:
    """Write price.svg, turnover.svg, losses.svg and ratios.svg into a directory; those without data are left out."""
    from fengqiao.engine.loss.outputs.charts import write_charts as write

    return write(result, directory)


def write_statement(statement: Statement | WrongStatement, path: Path) -> None:
    """Write the step-by-step statement of one investor as PDF."""
    from fengqiao.engine.loss.outputs.statement_pdf import write_statement as write

    write(statement, path)


def statement_text(statement: Statement | WrongStatement) -> str:
    """The step-by-step statement of one investor for a terminal, at most 120 columns wide."""
    from fengqiao.engine.loss.outputs.statement_terminal import statement_text as text

    return text(statement)
