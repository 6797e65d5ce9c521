"""`fengqiao loss`: key dates, measurement, statements, simulated records."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.cli.memory_limit import Stated, add_bounds, add_memory, bounds_of, measured_record, piece_of
from fengqiao.engine.errors import InputError

if TYPE_CHECKING:
    from fengqiao.engine.dates import TradingCalendar
    from fengqiao.engine.loss.keydates import KeyDates

OVERRIDES = "FENGQIAO_CALENDAR_OVERRIDES"


def add_to(groups: Any) -> None:
    """Add the `loss` commands to the command line."""
    loss = groups.add_parser(
        "loss", help="measure investors' losses (损失测算)", description="Loss measurement (损失测算)."
    )
    commands = loss.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=type(loss))
    from fengqiao.cli import loss_compare

    _add_dates(commands)
    _add_measure(commands)
    loss_compare.add_to(commands)
    _add_explain(commands)
    _add_simulate(commands)
    from fengqiao.cli import loss_fetch, loss_model, loss_read

    loss_model.add_to(commands)
    loss_read.add_to(commands)
    loss_fetch.add_to(commands)


def day(text: str) -> dt.date:
    """A date argument."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a date such as 2018-10-16') from None


def positive(text: str) -> int:
    """A whole number of at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number of at least 1')
    return number


def calendar() -> TradingCalendar:
    """The trading calendar, with the years that the environment adds."""
    from fengqiao.engine import dates

    added = os.environ.get(OVERRIDES)
    return dates.trading_calendar(Path(added) if added else None)


# -- dates


def _add_dates(commands: Any) -> None:
    parser = commands.add_parser("dates", help="T1, benchmark date and price (三日一价)")
    parser.add_argument("--rules", required=True, choices=("cn2022", "cn2003"))
    parser.add_argument("--revealed", required=True, type=day, metavar="DATE", help="revelation or correction date")
    parser.add_argument(
        "--after-close", action="store_true", help="revealed after the close: T1 is the next trading day"
    )
    parser.add_argument("--market", required=True, type=Path, metavar="FILE")
    parser.add_argument("--security", metavar="CODE")
    parser.add_argument("--suspended", choices=("skip", "count", "day_before", "resume"), default="skip")
    parser.add_argument("--turnover", choices=("daily_float", "float_at_t1"), default="daily_float")
    parser.add_argument("--not-reached", choices=("wait", "thirtieth_day"), default="wait", help="cn2003 art. 33(2)")
    parser.add_argument("--actions", type=Path, metavar="FILE", help="corporate actions (权益分派)")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run_dates)


def run_dates(arguments: argparse.Namespace) -> int:
    """Derive and print the key dates."""
    from fengqiao.engine.loss.case import Case, Method, Segment
    from fengqiao.engine.loss.keydates import derive_key_dates
    from fengqiao.engine.loss.plan import merge_same_day
    from fengqiao.engine.loss.reading import read_actions, read_market
    from fengqiao.engine.loss.ruleset import check_against_rules

    segment = Segment("1", dt.date.min, arguments.revealed, revelation_after_close=arguments.after_close)
    method = Method(
        suspended=arguments.suspended, turnover=arguments.turnover, not_reached=arguments.not_reached
    )  # fmt: skip
    case = Case("", arguments.security or "", arguments.rules, "inducing_purchase", (segment,), method)
    check_against_rules(case)
    market = read_market(arguments.market, arguments.security)
    actions = read_actions(arguments.actions, arguments.security) if arguments.actions else ()
    found = derive_key_dates(
        rules=arguments.rules, segment=segment, method=method, market=market, actions=merge_same_day(actions),
        calendar=calendar(),
    )  # fmt: skip
    if arguments.json:
        import json

        print(json.dumps(dates_record(found), ensure_ascii=False, indent=2))
    else:
        print(dates_text(found))
    return 0


def dates_record(found: KeyDates) -> dict[str, Any]:
    """Key dates as plain values; prices and ratios are decimal strings."""
    from fengqiao.engine.loss.case import exact_text
    from fengqiao.engine.money import decimal_text

    return {
        "rules": found.rules,
        "revealed": found.revelation.isoformat(),
        "t1": found.t1.isoformat(),
        "benchmark_date": found.benchmark_date.isoformat(),
        "benchmark_price": decimal_text(found.benchmark_price, 4),
        "benchmark_price_exact": exact_text(found.benchmark_price),
        "trading_day_number": found.trading_day_number,
        "cumulative_turnover": decimal_text(found.cumulative_turnover, 6),
        "settled_by": found.settled_by,
        "legal_basis": list(found.basis),
        "notes": list(found.notes),
        "days": [
            {
                "date": item.date.isoformat(),
                "number": item.number,
                "close": None if item.close is None else decimal_text(item.close, 4),
                "adjusted_close": None if item.adjusted_close is None else decimal_text(item.adjusted_close, 4),
                "volume": item.volume,
                "float_shares": item.float_shares,
                "turnover": decimal_text(item.turnover, 6),
                "cumulative_turnover": decimal_text(item.cumulative, 6),
            }
            for item in found.days
        ],
    }


SETTLED_BY = {
    "turnover": "累计换手率达到100%之日",
    "shortest": "10个交易日内即达到100%，取第10个交易日",
    "longest": "30个交易日内未达到100%，取第30个交易日",
    "thirtieth_day": "开庭前不能确定，取T1之后第30个交易日",
    "suspension": "停止交易，取停牌前一交易日",
    "delisting": "退出市场，取摘牌前一交易日",
    "given": "案件给定",
}


def dates_text(found: KeyDates) -> str:
    """Key dates for people."""
    from fengqiao.engine.money import decimal_text

    lines = [
        f"揭露日（更正日）  {found.revelation}",
        f"T1                {found.t1}",
        f"基准日            {found.benchmark_date}（T{found.trading_day_number}）",
        f"基准价            {decimal_text(found.benchmark_price, 4)} 元",
        f"累计换手率        {decimal_text(found.cumulative_turnover * 100, 2)}%",
        f"确定方式          {SETTLED_BY[found.settled_by]}",
        f"依据              {'；'.join(found.basis)}",
        *(f"说明              {note}" for note in found.notes),
        "",
        f"{'序号':>4}  {'日期':<8}  {'收盘价':>7}  {'成交量（股）':>10}  {'可流通股数':>9}  {'换手率':>5}  {'累计':>5}",
    ]
    for item in found.days:
        number = "停牌" if item.close is None else f"T{item.number}"
        close = "—" if item.adjusted_close is None else decimal_text(item.adjusted_close, 4)
        pad = 6 - len(number) - (number == "停牌") * 2
        lines.append(
            f"{' ' * pad}{number}  {item.date}  {close:>10}  {item.volume:>16,}  {item.float_shares:>14,}  "
            f"{decimal_text(item.turnover * 100, 2):>7}%  {decimal_text(item.cumulative * 100, 2):>6}%"
        )
    return "\n".join(lines)


# -- measure


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """The input files of a command that starts from a CASE.toml."""
    parser.add_argument("case", type=Path, metavar="CASE.toml")
    parser.add_argument("--trades", required=True, type=Path, nargs="+", metavar="FILE", help="CSV, Parquet or XLSX")
    parser.add_argument("--market", type=Path, metavar="FILE", help="daily closes, volumes, tradable shares")
    parser.add_argument("--indices", type=Path, metavar="FILE", help="daily index closes (指数)")
    parser.add_argument("--actions", type=Path, metavar="FILE", help="corporate actions (权益分派)")


def input_files(arguments: argparse.Namespace) -> Any:
    """The input files that were given."""
    from fengqiao.engine.loss.inputs import InputFiles

    return InputFiles(arguments.case, tuple(arguments.trades), arguments.market, arguments.indices, arguments.actions)


def formats(text: str) -> list[str]:
    """A list of formats; checked by the engine, which knows them."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _add_measure(commands: Any) -> None:
    parser = commands.add_parser("measure", help="the loss of every investor")
    add_inputs(parser)
    parser.add_argument("--out", required=True, type=Path, metavar="DIR")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N", help="threads")
    parser.add_argument("--formats", type=formats, metavar="parquet,csv,xlsx,pdf,svg")
    add_bounds(parser)
    parser.add_argument("--json", action="store_true", help="print the totals and the use of memory and disk as JSON")
    parser.set_defaults(run=run_measure)


