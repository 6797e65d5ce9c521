"""`fengqiao audit`: verify the chains of events, anchor them, export the events of a case as signed evidence."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.cli.portal_setup import require_installed, set_up
from fengqiao.engine.errors import InputError

if TYPE_CHECKING:
    from fengqiao.portal.audit.verification import Report

TAMPERED = 1


def add_to(groups: Any) -> None:
    """Add the `audit` commands to the command line."""
    audit = groups.add_parser("audit", help="verify and export audit events (审计)", description="Audit events (审计).")
    commands = audit.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=type(audit))

    about = "find changed, missing, moved or added events; exit code 0 sound, 1 tampered, 2 could not be checked (核验)"
    verify = commands.add_parser("verify", help="find tampered events (核验)", description=about)
    verify.add_argument("--organisation", type=int, metavar="N", help="the chain of one organisation; 0: of none")
    verify.add_argument("--since", type=moment, metavar="DATE", help="only events from this day on (China time)")
    verify.add_argument(
        "--anchor", type=Path, action="append", default=[], metavar="FILE", help="an anchor kept before"
    )
    verify.add_argument("--json", action="store_true", help="print the findings as JSON")
    verify.set_defaults(run=run_verify)

    about = "print the heads of all chains, signed; kept elsewhere, it shows later that no end was cut off (锚点)"
    anchor = commands.add_parser("anchor", help="print the signed heads of the chains (锚点)", description=about)
    anchor.add_argument("--out", type=Path, metavar="FILE", help="write it to a new file")
    anchor.set_defaults(run=run_anchor)

    about = "write the events of a case with the proof of their place in the chains, signed (导出证据)"
    export = commands.add_parser("export", help="export the events of a case (导出证据)", description=about)
    export.add_argument("--case", required=True, metavar="KEY", help="the case, as MC2026-0001")
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new ZIP file")
    export.add_argument("--reason", default="", metavar="TEXT", help="why; stands in the audit (理由)")
    export.set_defaults(run=run_export)

    about = "check an exported file; needs neither the database nor the keys (核验证据)"
    check = commands.add_parser("check-export", help="check an exported file (核验证据)", description=about)
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--public-key", type=Path, metavar="FILE", help="the public key the file must be signed with")
    check.add_argument("--anchor", type=Path, action="append", default=[], metavar="FILE", help="an anchor kept before")
    check.set_defaults(run=run_check)


def moment(text: str) -> dt.datetime:
    """The beginning of a day in China, or a point in time with its zone."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a date such as 2026-11-20') from None
    return found if found.tzinfo else found.replace(tzinfo=dt.timezone(dt.timedelta(hours=8)))


def run_verify(arguments: argparse.Namespace) -> int:
    """Verify; the exit code says whether anything was found."""
    set_up()
    from fengqiao.portal.audit.evidence_check import read_anchor
    from fengqiao.portal.audit.verification import verify

    if arguments.organisation is not None and arguments.since:
        raise InputError("--organisation and --since were both given (选项冲突)", todo="Give one of them")
    anchors = tuple(read_anchor(path) for path in arguments.anchor)
    with database_errors():
        report = verify(organisation=arguments.organisation, since=arguments.since, anchors=anchors)
    print(as_json(report) if arguments.json else as_text(report))
    return 0 if report.sound else TAMPERED


def as_json(report: Report) -> str:
    """A report for programs."""
    findings = [
        {"problem": each.problem, "chain": each.chain, "number": each.number, "sentence": each.sentence}
        for each in report.findings
    ]
    shown = {"sound": report.sound, "events": report.events, "chains": report.chains, "total": report.total}
    return json.dumps({**shown, "findings": findings}, ensure_ascii=False, indent=1)


def as_text(report: Report) -> str:
    """A report for people."""
    read = f"核验了 {report.events} 个事件、{report.chains} 条链"
    if report.sound:
        return f"{read}，没有发现问题。"
    lines = [f"[{each.problem.label}] {each.sentence}" for each in report.findings]
    left = report.total - len(report.findings)
    more = [f"另有 {left} 处问题未逐一列出。"] if left else []
    return "\n".join([*lines, *more, f"{read}，发现 {report.total} 处问题。请保全数据库文件，与备份和锚点对照。"])


def run_anchor(arguments: argparse.Namespace) -> int:
    """Print or write the heads."""
    set_up()
    from fengqiao.portal.audit.evidence import anchor

    with database_errors():
        text = json.dumps(anchor(dt.datetime.now(dt.UTC)), ensure_ascii=False, indent=1)
    if arguments.out is None:
        print(text)
        return 0
    with arguments.out.open("x", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    print(f"写入 {arguments.out}。请保存在本系统以外，例如交由其他机构或打印存档。")
    return 0


def run_export(arguments: argparse.Namespace) -> int:
    """Write the evidence of a case."""
    set_up()
    from fengqiao.portal.audit.evidence import export_case
    from fengqiao.portal.audit.stamp import system_stamp

    with database_errors():
        count = export_case(
            case=arguments.case, out=arguments.out, stamp=system_stamp("command"), reason=arguments.reason,
            now=dt.datetime.now(dt.UTC),
        )  # fmt: skip
    print(f"写入 {arguments.out}：案件“{arguments.case}”的 {count} 个事件，已签名。")
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Check an exported file."""
    require_installed()  # no more: whoever checks has no installation, and should have none afterwards
    from fengqiao.portal.audit.evidence_check import check_export, read_anchor

    known = arguments.public_key.read_text(encoding="utf-8") if arguments.public_key else ""
    anchors = tuple(read_anchor(path) for path in arguments.anchor)
    checked = check_export(arguments.file, known_key=known, anchors=anchors)
    for problem in checked.problems:
        print(problem)
    if checked.problems:
        print(f"{arguments.file} 不能作为证据：发现 {len(checked.problems)} 处问题。")
        return TAMPERED
    print(f"案件“{checked.case}”的 {checked.events} 个事件，{checked.made_at} 由{checked.made_by}导出。")
    print("签名、摘要和链均相符。")
    print(f"公钥指纹 {checked.fingerprint}" + ("。" if known else "；请向导出机构核对，或用 --public-key 指定其公钥。"))
    return 0


class database_errors:  # noqa: N801 - reads as a word in `with`
    """Turns a database that is not there or not made into a sentence."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from django.db import DatabaseError

        if isinstance(error, DatabaseError):
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise InputError(
                "The database cannot be used (数据库不能用)",
                why=first,
                todo="Check DATABASE_URL and FENGQIAO_HOME; run fengqiao migrate",
            ) from error
