"""`fengqiao deadline`: when a legal period ends, and why (期间计算)."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengqiao.engine.errors import InputError

if TYPE_CHECKING:
    from fengqiao.engine.deadlines import Due, Extension, Interruption, Period, Suspension

OVERRIDES = "FENGQIAO_CALENDAR_OVERRIDES"


def add_to(groups: Any) -> None:
    """Add `deadline` to the command line."""
    about = "When a legal period ends, step by step (期间计算). RULE is a rule or a row of the list, such as J1."
    parser = groups.add_parser("deadline", help="when a legal period ends, and why (期间计算)", description=about)
    parser.add_argument("rule", nargs="?", metavar="RULE", help="a rule or a row of the list; see --list")
    parser.add_argument("--list", action="store_true", help="all rules (所有规则)")
    parser.add_argument("--from", dest="started_on", type=day, metavar="DATE", help="day of the start event (起算事件)")
    parser.add_argument("--as-of", type=day, metavar="DATE", help="day of the question; default today (查询日)")
    parser.add_argument("--law-on", type=day, metavar="DATE", help="day whose law applies; default --from (适用法律日)")
    parser.add_argument(
        "--suspend", nargs=2, action="append", default=[], metavar=("A", "B"),
        help='days that do not count, both included; B "-" while it lasts (中止)',
    )  # fmt: skip
    parser.add_argument(
        "--interrupt", action="append", default=[], metavar="DATE[:END]",
        help='begins anew; END: end of the proceedings, "-" while they last (中断)',
    )  # fmt: skip
    parser.add_argument(
        "--extend", nargs=3, action="append", default=[], metavar=("DATE", "BY", "LENGTH"),
        help="agreed on DATE by BY (parties, president, court...), a length such as 15CD or a last day (延长)",
    )  # fmt: skip
    parser.add_argument("--length", type=period, metavar="N", help="length for rules without a number, such as 20WD")
    parser.add_argument("--source", default="", metavar="TEXT", help="what sets that length (依据)")
    parser.add_argument("--ended-by", type=day, metavar="DATE", help="event that ends a window (终点事件)")
    parser.add_argument("--damaged-on", type=day, metavar="DATE", help="day of the damage, for the longest limitation")
    parser.add_argument("--provisional", action="store_true", help="guess days not yet announced, marked so (暂算)")
    parser.add_argument(
        "--set", dest="settings", action="append", default=[], metavar="NAME=VALUE",
        help="a setting, such as silent_roll=none or closing=17:00 (设置)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run_deadline)


def day(text: str) -> dt.date:
    """A day as 2026-02-24."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-02-24") from None


