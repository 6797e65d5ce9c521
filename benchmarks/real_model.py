"""The price model on real closes: estimates, events, simulated path and the losses of simulated investors on it.

The prices are public facts that lie beside the project, not in it; without them this says so and writes nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from pathlib import Path
from typing import Any

from benchmarks.real_prices import CASE, run
from docs.make_pictures import PICTURES, draw

EVENTS = """[[model.events]]
name = "市场大跌日"
date = 2016-12-12
window = [0, 1]
cause = "environment"
"""
MARKET = 'kind = "market"\nmarket = "000001"\n'
MODELS = (
    ("市场模型，上证综指", MARKET),
    ("市场模型，沪深300", 'kind = "market"\nmarket = "000300"\n'),
    ("市场模型，中证500", 'kind = "market"\nmarket = "000905"\n'),
    ("两因子：上证综指、中证500", 'kind = "factors"\nfactors = ["000001", "000905"]\n'),
    ("市场调整模型，上证综指", 'kind = "market_adjusted"\nmarket = "000001"\n'),
    ("市场模型，涨跌停日剔除", MARKET + 'limit_days = "drop"\n'),
    ("市场模型，连续涨跌停合并", MARKET + 'limit_days = "pool"\n'),
    ("市场模型，HAC 标准误", MARKET + 'errors = "hac"\n'),
    ("市场模型，只剔除窗口内异常收益率", MARKET + 'path = "remove_events"\n'),
    ("市场模型，估计窗口在基准日之后", MARKET + 'side = "after"\n'),
)
PICTURE_NAMES = ("path", "revelation_1", "cumulative", "attribution_1")


def main() -> None:
    """Write the page and its pictures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_model")
    parser.add_argument("--market", type=Path, default=Path("../shared/data/market"), help="folder with the closes")
    parser.add_argument("--dir", type=Path, default=Path("bench-data/model"))
    parser.add_argument("--investors", type=int, default=20_000)
    parser.add_argument("--out", type=Path, default=Path("docs/real_model.md"))
    arguments = parser.parse_args()
    if not (arguments.market / "600074.csv").exists():
        raise SystemExit(f"There are no closes in {arguments.market}: nothing was measured.")
    arguments.dir.mkdir(parents=True, exist_ok=True)
    trades = _trades(arguments)
    records = [_modelled(arguments, number, tables, trades) for number, (_, tables) in enumerate(MODELS)]
    _pictures(arguments.dir / "0" / "charts")
    arguments.out.write_text("\n".join(_page(arguments.investors, records)) + "\n", encoding="utf-8")
    print(arguments.out.read_text(encoding="utf-8"))


def _trades(arguments: argparse.Namespace) -> Path:
    case = arguments.dir / "case.toml"
    case.write_text(CASE.format(rules="cn2022", averaging="moving_weighted"), encoding="utf-8")
    trades: Path = arguments.dir / "trades.parquet"
    run("loss", "simulate", case, "--market", arguments.market / "600074.csv", "--investors",
        str(arguments.investors), "--seed", "600074", "--out", trades)  # fmt: skip
    return trades


def _modelled(arguments: argparse.Namespace, number: int, tables: str, trades: Path) -> dict[str, Any]:
    """The record of one model, with the totals of the measurement on its path."""
    case = arguments.dir / f"{number}.toml"
    text = CASE.format(rules="cn2022", averaging="moving_weighted")
    case.write_text(f"{text}[model]\n{tables}{EVENTS if number == 0 else ''}", encoding="utf-8")
    out = arguments.dir / str(number)
    run("loss", "model", case, "--market", arguments.market / "600074.csv", "--factors",
        arguments.market / "indices.csv", "--trades", trades, "--formats", "parquet", "--out", out)  # fmt: skip
    record: dict[str, Any] = json.loads((out / "model.json").read_text(encoding="utf-8"))
    record["totals"] = json.loads((out / "loss" / "run.json").read_text(encoding="utf-8"))["totals"]
    return record


def _pictures(charts: Path) -> None:
    for name in PICTURE_NAMES:
        draw(charts / f"{name}.svg", PICTURES / f"model_{name}.png", width=640)