def run_measure(arguments: argparse.Namespace) -> int:
    """Measure and print a summary."""
    from fengqiao.cli.memory import keep_freed_memory

    keep_freed_memory()
    from fengqiao.engine.loss.digests import EarlyDigests

    early = EarlyDigests(arguments.trades)  # large files are read through while the rest of the program is loaded
    from fengqiao.engine.loss.measure import measure_files
    from fengqiao.engine.loss.native import is_compiled

    bounds, stated = bounds_of(arguments), Stated()
    if sys.stderr.isatty() and not is_compiled():
        print("Compiling the kernels, once on this machine: some 15 seconds.", file=sys.stderr)
    bar = ProgressBar()
    try:
        done = measure_files(
            input_files(arguments), arguments.out, jobs=arguments.jobs, formats=arguments.formats, progress=bar,
            calendar=calendar(), bounds=bounds, say=stated, early=early,
        )  # fmt: skip
    finally:
        bar.close()
    if arguments.json:
        import json

        print(json.dumps(measured_record(done, stated), ensure_ascii=False, indent=2))
    else:
        print(summary(done, arguments.out))
    return 0


def summary(done: Any, out: Path) -> str:
    """What was measured, in a few lines."""
    from fengqiao.engine.findings import CODES
    from fengqiao.engine.money import yuan_grouped

    totals = done.result.totals
    lines = [f"案件          {done.result.plan.case.name}（{done.result.plan.case.security}）"]
    segments = getattr(done.result.plan, "segments", ())
    for plan in segments:
        name = f"[{plan.segment.name}] " if len(segments) > 1 else ""
        lines.append(
            f"{name}三日一价      实施日 {plan.segment.implementation}  T1 {plan.t1}  基准日 {plan.benchmark}  "
            f"基准价 {float(plan.price):.4f} 元"
        )
    lines += [
        f"交易记录      {totals.rows_read:,} 行，其中 {totals.rows_left_out:,} 行未参与计算（见 findings.csv）",
        f"投资者        {totals.investors:,} 人，{'持有涉案股份' if segments else '在范围内'} "
        f"{totals.investors_in_scope:,} 人，"
        f"应获赔 {totals.investors_awarded:,} 人",
        f"{'投资差额损失  ' if segments else '损失          '}{yuan_grouped(totals.sums['difference_loss'])}",
        f"扣除后        {yuan_grouped(totals.sums['awarded_loss'])}",
        f"佣金印花税息  {yuan_grouped(sum(totals.sums[n] for n in ('commission', 'stamp_duty', 'interest')))}",
        f"合计          {yuan_grouped(totals.sums['total'])}",
    ]
    if totals.findings_by_code:
        said = "，".join(f"{CODES[code]} {count:,}" for code, count in totals.findings_by_code.items())
        lines.append(f"数据提示      {said}")
    lines += [f"note: {note}" for note in done.notes]
    lines.append(f"结果          {', '.join(str(path) for path in done.files if path.parent == out)}")
    return "\n".join(lines)


