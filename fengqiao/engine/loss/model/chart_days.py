"""Charts over the days of a price model: real and simulated price, and cumulated abnormal returns, with their bands."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.loss.market import day_of, ordinal
from fengqiao.engine.loss.model.day_table import conduct_places, cumulated, half_width
from fengqiao.engine.loss.outputs.chart_price import Frame, Mark, assign_lanes, draw_marks, label_width
from fengqiao.engine.loss.outputs.figures import day_text
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

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fengqiao.engine.loss.model.estimate import Estimate

LEFT, LANE, PLOT_HEIGHT, BOTTOM = 52.0, 19.0, 260.0, 46.0
LONGEST_PAUSE = 12  # days: the longest holidays
INNER, OUTER = "#bcd0e6", "#e6eef7"


@dataclass(frozen=True)
class Line:
    """One line of a chart: values by day, its colour, dashes and name in the legend."""

    values: NDArray[np.float64]
    name: str
    colour: str
    dashes: str = ""


@dataclass(frozen=True)
class Band:
    """A tinted area between two lines."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    name: str
    fill: str


def path_chart(found: Estimate) -> str:
    """Real and simulated price over the conduct window, with the band of the estimates and the wider one with noise."""
    made, wide = found.path, half_width(found)
    level = f"{found.settings.level:.0%}"
    bands = [
        Band(*made.band(wide, "prediction"), f"{level}区间（含日常波动）", OUTER),
        Band(*made.band(wide), f"{level}区间（仅估计误差）", INNER),
    ]
    lines = [
        Line(made.close / 10_000, "实际收盘价", MUTED),
        Line(made.simulated / 10_000, "模拟价格", BLUE),
    ]
    code = found.material.plan.case.security
    title = f"证券{code}实际价格与模拟价格"
    said = (
        f"{title}。{day_text(day_of(made.date[0]))}起点{made.simulated[0] / 10_000:.2f}元，"
        f"{day_text(day_of(made.date[-1]))}实际{made.close[-1] / 10_000:.2f}元，"
        f"模拟{made.simulated[-1] / 10_000:.2f}元。"
    )
    most = 1.6 * max(float(np.max(line.values)) for line in lines)
    return _draw(found, title, said, "价格（元）", made.date, lines, bands, most)


def cumulative_chart(found: Estimate) -> str:
    """Cumulated abnormal returns over the conduct window with their confidence band; "" where there is no noise."""
    first, end = conduct_places(found)
    sums, wide = cumulated(found, first, end), half_width(found)
    level = f"{found.settings.level:.0%}"
    days = found.model.observed.day[sums.places]
    bands = [Band(-wide * sums.errors, wide * sums.errors, f"没有异常时的{level}区间", OUTER)]
    lines = [
        Line(sums.sums, "累计异常收益率（CAR）", BLUE),
        Line(sums.held, "买入持有异常收益率（BHAR）", AMBER, "5 3"),
    ]
    title = f"证券{found.material.plan.case.security}累计异常收益率"
    said = (
        f"{title}，自实施日起累计；期末CAR为{sums.sums[-1]:.1%}，"
        f"没有异常时的{level}区间为±{wide * sums.errors[-1]:.1%}。"
    )
    return _draw(found, title, said, "累计异常收益率", days, lines, bands, None, percent=True)


def _draw(
    found: Estimate, title: str, said: str, heading: str, days: NDArray[np.int32], lines: Sequence[Line],
    bands: Sequence[Band], most: float | None, *, percent: bool = False,
) -> str:  # fmt: skip
    marks = [mark for mark in _marks(found) if days[0] <= ordinal(mark.day) <= days[-1]]
    x, right_margin = Scale(float(days[0]), float(days[-1]), LEFT, BASE_WIDTH - 24), 24.0
    for _ in range(3):
        over = max((x(ordinal(mark.day)) + label_width(mark) for mark in marks), default=0.0) - BASE_WIDTH + 6
        if over <= 0:
            break
        right_margin += over + 2
        x = Scale(float(days[0]), float(days[-1]), LEFT, BASE_WIDTH - right_margin)
    lanes = assign_lanes([(x(ordinal(mark.day)), label_width(mark)) for mark in marks])
    top = 24 + LANE * (max(lanes, default=0) + 1)
    ticks = _ticks(lines, bands, most)
    frame = Frame(x, Scale(ticks[0], ticks[-1], top + PLOT_HEIGHT, top), top, top + PLOT_HEIGHT, x.end)
    drawing = Drawing(title, said, height=int(frame.bottom + BOTTOM + 4))
    for band in bands:
        _area(drawing, frame, days, band)
    _pauses(drawing, frame, days)
    _axes(drawing, frame, ticks, (day_of(days[0]), day_of(days[-1])), heading, percent)
    for line in lines:
        more: dict[str, str | float] = {"stroke_dasharray": line.dashes} if line.dashes else {}
        for run in _runs(days):
            points = [(frame.x(float(days[k])), frame.y(float(line.values[k]))) for k in run]
            drawing.path(points, line.colour, stroke_width=1.4, **more)
    draw_marks(drawing, frame, marks, lanes)
    _legend(drawing, frame, lines, bands)
    return drawing.render()


