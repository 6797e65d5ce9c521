"""Scenarios as a heat map: the axes of the grid as rows and columns, one figure a cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from fengqiao.engine.loss.outputs.svg import GRID, INK, MUTED, RED, Drawing, text_width
from fengqiao.engine.money import FEN_PER_YUAN

if TYPE_CHECKING:
    from fengqiao.engine.loss.grid.figures import Figures
    from fengqiao.engine.loss.grid.result import Comparison
    from fengqiao.engine.loss.grid.spec import Axis

WIDE, CELL, LABEL = 760, 30.0, 9.5
MOST_COLUMNS, LONGEST_LABEL = 12, 190.0
LIGHT, DARK = (238, 244, 250), (24, 72, 130)
UNITS = ((100_000_000, "亿元"), (10_000, "万元"), (1, "元"))
Value = "Callable[[Figures], int]"


@dataclass(frozen=True)
class Layout:
    """Which axes are rows and which are columns, and the figures by labels; named: those beside the product."""

    rows: tuple[Axis, ...]
    columns: tuple[Axis, ...]
    cells: dict[tuple[str, ...], Figures]
    named: tuple[Figures, ...]

    def row_labels(self) -> list[tuple[str, ...]]:
        """Labels of the rows, one for each axis."""
        return list(product(*(tuple(item.name for item in axis.alternatives) for axis in self.rows)))

    def column_labels(self) -> list[tuple[str, ...]]:
        """Labels of the columns, one for each axis."""
        return list(product(*(tuple(item.name for item in axis.alternatives) for axis in self.columns)))


def layout_of(comparison: Comparison) -> Layout:
    """Rows and columns so that a table is a little higher than wide; axes with one alternative are left out."""
    axes = comparison.spec.axes
    several = [place for place, axis in enumerate(axes) if len(axis.alternatives) > 1]
    named = tuple(item for item in comparison.figures if not item.scenario.labels)
    cells = {
        tuple(item.scenario.labels[place] for place in several): item
        for item in comparison.figures
        if item.scenario.labels
    }
    sizes = [len(axes[place].alternatives) for place in several]
    cut = min(range(1, len(sizes) + 1), key=lambda k: _unfit(prod(sizes[:k]), prod(sizes[k:]))) if sizes else 0
    chosen = [axes[place] for place in several]
    return Layout(tuple(chosen[:cut]), tuple(chosen[cut:]), cells, named)


def _unfit(rows: int, columns: int) -> float:
    return abs(rows - 2.5 * columns) + (1000.0 if columns > MOST_COLUMNS else 0.0)


def unit_of(values: Sequence[int]) -> tuple[int, str]:
    """The unit in which the largest of some amounts in fen has a few digits before the point: (fen, name).

    >>> unit_of([123_456_789]), unit_of([99])
    ((1000000, '万元'), (100, '元'))
    """
    largest = max((abs(value) for value in values), default=0) / FEN_PER_YUAN
    for yuan, name in UNITS:
        if largest >= yuan * 10 or yuan == 1:
            return yuan * FEN_PER_YUAN, name
    raise AssertionError


def heat_map(comparison: Comparison, title: str, value: Callable[[Figures], int]) -> str:
    """An SVG with one cell a scenario; the base is framed, what was not computed says so."""
    layout = layout_of(comparison)
    known = [value(item) for item in comparison.computed]
    fen, unit = unit_of(known)
    painter = Painter(comparison, value, fen, min(known), max(known))
    rows, columns = layout.row_labels(), layout.column_labels()
    row_axes, column_axes = layout.rows, layout.columns
    lefts = _label_places(row_axes)
    left = lefts[-1]
    wide = (WIDE - left - 8) / max(len(columns), 1)
    top = 34.0 + 18.0 * max(len(column_axes), 1)
    named_top = top + CELL * (len(rows) if layout.cells else 0) + (26 if layout.cells and layout.named else 0)
    height = named_top + CELL * len(layout.named) + 30
    text = f"{title}，单位{unit}。" + "；".join(
        f"{item.scenario.name}：{value(item) / fen:,.2f}" for item in comparison.computed[:60]
    )
    drawing = Drawing(f"{title}（{unit}）", text, height=int(height))
    drawing.text(6, 16, f"{title}（{unit}）", 12, INK, font_weight="bold")
    if layout.cells:
        _headings(drawing, layout, lefts, left, wide)
        for r, row in enumerate(rows):
            y = top + CELL * r
            _row_labels(drawing, rows, r, lefts, y)
            for c, column in enumerate(columns):
                painter.cell(drawing, left + wide * c, y, wide, layout.cells.get((*row, *column)))
    for n, item in enumerate(layout.named):
        if n == 0 and layout.cells:
            drawing.text(6, named_top - 8, "另列方案", 10.5, MUTED)
        y = named_top + CELL * n
        drawing.text(6, y + CELL / 2 + 4, fitted(item.scenario.name, WIDE - 180), 10, INK)
        painter.cell(drawing, WIDE - 158, y, 150, item)
    drawing.text(
        6, height - 8, f"深色为高。方框为基准方案；小字为与基准之差。{comparison.base.scenario.id} 为基准。", 9, MUTED
    )
    return drawing.render()


def _label_places(axes: Sequence[Axis]) -> list[float]:
    """Left edges of the columns of row labels, and where the cells begin."""
    places, at = [], 6.0
    for axis in axes:
        places.append(at)
        at += (
            min(
                max([text_width(axis.name, LABEL), *(text_width(i.name, LABEL) for i in axis.alternatives)]),
                LONGEST_LABEL,
            )
            + 12
        )
    return [*places, at]


def _headings(drawing: Drawing, layout: Layout, lefts: Sequence[float], left: float, wide: float) -> None:
    """Names of the row axes, and labels of the column axes level by level, each once over the cells it spans."""
    columns = layout.column_labels()
    below = 28.0 + 18.0 * max(len(layout.columns), 1)
    for axis, x in zip(layout.rows, lefts, strict=False):
        drawing.text(x, below, fitted(axis.name, LONGEST_LABEL, LABEL), LABEL, MUTED)
    for level in range(len(layout.columns)):
        start = 0
        for c in range(1, len(columns) + 1):
            if c < len(columns) and columns[c][: level + 1] == columns[start][: level + 1]:
                continue
            span = wide * (c - start)
            label = fitted(columns[start][level], span - 4, LABEL)
            y = 46.0 + 18.0 * level
            drawing.text(left + wide * start + span / 2, y, label, LABEL, INK, anchor="middle")
            if level + 1 < len(layout.columns):
                drawing.line((left + wide * start + 3, y + 4), (left + wide * c - 3, y + 4), GRID)
            start = c


def _row_labels(drawing: Drawing, rows: Sequence[tuple[str, ...]], r: int, lefts: Sequence[float], y: float) -> None:
    """A label only where it changes from the row above."""
    for level, label in enumerate(rows[r]):
        if r and rows[r][: level + 1] == rows[r - 1][: level + 1]:
            continue
        room = lefts[level + 1] - lefts[level] - 8
        drawing.text(lefts[level], y + CELL / 2 + 4, fitted(label, room, LABEL), LABEL, INK)
        if r and level + 1 < len(rows[r]):
            drawing.line((lefts[level], y), (lefts[-1], y), GRID)


def fitted(text: str, room: float, size: float = 10) -> str:
    """A text cut so that it takes no more room.

    >>> fitted("先进先出加权平均", 40, 10)
    '先进先…'
    """
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text + "…"


@dataclass(frozen=True)
class Painter:
    """Draws one cell: colour by value, the value, the difference to the base."""

    comparison: Comparison
    value: Callable[[Figures], int]
    fen: int
    low: int
    high: int

    def cell(self, drawing: Drawing, x: float, y: float, wide: float, item: Figures | None) -> None:
        """One scenario; None is one that was excluded."""
        if item is None:
            drawing.text(x + wide / 2, y + CELL / 2 + 4, "—", 10, MUTED, anchor="middle")
            return
        if not item.scenario.computed:
            drawing.box(x + 1, y + 1, wide - 2, CELL - 2, "#f3f0ec")
            drawing.text(x + wide / 2, y + CELL / 2 + 4, "未计算", 9, RED, anchor="middle")
            return
        value = self.value(item)
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        ink = "#ffffff" if share > 0.55 else INK
        drawing.box(x + 1, y + 1, wide - 2, CELL - 2, colour(share))
        drawing.text(x + wide / 2, y + CELL / 2 - 1, f"{value / self.fen:,.2f}", 10, ink, anchor="middle")
        drawing.text(x + wide / 2, y + CELL - 5, self.against(item), 7.5, ink, anchor="middle")
        if item.scenario.base:
            drawing.box(x + 1.5, y + 1.5, wide - 3, CELL - 3, "none", stroke=RED, stroke_width=2)

    def against(self, item: Figures) -> str:
        """The difference to the base as a percentage."""
        base = self.value(self.comparison.base)
        if item.scenario.base:
            return "基准"
        if not base:
            return "—"
        text = f"{(self.value(item) - base) / base:+.1%}"
        return "0.0%" if text in ("+0.0%", "-0.0%") else text


def colour(share: float) -> str:
    """Between the light and the dark end.

    >>> colour(0.0), colour(1.0)
    ('#eef4fa', '#184882')
    """
    mixed = (round(a + (b - a) * share) for a, b in zip(LIGHT, DARK, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)
