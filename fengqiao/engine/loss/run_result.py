"""What a measuring run leaves behind: the result table and everything a report needs to say about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from fengqiao.engine.findings import DataFinding
    from fengqiao.engine.loss.exact import Step, Tally
    from fengqiao.engine.loss.plan import CasePlan, SegmentPlan
    from fengqiao.engine.loss.settle import Outcome

SCHEMA_VERSION = 1
QUANTITY, PRICE, AMOUNT, RATIO = pa.decimal128(20, 4), pa.decimal128(18, 4), pa.decimal128(18, 2), pa.decimal128(9, 6)
FALL = pa.decimal128(18, 6)  # of a cost near nothing (actual_cost) a fall may be thousands of times it

# the columns of results.csv, in order; results.parquet has them first and then the intermediate figures
RESULT_COLUMNS: tuple[tuple[str, pa.DataType], ...] = (
    ("investor", pa.string()),
    ("security", pa.string()),
    ("segment", pa.string()),
    ("scope_quantity", QUANTITY),
    ("purchase_average", PRICE),
    ("sold_quantity", QUANTITY),
    ("sale_average", PRICE),
    ("held_quantity", QUANTITY),
    ("benchmark_price", PRICE),
    ("difference_loss", AMOUNT),
    ("market_risk_ratio", RATIO),
    ("other_ratio", RATIO),
    ("awarded_loss", AMOUNT),
    ("commission", AMOUNT),
    ("stamp_duty", AMOUNT),
    ("interest", AMOUNT),
    ("total", AMOUNT),
    ("findings", pa.string()),
)
INTERMEDIATE_COLUMNS: tuple[tuple[str, pa.DataType], ...] = (
    ("bought_quantity", QUANTITY),
    ("left_quantity", QUANTITY),
    ("oversold_quantity", QUANTITY),
    ("stock_drop", FALL),
)


# averages of nothing, and the fall of a stock without a positive cost
MAY_BE_EMPTY = frozenset({"purchase_average", "sale_average", "stock_drop"})


def result_schema(replay_names: Sequence[str]) -> pa.Schema:
    """Arrow schema of results.parquet: the columns of results.csv, the intermediate figures, one fall a series.

    >>> result_schema(["000300"]).names[-2:]
    ['stock_drop', 'drop_000300']
    """
    drops = [(f"drop_{name}", FALL) for name in replay_names]
    return pa.schema(
        [
            pa.field(name, kind, nullable=name in MAY_BE_EMPTY)
            for name, kind in (*RESULT_COLUMNS, *INTERMEDIATE_COLUMNS, *drops)
        ],
        metadata={"fengqiao.schema": str(SCHEMA_VERSION)},
    )


@dataclass(frozen=True)
class RunTotals:
    """Counts and sums of a run. Money in fen. by_segment: segment name -> column -> sum."""

    investors: int = 0
    investors_in_scope: int = 0
    investors_awarded: int = 0
    rows_read: int = 0
    rows_used: int = 0
    rows_left_out: int = 0
    sums: Mapping[str, int] = field(default_factory=dict)
    by_segment: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    findings_by_code: Mapping[str, int] = field(default_factory=dict)
    recomputed_exactly: int = 0


@dataclass(frozen=True)
class RunResult:
    """One finished run. table: all results, sorted by investor and segment, schema `result_schema`.

    findings: what was noticed about the data, in file order. digests: input file name -> "sha256:...".
    settings: every setting as text. engine_version: version of this package.
    """

    plan: CasePlan
    table: pa.Table
    totals: RunTotals
    findings: Sequence[DataFinding]
    digests: Mapping[str, str]
    settings: Mapping[str, str]
    engine_version: str


@dataclass(frozen=True)
class SegmentStatement:
    """One investor's figures for one segment, row by row. steps: one a row of the record up to the benchmark date."""

    plan: SegmentPlan
    steps: Sequence[Step]
    tally: Tally
    outcome: Outcome


@dataclass(frozen=True)
class Statement:
    """The step-by-step statement of one investor over all segments of the case."""

    plan: CasePlan
    investor: str
    segments: Sequence[SegmentStatement]
    findings: Sequence[DataFinding]
    digests: Mapping[str, str]
    settings: Mapping[str, str]
    engine_version: str
