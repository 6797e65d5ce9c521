"""All scenarios of the real-prices page in one comparison: both rule sets, four averages, three indices singly and
together. Every total that was also measured on its own must be the same."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

from docs.make_pictures import PICTURES, draw

SPEC = """\
[vary]
rules = ["cn2003", "cn2022"]

[vary.method]
averaging = ["moving_weighted", "fifo_weighted", "weighted", "actual_cost"]

[[axis]]
name = "市场风险"
[[axis.alternative]]
name = "不扣除"
deduction.market_risk = "none"
[[axis.alternative]]
name = "上证指数"
deduction = { market_risk = "synchronised_index", indices = ["000001"] }
[[axis.alternative]]
name = "沪深300"
deduction = { market_risk = "synchronised_index", indices = ["000300"] }
[[axis.alternative]]
name = "中证500"
deduction = { market_risk = "synchronised_index", indices = ["000905"] }
[[axis.alternative]]
name = "三个指数"
deduction = { market_risk = "synchronised_index", indices = ["000001", "000300", "000905"] }
"""
PAIRS = (
    ("由2003年规则改为2022年规则", "s01", "s21"),
    ("由移动加权改为先进先出加权", "s01", "s06"),
    ("由移动加权改为综合加权", "s01", "s11"),
    ("由移动加权改为实际成本", "s01", "s16"),
    ("由不扣除改为扣三个指数", "s01", "s05"),
    ("由上证指数改为中证500", "s02", "s04"),
    ("由上证指数改为三个指数", "s02", "s05"),
)
Totals = dict[tuple[str, str, str], str]


def comparison(folder: Path, market: Path, case: Path, run: Callable[..., str], singly: Totals) -> list[str]:
    """The section of the page. singly: totals of single runs by (rules, averaging, indices joined by commas)."""
    spec, out = folder / "grid.toml", folder / "grid"
    spec.write_text(SPEC, encoding="utf-8")
    run("loss", "compare", case, "--trades", folder / "trades.parquet", "--market", market / "600074.csv", "--indices",
        market / "indices.csv", "--vary", spec, "--out", out)  # fmt: skip
    rows = table(out / "scenarios.csv")
    agreed = 0
    for row in rows:
        key = row["case.rules"], row["method.averaging"], row["deduction.indices"]
        if key in singly:
            agreed += 1
            if singly[key] != row["total"]:
                raise SystemExit(f"{row['name']}: the grid gives {row['total']}, a single run {singly[key]}")
    draw(out / "charts" / "total.svg", PICTURES / "scenarios.png", width=640)
    draw(out / "charts" / "median.svg", PICTURES / "scenarios_median.png", width=640)
    draw(out / "report.pdf", PICTURES / "scenarios_report.png", width=480, page=1)
    return [*heading(len(rows), agreed), *scenarios(rows), *changes(out), *spread(out)]


def table(path: Path) -> list[dict[str, str]]:
    """A CSV file as dictionaries."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def heading(count: int, agreed: int) -> list[str]:
    """What was compared, with the pictures."""
    return [
        "",
        "## 方案比较：两个规则、四种平均价格、三个指数单独与合并",
        "",
        f"同一批模拟记录，{count} 个方案由 `fengqiao loss compare` 一次算出"
        "（[怎样比较](recipes/compare_scenarios.md)）；"
        f"其中 {agreed} 个与上表分别测算的合计逐一核对，一分不差。",
        "",
        "![损失合计热图](pictures/scenarios.png)",
        "",
        "![中位数热图](pictures/scenarios_median.png)",
        "",
        "<details><summary>方案比较报告（第一页）</summary>",
        "",
        "![方案比较报告第一页](pictures/scenarios_report.png)",
        "",
        "</details>",
        "",
    ]


def scenarios(rows: list[dict[str, str]]) -> list[str]:
    """One line a scenario."""
    lines = [
        "| 方案 | 名称 | 基准日 | 有损失（人） | 合计（元） | 与基准之差（元） | 中位数（元） |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['id']}{'（基准）' if row['base'] == 'true' else ''} | {row['name']} | {row['benchmark_date']} | "
        f"{int(row['investors_awarded']):,} | {money(row['total'])} | {money(row['difference_to_base'])} | "
        f"{money(row['median'])} |"
        for row in rows
    ]
    return [*lines, ""]


def changes(out: Path) -> list[str]:
    """Who gains and who loses in some changes."""
    found = {(row["a"], row["b"]): row for row in table(out / "pairs.csv")}
    lines = [
        "| 改变 | 更多（人） | 增加（元） | 更少（人） | 减少（元） | 不变（人） |",
        "|---|---|---|---|---|---|",
    ]
    for name, a, b in PAIRS:
        row = found[a, b]
        lines.append(
            f"| {name}（{a} → {b}） | {int(row['gain']):,} | {money(row['gained'])} | {int(row['lose']):,} | "
            f"{money(row['lost'])} | {int(row['stay']):,} |"
        )
    return [*lines, ""]


def spread(out: Path) -> list[str]:
    """How far apart the scenarios lie for single investors."""
    totals = json.loads((out / "run.json").read_text(encoding="utf-8"))["totals"]
    return [
        f"{totals['investors']:,} 名投资者中，{totals['investors_always_zero']:,} 名在各方案下都没有损失。"
        f"每人取最低的方案，合计 {money(totals['sum_of_lowest'])} 元；每人取最高的方案，合计 "
        f"{money(totals['sum_of_highest'])} 元。",
    ]


def money(text: str) -> str:
    """An amount with separated thousands."""
    whole, _, cents = text.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{abs(int(whole)):,}.{cents}"
