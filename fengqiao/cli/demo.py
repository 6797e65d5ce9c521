"""`fengqiao demo`: an invented case from its prices to the report, by the commands that everybody uses; then the portal
with invented people, until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fengqiao.cli import demo_portal
from fengqiao.cli.loss import positive
from fengqiao.cli.portal import port_number, refuse_taken_port
from fengqiao.cli.portal_setup import NOT_INSTALLED, installed

INVESTORS = 52_037
SEED = 20_261_120
RECORDS_SHOWN = (8, 14)
"""How many records an investor has whose statement fits on a screen."""


def add_to(groups: Any) -> None:
    """Add the `demo` command to the command line."""
    about = "measure an invented case, from prices to report, and run the portal with invented people (虚构案例演示)"
    parser = groups.add_parser("demo", help=about, description=f"{about}. Nothing in it is about a real company.")
    parser.add_argument("--dir", type=Path, default=Path("demo"), metavar="DIR", help="where everything is written")
    parser.add_argument("--investors", type=positive, default=INVESTORS, metavar="N")
    parser.add_argument("--port", type=port_number, default=demo_portal.PORT, help="where the portal listens")
    parser.add_argument("--no-serve", action="store_true", help="fill the portal's database, but do not run it")
    parser.add_argument("--code", metavar="LOGIN", help="only print the code an account needs now")
    parser.set_defaults(run=run_demo)


class Demo:
    """One walk through the commands; each is shown before it runs, and timed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps: list[tuple[str, float]] = []

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step and time it."""
        print(f"\n== {title}", flush=True)
        start = time.perf_counter()
        yield
        self.steps.append((title, time.perf_counter() - start))

    def command(self, *words: str | Path, before: str = "") -> None:
        """Show a command and run it; leaves with its exit code when it fails. before: what to print no further than."""
        from fengqiao.cli.main import main

        line = [str(word) for word in words]
        print(f"$ {program()} {' '.join(line)}", flush=True)
        said = io.StringIO()
        with contextlib.redirect_stdout(said) if before else contextlib.nullcontext():
            code = main(line)
        if before:
            head, mark, _ = said.getvalue().partition(f"\n{before}\n")
            print(head + "（以下从略）" * bool(mark))
        if code:
            raise SystemExit(code)

    def inputs(self) -> list[str | Path]:
        """The input files as `loss measure` and `loss explain` take them."""
        given = {"--trades": "trades.parquet", "--market": "market.csv", "--indices": "indices.csv",
                 "--actions": "actions.csv"}  # fmt: skip
        named = ((option, self.folder / name) for option, name in given.items())
        return [self.folder / "case.toml", *(word for pair in named for word in pair)]

    def times(self) -> str:
        """How long each step took, and all of them."""
        rows = [*self.steps, ("合计", sum(seconds for _, seconds in self.steps))]
        return "\n".join(f"{seconds:8.1f} 秒  {title}" for title, seconds in rows)


def run_demo(arguments: argparse.Namespace) -> int:
    """Make the case, simulate its investors, measure, show one statement and where everything lies."""
    from fengqiao.engine.loss import native
    from fengqiao.engine.loss.simulate.madeup import write_demo_case

    folder: Path = arguments.dir
    if arguments.code:
        return demo_portal.show_code(folder, arguments.code)
    if not arguments.no_serve and installed():
        refuse_taken_port(demo_portal.ADDRESS, arguments.port)
    demo = Demo(folder)
    print("枫桥演示：公司、行情、指数、投资者和交易记录均为虚构，只有交易日是真实的。")
    if not native.is_compiled():
        with demo.step("编译计算内核（只在第一次使用时需要）"):
            native.kernels()
    with demo.step("生成案件文件与行情"):
        write_demo_case(folder)
        print(f"写入 {folder}/：case.toml, market.csv, indices.csv, actions.csv")
    with demo.step("模拟投资者的交易记录"):
        demo.command(
            "loss", "simulate", folder / "case.toml", "--market", folder / "market.csv",
            "--investors", str(arguments.investors), "--seed", str(SEED), "--out", folder / "trades.parquet",
        )  # fmt: skip
    with demo.step("测算每名投资者的损失（同步指数对比），写出结果、工作簿、报告和图表"):
        demo.command("loss", "measure", *demo.inputs(), "--out", folder / "results")
    investor = example(folder)
    if investor:
        with demo.step(f"逐笔说明一名投资者（{investor}）的损失"):
            demo.command(
                "loss", "explain", *demo.inputs(), "--investor", investor, "--pdf", folder / "statement.pdf",
                before="设置",
            )  # fmt: skip
    print(f"\n== 用时\n{demo.times()}\n\n{where_it_lies(folder)}")
    return run_portal(folder, arguments.port, serve=not arguments.no_serve)


def run_portal(folder: Path, port: int, *, serve: bool) -> int:
    """Fill the demo's database, say who can log in, and serve; returns the exit code when it does not serve."""
    print("\n== 网站：账号和机构均为虚构", flush=True)
    if not installed():
        print(f"没有启动：{NOT_INSTALLED}")
        return 0
    code = demo_portal.fill(folder, port)
    if code:
        return code
    print(f"验证器的六位数字每 30 秒变一次，现在的：{program()} demo --dir {folder} --code 登录名")
    print("投资者登录要的短信验证码直接显示在网页上。")
    print(f"短信不会真的发出，都在 {folder / demo_portal.HOME / 'outbox' / 'sms.jsonl'} 中。")
    if not serve:
        return 0
    print(f"运行日志写在 {folder / demo_portal.HOME / demo_portal.LOG} 中。")
    print(f"请在浏览器打开 http://{demo_portal.ADDRESS}:{port}", flush=True)
    return demo_portal.serve(folder, port)


def program() -> str:
    """How to call this command from here."""
    called = Path(sys.argv[0])
    return called.name if shutil.which(called.name) == str(called.absolute()) else os.path.relpath(called)


def example(folder: Path) -> str | None:
    """An investor who is easy to follow: few records, with sales before and after T1, shares held, part deducted."""
    import polars as pl

    records = pl.scan_parquet(folder / "trades.parquet").group_by("investor").agg(pl.len().alias("records"))
    whole = (
        pl.all_horizontal(pl.col("left_quantity", "sold_quantity", "held_quantity") > 0) & (pl.col("findings") == "")
        & pl.col("market_risk_ratio").is_between(0, 1, closed="none") & pl.col("records").is_between(*RECORDS_SHOWN)
    )  # fmt: skip
    found = (
        pl.scan_parquet(folder / "results" / "results.parquet")
        .filter(pl.col("total") > 0)
        .join(records, on="investor")
        .select("investor", "records", whole.fill_null(False).alias("whole"))
        .sort("whole", "records", "investor", descending=[True, False, False])
        .head(1)
        .collect()
    )
    return str(found["investor"][0]) if len(found) else None


def where_it_lies(folder: Path) -> str:
    """What to open now."""
    files = {
        "报告": "results/report.pdf",
        "工作簿": "results/results.xlsx",
        "图表": "results/charts",
        "一名投资者的说明": "statement.pdf",
        "全部结果": "results/results.parquet",
        "数据问题": "results/findings.csv",
    }
    there = [(name, folder / path) for name, path in files.items() if (folder / path).exists()]
    width = max(len(name) for name, _ in there)
    return "\n".join(f"{name}{'　' * (width - len(name))}  {path}" for name, path in there)
