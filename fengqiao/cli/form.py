"""`fengqiao form`: forms of dispute resolution, checked and rendered (文书)."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from pathlib import Path
from typing import Any

from fengqiao.engine.errors import InputError, Place, cannot_open

KINDS = (".pdf", ".docx")
LARGEST = 16 * 1024 * 1024


def add_to(groups: Any) -> None:
    """Add `form` to the command line."""
    about = "Check the data of a form and render it to PDF or Word (文书). KEY is a form of --list."
    parser = groups.add_parser("form", help="forms, checked and rendered to PDF or Word (文书)", description=about)
    parser.add_argument("key", nargs="?", metavar="KEY", help="a form; see --list")
    parser.add_argument("--list", action="store_true", help="all forms (所有文书)")
    parser.add_argument("--sample", action="store_true", help="print complete invented data of the form (样例)")
    parser.add_argument("--data", type=Path, metavar="FILE", help="data as JSON; amounts in fen (数据)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="file to write, .pdf or .docx (输出)")
    parser.add_argument("--draft", action="store_true", help="of unfinished data, marked as a draft (草稿)")
    parser.add_argument("--large", action="store_true", help="in large print (大字版)")
    parser.add_argument("--as-of", type=day, metavar="DATE", help="day in the metadata; default today (日期)")
    parser.set_defaults(run=run_form)


def day(text: str) -> dt.date:
    """A day as 2026-02-24."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-02-24") from None


def run_form(arguments: argparse.Namespace) -> int:
    """List the forms, print a sample, or render one document."""
    from fengqiao.cli.deadline import today
    from fengqiao.engine import forms

    if arguments.list:
        for item in forms.known():
            print(f"{item.key:<26}{item.title}{'（待核）' if item.doubts else ''}")
        return 0
    if arguments.key is None:
        raise InputError("No form was named (缺少文书)", todo="Name one of --list")
    template = forms.get(arguments.key)
    if arguments.sample:
        print(json.dumps(forms.sample(template.key), ensure_ascii=False, indent=2))
        return 0
    if arguments.data is None or arguments.out is None:
        raise InputError("Nothing to render (缺少选项)", why="--data and --out are needed", todo="Or ask for --sample")
    if arguments.out.suffix not in KINDS:
        raise InputError("--out is neither .pdf nor .docx (输出文件类型不符)", why=f"{arguments.out.name} was given")
    data, day_of = read(arguments.data), arguments.as_of or today()
    render = forms.render_pdf if arguments.out.suffix == ".pdf" else forms.render_docx
    made = render(template.key, data, as_of=day_of, draft=arguments.draft, large=arguments.large)
    arguments.out.write_bytes(made)
    print(f"{template.title}：{arguments.out}")
    return 0


def read(path: Path) -> dict[str, Any]:
    """The data of a form from a JSON file."""
    try:
        if path.stat().st_size > LARGEST:
            raise InputError("The data are larger than 16 MiB (数据过大)", place=Place(str(path)))
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise cannot_open(str(path), error) from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError("This is not JSON in UTF-8 (数据格式不符)", why=str(error), place=Place(str(path))) from error
    if not isinstance(data, dict):
        raise InputError("The data are not an object of fields and values (数据格式不符)", place=Place(str(path)))
    return data
