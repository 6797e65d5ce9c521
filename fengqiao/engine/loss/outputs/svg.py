"""A little SVG by hand: elements with escaped text, scales, round ticks. Charts are built from these."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, log10

from fengqiao.engine.loss.outputs.shown import shown, width

INK, MUTED, GRID, BLUE, RED, AMBER, GREEN = (
    "#1f2933", "#5b6770", "#e1e6eb", "#1d4e89", "#b42318", "#8a5a00", "#1b6e4b",
)  # fmt: skip
FAMILY = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"
BASE_WIDTH = 760


@dataclass
class Drawing:
    """An SVG picture that is being drawn. title and description are read aloud by screen readers."""

    title: str
    description: str
    height: int
    width: int = BASE_WIDTH
    parts: list[str] = field(default_factory=list)

    def line(
        self, start: tuple[float, float], end: tuple[float, float], colour: str = INK, **more: str | float
    ) -> None:
        """A straight line; more: other attributes (with _ for -)."""
        self.add("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], stroke=colour, **more)

    def box(self, x: float, y: float, wide: float, high: float, fill: str, **more: str | float) -> None:
        """A rectangle."""
        self.add("rect", x=x, y=y, width=max(wide, 0.0), height=max(high, 0.0), fill=fill, **more)

    def path(self, points: list[tuple[float, float]], colour: str, **more: str | float) -> None:
        """An open line through points."""
        if points:
            d = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
            self.add("path", d=d, fill="none", stroke=colour, **{"stroke_linejoin": "round", **more})

    def text(self, x: float, y: float, text: str, size: float = 11, fill: str = INK, **more: str | float) -> None:
        """A text; `anchor` says where x is (start, middle, end)."""
        anchor = more.pop("anchor", "start")
        attributes = _attributes({"x": x, "y": y, "font_size": size, "fill": fill, "text_anchor": anchor, **more})
        self.parts.append(f"<text{attributes}>{escape(shown(text))}</text>")

    def add(self, name: str, **attributes: str | float) -> None:
        """Any element without content."""
        self.parts.append(f"<{name}{_attributes(attributes)}/>")

    def render(self) -> str:
        """The whole picture as SVG text."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" aria-labelledby="t d" font-family="{FAMILY}">'
        )
        names = (
            f'<title id="t">{escape(shown(self.title))}</title><desc id="d">{escape(shown(self.description))}</desc>'
        )
        return "\n".join([head, names, *self.parts, "</svg>", ""])


def _attributes(attributes: dict[str, str | float]) -> str:
    return "".join(
        f' {name.replace("_", "-")}="{number(value) if isinstance(value, int | float) else escape(value)}"'
        for name, value in attributes.items()
    )


def number(value: float) -> str:
    """A coordinate with at most two decimals.

    >>> number(3.0), number(2.345)
    ('3', '2.35')
    """
    text = f"{floor(value * 100 + 0.5) / 100:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def text_width(text: str, size: float = 11) -> float:
    """About how wide a text is drawn.

    >>> text_width("基准价", 10)
    30.0
    """
    return width(text) * size / 2 * (1.0 if not text.isascii() else 1.1)


@dataclass(frozen=True)
class Scale:
    """Maps numbers from `low`..`high` to coordinates `start`..`end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The coordinate of a number."""
        share = (value - self.low) / (self.high - self.low) if self.high != self.low else 0.5
        return self.start + share * (self.end - self.start)


def round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that cover a range.

    >>> round_ticks(0, 9.3)
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    span = (high - low) or max(abs(high), 1.0)
    raw = span / about
    unit = 10 ** floor(log10(raw))
    step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= raw * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(float(k * step), 10) for k in range(first, last + 1)]


def month_ticks(first: dt.date, last: dt.date, most: int = 9) -> list[tuple[dt.date, str]]:
    """First days of months between two dates, at most `most`, with labels: the year where it begins, else the month.

    >>> [label for _, label in month_ticks(dt.date(2018, 11, 5), dt.date(2019, 3, 2))]
    ['12月', '2019年', '2月', '3月']
    """
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    step = next((step for step in (1, 2, 3, 6, 12, 24, 60, 120) if (end - start) // step <= most), 240)
    months = [k for k in range(start, end + 1) if k % step == 0]
    days = [dt.date(k // 12, k % 12 + 1, 1) for k in months]
    return [(day, f"{day.year}年" if day.month == 1 else f"{day.month}月") for day in days if first <= day <= last]
