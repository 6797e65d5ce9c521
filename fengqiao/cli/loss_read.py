"""`fengqiao loss read`: statements of brokers (交割单, 对账单) into canonical trades, and an account of every line."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.cli.text_table import text_table
from fengqiao.engine.errors import InputError, Place

if TYPE_CHECKING:
    from fengqiao.engine.loss.broker import FileRead, Statements
    from fengqiao.engine.loss.broker.entries import Table

FINDINGS = "findings.csv"
LAYOUTS_SHOWN = 20
NOTHING_USED = 1  # exit code
SECURITIES_SHOWN = 12
LINES_SHOWN = 60


def add_to(commands: Any) -> None:
    """Add `loss read` to the commands of `loss`."""
    parser = commands.add_parser(
        "read", help="broker statements into trades (读取交割单、对账单)",
        description="Read broker statements (交割单, 对账单: xls, xlsx, csv, text, web page), show which column and "
        "which kind of line was taken for what, and write canonical trades.",
    )  # fmt: skip
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"trades.parquet (or .csv); {FINDINGS} goes beside it")
    parser.add_argument("--settings", type=Path, metavar="FILE.toml", help="columns, words and investors set by hand")
    parser.add_argument("--investor", metavar="ID", help="all files are of this investor (投资者标识)")
    parser.add_argument(
        "--keep-repeated", action="store_true", help="rows repeated by overlapping exports count each time"
    )
    parser.add_argument("--skip-unreadable", action="store_true", help="go on without files that cannot be read")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run_read)


def run_read(arguments: argparse.Namespace) -> int:
    """Read, write, and print what was found. The exit code is 1 when no row counts, unless it is a ledger of cash,
    which has none to count."""
    from fengqiao.engine.loss.broker import Settings, load_settings, read_statements

    out: Path | None = arguments.out
    _require_usable(out, arguments.files)
    settings = load_settings(arguments.settings) if arguments.settings else Settings()
    if arguments.investor is not None:
        settings = replace(settings, investor=_identifier(arguments.investor))
    settings = replace(settings, keep_repeated=settings.keep_repeated or arguments.keep_repeated)
    done = read_statements(arguments.files, settings, skip_unreadable=arguments.skip_unreadable)
    if out is not None:
        write(done, out)
    if arguments.json:
        import json

        print(json.dumps(as_record(done, out), ensure_ascii=False, indent=2))
    else:
        print(as_text(done, out))
    return 0 if done.rows or _is_cash(done) else NOTHING_USED


def _identifier(text: str) -> str:
    from fengqiao.engine.loss.reading.cells import identifier

    if not text.strip() or identifier(text.strip())[1]:
        raise InputError(
            "--investor must be a short text without control characters (投资者编号不能用)", why=f"{text!r} was given"
        )
    return text.strip()


def _require_usable(out: Path | None, files: Sequence[Path]) -> None:
    if out is None:
        return
    if out.suffix.lower() not in (".parquet", ".csv"):
        raise InputError(
            "--out must end in .parquet or .csv (输出文件类型不符)",
            why=f'"{out.name}" was given',
            todo="Name a file of trades",
        )
    if out.name == FINDINGS or out.is_dir():
        raise InputError(
            "--out must name a file of trades (输出文件不能用)",
            why=f'"{out}" was given',
            todo="For example trades.parquet",
        )
    targets = {out.resolve(), (out.parent / FINDINGS).resolve()}
    for file in files:
        if file.resolve() in targets:
            raise InputError(
                "--out would overwrite a statement (会覆盖对账单)", todo="Name another file", place=Place(str(file))
            )


def write(done: Statements, out: Path) -> None:
    """Write trades and findings: both or neither."""
    from fengqiao.engine.loss.broker import write_findings, write_trades

    out.parent.mkdir(parents=True, exist_ok=True)
    findings = out.parent / FINDINGS
    partial = {path: path.with_name(f".{path.stem}.partial{path.suffix}") for path in (out, findings)}
    try:
        write_trades(done.rows, partial[out])
        write_findings(done.findings, partial[findings])
        for path, written in partial.items():
            written.replace(path)
    finally:
        for written in partial.values():
            written.unlink(missing_ok=True)


# -- for people


def as_text(done: Statements, out: Path | None) -> str:
    """The reading for a person who is to check it."""
    parts = [*_layouts(done), _kinds(done), _totals(done, out)]
    return "\n\n".join(part for part in parts if part)


def _layouts(done: Statements) -> list[str]:
    """Every layout once, with the files that have it."""
    groups: dict[tuple[Any, ...], list[tuple[FileRead, str, Table]]] = {}
    without = [file for file in done.files if not any(sheet.tables for sheet in file.sheets)]
    for file in done.files:
        for sheet in file.sheets:
            for table in sheet.tables:
                key = (file.kind, table.mapping.headings, table.mapping.kind, tuple(table.notes))
                groups.setdefault(key, []).append((file, sheet.name, table))
    shown = [_layout(members) for members in list(groups.values())[:LAYOUTS_SHOWN]]
    if len(groups) > LAYOUTS_SHOWN:
        shown.append(f"（另有 {len(groups) - LAYOUTS_SHOWN} 种表格从略，--json 全部列出）")
    shown += [
        f"文件  {file.name}：{'未读取，' + file.error if file.error else '没有找到表头，无法读取。'}"
        for file in without
    ]
    return shown


def _layout(members: Sequence[tuple[FileRead, str, Table]]) -> str:
    from fengqiao.engine.loss.broker.headings import headings
    from fengqiao.engine.loss.broker.kinds import NAMES
    from fengqiao.engine.loss.broker.mapping import KIND_NAMES, SURE_NAMES

    file, sheet, table = members[0]
    names = list(dict.fromkeys(one.name for one, _, _ in members))
    kind = NAMES[file.kind] if file.kind else ""
    where = f"工作表 {sheet} " if sheet else ""
    lines = [
        f"文件  {'、'.join(names[:4])}{f' 等 {len(names)} 个' if len(names) > 4 else ''}（{kind}）",
        f"表格  {where}第 {table.header} 行表头，{KIND_NAMES[table.mapping.kind]}",
    ]
    if table.mapping.kind != "trades":
        return "\n".join(lines)
    titles = headings().titles
    columns = sorted(table.mapping.columns.values(), key=lambda column: column.position)
    rows = [[column.heading, titles[column.field], SURE_NAMES[column.sure]] for column in columns]
    lines.append(text_table(["表中的列", "读作", "把握"], rows, indent=2))
    if table.mapping.unread:
        lines.append(f"  不用的列：{'、'.join(table.mapping.unread[:20])}")
    lines += [f"  注意：{note}" for note in table.notes]
    return "\n".join(lines)


def _kinds(done: Statements) -> str:
    rows = [
        [words[:30], taken, f"{count:,}", "计入" if used else "不计"]
        for (words, taken, used), count in sorted(done.kinds.items(), key=lambda item: (not item[0][2], -item[1]))
    ]
    if not rows:
        return ""
    more = f"\n  （另有 {len(rows) - LINES_SHOWN} 种从略）" if len(rows) > LINES_SHOWN else ""
    return (
        "各种业务怎样处理\n"
        + text_table(["业务写法", "视为", "行数", "结果"], rows[:LINES_SHOWN], indent=2, right=(2,))
        + more
    )


def _totals(done: Statements, out: Path | None) -> str:
    securities = Counter(entry.security for entry in done.rows).most_common()
    listed = "，".join(f"{code} {count:,} 行" for code, count in securities[:SECURITIES_SHOWN])
    lines = [
        f"合计      读入 {done.rows_in:,} 行 = 计入 {len(done.rows):,} 行 + 说明 {done.rows_explained:,} 行",
        f"投资者    {done.investors:,} 人：{_investors(done)}",
        f"证券      {len(securities):,} 只：{listed}{' 等' if len(securities) > SECURITIES_SHOWN else ''}",
    ]
    if not done.rows:
        lines[1:] = []
    if done.to_look_at:
        beside = FINDINGS if out else "加 --out 后的 findings.csv"
        lines.append(f"需要核对  {done.to_look_at:,} 处，列在 {beside} 的前 {done.to_look_at:,} 行：")
        lines += [f"  {_first_findings(finding)}" for finding in done.findings[: min(done.to_look_at, 8)]]
        if done.to_look_at > 8:
            lines.append("  ……")
    lines += [f"提示      {note}" for note in done.notes[:10]]
    if not done.rows:
        lines += [f"写出      {out}（没有行），{out.parent / FINDINGS}"] if out else []
        lines.append("结果      没有一行计入，没有可以测算的股票交易：" + _why_nothing(done, out))
    elif out is None:
        lines.append("下一步    核对上表；无误后加 --out trades.parquet 写出。列或业务认错了，用 --settings 指明。")
    else:
        lines.append(f"写出      {out}，{out.parent / FINDINGS}")
        lines.append(
            "下一步    核对上表；认错的列或业务用 --settings 指明后重读；"
            f"无误则 fengqiao loss measure CASE.toml --trades {out} …"
        )
    return "\n".join(lines)


def _investors(done: Statements) -> str:
    sources = {investor: source for file in done.files for investor, source in file.investors.items()}
    counts = Counter(entry.investor for entry in done.rows).most_common()
    listed = [f"{investor}（{sources.get(investor, '设置')}，{count:,} 行）" for investor, count in counts[:6]]
    return "，".join(listed) + (" 等" if len(counts) > 6 else "")


def _kinds_of_tables(done: Statements) -> set[str]:
    return {table.mapping.kind for sheet in done.sheets for table in sheet.tables}


def _is_cash(done: Statements) -> bool:
    return _kinds_of_tables(done) == {"cash"} and not any(file.error for file in done.files)


def _why_nothing(done: Statements, out: Path | None) -> str:
    kinds = _kinds_of_tables(done)
    if all(file.error for file in done.files):
        return "文件都未读取，原因见上。"
    if kinds == {"cash"}:
        return "这是资金流水，没有证券和数量；请向证券公司索取交割单（成交明细）。"
    if kinds and kinds <= {"holdings", "other"}:
        return "只有持仓或其他表格，没有成交记录；请向证券公司索取交割单（成交明细）。"
    if not kinds:
        return "没有找到表头；请核对文件，或在设置文件中写明 header_row 和 [columns]。"
    beside = FINDINGS if out else "加 --out 后的 findings.csv"
    return f"各行的处理见上表，原因见{beside}；列或业务认错了，用 --settings 指明后重读。"


def _first_findings(finding: Any) -> str:
    where = " ".join(
        part for part in (finding.file, finding.sheet, f"第{finding.row}行" if finding.row else "") if part
    )
    return f"{where}：{finding.reason}"


# -- for programs


def as_record(done: Statements, out: Path | None) -> dict[str, Any]:
    """The reading as plain values."""
    return {
        "files": [_file_record(file) for file in done.files],
        "kinds": [
            {"words": words, "taken": taken, "used": used, "rows": count}
            for (words, taken, used), count in done.kinds.items()
        ],
        "rows_in": done.rows_in,
        "rows_used": len(done.rows),
        "rows_explained": done.rows_explained,
        "to_look_at": done.to_look_at,
        "investors": dict(Counter(entry.investor for entry in done.rows)),
        "securities": dict(Counter(entry.security for entry in done.rows)),
        "notes": list(done.notes),
        "written": [str(out), str(out.parent / FINDINGS)] if out else [],
    }


def _file_record(file: FileRead) -> dict[str, Any]:
    tables = [(sheet, table) for sheet in file.sheets for table in sheet.tables]
    return {
        "file": file.name,
        "kind": file.kind,
        "error": file.error,
        "investors": dict(file.investors),
        "tables": [
            {
                "sheet": sheet.name,
                "header_row": table.header,
                "kind": table.mapping.kind,
                "columns": [
                    {"heading": column.heading, "field": column.field, "sure": column.sure}
                    for column in table.mapping.columns.values()
                ],
                "unread": list(table.mapping.unread),
                "notes": list(table.notes),
            }
            for sheet, table in tables
        ],
    }