def _page(investors: int, records: list[dict[str, Any]]) -> list[str]:
    today, first = dt.datetime.now(tz=dt.UTC).date(), records[0]
    window = first["estimation_window"]
    return [
        "# 真实行情上的价格模型",
        "",
        f"{today} 由 `python -m benchmarks.real_model` 写成。收盘价、成交量和指数为公开事实，不随本项目分发；"
        f"{investors:,} 名投资者的交易记录是在这些价格上模拟的，不是任何人的真实交易。"
        "方法见[价格模型](methods/price_models.md)。",
        "",
        "600074，实施日2014-10-30，揭露日2016-12-29，`cn2022`，基准日"
        f"{first['segments'][0]['benchmark_date']}，基准价{first['segments'][0]['benchmark_price']}元。"
        f"行情自2014年5月下旬复牌起才有成交，估计窗口 {window['from']} 至 {window['to']} 中有收益率的是 "
        f"{window['first_used']} 至 {window['last_used']}，共 {window['observations']} 个，少于通常要求的120个。",
        "",
        "## 市场模型（上证综指）",
        "",
        *_coefficients(first),
        "",
        *_events(first),
        "",
        "![实际价格与模拟价格](pictures/model_path.png)",
        "",
        "![揭露日前后的异常收益率](pictures/model_revelation_1.png)",
        "",
        "![全期累计异常收益率](pictures/model_cumulative.png)",
        "",
        "![平均买入者价格损失的构成](pictures/model_attribution_1.png)",
        "",
        "“市场大跌日”（2016-12-12）只为演示多个公司事件的写法而设，不是对该公司任何事实的判断。",
        "",
        "### 程序给出的提示",
        "",
        *(f"- {warning}" for warning in first["warnings"]),
        "",
        "## 换模型、换设置",
        "",
        *_grid(records),
    ]


def _coefficients(record: dict[str, Any]) -> list[str]:
    rows = [
        f"| {'α' if item['name'] == 'intercept' else 'β'} | {item['estimate']:.6f} | {item['standard_error']:.6f} | "
        f"{item['t']:.3f} | {item['p']:.3f} |"
        for item in record["coefficients"]
    ]
    quality = f"R² {record['r2']:.4f}，残差标准误 {record['residual_standard_error']:.4%}。"
    return ["| 系数 | 估计值 | 标准误 | t | p |", "|---|---|---|---|---|", *rows, "", quality]


def _events(record: dict[str, Any]) -> list[str]:
    rows = [
        f"| {item['name']} | {item['day_zero']} | {item['car']:.2%} | {item['standard_error']:.2%} | "
        f"{item['t']['statistic']:.2f} | {item['t']['p']:.3f} | {item['rank']['p']:.3f} | "
        f"{item['generalised_sign']['p']:.3f} | {item['empirical']['p']:.3f} | {item['bhar']:.2%} |"
        for item in record["events"]
    ]
    return [
        "| 事件 | 第0日 | 累计异常收益率 | 标准误 | t | p | 秩检验p | 符号检验p | 经验p | BHAR |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *rows,
    ]


def _grid(records: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| 模型 | 收益率 | β | R² | 揭露日累计异常 | p | 模拟价格平均（元） | 投资差额损失（元） | 扣除后（元） |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (name, _), record in zip(MODELS, records, strict=True):
        slopes = [item["estimate"] for item in record["coefficients"] if item["name"] != "intercept"]
        revealed = next(item for item in record["events"] if item["role"] == "revelation")
        totals = record["totals"]
        money = " | ".join(f"{float(totals[key]):,.2f}" for key in ("difference_loss", "awarded_loss"))
        lines.append(
            f"| {name} | {record['estimation_window']['observations']} | "
            f"{'，'.join(f'{slope:.3f}' for slope in slopes) or '—'} | {record['r2']:.3f} | {revealed['car']:.2%} | "
            f"{revealed['t']['p']:.3f} | {record['path']['benchmark_simulated'][0]:.4f} | {money} |"
        )
    return lines


if __name__ == "__main__":
    main()