def _ticks(lines: Sequence[Line], bands: Sequence[Band], most: float | None) -> list[float]:
    values = np.concatenate([*(line.values for line in lines), *(b.low for b in bands), *(b.high for b in bands)])
    high = float(np.max(values)) if most is None else min(float(np.max(values)), most)
    return round_ticks(float(np.min(values)), high)


def _area(drawing: Drawing, frame: Frame, days: NDArray[np.int32], band: Band) -> None:
    """A band, cut off at the edges of the plot."""

    def points(values: NDArray[np.float64]) -> list[tuple[float, float]]:
        return [
            (frame.x(float(day)), min(max(frame.y(float(value)), frame.top), frame.bottom))
            for day, value in zip(days, values, strict=True)
        ]

    high, low = points(band.high), points(band.low)
    for run in _runs(days):
        outline = [*(high[k] for k in run), *reversed([low[k] for k in run])]
        d = "M" + "L".join(f"{px:.2f} {py:.2f}" for px, py in outline) + "Z"
        drawing.add("path", d=d, fill=band.fill, stroke="none")


def _runs(days: NDArray[np.int32]) -> list[list[int]]:
    """Places of days without a long suspension in between: lines and bands end where nothing was traded."""
    ends = [0, *(np.flatnonzero(np.diff(days) > LONGEST_PAUSE) + 1).tolist(), len(days)]
    return [list(range(first, last)) for first, last in itertools.pairwise(ends)]


def _pauses(drawing: Drawing, frame: Frame, days: NDArray[np.int32]) -> None:
    for run, following in itertools.pairwise(_runs(days)):
        left, right = frame.x(float(days[run[-1]])), frame.x(float(days[following[0]]))
        drawing.box(left, frame.top, right - left, frame.bottom - frame.top, "#eef0f2", stroke="#aeb7c0",
                    stroke_width=0.6, stroke_dasharray="2 2")  # fmt: skip
        if right - left > 26:
            drawing.text((left + right) / 2, frame.top + 16, "停牌", 10, MUTED, anchor="middle")


def _axes(
    drawing: Drawing, frame: Frame, ticks: Sequence[float], days: tuple[dt.date, dt.date], heading: str, percent: bool
) -> None:
    digits = 0 if all(float(tick).is_integer() for tick in ticks) else 1 if ticks[1] - ticks[0] >= 0.1 else 2
    for tick in ticks:
        y = frame.y(tick)
        drawing.line((LEFT, y), (frame.right, y), GRID, stroke_width=0.8)
        text = f"{tick:.0%}" if percent else f"{tick:.{digits}f}"
        drawing.text(LEFT - 6, y + 3.8, text, 10.5, MUTED, anchor="end")
    base = frame.y(0.0) if percent and ticks[0] < 0 < ticks[-1] else frame.bottom
    drawing.line((LEFT, base), (frame.right, base), MUTED, stroke_width=0.9)
    for day, label in month_ticks(*days):
        x = frame.x(ordinal(day))
        drawing.line((x, frame.bottom), (x, frame.bottom + 4), MUTED, stroke_width=0.9)
        bold: dict[str, str | float] = {"font_weight": "bold"} if label.endswith("年") else {}
        drawing.text(x, frame.bottom + 17, label, 10.5, MUTED, anchor="middle", **bold)
    drawing.text(LEFT - 46, 13, heading, 10.5, MUTED)


def _legend(drawing: Drawing, frame: Frame, lines: Sequence[Line], bands: Sequence[Band]) -> None:
    x, y = LEFT, frame.bottom + 38
    for line in lines:
        more: dict[str, str | float] = {"stroke_dasharray": line.dashes} if line.dashes else {}
        drawing.path([(x, y - 4), (x + 20, y - 4)], line.colour, stroke_width=1.4, **more)
        drawing.text(x + 25, y, line.name, 10, MUTED)
        x += 25 + text_width(line.name, 10) + 16
    for band in reversed(bands):
        drawing.box(x, y - 9, 16, 10, band.fill)
        drawing.text(x + 21, y, band.name, 10, MUTED)
        x += 21 + text_width(band.name, 10) + 16


def _marks(found: Estimate) -> list[Mark]:
    plan = found.material.plan
    marks = []
    for part in plan.segments:
        suffix = segment_suffix(plan, part.segment.name)
        kind = SEGMENT_WORDS[part.segment.revelation_kind]
        marks += [
            Mark(plan.calendar.on_or_after(part.segment.implementation),
                 f"实施日{suffix} {day_text(part.segment.implementation)}", GREEN, "", "triangle"),
            Mark(part.t1, f"{kind}{suffix} {day_text(part.segment.revelation)}", RED, "", "diamond"),
            Mark(part.benchmark, f"基准日{suffix} {day_text(part.benchmark)}", AMBER, "5 3", "circle"),
        ]  # fmt: skip
    marks += [
        Mark(item.window.day_zero, item.window.name, MUTED, "2 3", "circle")
        for item in found.events
        if item.window.role == "company"
    ]
    return sorted(marks, key=lambda mark: (mark.day, mark.label))
