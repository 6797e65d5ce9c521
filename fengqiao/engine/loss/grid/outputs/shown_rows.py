"""The tables of a comparison as texts, for the workbook and the report alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fengqiao.engine.loss.grid.figures import Pair, turned
from fengqiao.engine.loss.grid.result import WIDTHS, key_dates_text, settings_text, varied_keys
from fengqiao.engine.loss.grid.words import key_name, shown_setting
from fengqiao.engine.loss.outputs.settings_table import LawRow, law_rows, rules_of
from fengqiao.engine.money import yuan_grouped

if TYPE_CHECKING:
    from fengqiao.engine.loss.grid.result import Comparison

CLASS_NAMES = ("各方案相同", "1千元以下", "1千至1万元", "1万至10万元", "10万至100万元", "100万元以上")


def varied(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """(headings, rows): what each scenario sets, its key dates; for one not computed the reason."""
    keys = varied_keys([item.scenario for item in comparison.figures])
    rows = []
    for item in comparison.figures:
        settings, dates = settings_text(item.scenario), key_dates_text(item.scenario)
        cells = [shown_setting(key, settings[key]) if key in settings else "" for key in keys]
        rows.append([
            item.scenario.id, *cells, dates["t1"], dates["benchmark_date"], dates["benchmark_price"],
            item.scenario.reason,
        ])  # fmt: skip
    headings = ["方案", *(key_name(key) for key in keys), "T1", "基准日", "基准价（元）", "未计算的原因"]
    return headings, rows


def against_base(comparison: Comparison) -> list[tuple[str, Pair]]:
    """(id, pair with the base as a) of every other computed scenario."""
    out = []
    for pair in comparison.pairs:
        if pair.a.base:
            out.append((pair.b.id, pair))
        elif pair.b.base:
            out.append((pair.a.id, turned(pair)))
    return sorted(out)


def law_used(comparison: Comparison) -> list[LawRow]:
    """The law values that entered any scenario, each once."""
    found: dict[tuple[str, str, str], LawRow] = {}
    for plan in comparison.plans:
        for row in law_rows(plan):
            found.setdefault((row.id, row.value, row.in_force), row)
    return list(found.values())


def rule_titles(comparison: Comparison) -> str:
    """The rule sets of the scenarios."""
    return "；".join(dict.fromkeys(rules_of(plan).title for plan in comparison.plans))


def width_rows(comparison: Comparison) -> list[list[str]]:
    """How many investors have a range of which width, of those with a loss under some scenario."""
    classes = comparison.spread.classes or (0,) * (len(WIDTHS) + 1)
    return [[name, f"{count:,} 人"] for name, count in zip(CLASS_NAMES, classes, strict=True)]


def sums(comparison: Comparison) -> list[list[str]]:
    """Counts and sums over investors."""
    totals, spread = comparison.totals, comparison.spread
    return [
        ["投资者", f"{totals.investors:,} 人"],
        ["各方案下都没有损失", f"{spread.always_zero:,} 人"],
        ["至少一个方案下有损失", f"{totals.investors - spread.always_zero:,} 人"],
        ["每人取最低的合计", yuan_grouped(spread.lowest)],
        ["每人取最高的合计", yuan_grouped(spread.highest)],
        ["读入交易记录", f"{totals.rows_read:,} 行"],
        ["未参与计算的记录", f"{totals.rows_left_out:,} 行"],
    ]
