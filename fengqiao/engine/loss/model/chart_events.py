"""Charts of the events of a price model: abnormal returns around a revelation, and what the decline is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fengqiao.engine.loss.market import day_of
from fengqiao.engine.loss.model.day_table import half_width
from fengqiao.engine.loss.outputs.figures import day_text
from fengqiao.engine.loss.outputs.svg import (
    BASE_WIDTH,
    BLUE,
    GREEN,
    GRID,
    INK,
    MUTED,
    RED,
    Drawing,
    Scale,
    round_ticks,
    text_width,
)

if TYPE_CHECKING:
    from fengqiao.engine.loss.model.attribution import Attribution
    from fengqiao.engine.loss.model.estimate import Estimate
    from fengqiao.engine.loss.model.event_windows import EventResult

BEFORE, AFTER = 10, 15
LEFT, TOP, HIGH, RIGHT = 52.0, 30.0, 180.0, 20.0
QUIET, LOUD = "#9db4cc", BLUE
NAMES, ROW = 150.0, 26.0


def event_chart(found: Estimate, item: EventResult) -> str:
    """Daily abnormal returns around an event as bars, with the band within which a return is nothing unusual."""
    model, observed = found.model, found.model.observed
    zero = int(np.searchsorted(observed.day, (item.window.day_zero - day_of(0)).days))
    first, end = max(zero - BEFORE, 0), min(zero + AFTER + 1, len(observed))
    places = np.arange(first, end)
    wide = half_width(found) * model.error[places]
    values = model.abnormal[places]
    together = np.concatenate([values, wide, -wide])
    ticks = round_ticks(float(np.min(together)), float(np.max(together)))
    y = Scale(ticks[0], ticks[-1], TOP + HIGH, TOP)
    slot = (BASE_WIDTH - LEFT - RIGHT) / len(places)
    level = f"{found.settings.level:.0%}"
    title = f"“{item.window.name}”前后的异常收益率"
    drawing = Drawing(
        title,
        f"{title}：窗口内累计{item.car:.2%}，标准误{item.error:.2%}。第0日为{day_text(item.window.day_zero)}。",
        height=int(TOP + HIGH + 64),
    )
    left, width = LEFT + slot * (int(item.window.places[0]) - first), slot * len(item.window.places)
    drawing.box(left, TOP, width, HIGH, "#fbf1dd")
    for tick in ticks:
        drawing.line((LEFT, y(tick)), (BASE_WIDTH - RIGHT, y(tick)), GRID, stroke_width=0.8)
        drawing.text(LEFT - 6, y(tick) + 3.8, f"{tick:.0%}", 10.5, MUTED, anchor="end")
    for number, place in enumerate(places.tolist()):
        x, value = LEFT + slot * number, float(values[number])
        loud = abs(value) > wide[number] > 0
        top, bottom = sorted((y(value), y(0.0)))
        drawing.box(x + slot * 0.18, top, slot * 0.64, bottom - top, LOUD if loud else QUIET)
        for edge in (float(wide[number]), -float(wide[number])):
            drawing.line((x, y(edge)), (x + slot, y(edge)), RED, stroke_width=0.9, stroke_dasharray="4 2")
        if observed.limit[place]:
            word = "涨停" if observed.limit[place] > 0 else "跌停"
            drawing.text(x + slot / 2, TOP + 11, word, 8.5, RED, anchor="middle")
        if (place - zero) % 5 == 0:
            drawing.text(x + slot / 2, TOP + HIGH + 15, f"{place - zero:+d}" if place != zero else "0", 10.5, MUTED,
                         anchor="middle")  # fmt: skip
    drawing.line((LEFT, y(0.0)), (BASE_WIDTH - RIGHT, y(0.0)), MUTED, stroke_width=0.9)
    drawing.text(LEFT - 46, 14, "异常收益率", 10.5, MUTED)
    drawing.text((LEFT + BASE_WIDTH - RIGHT) / 2, TOP + HIGH + 32, "相对第0日的交易日", 10.5, MUTED, anchor="middle")
    _event_legend(drawing, TOP + HIGH + 54, level)
    return drawing.render()


def _event_legend(drawing: Drawing, y: float, level: str) -> None:
    x = LEFT
    for fill, name in ((LOUD, f"超出{level}区间"), (QUIET, "没有超出"), ("#fbf1dd", "事件窗口")):
        drawing.box(x, y - 9, 14, 10, fill)
        drawing.text(x + 19, y, name, 10, MUTED)
        x += 19 + text_width(name, 10) + 16
    drawing.line((x, y - 4), (x + 20, y - 4), RED, stroke_width=0.9, stroke_dasharray="4 2")
    drawing.text(x + 25, y, f"没有异常时的{level}区间", 10, MUTED)


def attribution_chart(item: Attribution) -> str:
    """The parts of the decline as bars, in percent of log price, with 95% intervals where there are any."""
    parts = [part for part in item.parts if part.days]
    errors = [0.0 if part.error is None or not item.decline > 0 else 1.96 * part.error * item.decline for part in parts]
    rows = [("全部跌幅" if item.decline >= 0 else "全部变动", item.decline, 0.0, INK)]
    for part, error in zip(parts, errors, strict=True):
        colour = {"market": MUTED, "rest": QUIET, "misstatement": RED}.get(part.cause, GREEN)
        rows.append((part.name, part.amount, error, colour))
    low = min([0.0, *(value - error for _, value, error, _ in rows)])
    high = max([0.0, *(value + error for _, value, error, _ in rows)])
    ticks = round_ticks(low, high, 6)
    x = Scale(ticks[0], ticks[-1], NAMES, BASE_WIDTH - 70)
    bottom = 16 + ROW * len(rows)
    title = "平均买入者价格损失的构成"
    said = title + "：" + "，".join(f"{name}{value:.1%}" for name, value, _, _ in rows) + "。"
    drawing = Drawing(title, said, height=int(bottom + 40))
    for tick in ticks:
        drawing.line((x(tick), 10), (x(tick), bottom), GRID, stroke_width=0.8)
        drawing.text(x(tick), bottom + 15, f"{tick:.0%}", 10.5, MUTED, anchor="middle")
    for number, (name, value, error, colour) in enumerate(rows):
        y = 16 + ROW * number
        start, end = sorted((x(0.0), x(value)))
        drawing.box(start, y + 4, end - start, ROW - 10, colour)
        drawing.text(NAMES - 8, y + 15, _short(name), 10.5, INK, anchor="end")
        if error:
            drawing.line((x(value - error), y + 9), (x(value + error), y + 9), INK, stroke_width=1)
            for edge in (value - error, value + error):
                drawing.line((x(edge), y + 5), (x(edge), y + 13), INK, stroke_width=1)
        drawing.text(BASE_WIDTH - 8, y + 15, f"{value:.1%}", 10.5, INK, anchor="end")
    drawing.line((x(0.0), 10), (x(0.0), bottom), MUTED, stroke_width=0.9)
    drawing.text(NAMES, bottom + 32, "对数价格的百分点；正数为损失方向；横线为95%区间", 10, MUTED)
    return drawing.render()


def _short(name: str) -> str:
    return name if len(name) <= 12 else f"{name[:11]}…"
