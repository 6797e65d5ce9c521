"""The portal's part of `make bench`: each database in turn, one process a measurement.

    python -m benchmarks --part portal
    python -m benchmarks --part portal --quick    a trial: 20,000 rows instead of a million

A measurement is a module of this package with `HEAD`, the head of its table, and `rows()`, its lines; it is given a
portal of its own in a fresh database.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import machine

ROOT = Path(__file__).parents[1]
ON_POSTGRESQL = ("-m", "tests.postgresql", sys.executable)
DATABASES: dict[str, tuple[str, ...]] = {"SQLite": (), "PostgreSQL": ON_POSTGRESQL}


@dataclass(frozen=True)
class Measurement:
    """A module, what its table is called, what a reader must know, and whether the database matters."""

    module: str
    title: str
    text: str
    each_database: bool = True


MEASUREMENTS = (
    Measurement(
        "portal_start", "The workbench",
        "Requests a second of one process, one after the other, through Django's test client; medians, by turns.",
    ),
    Measurement(
        "portal_lists", "List pages",
        "Two tables of one shape in one database, 1,000 rows and 1,000,000; whole pages through the test client "
        "(middleware, session, query, template), by turns, medians. The long one may take 1.5 times the short one.",
    ),
    Measurement(
        "due_rows", "Due deadlines",
        "One worker, one row a transaction: conditional update, event, notice in the outbox, audit event of an "
        "escalation. Bare: an UPDATE of the same rows one by one, each a transaction; medians, by turns.",
    ),
    Measurement("audit_events", "Audit events", ""),
    Measurement("forms", "Documents", "", each_database=False),
    Measurement("signatures", "Signatures", "", each_database=False),
)  # fmt: skip


def main() -> None:
    """One measurement in this process: print the lines of its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portal")
    parser.add_argument("module")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    from benchmarks.portal_home import portal

    with portal():
        module = importlib.import_module(f"benchmarks.{arguments.module}")
        quick = {"quick": True} if arguments.quick and "quick" in module.rows.__code__.co_varnames else {}
        for line in module.rows(**quick):
            print(f"{MARK}{line}")


MARK = "row: "


def measured(item: Measurement, words: tuple[str, ...], quick: bool) -> list[str]:
    """The lines of one table on one database; says what is going on while it does."""
    line = [sys.executable, *words, "-m", "benchmarks.portal", item.module, *(["--quick"] if quick else [])]
    found = []
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for text in process.stdout:
            if text.startswith(MARK):
                found.append(text.removeprefix(MARK).rstrip())
            else:
                print(text, end="", flush=True)
    if process.returncode:
        raise SystemExit(f"{item.module} failed with {process.returncode}; nothing was written.")
    return found


def write_portal_report(path: Path, *, quick: bool = False) -> None:
    """Measure everything and write the page."""
    lines = [
        "# Benchmarks of the portal",
        "",
        f"Measured on {dt.datetime.now(tz=dt.UTC).date()} by `make bench`: {machine()}; load of the machine by other "
        f"work when it began: {os.getloadavg()[0]:.1f}. The engine: [benchmarks](benchmarks.md).",
        "",
        "Figures of one table were taken by turns, so that all meet the same machine: compare within a table.",
    ]
    for item in MEASUREMENTS:
        if not (ROOT / "benchmarks" / f"{item.module}.py").exists():
            continue
        module = importlib.import_module(f"benchmarks.{item.module}")
        lines += [
            "",
            f"## {item.title}",
            "",
            item.text or " ".join((module.__doc__ or "").split("\n\n")[0].split()),
            "",
            module.HEAD,
        ]
        for name, words in DATABASES.items() if item.each_database else [("", ())]:
            print(f"{item.title} {name}", flush=True)
            lines += measured(item, words, quick)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