def period(text: str) -> Period:
    """A length such as 20WD."""
    from fengqiao.engine.deadlines import read_period

    try:
        return read_period(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None


def run_deadline(arguments: argparse.Namespace) -> int:
    """Print one period or all rules."""
    if arguments.list:
        print(listing(as_json=arguments.json))
        return 0
    if arguments.rule is None or arguments.started_on is None:
        raise InputError("Nothing to count (缺少选项)", why="RULE and --from are needed", todo="Or ask for --list")
    found = answer(arguments)
    if arguments.json:
        print(json.dumps(answered(found), ensure_ascii=False, indent=2))
        return 0
    print(found.headline())
    left = left_over(found)
    print(*([left] if left else []), found.explanation(), sep="\n")
    return 0


def answer(arguments: argparse.Namespace) -> Due:
    """The question of the command line, asked once."""
    from fengqiao.engine.deadlines import GivenLength, due, known_calendars

    added = os.environ.get(OVERRIDES)
    calendars = known_calendars(Path(added) if added else None, provisional=arguments.provisional)
    length = GivenLength(arguments.length, arguments.source) if arguments.length is not None else None
    return due(
        arguments.rule, arguments.started_on, as_of=arguments.as_of or today(), calendars=calendars,
        suspensions=[suspension(*pair) for pair in arguments.suspend],
        interruptions=[interruption(text) for text in arguments.interrupt],
        extensions=[extension(*words) for words in arguments.extend], length=length, law_on=arguments.law_on,
        ended_by=arguments.ended_by, damaged_on=arguments.damaged_on, settings=settings(arguments.settings),
    )  # fmt: skip


def today() -> dt.date:
    """Today in China."""
    from fengqiao.engine.deadlines.result import CHINA

    return dt.datetime.now(CHINA).date()


def answered(found: Due) -> dict[str, Any]:
    """The result with what is left, as JSON values."""
    from dataclasses import asdict

    left = remaining_of(found)
    return found.as_json() | {"remaining": None if left is None else asdict(left)}


def remaining_of(found: Due) -> Any:
    """What is left on the day of the question, where that says something."""
    from fengqiao.engine.deadlines import remaining

    return remaining(found, found.as_of) if found.rule.sense in ("limit", "soft", "before", "minimum", "bar") else None


def left_over(found: Due) -> str:
    """What is left, in words, for limits."""
    if found.rule.sense not in ("limit", "soft", "before"):
        return ""
    left = remaining_of(found)
    return "" if left is None else f"{found.as_of}：{left}"


def suspension(first: str, last: str) -> Suspension:
    """Days that do not count."""
    from fengqiao.engine.deadlines import Suspension

    return Suspension(_day(first), None if last == "-" else _day(last))


def interruption(text: str) -> Interruption:
    """DATE or DATE:END or DATE:-."""
    from fengqiao.engine.deadlines import Interruption

    on, _, end = text.partition(":")
    if end == "-":
        return Interruption(_day(on), pending=True)
    return Interruption(_day(on), restarts_on=_day(end) if end else None)


def extension(agreed_on: str, by: str, how_far: str) -> Extension:
    """A length such as 15CD, or a last day."""
    from fengqiao.engine.deadlines import Extension, read_period

    if "-" in how_far:
        return Extension(_day(agreed_on), by, until=_day(how_far))
    return Extension(_day(agreed_on), by, length=read_period(how_far))


def settings(pairs: list[str]) -> Any:
    """Settings from NAME=VALUE."""
    from dataclasses import fields

    from fengqiao.engine.deadlines import Settings
    from fengqiao.engine.errors import unknown_name

    known = {item.name for item in fields(Settings)}
    given: dict[str, Any] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name not in known:
            raise unknown_name("setting (设置)", name, known)
        given[name] = value
    if "closing" in given:
        given["closing"] = _clock(given["closing"])
    if "before_includes_day" in given:
        if given["before_includes_day"] not in ("true", "false"):
            raise InputError(
                "before_includes_day is true or false (选项的值不对)", why=f"{given['before_includes_day']!r} was given"
            )
        given["before_includes_day"] = given["before_includes_day"] == "true"
    return Settings(**given)


def listing(*, as_json: bool) -> str:
    """All rules, one line each; rows without a period after them."""
    from fengqiao.cli.text_table import text_table
    from fengqiao.engine import law
    from fengqiao.engine.deadlines import provisions, rules

    if as_json:
        items: list[dict[str, Any]] = [
            {"rule": r.id, "rows": r.rows, "title": r.title, "start": r.start, "parameters": r.parameters}
            for r in rules()
        ]
        rest = [{"row": p.row, "kind": p.kind, "text": p.text} for p in provisions()]
        return json.dumps({"rules": items, "without_period": rest}, ensure_ascii=False, indent=2)
    lines = []
    for item in rules():
        values = law.history(item.length) if item.length else ()
        value = values[-1].label().partition("（待核")[0] if values else "由使用者给出"
        doubtful = "待核" if values and not values[-1].verified else ""
        lines.append([" ".join(item.rows), item.id, item.title, value if item.shape == "length" else "", doubtful])
    return text_table(["行", "规则", "期间", "长度", ""], lines)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(
            "This is not a day (不是日期)", why=f"{text!r} was given", todo="Write it as 2026-02-24"
        ) from None


def _clock(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        raise InputError(
            "This is not an hour (不是时间)", why=f"{text!r} was given", todo="Write it as 17:00"
        ) from None
