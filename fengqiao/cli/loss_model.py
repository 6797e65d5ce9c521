"""`fengqiao loss model`: the price as it would have been, estimated from the days outside the conduct window."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from fengqiao.cli.loss import ProgressBar, calendar, formats, positive, summary


def add_to(commands: Any) -> None:
    """Add `model` to the loss commands."""
    about = "simulated price path and events by a return model (价格模型)"
    parser = commands.add_parser("model", help=about, description=f"{about}; settings in [model] of CASE.toml.")
    parser.add_argument("case", type=Path, metavar="CASE.toml")
    parser.add_argument("--market", required=True, type=Path, metavar="FILE", help="daily closes, volumes")
    parser.add_argument("--factors", type=Path, metavar="FILE", help="indices or factor returns (因子)")
    parser.add_argument("--actions", type=Path, metavar="FILE", help="corporate actions (权益分派)")
    parser.add_argument(
        "--trades", type=Path, nargs="+", default=[], metavar="FILE", help="measure these on the simulated path"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N", help="threads")
    parser.add_argument("--formats", type=formats, metavar="parquet,csv,xlsx,pdf,svg", help="of the measurement")
    parser.set_defaults(run=run_model)


def run_model(arguments: argparse.Namespace) -> int:
    """Estimate, write everything and print a summary."""
    from fengqiao.engine.loss.model.files import ModelFiles, model_files

    files = ModelFiles(
        arguments.case, arguments.market, arguments.factors, arguments.actions, tuple(arguments.trades)
    )  # fmt: skip
    if arguments.trades and sys.stderr.isatty():
        from fengqiao.engine.loss.native import is_compiled

        if not is_compiled():
            print("Compiling the kernels, once on this machine: some 15 seconds.", file=sys.stderr)
    bar = ProgressBar()
    try:
        done = model_files(
            files, arguments.out, jobs=arguments.jobs, formats=arguments.formats, progress=bar, calendar=calendar()
        )
    finally:
        bar.close()
    print(model_text(done, arguments.out))
    return 0


def model_text(done: Any, out: Path) -> str:
    """What was estimated, in a few lines, with every warning."""
    from fengqiao.engine.loss.model.words import coefficient_word, described, p_clause

    found = done.estimate
    fit, windows = found.model.fit, found.windows
    lines = [
        f"案件          {found.material.plan.case.name}（{found.material.plan.case.security}）",
        f"模型          {described(found.settings)}",
        f"估计窗口      {windows.estimation[0]} 至 {windows.estimation[1]}，收益率 {fit.observations} 个",
    ]
    lines += [
        f"系数          {coefficient_word(name)} {b:.6f}（标准误 {e:.6f}，{p_clause(float(p))}）"
        for name, b, e, p in zip(fit.names, fit.coefficient, fit.error, fit.p(), strict=True)
    ]
    lines += [f"拟合          R² {fit.r2:.4f}，残差标准误 {fit.s:.4%}"]
    lines += [
        f"事件          {item.window.name} {item.window.day_zero}：累计异常收益率 {item.car:.2%}"
        f"（标准误 {item.error:.2%}，{p_clause(item.t.p)}）"
        for item in found.events
    ]
    for number, part in enumerate(found.material.plan.segments):
        name = f"[{part.segment.name}] " if len(found.attributions) > 1 else ""
        lines.append(
            f"模拟价格      {name}自 {found.path.simulated[0] / 10_000:.2f} 元起；T1至基准日平均 "
            f"{found.simulated_benchmark(number):.4f} 元，实际基准价 {float(part.price):.4f} 元"
        )
    lines += [f"提示          {warning}" for warning in done.warnings]
    if done.measured is not None:
        lines += ["", summary(done.measured, out / "loss")]
    lines.append(f"结果          {', '.join(str(path) for path in done.files if path.parent == out)}")
    return "\n".join(lines)
