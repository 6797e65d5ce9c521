"""The key dates of a segment (三日一价) as rows of a table, each with its legal basis."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from fengqiao.engine.loss.outputs.figures import day_text, percent_text, price_text, quantity_text
from fengqiao.engine.loss.outputs.settings_table import basis
from fengqiao.engine.loss.outputs.words import SEGMENT_WORDS, SETTLED_WORDS

if TYPE_CHECKING:
    from fengqiao.engine.loss.plan import CasePlan, SegmentPlan

DAY_HEADINGS = (
    "日期", "交易日序号", "收盘价（元）", "基准日口径收盘价（元）", "成交量（股）", "可流通股数（股）",
    "当日换手率", "累计换手率",
)  # fmt: skip


@dataclass(frozen=True)
class DateRow:
    """One key date or the benchmark price: name, value, what it rests on, and a remark."""

    name: str
    value: str
    basis: str
    note: str = ""


def date_rows(plan: CasePlan, part: SegmentPlan) -> list[DateRow]:
    """Implementation, revelation (or correction), T1, benchmark date and price of one segment."""
    segment, found = part.segment, part.key_dates
    kind = segment.revelation_kind
    revealed = SEGMENT_WORDS[kind]
    late = "收市后揭露" if segment.revelation_after_close else ""
    given = "由案件文件给定" + (f"：{segment.benchmark_reason}" if segment.benchmark_reason else "")
    how = SETTLED_WORDS.get(found.settled_by, "") if found and segment.benchmark is None else given
    day = DateRow("基准日", day_text(part.benchmark), basis(plan, "benchmark_date"), how)
    price_how = given
    if found and segment.benchmark_price is None:
        closes = sum(item.adjusted_close is not None for item in found.days)
        price_how = f"{day_text(part.t1)}至{day_text(part.benchmark)}共{closes}个有收盘价的交易日的平均收盘价"
    price = DateRow("基准价", f"{price_text(part.price)} 元", basis(plan, "benchmark_price"), price_how)
    rows = [
        DateRow("实施日", day_text(segment.implementation), basis(plan, "implementation_date")),
        DateRow(revealed, day_text(segment.revelation), basis(plan, f"{kind}_date"), late),
        DateRow("首个交易日（T1）", day_text(part.t1), basis(plan, "intervals"), f"{revealed}当日或其后首个交易日"),
        day,
        price,
    ]
    if found:
        turnover = f"第{found.trading_day_number}个交易日，累计换手率{percent_text(found.cumulative_turnover)}"
        rows[3] = DateRow(day.name, day.value, day.basis, f"{how}；{turnover}" if how else turnover)
    return rows


def day_cells(part: SegmentPlan) -> list[tuple[str, ...]]:
    """The daily table from T1 to the benchmark date as texts; empty when the dates were given."""
    if part.key_dates is None:
        return []
    return [
        (
            day_text(day.date),
            str(day.number) if day.number is not None else "停牌",
            price_text(day.close),
            price_text(day.adjusted_close),
            quantity_text(day.volume),
            quantity_text(day.float_shares),
            percent_text(day.turnover),
            percent_text(day.cumulative),
        )
        for day in part.key_dates.days
    ]


def day_numbers(part: SegmentPlan) -> list[tuple[str, int | str, float | None, float | None, int, int, float, float]]:
    """The daily table as numbers for a workbook."""
    days = part.key_dates.days if part.key_dates else ()
    return [
        (
            day_text(day.date), day.number if day.number is not None else "停牌", _float(day.close),
            _float(day.adjusted_close), day.volume, day.float_shares, float(day.turnover), float(day.cumulative),
        )
        for day in days
    ]  # fmt: skip


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
