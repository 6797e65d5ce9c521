"""`fengqiao loss fetch`: prices, corporate actions and indices from the internet, as files for measuring."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

from fengqiao.engine.errors import InputError

COLUMNS = {
    "market.csv": ("date", "close", "volume", "float_shares", "security"),
    "actions.csv": ("security", "ex_date", "bonus_ratio", "rights_ratio", "rights_price", "cash_per_share"),
    "indices.csv": ("date", "index", "close"),
}


def add_to(commands: Any) -> None:
    """Add `loss fetch` to the commands of `loss`."""
    from fengqiao.cli.loss import day

    parser = commands.add_parser(
        "fetch", help="prices, actions and indices through AKShare (取得行情；需要互联网)",
        description="Daily prices, corporate actions and indices through AKShare; needs the extra fengqiao[market].",
    )  # fmt: skip
    parser.add_argument("security", metavar="CODE")
    parser.add_argument("--from", dest="first", required=True, type=day, metavar="DATE")
    parser.add_argument("--to", dest="last", required=True, type=day, metavar="DATE")
    parser.add_argument("--index", action="append", default=[], metavar="CODE", help="may be given several times")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR")
    parser.set_defaults(run=run_fetch)


def run_fetch(arguments: argparse.Namespace) -> int:
    """Fetch all, then write all."""
    from fengqiao.market import akshare

    if arguments.first > arguments.last:
        raise InputError("--from lies behind --to (起止日期颠倒)", why=f"{arguments.first}, {arguments.last}")
    akshare.symbol_of(arguments.security)
    for index in arguments.index:
        akshare.index_symbol(index)
    source = akshare.client()
    fetched = {
        "market.csv": akshare.market(source, arguments.security, arguments.first, arguments.last),
        "actions.csv": akshare.actions(source, arguments.security, arguments.first, arguments.last),
    }
    if arguments.index:
        fetched["indices.csv"] = akshare.indices(source, arguments.index, arguments.first, arguments.last)
    write(fetched, arguments.out)
    for name, rows in fetched.items():
        print(f"{arguments.out / name}  {len(rows):,} 行")
    print("数据来自 AKShare（新浪财经），不是交易所的正式数据；未复权，成交量和流通股本以股计。")
    print("用于案件前请与正式数据核对。")
    return 0


def write(fetched: dict[str, list[dict[str, str]]], out: Path) -> None:
    """Write the files: all or none."""
    out.mkdir(parents=True, exist_ok=True)
    partial = {name: out / f".{name}.partial" for name in fetched}
    try:
        for name, rows in fetched.items():
            with partial[name].open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS[name], lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        for name, written in partial.items():
            written.replace(out / name)
    finally:
        for written in partial.values():
            written.unlink(missing_ok=True)
