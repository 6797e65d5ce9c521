"""report.pdf for the wrongs other than misrepresentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fengqiao.engine.findings import CODES
from fengqiao.engine.loss.outputs.figures import large_text
from fengqiao.engine.loss.outputs.report import FINDINGS_SHOWN
from fengqiao.engine.loss.outputs.shown import unprintable
from fengqiao.engine.loss.outputs.typeset import typeset
from fengqiao.engine.loss.outputs.words import named_digests
from fengqiao.engine.loss.outputs.wrong_story import law_rows, setting_rows
from fengqiao.engine.loss.outputs.wrong_words import NOT_SET, wrong_heading
from fengqiao.engine.loss.wrongs.kinds import WRONGS
from fengqiao.engine.loss.wrongs.run_result import MONEY
from fengqiao.engine.money import FEN_PER_YUAN, yuan_grouped

if TYPE_CHECKING:
    from pathlib import Path

    from fengqiao.engine.loss.wrongs.run_result import WrongResult

INVESTORS_SHOWN = 50


def write_report(result: WrongResult, path: Path) -> None:
    """Write report.pdf. The same result gives the same bytes; nothing in it depends on the day or the machine."""
    path.write_bytes(typeset("wrong_report.typ", report_data(result)))


def report_data(result: WrongResult) -> dict[str, Any]:
    """Everything the template shows, as texts."""
    claim, case, totals = result.plan, result.plan.case, result.totals
    total = totals.sums["total"]
    data: dict[str, Any] = {
        "title": case.name,
        "head": [
            ["证券代码", "、".join(claim.securities)],
            ["侵权类型", WRONGS[case.wrong]],
            ["投资者", f"{totals.investors:,} 人，其中在范围内 {totals.investors_in_scope:,} 人"],
            ["记录", f"读入 {totals.rows_read:,} 行，未参与计算 {totals.rows_left_out:,} 行"],
        ],
        "headline": [
            ["损失合计", yuan_grouped(total), f"合 {large_text(total)}" if large_text(total) else ""],
            ["有损失的投资者", f"{totals.investors_awarded:,} 人", f"在范围内者 {totals.investors_in_scope:,} 人"],
        ],
        "totals": [
            [_heading(name, result), yuan_grouped(totals.sums[name]), large_text(totals.sums[name])] for name in MONEY
        ],
        "details": _details(result),
        "people": _people(result),
        "more": _more(result),
        "people_headings": ["投资者", *(_heading(name, result) for name in ("scope_quantity", *SHOWN))],
        "settings": [list(row) for row in setting_rows(result.settings) if row[1] != NOT_SET],
        "law": [
            [row.title, row.value, row.in_force, row.source, "" if row.verified else f"待核：{row.missing}"]
            for row in law_rows(claim)
        ],
        "findings": _findings(result),
        "notes": list(claim.notes),
        "digests": [list(pair) for pair in named_digests(result.digests)],
        "version": result.engine_version,
    }
    data["unprintable"] = unprintable(data)
    return data


SHOWN = ("difference_loss", "awarded_loss", "interest", "total")


def _heading(name: str, result: WrongResult) -> str:
    case = result.plan.case
    return wrong_heading(name, case.wrong, getattr(case.terms, "harmed", "buyers")).removesuffix("（元）")


def _details(result: WrongResult) -> list[list[str]]:
    import pyarrow.compute as pc

    rows = []
    for name in result.plan.details:
        fen = int((pc.sum(result.table[name]).as_py() or 0) * FEN_PER_YUAN)
        rows.append([_heading(name, result), yuan_grouped(fen), large_text(fen)])
    return rows


def _people(result: WrongResult) -> list[list[str]]:
    """The investors with the largest totals."""
    order = result.table.sort_by([("total", "descending"), ("investor", "ascending")]).slice(0, INVESTORS_SHOWN)
    rows = order.select(["investor", "scope_quantity", *SHOWN]).to_pylist()
    return [
        [row["investor"], f"{row['scope_quantity'].normalize():,f}", *(f"{row[name]:,.2f}" for name in SHOWN)]
        for row in rows
        if row["total"]
    ]


def _more(result: WrongResult) -> str:
    hidden = result.totals.investors_awarded - INVESTORS_SHOWN
    return f"按合计从大到小列出前 {INVESTORS_SHOWN} 人，其余 {hidden:,} 人见工作簿“结果”。" if hidden > 0 else ""


def _findings(result: WrongResult) -> dict[str, Any]:
    counts = result.totals.findings_by_code
    more = len(result.findings) - FINDINGS_SHOWN
    return {
        "count": f"{sum(counts.values()):,}" if counts else "",
        "codes": [[CODES.get(code, code), f"{number:,}"] for code, number in counts.items()],
        "rows": [
            [
                item.file + (f" / {item.sheet}" if item.sheet else ""), str(item.row) if item.row else "",
                item.investor, CODES.get(item.code, item.code), item.reason, "参与" if item.used else "未参与",
            ]
            for item in result.findings[:FINDINGS_SHOWN]
        ],
        "more": f"另有 {more:,} 项未列出，全部见 findings.csv。" if more > 0 else "",
    }  # fmt: skip
