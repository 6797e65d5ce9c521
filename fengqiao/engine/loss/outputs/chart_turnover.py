"""The turnover chart: cumulative turnover from T1 to the benchmark date, day by day, against 100%."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fengqiao.engine.loss.outputs.figures import day_text, percent_text
from fengqiao.engine.loss.outputs.svg import (
    AMBER,
    BASE_WIDTH,
    BLUE,
    GRID,
    MUTED,
    RED,
    Drawing,
    Scale,
    round_ticks,
    text_width,
)
from fengqiao.engine.loss.outputs.words import segment_suffix
from fengqiao.engine.loss.ruleset import benchmark_rule

if TYPE_CHECKING:
    from fengqiao.engine.loss.keydates import KeyDates
    from fengqiao.engine.loss.plan import CasePlan

LEFT, RIGHT, TOP, HIGH, BELOW = 46.0, 46.0, 34.0, 180.0, 44.0


def turnover_chart(plan: CasePlan) -> str:
    """The chart as SVG, one panel a segment; "" when no benchmark date was derived from market data."""
    parts = [part for part in plan.segments if part.key_dates]
    if not parts:
        return ""
    panel = TOP + HIGH + BELOW
    found = "；".join(
        f"{segment_suffix(plan, part.segment.name)}自{day_text(part.key_dates.t1)}至{day_text(part.benchmark)}"
        f"共{part.key_dates.trading_day_number}个交易日，累计换手率{percent_text(part.key_dates.cumulative_turnover)}"
        for part in parts
        if part.key_dates
    )
    drawing = Drawing("揭露后累计换手率", f"{found}。", height=int(panel * len(parts)))
    for place, part in enumerate(parts):
        if part.key_dates:
            _panel(drawing, panel * place, part.key_dates, plan, segment_suffix(plan, part.segment.name))
    return drawing.render()


def _panel(drawing: Drawing, offset: float, found: KeyDates, plan: CasePlan, suffix: str) -> None:
    days, top = found.days, offset + TOP
    bottom, right = top + HIGH, BASE_WIDTH - RIGHT
    highest = max(1.0, *(float(day.cumulative) for day in days))
    ticks = round_ticks(0, highest * 100)
    y = Scale(0, ticks[-1], bottom, top)
    wide = (right - LEFT) / max(len(days), 1)
    for tick in ticks:
        drawing.line((LEFT, y(tick)), (right, y(tick)), GRID, stroke_width=0.8)
        drawing.text(LEFT - 6, y(tick) + 3.8, f"{tick:g}%", 10.5, MUTED, anchor="end")
    drawing.text(LEFT - 40, offset + 14, f"累计换手率{suffix}（线）与当日换手率（柱）", 10.5, MUTED)
    points = []
    for place, day in enumerate(days):
        x = LEFT + wide * (place + 0.5)
        daily = float(day.turnover) * 100
        if day.close is None:
            drawing.box(x - wide / 2, top, wide, HIGH, "#eef0f2")
        drawing.box(x - min(wide * 0.35, 9), y(daily), min(wide * 0.7, 18), bottom - y(daily), "#c3cfdb")
        points.append((x, y(float(day.cumulative) * 100)))
    drawing.line((LEFT, bottom), (right, bottom), MUTED, stroke_width=0.9)
    drawing.line((LEFT, y(100)), (right, y(100)), RED, stroke_width=1.1, stroke_dasharray="5 3")
    drawing.text(LEFT + 5, y(100) - 5, "100%", 10.5, RED)
    drawing.path(points, BLUE, stroke_width=1.6)
    _day_labels(drawing, found, wide, bottom, plan)
    _last_point(drawing, found, points, top)


def _day_labels(drawing: Drawing, found: KeyDates, wide: float, bottom: float, plan: CasePlan) -> None:
    """Numbers of the trading days below, first and last with their dates."""
    days, rule = found.days, benchmark_rule(plan.case.rules)
    limits = {limit for limit in (rule.shortest, rule.longest) if limit}
    numbered = [(k, day.number) for k, day in enumerate(days) if day.number is not None]
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 1000) if len(numbered) / step <= 12)
    last_x = LEFT + wide * (len(days) - 0.5)
    for place, number in numbered:
        x = LEFT + wide * (place + 0.5)
        if number == 1 or place == len(days) - 1 or (number % step == 0 and last_x - x > 26) or number in limits:
            bold = {"font_weight": "bold"} if number in limits else {}
            drawing.text(x, bottom + 15, str(number), 10.5, MUTED, anchor="middle", **bold)
    drawing.text(LEFT, bottom + 31, f"T1 {day_text(found.t1)}", 10, MUTED)
    drawing.text(last_x + wide / 2, bottom + 31, f"基准日 {day_text(found.benchmark_date)}", 10, MUTED, anchor="end")
    drawing.text((LEFT + last_x) / 2, bottom + 31, "交易日序号", 10, MUTED, anchor="middle")


def _last_point(drawing: Drawing, found: KeyDates, points: list[tuple[float, float]], top: float) -> None:
    """The figure of the benchmark date, above the line where there is room below 100%, else under it."""
    text = f"第{found.trading_day_number}个交易日 {percent_text(found.cumulative_turnover)}"
    x, y = points[-1]
    drawing.add("circle", cx=x, cy=y, r=3.5, fill=AMBER)
    right = max(x + 4, LEFT + text_width(text))
    beside = [height for place, height in points if place >= right - text_width(text) - 10]
    label_y = y - 10 if y - 26 > top else max(beside) + 20
    drawing.text(right, label_y, text, 11, AMBER, anchor="end", font_weight="bold")