class ProgressBar:
    """A progress bar on a terminal; silent where nobody looks."""

    def __init__(self) -> None:
        self.bar: Any = None
        self.what = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        from tqdm import tqdm

        phase = what.split(" ", maxsplit=1)[0]
        if self.bar is None or self.what != phase:
            self.close()
            self.what = phase
            self.bar = tqdm(total=total, desc=phase, leave=False, file=sys.stderr)
        self.bar.set_description(what, refresh=False)
        self.bar.total = total
        self.bar.update(done - self.bar.n)

    def close(self) -> None:
        """Remove the bar."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None


# -- explain


def _add_explain(commands: Any) -> None:
    parser = commands.add_parser("explain", help="the step-by-step statement of one investor")
    add_inputs(parser)
    parser.add_argument("--investor", required=True, metavar="ID")
    parser.add_argument("--pdf", type=Path, metavar="FILE", help="also write the statement as PDF")
    add_memory(parser)
    parser.set_defaults(run=run_explain)


def run_explain(arguments: argparse.Namespace) -> int:
    """Print one investor's statement."""
    from fengqiao.engine.loss.explain import explain_files
    from fengqiao.engine.loss.outputs import statement_text, write_statement

    statement = explain_files(input_files(arguments), arguments.investor, calendar(), piece_of(arguments))
    print(statement_text(statement))
    if arguments.pdf:
        arguments.pdf.parent.mkdir(parents=True, exist_ok=True)
        partial = arguments.pdf.with_name(f".{arguments.pdf.name}.partial")
        try:
            write_statement(statement, partial)
            partial.replace(arguments.pdf)
        finally:
            partial.unlink(missing_ok=True)
    return 0


# -- simulate


def _add_simulate(commands: Any) -> None:
    parser = commands.add_parser("simulate", help="plausible trade records on real or made prices")
    parser.add_argument("case", type=Path, metavar="CASE.toml")
    parser.add_argument("--market", required=True, type=Path, metavar="FILE")
    parser.add_argument("--investors", required=True, type=positive, metavar="N")
    parser.add_argument("--seed", required=True, type=int, metavar="S")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help=".parquet, .csv or .xlsx")
    parser.add_argument("--trades-per-investor", type=float, default=96.0, metavar="MEAN")
    parser.add_argument("--order", choices=("investor", "date"), default="investor")
    parser.set_defaults(run=run_simulate)


def run_simulate(arguments: argparse.Namespace) -> int:
    """Write simulated trade records."""
    from fengqiao.engine.loss.case_file import load_case
    from fengqiao.engine.loss.plan import prepare
    from fengqiao.engine.loss.reading import read_market
    from fengqiao.engine.loss.simulate import SimulationSpec, simulate_to_file

    case = load_case(arguments.case)
    if len(case.segments) != 1:
        raise InputError(
            "simulate takes a case with one segment (只能有一个区间)", why=f"{len(case.segments)} are given"
        )
    market = read_market(arguments.market, case.security)
    segment = case.segments[0]
    plan = prepare(_without_deduction(case), market=market, calendar=calendar()).segments[0]
    spec = SimulationSpec(
        security=case.security, market=market, window_from=segment.implementation, window_to=plan.t1,
        benchmark=plan.benchmark, investors=arguments.investors, seed=arguments.seed,
        trades_per_investor=arguments.trades_per_investor, order=arguments.order,
    )  # fmt: skip
    bar = ProgressBar()
    try:
        done = simulate_to_file(spec, arguments.out, progress=lambda n, total: bar("simulate", n, total))
    finally:
        bar.close()
    print(f"{done.rows:,} rows of {done.investors:,} investors in {arguments.out} (模拟数据，非真实交易)")
    return 0


def _without_deduction(case: Any) -> Any:
    from dataclasses import replace

    from fengqiao.engine.loss.case import Deduction

    return replace(case, deduction=Deduction())
