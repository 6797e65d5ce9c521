"""Measure simulated investors on real closes under both rule sets, all averages, without and with index comparison;
then all of it and each index on its own in one comparison.

The prices are public facts that lie beside the project, not in it; without them this says so and writes nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.real_grid import comparison

AVERAGES = ("moving_weighted", "fifo_weighted", "weighted", "actual_cost")
ALL_INDICES = ("000001", "000300", "000905")
INDICES = '[deduction]\nmarket_risk = "synchronised_index"\nindices = ["000001", "000300", "000905"]\n'
CASE = """[case]
name = "600074 真实行情与模拟投资者"
security = "600074"
rules = "{rules}"
direction = "inducing_purchase"
[dates]
implementation = 2014-10-30
revelation = 2016-12-29
[method]
averaging = "{averaging}"
"""
VECTORS = (
    ("600518_20181016.csv", "cn2003", "2018-10-16"),
    ("600518_20181016.csv", "cn2022", "2018-10-16"),
    ("688086_20220212.csv", "cn2022", "2022-02-12"),
)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_prices")
    parser.add_argument("--market", type=Path, default=Path("../shared/data/market"), help="folder with the closes")
    parser.add_argument("--dir", type=Path, default=Path("bench-data/real"))
    parser.add_argument("--investors", type=int, default=20_000)
    parser.add_argument("--out", type=Path, default=Path("docs/real_prices.md"))
    arguments = parser.parse_args()
    if not (arguments.market / "600074.csv").exists():
        raise SystemExit(f"There are no closes in {arguments.market}: nothing was measured.")
    arguments.dir.mkdir(parents=True, exist_ok=True)
    lines = [*heading(arguments.investors), *vectors(arguments.market), *grid(arguments)]
    arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(arguments.out.read_text(encoding="utf-8"))


def heading(investors: int) -> list[str]:
    """What the page is about."""
    today = dt.datetime.now(tz=dt.UTC).date()
    return [
        "# 真实行情上的测算",
        "",
        f"{today} 由 `python -m benchmarks.real_prices` 写成。"
        "收盘价、成交量、可流通股数和指数为公开事实，不随本项目分发；"
        f"{investors:,} 名投资者的交易记录是在这些价格上模拟的，不是任何人的真实交易。",
        "",
    ]


def run(*words: str | Path) -> str:
    """One `fengqiao` command; its output."""
    command = [str(Path(sys.executable).with_name("fengqiao")), *(str(word) for word in words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def vectors(market: Path) -> list[str]:
    """The published benchmark dates and prices."""
    lines = [
        "## 已公开的基准日与基准价",
        "",
        "| 行情 | 规则 | T1 | 基准日 | 第几个交易日 | 累计换手率 | 基准价（元） |",
    ]
    lines.append("|---|---|---|---|---|---|---|")
    for file, rules, revealed in VECTORS:
        found = json.loads(
            run("loss", "dates", "--rules", rules, "--revealed", revealed, "--market", market / file, "--json")
        )
        share = float(found["cumulative_turnover"])
        lines.append(
            f"| {file} | {rules} | {found['t1']} | {found['benchmark_date']} | T{found['trading_day_number']} | "
            f"{share:.2%} | {found['benchmark_price']} |"
        )
    return [*lines, ""]


def grid(arguments: argparse.Namespace) -> list[str]:
    """All rule sets, averages and both deductions over the same simulated records."""
    folder, market = arguments.dir, arguments.market
    prices, indices = market / "600074.csv", market / "indices.csv"
    first = folder / "cn2003_moving_weighted.toml"
    first.write_text(CASE.format(rules="cn2003", averaging="moving_weighted"), encoding="utf-8")
    trades = folder / "trades.parquet"
    run("loss", "simulate", first, "--market", prices, "--investors", str(arguments.investors), "--seed", "600074",
        "--out", trades)  # fmt: skip
    singly: dict[tuple[str, str, str], str] = {}
    lines = [
        "## 600074：实施日2014-10-30，揭露日2016-12-29",
        "",
        "| 规则 | 均价方法 | 扣除 | 基准日 | 基准价 | 持有涉案股份 | 应获赔 "
        "| 投资差额损失（元） | 扣除后（元） | 合计（元） |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for rules in ("cn2003", "cn2022"):
        for averaging in AVERAGES:
            for name, deduction in (("无", ""), ("同步指数对比", INDICES)):
                case = folder / f"{rules}_{averaging}_{'index' if deduction else 'none'}.toml"
                case.write_text(CASE.format(rules=rules, averaging=averaging) + deduction, encoding="utf-8")
                out = folder / case.stem
                run("loss", "measure", case, "--trades", trades, "--market", prices, "--indices", indices,
                    "--out", out)  # fmt: skip
                record = json.loads((out / "run.json").read_text(encoding="utf-8"))
                lines.append(_row(rules, averaging, name, record))
                singly[rules, averaging, ",".join(ALL_INDICES) if deduction else ""] = record["totals"]["total"]
    return [*lines, *comparison(folder, market, first, run, singly)]


def _row(rules: str, averaging: str, deduction: str, record: dict[str, dict[str, str]]) -> str:
    segment, totals = record["segments"][0], record["totals"]  # type: ignore[index]
    money = " | ".join(f"{float(totals[name]):,.2f}" for name in ("difference_loss", "awarded_loss", "total"))
    return (
        f"| {rules} | {averaging} | {deduction} | {segment['benchmark_date']} | {segment['benchmark_price']} | "
        f"{int(totals['investors_in_scope']):,} | {int(totals['investors_awarded']):,} | {money} |"
    )


if __name__ == "__main__":
    main()
