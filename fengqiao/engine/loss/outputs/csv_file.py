"""results.csv: the columns of `run_result.RESULT_COLUMNS`, plain UTF-8, one line an investor and segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fengqiao.engine.loss.outputs.shown import FORMULA_PATTERN

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from fengqiao.engine.loss.run_result import RunResult
    from fengqiao.engine.loss.wrongs.run_result import WrongResult

ROWS_AT_ONCE = 200_000
NEEDS_QUOTES = '[",\r\n]'


def write_csv(result: RunResult | WrongResult, path: Path) -> None:
    """Write results.csv: amounts with two decimals, prices four, ratios six, quantities without trailing zeros.

    The average of nothing is written as zero, so that every number column holds numbers only.
    Texts that a spreadsheet would take for a formula get an apostrophe in front. Lines end with a line feed. The lines
    are put together column by column: several times faster than a general CSV writer.
    """
    import polars as pl

    from fengqiao.engine.loss.run_result import RESULT_COLUMNS

    names = [name for name, _ in RESULT_COLUMNS]
    cells = _cells()
    with path.open("wb") as file:
        file.write((",".join(names) + "\n").encode())
        for start in range(0, len(result.table), ROWS_AT_ONCE):
            part = cast("pl.DataFrame", pl.from_arrow(result.table.slice(start, ROWS_AT_ONCE).select(names)))
            lines = part.select(pl.concat_str(cells, separator=",").str.join("\n")).item()
            file.write(lines.encode())
            file.write(b"\n")


def _cells() -> list[pl.Expr]:
    import polars as pl
    import pyarrow as pa

    from fengqiao.engine.loss.run_result import PRICE, QUANTITY, RESULT_COLUMNS

    cells = []
    for name, kind in RESULT_COLUMNS:
        text = pl.col(name).cast(pl.String)
        if kind == QUANTITY:
            text = text.str.strip_chars_end("0").str.strip_chars_end(".")
        elif kind == pa.string():
            text = _quoted(text.str.replace(FORMULA_PATTERN, "'$1"))
        cells.append(text.fill_null("0.0000" if kind == PRICE else ""))
    return cells


def _quoted(text: pl.Expr) -> pl.Expr:
    import polars as pl

    quoted = pl.concat_str(pl.lit('"'), text.str.replace_all('"', '""', literal=True), pl.lit('"'))
    return pl.when(text.str.contains(NEEDS_QUOTES)).then(quoted).otherwise(text)
