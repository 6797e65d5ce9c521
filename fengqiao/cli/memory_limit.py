"""The options of commands that can keep to a limit on memory, and what they say about it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from fengqiao.engine.errors import InputError


def add_memory(parser: argparse.ArgumentParser) -> None:
    """--memory alone."""
    parser.add_argument("--memory", metavar="SIZE", help="use no more memory than this, 4GiB for example (内存上限)")


def add_bounds(parser: argparse.ArgumentParser) -> None:
    """--memory and the options that go with it."""
    add_memory(parser)
    parser.add_argument("--work", type=Path, metavar="DIR", help="with --memory: where spilled records lie (临时目录)")
    parser.add_argument(
        "--resumable", action="store_true",
        help="with --memory: keep spilled records when the run is stopped, for the same command to go on",
    )  # fmt: skip
    parser.add_argument("--fresh", action="store_true", help="with --memory: drop what an earlier run left")


def bounds_of(arguments: argparse.Namespace) -> Any:
    """The limit on memory that was asked for, or None; with one the kernels are made ready in a process of their own,
    because compiling them takes more memory than a small limit allows."""
    if arguments.memory is None:
        given = [name for name in ("work", "resumable", "fresh") if getattr(arguments, name, None)]
        if given:
            raise InputError(f"--{given[0]} goes with --memory (选项须同时使用)", todo="Give --memory SIZE as well")
        return None
    from fengqiao.engine.loss.native import is_compiled
    from fengqiao.engine.loss.spill.limit import SMALLEST, Bounds, parse_size, require_workable

    limit = parse_size(arguments.memory)
    require_workable(limit)
    if not is_compiled() and limit < 2 * SMALLEST:
        compile_now = "from fengqiao.engine.loss.native import kernels; kernels()"
        subprocess.run([sys.executable, "-c", compile_now], check=False)  # noqa: S603 - our own interpreter
    return Bounds(
        limit, getattr(arguments, "work", None), getattr(arguments, "resumable", False),
        getattr(arguments, "fresh", False),
    )  # fmt: skip


def piece_of(arguments: argparse.Namespace) -> int | None:
    """How many rows may be held at once under the limit; None without one."""
    from fengqiao.engine.loss.spill.limit import Budget

    bounds = bounds_of(arguments)
    return None if bounds is None else Budget.of(bounds.limit, 1).piece


class Stated:
    """Says what the disk has to hold, and keeps it for the record."""

    def __init__(self) -> None:
        self.use: Any = None

    def __call__(self, use: Any) -> None:
        self.use = use
        print(use, file=sys.stderr, flush=True)


def measured_record(done: Any, stated: Stated) -> dict[str, Any]:
    """What was measured as plain values: the totals of run.json, the files, and with --memory what was stated."""
    record = json.loads(next(path for path in done.files if path.name == "run.json").read_text(encoding="utf-8"))
    found = {name: record[name] for name in ("totals", "findings")}
    found |= {"files": [str(path) for path in done.files], "notes": list(done.notes)}
    return found | {"memory": None if stated.use is None else stated.use.record()}
