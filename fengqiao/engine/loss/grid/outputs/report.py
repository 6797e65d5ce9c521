"""report.pdf of a comparison: what was varied, what came out, who gains and who loses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.engine.loss.case import settings_of
from fengqiao.engine.loss.grid.outputs.charts import charts_of
from fengqiao.engine.loss.grid.outputs.shown_rows import (
    against_base,
    law_used,
    rule_titles,
    sums,
    varied,
    width_rows,
)  # fmt: skip
from fengqiao.engine.loss.outputs.figures import grouped
from fengqiao.engine.loss.outputs.settings_table import setting_rows
from fengqiao.engine.loss.outputs.shown import unprintable
from fengqiao.engine.loss.outputs.typeset import typeset
from fengqiao.engine.loss.outputs.words import DIRECTION_WORDS, named_digests
from fengqiao.engine.money import yuan_grouped

if TYPE_CHECKING:
    from fengqiao.engine.loss.grid.figures import Figures
    from fengqiao.engine.loss.grid.result import Comparison

SCENARIOS_SHOWN = 120
MISSING_PAIRS = "方案多于60个或少于2个，不画两两比较图；全部数字见 pairs.csv。"


def write_report(comparison: Comparison, path: Path) -> None:
    """Write report.pdf. The same comparison gives the same bytes."""
    path.write_bytes(typeset("comparison.typ", report_data(comparison), charts_of(comparison)))


def report_data(comparison: Comparison) -> dict[str, Any]:
    """Everything the template shows, as texts."""
    base, plan = comparison.base, comparison.base_plan
    headings, rows = varied(comparison)
    data: dict[str, Any] = {
        "title": plan.case.name,
        "head": [
            ["证券代码", plan.case.security],
            ["适用规则", rule_titles(comparison)],
            ["虚假陈述类型", DIRECTION_WORDS[plan.case.direction]],
            ["方案", f"{len(comparison.figures)} 个，其中 {len(comparison.computed)} 个已计算"],
            ["基准方案", f"{base.scenario.id}　{base.scenario.name}"],
        ],
        "headline": _headline(comparison),
        "scenarios": [_scenario(item) for item in comparison.figures[:SCENARIOS_SHOWN]],
        "more": _more(comparison),
        "against": _against(comparison),
        "sums": sums(comparison),
        "widths": width_rows(comparison),
        "headings": headings[:-1],
        "varied": [row[:-1] for row in rows[:SCENARIOS_SHOWN]],
        "left": [[item.scenario.id, item.scenario.name, item.scenario.reason]
                 for item in comparison.figures if not item.scenario.computed],
        "settings": [[row.name, row.value, row.source, row.mark]
                     for row in setting_rows(plan, settings_of(plan.case))],
        "law": [[row.title, row.value, row.in_force, row.source, "" if row.verified else f"待核：{row.missing}"]
                for row in law_used(comparison)],
        "missing": {"pairs": MISSING_PAIRS},
        "digests": [list(item) for item in named_digests(comparison.digests)],
        "version": comparison.engine_version,
    }  # fmt: skip
    data["unprintable"] = unprintable(data)
    return data


def _headline(comparison: Comparison) -> list[list[str]]:
    """Lowest, base and highest total."""
    low = min(comparison.computed, key=lambda item: item.total)
    high = max(comparison.computed, key=lambda item: item.total)
    return [
        [title, yuan_grouped(item.total), f"{item.scenario.id}　{item.scenario.name}"]
        for title, item in (("最低的方案", low), ("基准方案", comparison.base), ("最高的方案", high))
    ]


def _scenario(item: Figures) -> list[str]:
    scenario = item.scenario
    if not scenario.computed:
        return [scenario.id, scenario.name, "未计算", "", "", "", ""]
    difference = "基准" if scenario.base else signed(item.difference)
    return [
        scenario.id, scenario.name, f"{item.awarded:,}", plain(item.total), difference, plain(item.mean),
        plain(item.median),
    ]  # fmt: skip


def plain(fen: int) -> str:
    """Yuan with separated thousands, without the word.

    >>> plain(123456789)
    '1,234,567.89'
    """
    from fractions import Fraction

    return grouped(Fraction(fen, 100), 2)


def signed(fen: int) -> str:
    """The same with its sign.

    >>> signed(100), signed(-5)
    ('+1.00', '-0.05')
    """
    return f"+{plain(fen)}" if fen > 0 else plain(fen)


def _more(comparison: Comparison) -> str:
    more = len(comparison.figures) - SCENARIOS_SHOWN
    return f"另有 {more} 个方案未列出，全部见 scenarios.csv 和工作簿。" if more > 0 else ""


def _against(comparison: Comparison) -> list[list[str]]:
    return [
        [name, pair.b.name, f"{pair.gain:,}", plain(pair.gained), f"{pair.lose:,}", plain(pair.lost), f"{pair.stay:,}"]
        for name, pair in against_base(comparison)[:SCENARIOS_SHOWN]
    ]
