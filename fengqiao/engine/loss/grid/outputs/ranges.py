"""Ranges of investors for people: as CSV, and as rows for the workbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.engine.loss.grid.writing import RANGES
from fengqiao.engine.loss.outputs.shown import FORMULA_PATTERN

if TYPE_CHECKING:
    import polars as pl

    from fengqiao.engine.loss.grid.result import Comparison


def write_ranges(comparison: Comparison, path: Path) -> None:
    """ranges.csv: one line an investor, money in yuan, scenarios by id and by name."""
    import polars as pl

    frame = frame_of(comparison)
    frame.with_columns(pl.col(pl.String).str.replace(FORMULA_PATTERN, "'$1")).write_csv(path)


def frame_of(comparison: Comparison, rows: int | None = None) -> pl.DataFrame:
    """ranges.parquet with the names of the scenarios; the first rows only where that is asked for."""
    import polars as pl

    frame = pl.read_parquet(comparison.directory / RANGES, n_rows=rows)
    names = {item.scenario.id: item.scenario.name for item in comparison.figures}
    ids = pl.DataFrame({"id": list(names), "name": list(names.values())})
    for end in ("lowest", "highest"):
        column = f"{end}_scenario"
        frame = frame.with_columns(pl.col(column).cast(pl.String))
        frame = frame.join(
            ids.rename({"id": column, "name": f"{end}_name"}), on=column, how="left", maintain_order="left"
        )
    return frame.select(
        "investor", "lowest", "lowest_scenario", "lowest_name", "highest", "highest_scenario", "highest_name", "median",
        "scenarios_with_zero",
    )  # fmt: skip


def rows_of(comparison: Comparison, most: int) -> Iterator[tuple[Any, ...]]:
    """The first rows for a workbook, money as floating-point yuan."""
    import polars as pl

    frame = frame_of(comparison, most)
    money = [pl.col(name).to_physical().cast(pl.Int64) for name in ("lowest", "highest", "median")]
    for row in frame.with_columns(money).iter_rows():
        yield (row[0], row[1] / 100, *row[2:4], row[4] / 100, *row[5:7], row[7] / 100, row[8])
