"""The charts of a comparison as SVG files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fengqiao.engine.loss.grid.outputs.heat_map import heat_map
from fengqiao.engine.loss.grid.outputs.pairs_map import pairs_map

if TYPE_CHECKING:
    from fengqiao.engine.loss.grid.result import Comparison


def charts_of(comparison: Comparison) -> dict[str, str]:
    """Chart name -> SVG; a chart that cannot be drawn is ""."""
    return {
        "total": heat_map(comparison, "各方案的损失合计", lambda item: item.total),
        "median": heat_map(comparison, "各方案的中位数（有损失者）", lambda item: item.median),
        "pairs": pairs_map(comparison),
    }


def write_charts(comparison: Comparison, directory: Path) -> tuple[Path, ...]:
    """Write the charts that can be drawn as <name>.svg; returns the files written."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, svg in charts_of(comparison).items():
        if svg:
            path = directory / f"{name}.svg"
            path.write_text(svg, encoding="utf-8", newline="\n")
            written.append(path)
    return tuple(written)
