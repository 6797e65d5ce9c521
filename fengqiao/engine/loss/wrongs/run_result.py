"""What a run over one of the other wrongs leaves behind: the same table, totals and record as for misrepresentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from fengqiao.engine.findings import CODES
from fengqiao.engine.loss.case import exact_text
from fengqiao.engine.loss.grouping import text_array
from fengqiao.engine.loss.kernel_layout import NONE
from fengqiao.engine.loss.results import decimals
from fengqiao.engine.loss.run_result import AMOUNT, RunTotals, result_schema
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN, round_fraction

if TYPE_CHECKING:
    from fractions import Fraction

    from fengqiao.engine.findings import DataFinding
    from fengqiao.engine.loss.wrongs.claim import Claim
    from fengqiao.engine.loss.wrongs.shape import Award, Trace

MICRO = 10**6
LARGEST = 10**17
SEGMENT = "1"
MONEY = ("difference_loss", "awarded_loss", "commission", "stamp_duty", "interest", "total")
SHARES = ("scope_quantity", "sold_quantity", "held_quantity")


@dataclass(frozen=True)
class WrongResult:
    """One finished run. table: one row an investor, schema `wrong_schema`. The rest as in `run_result.RunResult`."""

    plan: Claim
    table: pa.Table
    totals: RunTotals
    findings: Sequence[DataFinding]
    digests: Mapping[str, str]
    settings: Mapping[str, str]
    engine_version: str


@dataclass(frozen=True)
class WrongStatement:
    """One investor's figures, row by row."""

    plan: Claim
    investor: str
    award: Award
    trace: Trace
    findings: Sequence[DataFinding]
    rows: Mapping[int, tuple[str, str, int]]
    digests: Mapping[str, str]
    settings: Mapping[str, str]
    engine_version: str


def wrong_schema(details: Sequence[str]) -> pa.Schema:
    """The columns of all results, then the wrong's own amounts.

    >>> wrong_schema(["paid"]).names[-2:]
    ['stock_drop', 'paid']
    """
    shared = result_schema([])
    nullable = [field.with_nullable(True) if field.name == "benchmark_price" else field for field in shared]
    own = [pa.field(name, AMOUNT, nullable=False) for name in details]
    return pa.schema([*nullable, *own], metadata=shared.metadata)


def result_row(award: Award) -> dict[str, int]:
    """The figures of an award as integers of their columns' smallest unit; NONE where there is none."""
    return {
        "scope_quantity": _scaled(award.scope), "purchase_average": _scaled(award.purchase_average),
        "sold_quantity": _scaled(award.sold), "sale_average": _scaled(award.sale_average),
        "held_quantity": _scaled(award.held), "benchmark_price": _scaled(award.reference_price),
        "difference_loss": award.difference_fen, "awarded_loss": award.award_fen, "commission": award.commission_fen,
        "stamp_duty": award.stamp_duty_fen, "interest": award.interest_fen, "total": award.total_fen,
        "bought_quantity": _scaled(award.bought), "left_quantity": _scaled(award.left),
        "oversold_quantity": _scaled(award.oversold),
    }  # fmt: skip


def _scaled(value: Fraction | None) -> int:
    return NONE if value is None else round_fraction(value * PRICE_UNITS_PER_YUAN)


def findings_of(award: Award, left_out: Sequence[str], odd: Sequence[str]) -> str:
    """What is to be said about one result: why it is zero, what is odd about its rows, which rows were left out."""
    said = list(award.said)
    if award.oversold:
        said.append(f"{CODES['oversold']}{exact_text(award.oversold)}")
    said += [CODES[code] for code in dict.fromkeys(odd)]
    said += [f"{CODES[code]}（该行未参与计算）" for code in dict.fromkeys(left_out)]
    return "；".join(said)


def result_table(claim: Claim, ids: Sequence[str], awards: Sequence[Award], said: Sequence[str]) -> pa.Table:
    """The table of all investors."""
    schema = wrong_schema(claim.details)
    n = len(ids)
    rows = [result_row(award) for award in awards]
    other = round_fraction(claim.case.other_ratio * MICRO)
    columns: dict[str, pa.Array] = {
        "investor": text_array(list(ids)), "security": text_array([claim.case.security] * n),
        "segment": text_array([SEGMENT] * n), "findings": text_array(list(said)),
    }  # fmt: skip
    fixed = {"market_risk_ratio": 0, "other_ratio": other, "stock_drop": NONE}
    for name, value in fixed.items():
        columns[name] = decimals(np.full(n, value, np.int64), schema.field(name).type)
    for name in result_row(awards[0]) if n else result_row_names():
        columns[name] = decimals(np.array([row[name] for row in rows], np.int64), schema.field(name).type)
    for place, name in enumerate(claim.details):
        values = np.array([award.details[place] if award.details else 0 for award in awards], np.int64)
        columns[name] = decimals(values, AMOUNT)
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def result_row_names() -> list[str]:
    """The columns that `result_row` fills."""
    from fengqiao.engine.loss.wrongs.shape import Award as Empty

    return list(result_row(Empty()))


def too_large(award: Award) -> bool:
    """Whether a figure does not fit its column: only impossible records come near it."""
    figures = [*result_row(award).values(), *award.details]
    return any(abs(value) > LARGEST for value in figures if value != NONE)


def totals_of(
    awards: Sequence[Award], rows_read: int, rows_used: int, codes: Mapping[str, int], exactly: int
) -> RunTotals:
    """Counts and sums of a run."""
    rows = [result_row(award) for award in awards]
    sums = {name: sum(row[name] for row in rows) for name in (*MONEY, *SHARES)}
    return RunTotals(
        investors=len(awards), investors_in_scope=sum(award.scope > 0 for award in awards),
        investors_awarded=sum(award.award_fen + award.interest_fen > 0 for award in awards), rows_read=rows_read,
        rows_used=rows_used, rows_left_out=rows_read - rows_used, sums={name: sums[name] for name in MONEY},
        by_segment={SEGMENT: sums}, findings_by_code=dict(sorted(codes.items())), recomputed_exactly=exactly,
    )  # fmt: skip
