"""The price chart: path, suspensions, windows, key dates with labels that never overlap, benchmark price."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengqiao.engine.loss.market import day_of, ordinal
from fengqiao.engine.loss.outputs.figures import day_text, price_text
from fengqiao.engine.loss.outputs.svg import (
    AMBER,
    BASE_WIDTH,
    BLUE,
    GREEN,
    GRID,
    MUTED,
    RED,
    Drawing,
    Scale,
    month_ticks,
    round_ticks,
    text_width,
)
from fengqiao.engine.loss.outputs.words import SEGMENT_WORDS, segment_suffix
from fengqiao.engine.money import PRICE_UNITS_PER_YUAN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fengqiao.engine.loss.plan import CasePlan, SegmentPlan

BEFORE, AFTER = dt.timedelta(days=120), dt.timedelta(days=75)
LEFT, LANE, PLOT_HEIGHT, BOTTOM = 46.0, 19.0, 270.0, 46.0
LABEL_SIZE = 11.0
SHORTEST_GAP = 5


@dataclass(frozen=True)
class Mark:
    """A key date on the chart: where, what it is called, and how its line is drawn."""

    day: dt.date
    label: str
    colour: str
    dashes: str
    shape: str


@dataclass(frozen=True)
class Frame:
    """The plot area: scales of days and prices, and its edges."""

    x: Scale
    y: Scale
    top: float
    bottom: float
    right: float


def price_chart(plan: CasePlan) -> str:
    """The price chart as SVG; "" when the case was measured without market data."""
    days = _path(plan)
    if not any(close is not None for _, close in days):
        return ""
    marks = _marks(plan)
    first, last = days[0][0], days[-1][0]
    right_margin = 92.0
    for _ in range(3):
        x = Scale(ordinal(first), ordinal(last), LEFT, BASE_WIDTH - right_margin)
        over = max(x(ordinal(mark.day)) + label_width(mark) for mark in marks) - BASE_WIDTH + 6
        if over <= 0:
            break
        right_margin += over + 2
    lanes = assign_lanes([(x(ordinal(mark.day)), label_width(mark)) for mark in marks])
    top = 20 + LANE * (max(lanes) + 1)
    closes = [close for _, close in days if close is not None] + [float(part.price) for part in plan.segments]
    ticks = round_ticks(min(closes) * 0.97, max(closes))
    frame = Frame(x, Scale(ticks[0], ticks[-1], top + PLOT_HEIGHT, top), top, top + PLOT_HEIGHT, x.end)
    adjusted = "，按基准日口径复权" if not plan.segments[0].adjustment.neutral else ""
    drawing = Drawing(
        f"证券{plan.case.security}收盘价走势与关键日期",
        _description(plan, days),
        height=int(frame.bottom + BOTTOM),
    )
    _windows(drawing, frame, plan)
    _axes(drawing, frame, ticks, (first, last), f"收盘价（元{adjusted}）")
    _gaps(drawing, frame, days)
    _window_names(drawing, frame, plan)
    _price_path(drawing, frame, days)
    _benchmark_lines(drawing, frame, plan)
    draw_marks(drawing, frame, marks, lanes)
    return drawing.render()


def _path(plan: CasePlan) -> list[tuple[dt.date, float | None]]:
    """Days from some months before the first implementation date to some time after the last benchmark date."""
    market = plan.market
    if market is None:
        return []
    start = plan.case.first_implementation - BEFORE
    end = max(part.benchmark for part in plan.segments) + AFTER
    adjustment = max(plan.segments, key=lambda part: part.benchmark).adjustment
    out: list[tuple[dt.date, float | None]] = []
    for place, traded in enumerate(market.traded):
        day = day_of(market.date[place])
        if start <= day <= end:
            close = int(market.close[place]) / PRICE_UNITS_PER_YUAN if traded else None
            basis = adjustment.on(day)
            out.append((day, None if close is None else close * float(basis.scale) + float(basis.shift)))
    return out


def _marks(plan: CasePlan) -> list[Mark]:
    marks = []
    for part in plan.segments:
        segment, suffix = part.segment, segment_suffix(plan, part.segment.name)
        revealed = SEGMENT_WORDS[segment.revelation_kind]
        t1 = "" if part.t1 == segment.revelation else f"，T1为{part.t1.month}月{part.t1.day}日"
        marks += [
            Mark(segment.implementation, f"实施日{suffix} {day_text(segment.implementation)}", GREEN, "", "triangle"),
            Mark(segment.revelation, f"{revealed}{suffix} {day_text(segment.revelation)}{t1}", RED, "", "diamond"),
            Mark(part.benchmark, f"基准日{suffix} {day_text(part.benchmark)}", AMBER, "5 3", "circle"),
        ]
    return sorted(marks, key=lambda mark: (mark.day, mark.label))


def label_width(mark: Mark) -> float:
    """How wide the label of a mark is drawn, its shape counted in."""
    return text_width(mark.label, LABEL_SIZE) + 16


def assign_lanes(labels: Sequence[tuple[float, float]]) -> list[int]:
    """Lanes (0 = next to the plot) for labels (x of their line, width), ascending by x, so that no label covers another
    label or another label's line.

    >>> assign_lanes([(0, 50), (20, 50), (100, 50)])
    [1, 0, 0]
    """
    lanes = [0] * len(labels)
    for k in range(len(labels) - 1, -1, -1):
        x, wide = labels[k]
        covered = [lanes[j] for j in range(k + 1, len(labels)) if labels[j][0] < x + wide + 4]
        lanes[k] = max(covered, default=-1) + 1
    return lanes


def _windows(drawing: Drawing, frame: Frame, plan: CasePlan) -> None:
    """The window of in-scope trades and the period up to the benchmark date as two tints."""
    for part in plan.segments:
        start, middle, end = (frame.x(ordinal(day)) for day in (part.segment.implementation, part.t1, part.benchmark))
        high = frame.bottom - frame.top
        drawing.box(start, frame.top, middle - start, high, "#eaf1f8")
        drawing.box(middle, frame.top, end - middle, high, "#fbf1dd")


def _window_names(drawing: Drawing, frame: Frame, plan: CasePlan) -> None:
    inside = "买入计入范围" if plan.segments[0].purchases else "卖出计入范围"
    for part in plan.segments:
        start, middle = (frame.x(ordinal(day)) for day in (part.segment.implementation, part.t1))
        name = f"{inside}{segment_suffix(plan, part.segment.name)}"
        if text_width(name, 10) + 8 < middle - start:
            drawing.text(start + 6, frame.bottom - 7, name, 10, MUTED)


def _axes(drawing: Drawing, frame: Frame, ticks: Sequence[float], days: tuple[dt.date, dt.date], heading: str) -> None:
    digits = 0 if all(float(tick).is_integer() for tick in ticks) else 1 if ticks[1] - ticks[0] >= 0.1 else 2
    for tick in ticks:
        y = frame.y(tick)
        drawing.line((LEFT, y), (frame.right, y), GRID, stroke_width=0.8)
        drawing.text(LEFT - 6, y + 3.8, f"{tick:.{digits}f}", 10.5, MUTED, anchor="end")
    drawing.line((LEFT, frame.bottom), (frame.right, frame.bottom), MUTED, stroke_width=0.9)
    for day, label in month_ticks(*days):
        x = frame.x(ordinal(day))
        drawing.line((x, frame.bottom), (x, frame.bottom + 4), MUTED, stroke_width=0.9)
        drawing.text(x, frame.bottom + 17, label, 10.5, MUTED, anchor="middle", **_weight(label))
    drawing.text(LEFT - 40, 13, heading, 10.5, MUTED)
    y = frame.bottom + 36
    drawing.path([(LEFT, y - 4), (LEFT + 20, y - 4)], BLUE, stroke_width=1.3)
    drawing.text(LEFT + 25, y, "收盘价", 10, MUTED)
    drawing.box(LEFT + 74, y - 9, 16, 10, "#eef0f2", stroke="#aeb7c0", stroke_width=0.6, stroke_dasharray="2 2")
    drawing.text(LEFT + 95, y, "停牌", 10, MUTED)
    drawing.path([(LEFT + 134, y - 4), (LEFT + 154, y - 4)], AMBER, stroke_width=1.2, stroke_dasharray="7 3 1.5 3")
    drawing.text(LEFT + 159, y, "基准价", 10, MUTED)


def _weight(label: str) -> dict[str, str]:
    return {"font_weight": "bold"} if label.endswith("年") else {}


def _gaps(drawing: Drawing, frame: Frame, days: Sequence[tuple[dt.date, float | None]]) -> None:
    """Suspensions of five trading days or more as dashed boxes, with the word where it fits."""
    start = None
    for place in range(len(days) + 1):
        suspended = place < len(days) and days[place][1] is None
        if suspended and start is None:
            start = place
        if not suspended and start is not None:
            if place - start >= SHORTEST_GAP:
                left, right = frame.x(ordinal(days[start][0])), frame.x(ordinal(days[place - 1][0]))
                high = frame.bottom - frame.top
                drawing.box(
                    left, frame.top, right - left, high, "#eef0f2", fill_opacity=0.85, stroke="#aeb7c0",
                    stroke_width=0.6, stroke_dasharray="2 2",
                )  # fmt: skip
                if right - left > 26:
                    drawing.text((left + right) / 2, frame.top + 16, "停牌", 10, MUTED, anchor="middle")
            start = None


def _price_path(drawing: Drawing, frame: Frame, days: Sequence[tuple[dt.date, float | None]]) -> None:
    run: list[tuple[float, float]] = []
    for day, close in [*days, (days[-1][0], None)]:
        if close is not None:
            run.append((frame.x(ordinal(day)), frame.y(close)))
            continue
        if len(run) == 1:
            drawing.add("circle", cx=run[0][0], cy=run[0][1], r=1, fill=BLUE)
        elif run:
            drawing.path(run, BLUE, stroke_width=1.3)
        run = []


def _benchmark_lines(drawing: Drawing, frame: Frame, plan: CasePlan) -> None:
    """A dashed line at each benchmark price from T1 to the right edge, with its figure in the margin."""
    wanted = sorted(((frame.y(float(part.price)), part) for part in plan.segments), key=lambda item: item[0])
    floor = frame.top + 8
    for y, part in wanted:
        label_y = max(y, floor)
        floor = label_y + 30
        drawing.path(
            [(frame.x(ordinal(part.t1)), y), (frame.right, y), (frame.right + 5, label_y)],
            AMBER, stroke_width=1.2, stroke_dasharray="7 3 1.5 3",
        )  # fmt: skip
        name = f"基准价{segment_suffix(plan, part.segment.name)}"
        drawing.text(frame.right + 8, label_y - 2, name, 10.5, AMBER)
        drawing.text(frame.right + 8, label_y + 12, f"{price_text(part.price)} 元", 10.5, AMBER, font_weight="bold")


def draw_marks(drawing: Drawing, frame: Frame, marks: Sequence[Mark], lanes: Sequence[int]) -> None:
    """The key dates: a line down the plot, a shape and a label in its lane."""
    for mark, lane in zip(marks, lanes, strict=True):
        x, y = frame.x(ordinal(mark.day)), frame.top - 10 - LANE * lane
        more: dict[str, str | float] = {"stroke_dasharray": mark.dashes} if mark.dashes else {}
        drawing.line((x, y + 3), (x, frame.bottom), mark.colour, stroke_width=1.1, **more)
        _shape(drawing, mark, x, y - 1)
        drawing.text(x + 8, y + 3, mark.label, LABEL_SIZE, mark.colour)


def _shape(drawing: Drawing, mark: Mark, x: float, y: float) -> None:
    if mark.shape == "circle":
        drawing.add("circle", cx=x, cy=y, r=4, fill=mark.colour)
    elif mark.shape == "diamond":
        drawing.add("path", d=f"M{x:.2f} {y - 5:.2f}l5 5l-5 5l-5-5z", fill=mark.colour)
    else:
        drawing.add("path", d=f"M{x:.2f} {y - 5:.2f}l5 9h-10z", fill=mark.colour)


def _description(plan: CasePlan, days: Sequence[tuple[dt.date, float | None]]) -> str:
    def around(part: SegmentPlan) -> str:
        return (
            f"{segment_suffix(plan, part.segment.name)}实施日{day_text(part.segment.implementation)}，"
            f"{SEGMENT_WORDS[part.segment.revelation_kind]}{day_text(part.segment.revelation)}，"
            f"基准日{day_text(part.benchmark)}，基准价{price_text(part.price)}元"
        )

    closes = [close for _, close in days if close is not None]
    return (
        f"{day_text(days[0][0])}至{day_text(days[-1][0])}的每日收盘价，最低{min(closes):.2f}元，最高{max(closes):.2f}元。"
        + "；".join(around(part) for part in plan.segments)
        + "。"
    )
