"""Distributions as bars with their numbers on them: losses of investors, market-risk ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fengqiao.engine.loss.outputs.svg import BASE_WIDTH, BLUE, GRID, INK, MUTED, Drawing, Scale, round_ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fengqiao.engine.loss.outputs.summary import Class, Summary

LEFT, RIGHT, TOP, HIGH, BELOW = 56.0, 12.0, 34.0, 160.0, 42.0


def losses_chart(summary: Summary) -> str:
    """How the totals of the investors in scope are spread; "" when nobody is in scope."""
    if not summary.in_scope:
        return ""
    last = max(place for place, item in enumerate(summary.losses) if item.count)
    return _bars(summary.losses[: max(last + 2, 6)], "各投资者损失合计的分布", "人数", "损失合计（元）", "人")


def ratios_chart(summary: Summary) -> str:
    """How the market-risk ratios are spread over the results with a difference loss; "" when there is none."""
    if not summary.rows_with_loss:
        return ""
    unit = "人" if len(summary.segments) == 1 else "人次"
    return _bars(summary.ratios, "市场风险比例的分布", "人数" if unit == "人" else unit, "市场风险比例", unit)


def _bars(classes: Sequence[Class], title: str, heading: str, below: str, unit: str) -> str:
    text = "；".join(f"{item.name}：{item.count:,}{unit}" for item in classes if item.count)
    drawing = Drawing(title, f"{title}。{text}。", height=int(TOP + HIGH + BELOW))
    ticks = [tick for tick in round_ticks(0, max(1, *(item.count for item in classes)), 4) if tick == int(tick)]
    y = Scale(0, ticks[-1], TOP + HIGH, TOP)
    right = BASE_WIDTH - RIGHT
    for tick in ticks:
        drawing.line((LEFT, y(tick)), (right, y(tick)), GRID, stroke_width=0.8)
        drawing.text(LEFT - 6, y(tick) + 3.8, f"{int(tick):,}", 10.5, MUTED, anchor="end")
    wide = (right - LEFT) / len(classes)
    for place, item in enumerate(classes):
        x = LEFT + wide * (place + 0.5)
        drawing.box(x - wide * 0.34, y(item.count), wide * 0.68, TOP + HIGH - y(item.count), BLUE)
        colour = INK if item.count else MUTED
        drawing.text(x, y(item.count) - 5, f"{item.count:,}", 10.5, colour, anchor="middle")
        drawing.text(x, TOP + HIGH + 15, item.name, 9.5, MUTED, anchor="middle")
    drawing.line((LEFT, TOP + HIGH), (right, TOP + HIGH), MUTED, stroke_width=0.9)
    drawing.text(6, 14, heading, 10.5, MUTED)
    drawing.text((LEFT + right) / 2, TOP + HIGH + 33, below, 10.5, MUTED, anchor="middle")
    return drawing.render()
