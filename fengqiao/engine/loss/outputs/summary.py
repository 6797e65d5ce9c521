"""The result table in a few numbers: sums, sums by segment, how losses and market-risk ratios are spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from fengqiao.engine.loss.run_result import RunResult

MONEY_COLUMNS = ("difference_loss", "awarded_loss", "commission", "stamp_duty", "interest", "total")
QUANTITY_COLUMNS = ("scope_quantity", "sold_quantity", "held_quantity")

# upper bounds in fen of the classes of losses, and what they are called
LOSS_CLASSES: tuple[tuple[int, str], ...] = (
    (0, "0"),
    (100_000, "不足1千"),
    (500_000, "1千–5千"),
    (1_000_000, "5千–1万"),
    (5_000_000, "1万–5万"),
    (10_000_000, "5万–10万"),
    (50_000_000, "10万–50万"),
    (100_000_000, "50万–100万"),
    (1_000_000_000, "100万–1千万"),
    (2**62, "1千万以上"),
)
RATIO_UNIT = 1_000_000
RATIO_CLASSES: tuple[tuple[int, str], ...] = (
    (0, "0"),
    *((k * RATIO_UNIT // 10, f"{k * 10 - 10}–{k * 10}%") for k in range(1, 11)),
)


@dataclass(frozen=True)
class Class:
    """One class of a distribution: name, how many, and the sum (fen) of what is in it."""

    name: str
    count: int
    fen: int = 0


@dataclass(frozen=True)
class SegmentSums:
    """Sums of one segment: investors with in-scope shares, investors with an award, money by column (fen)."""

    segment: str
    in_scope: int
    awarded: int
    money: Mapping[str, int]


@dataclass(frozen=True)
class Summary:
    """What a report says about the results as a whole. Money in fen, quantities in 1/10000 share.

    losses: investors in scope by total; ratios: rows with a difference loss by market-risk ratio. mean, median and
    largest are of investors with an award.
    """

    money: Mapping[str, int]
    quantities: Mapping[str, int]
    segments: Sequence[SegmentSums]
    losses: Sequence[Class]
    ratios: Sequence[Class]
    rows_with_loss: int
    in_scope: int
    awarded: int
    mean: int
    median: int
    largest: int


def summarise(result: RunResult) -> Summary:
    """Sums and distributions of a run, exact, from its table."""
    frame = _units(result)
    inside = frame.filter(frame["scope_quantity"] > 0)
    people = _people(inside)
    awards = np.sort(people[people > 0])
    with_loss = frame.filter(frame["difference_loss"] > 0)
    ratios = with_loss["market_risk_ratio"].to_numpy()
    return Summary(
        money={name: int(frame[name].sum()) for name in MONEY_COLUMNS},
        quantities={name: int(frame[name].sum()) for name in QUANTITY_COLUMNS},
        segments=[_segment(frame, plan.segment.name) for plan in result.plan.segments],
        losses=_loss_classes(people),
        ratios=_ratio_classes(ratios),
        rows_with_loss=len(ratios),
        in_scope=len(people),
        awarded=len(awards),
        mean=_divided(int(awards.sum()), len(awards)),
        median=_median(awards),
        largest=int(awards[-1]) if len(awards) else 0,
    )


def _units(result: RunResult) -> pl.DataFrame:
    """The columns that are summed, as integers of their smallest unit; what is absent is 0."""
    import polars as pl

    numbers = (*MONEY_COLUMNS, *QUANTITY_COLUMNS, "market_risk_ratio")
    frame = cast("pl.DataFrame", pl.from_arrow(result.table.select(["investor", "segment", *numbers])))
    return frame.with_columns(pl.col(name).to_physical().cast(pl.Int64).fill_null(0) for name in numbers)


def _people(inside: pl.DataFrame) -> NDArray[np.int64]:
    import polars as pl

    return inside.group_by("investor").agg(pl.col("total").sum())["total"].to_numpy()


def _segment(frame: pl.DataFrame, name: str) -> SegmentSums:
    part = frame.filter(frame["segment"] == name)
    return SegmentSums(
        segment=name,
        in_scope=int((part["scope_quantity"] > 0).sum()),
        awarded=int((part["total"] > 0).sum()),
        money={column: int(part[column].sum()) for column in MONEY_COLUMNS},
    )


def _loss_classes(people: NDArray[np.int64]) -> list[Class]:
    """A class holds its lower bound and not its upper one; nothing lost is a class of its own."""
    bounds = np.array([bound for bound, _ in LOSS_CLASSES], dtype=np.int64)
    places = np.where(people == 0, 0, np.searchsorted(bounds, people, side="right"))
    return [
        Class(name, int((places == k).sum()), int(people[places == k].sum()))
        for k, (_, name) in enumerate(LOSS_CLASSES)
    ]


def _ratio_classes(ratios: NDArray[np.int64]) -> list[Class]:
    bounds = np.array([bound for bound, _ in RATIO_CLASSES], dtype=np.int64)
    places = np.searchsorted(bounds, ratios, side="left")
    return [Class(name, int((places == k).sum())) for k, (_, name) in enumerate(RATIO_CLASSES)]


def _divided(total: int, count: int) -> int:
    return (2 * total + count) // (2 * count) if count else 0


def _median(ordered: NDArray[np.int64]) -> int:
    if not len(ordered):
        return 0
    low, high = int(ordered[(len(ordered) - 1) // 2]), int(ordered[len(ordered) // 2])
    return _divided(low + high, 2)
