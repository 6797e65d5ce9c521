"""Charts as values: an option for ECharts, a table that says the same, a sentence that is read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

COLOURS = ("#14626d", "#b3441f", "#7d5200", "#2b567f", "#6b4a86")
DASHES = ("solid", "dashed", "dotted", "solid", "dashed")
SHAPES = ("circle", "rect", "triangle", "diamond", "roundRect")


@dataclass(frozen=True)
class Series:
    """One line or row of bars; None where there is no value."""

    name: str
    values: Sequence[float | int | None]


@dataclass(frozen=True)
class Mark:
    """A place on the axis that matters: a key date with its name."""

    at: str
    name: str


@dataclass(frozen=True)
class Chart:
    """A line or bar chart. key: unique on its page."""

    key: str
    title: str
    axis: str
    places: Sequence[str]
    series: Sequence[Series]
    kind: Literal["line", "bar"] = "line"
    unit: str = ""
    marks: Sequence[Mark] = ()
    note: str = ""
    summary: str = ""
    """What the chart shows, in a sentence, for those who do not see it."""

    @property
    def data_id(self) -> str:
        """Where its option stands on the page."""
        return f"{self.key}-data"

    @property
    def heads(self) -> list[str]:
        """The heads of the table."""
        return [self.axis, *(f"{item.name}（{self.unit}）" if self.unit else item.name for item in self.series)]

    @property
    def rows(self) -> list[list[tuple[str, str]]]:
        """The table: head and value of every cell."""
        marked = {mark.at: mark.name for mark in self.marks}
        out = []
        for number, place in enumerate(self.places):
            label = f"{place}（{marked[place]}）" if place in marked else place
            values = [item.values[number] for item in self.series]
            cells = [label, *("—" if value is None else f"{value:,}" for value in values)]
            out.append(list(zip(self.heads, cells, strict=True)))
        return out

    @property
    def option(self) -> dict[str, Any]:
        """For ECharts. Lines differ in dash and shape as well as in colour."""
        lines = [{"xAxis": mark.at, "name": mark.name} for mark in self.marks]
        series = [self._series(number, item) for number, item in enumerate(self.series)]
        if lines and series:
            series[0]["markLine"] = {
                "symbol": "none", "data": lines, "lineStyle": {"color": "#4b5b5e", "type": "dashed"},
                "label": {"formatter": "{b}", "color": "#1b2b2e", "fontSize": 13}, "animation": False,
            }  # fmt: skip
        return {
            "animation": False,
            "color": list(COLOURS),
            "grid": {"left": 64, "right": 24, "top": 56, "bottom": 32},
            "legend": {"show": len(series) > 1, "top": 0, "left": 0, "textStyle": {"fontSize": 14, "color": "#1b2b2e"}},
            "tooltip": {"trigger": "axis", "renderMode": "richText"},
            "xAxis": {"type": "category", "data": list(self.places), "axisLabel": {"color": "#1b2b2e", "fontSize": 13}},
            "yAxis": {"type": "value", "name": self.unit, "scale": self.kind == "line",
                      "axisLabel": {"color": "#1b2b2e", "fontSize": 13}, "nameTextStyle": {"color": "#1b2b2e"}},
            "series": series,
        }  # fmt: skip

    def _series(self, number: int, item: Series) -> dict[str, Any]:
        place = number % len(COLOURS)
        one: dict[str, Any] = {"name": item.name, "type": self.kind, "data": list(item.values)}
        if self.kind == "line":
            one |= {"symbol": SHAPES[place], "symbolSize": 6, "showSymbol": len(self.places) < 60,
                    "lineStyle": {"type": DASHES[place], "width": 2.5}}  # fmt: skip
        else:
            one |= {"barMaxWidth": 48, "itemStyle": {"decal": {"symbol": "none"} if place == 0 else None}}
        return one
