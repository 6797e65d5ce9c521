"""report.pdf: what was measured, how, and what came out, for people who decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fengqiao.engine.findings import CODES
from fengqiao.engine.loss.outputs.charts import charts_of, missing_reasons
from fengqiao.engine.loss.outputs.figures import large_text, percent_text, rate_text
from fengqiao.engine.loss.outputs.key_dates_table import DAY_HEADINGS, date_rows, day_cells
from fengqiao.engine.loss.outputs.method_words import method_paragraphs
from fengqiao.engine.loss.outputs.settings_table import basis, law_rows, rules_of, setting_rows
from fengqiao.engine.loss.outputs.shown import unprintable
from fengqiao.engine.loss.outputs.summary import MONEY_COLUMNS, Summary, summarise
from fengqiao.engine.loss.outputs.typeset import typeset
from fengqiao.engine.loss.outputs.words import DIRECTION_WORDS, column_heading, named_digests
from fengqiao.engine.money import yuan_grouped

if TYPE_CHECKING:
    from pathlib import Path

    from fengqiao.engine.loss.plan import CasePlan
    from fengqiao.engine.loss.run_result import RunResult

DAYS_SHOWN = 60
FINDINGS_SHOWN = 25
MONEY_BASIS = {
    "difference_loss": "difference_loss",
    "awarded_loss": "other_causes",
    "commission": "commission",
    "stamp_duty": "stamp_duty",
    "interest": "interest",
    "total": "total",
}


def write_report(result: RunResult, path: Path) -> None:
    """Write report.pdf. The same result gives the same bytes; nothing in it depends on the day or the machine."""
    summary = summarise(result)
    data = report_data(result, summary)
    path.write_bytes(typeset("report.typ", data, charts_of(result, summary)))


def report_data(result: RunResult, summary: Summary) -> dict[str, Any]:
    """Everything the template of the report shows, as texts."""
    plan, case = result.plan, result.plan.case
    data: dict[str, Any] = {
        "title": case.name,
        "head": [
            ["证券代码", case.security],
            ["适用规则", rules_of(plan).title],
            ["虚假陈述类型", DIRECTION_WORDS[case.direction]],
            ["投资者", f"{result.totals.investors:,} 人，其中有范围内股份 {result.totals.investors_in_scope:,} 人"],
        ],
        "headline": _headline(summary),
        "segments": [_segment(plan, place) for place in range(len(plan.segments))],
        "several": len(plan.segments) > 1,
        "totals": _totals(result, summary),
        "by_segment": _by_segment(result, summary),
        "people": _people(result, summary),
        "losses": [[item.name, f"{item.count:,}", _share(item.count, summary.in_scope), yuan_grouped(item.fen)]
                   for item in summary.losses if item.count],
        "missing": missing_reasons(result),
        "method": [[item.heading, item.text, item.basis] for item in method_paragraphs(plan)],
        "settings": [[item.name, item.value, item.source, item.mark] for item in setting_rows(plan, result.settings)],
        "law": [[item.title, item.value, item.in_force, item.source, "" if item.verified else f"待核：{item.missing}"]
                for item in law_rows(plan)],
        "findings": _findings(result),
        "notes": list(plan.notes),
        "digests": [list(pair) for pair in named_digests(result.digests)],
        "version": result.engine_version,
    }  # fmt: skip
    data["unprintable"] = unprintable(data)
    return data


def _headline(summary: Summary) -> list[list[str]]:
    """The three figures people ask for first."""
    total = summary.money["total"]
    return [
        ["损失合计", yuan_grouped(total), f"合 {large_text(total)}" if large_text(total) else ""],
        ["有损失的投资者", f"{summary.awarded:,} 人", f"有范围内股份者 {summary.in_scope:,} 人"],
        ["人均损失（有损失者）", yuan_grouped(summary.mean), f"中位数 {yuan_grouped(summary.median)}"],
    ]


def _segment(plan: CasePlan, place: int) -> dict[str, Any]:
    part = plan.segments[place]
    days = day_cells(part)
    hidden = max(len(days) - DAYS_SHOWN, 0)
    shown = [*days[: DAYS_SHOWN // 2], *days[-DAYS_SHOWN // 2 :]] if hidden else days
    return {
        "name": part.segment.name,
        "dates": [[item.name, item.value, item.basis, item.note] for item in date_rows(plan, part)],
        "headings": list(DAY_HEADINGS),
        "days": [list(day) for day in shown],
        "cut": DAYS_SHOWN // 2 if hidden else 0,
        "hidden": f"中间 {hidden} 个交易日略去，全部见工作簿“基准日计算”。" if hidden else "",
    }


def _totals(result: RunResult, summary: Summary) -> list[list[str]]:
    plan = result.plan
    rows = []
    for name in MONEY_COLUMNS:
        figure = MONEY_BASIS[name]
        if figure == "difference_loss" and not plan.segments[0].purchases:
            figure = "difference_loss_sale"
        heading = column_heading(name, plan.case.direction).removesuffix("（元）")
        rows.append([heading, yuan_grouped(summary.money[name]), large_text(summary.money[name]), basis(plan, figure)])
    return rows


def _by_segment(result: RunResult, summary: Summary) -> list[list[str]]:
    if len(summary.segments) < 2:
        return []
    return [
        [
            item.segment, f"{item.in_scope:,}", f"{item.awarded:,}", yuan_grouped(item.money["difference_loss"]),
            yuan_grouped(item.money["awarded_loss"]), yuan_grouped(item.money["total"]),
        ]
        for item in summary.segments
    ]  # fmt: skip


def _people(result: RunResult, summary: Summary) -> list[list[str]]:
    totals = result.totals
    rows = [
        ["记录中的投资者", f"{totals.investors:,} 人"],
        ["有范围内股份", f"{summary.in_scope:,} 人"],
        ["有损失", f"{summary.awarded:,} 人"],
        ["人均损失（有损失者）", yuan_grouped(summary.mean)],
        ["中位数（有损失者）", yuan_grouped(summary.median)],
        ["最大损失", yuan_grouped(summary.largest)],
        ["读入交易记录", f"{totals.rows_read:,} 行"],
        ["未参与计算的记录", f"{totals.rows_left_out:,} 行"],
    ]
    deduction = result.plan.case.deduction
    if deduction.market_risk == "fixed" and deduction.ratio is not None:
        rows.append(["市场风险比例（固定）", rate_text(deduction.ratio)])
    return rows


def _share(count: int, whole: int) -> str:
    from fractions import Fraction

    return percent_text(Fraction(count, whole), 1) if whole else ""


def _findings(result: RunResult) -> dict[str, Any]:
    counts: dict[str, int] = dict(result.totals.findings_by_code)
    if not counts:
        for item in result.findings:
            counts[item.code] = counts.get(item.code, 0) + 1
    found = len(result.findings)
    more = found - FINDINGS_SHOWN
    return {
        "count": f"{sum(counts.values()):,}" if counts else "",
        "codes": [[CODES.get(code, code), f"{number:,}"] for code, number in counts.items() if number],
        "rows": [
            [
                item.file + (f" / {item.sheet}" if item.sheet else ""), str(item.row) if item.row else "",
                item.investor, CODES.get(item.code, item.code), item.reason, "参与" if item.used else "未参与",
            ]
            for item in result.findings[:FINDINGS_SHOWN]
        ],
        "more": f"另有 {more:,} 项未列出，全部见 findings.csv 和工作簿“数据问题”。" if more > 0 else "",
    }  # fmt: skip
