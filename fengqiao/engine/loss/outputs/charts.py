"""The charts of a run: which there are, which cannot be drawn and why, and the files they are written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fengqiao.engine.loss.outputs.chart_bars import losses_chart, ratios_chart
from fengqiao.engine.loss.outputs.chart_price import price_chart
from fengqiao.engine.loss.outputs.chart_turnover import turnover_chart
from fengqiao.engine.loss.outputs.summary import Summary, summarise

if TYPE_CHECKING:
    from pathlib import Path

    from fengqiao.engine.loss.run_result import RunResult

NAMES = ("price", "turnover", "losses", "ratios")
PER_INVESTOR_RATIOS = ("synchronised_index", "simulated_price")


def charts_of(result: RunResult, summary: Summary) -> dict[str, str]:
    """Chart name -> SVG; a chart without data is "" (see `missing_reasons`)."""
    spread = result.plan.case.deduction.market_risk in PER_INVESTOR_RATIOS
    return {
        "price": price_chart(result.plan),
        "turnover": turnover_chart(result.plan),
        "losses": losses_chart(summary),
        "ratios": ratios_chart(summary) if spread else "",
    }


def missing_reasons(result: RunResult) -> dict[str, str]:
    """Why a chart that is "" was not drawn, in Chinese."""
    plan = result.plan
    reasons = {
        "price": "行情在图示期间内没有收盘价，故没有走势图。",
        "turnover": "基准日和基准价由案件文件给定，没有以行情推算，故没有换手率图表。",
        "losses": "没有投资者持有范围内的股份，故没有损失分布图。",
        "ratios": "没有投资者存在投资差额损失，故没有市场风险比例分布图。",
    }
    if plan.market is None:
        reasons["price"] = "没有提供行情（基准日和基准价由案件文件给定），故没有走势图。"
    kind = plan.case.deduction.market_risk
    if kind == "none":
        reasons["ratios"] = "本案未扣除市场风险。"
    elif kind == "fixed":
        reasons["ratios"] = "本案对全部投资者按同一固定比例扣除市场风险，故没有分布图。"
    return reasons


def write_charts(result: RunResult, directory: Path) -> tuple[Path, ...]:
    """Write the charts that can be drawn as <name>.svg into a directory; returns the files written."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, svg in charts_of(result, summarise(result)).items():
        if svg:
            path = directory / f"{name}.svg"
            path.write_text(svg, encoding="utf-8", newline="\n")
            written.append(path)
    return tuple(written)
