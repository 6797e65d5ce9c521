"""List pages over 1,000 and over 1,000,000 rows, the start page against a bare Django view.

    python -m benchmarks.portal_lists
    python -m tests.postgresql python -m benchmarks.portal_lists

The first line measures on SQLite, the second on PostgreSQL.

Two tables of the same shape in one database, one short, one long; every way to see the list is asked for in turn
from both through the test client (whole pages: middleware, session, query, template), so both meet the same machine.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIZES = (1_000, 1_000_000)
TO_REACH = 1.5


def main() -> None:
    """Set the portal up in a home of its own, fill it, measure, print the rows of the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portal_lists")
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--rows", type=int, default=SIZES[1])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fengqiao-bench-") as home:
        os.environ |= {"FENGQIAO_HOME": home, "DJANGO_SETTINGS_MODULE": "fengqiao.portal.settings"}
        Path(home, "static").mkdir()
        import django

        django.setup()
        logging.disable(logging.INFO)
        from django.core.management import call_command
        from django.test.utils import setup_test_environment

        setup_test_environment()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        run(arguments.rounds, arguments.rows)


def run(rounds: int, rows: int) -> None:
    """Fill both tables and measure."""
    from django.db import connection

    from benchmarks.portal_rows import BenchClient, fill, listings

    tables = listings()
    for (name, listing), count in zip(tables.items(), (SIZES[0], rows), strict=True):
        fill(listing.model, count)
        print(f"{name}: {listing.model.objects.count():,} rows in {connection.vendor}", flush=True)
    client = BenchClient(tables)
    print("\n| list page | short | long | ratio | to reach |\n|---|---|---|---|---|")
    for what, query in client.ways():
        short, long = in_turn(rounds, lambda q=query: client.get("short", q), lambda q=query: client.get("long", q))
        print(
            f"| {connection.vendor}: {what} | {short:.1f} ms | {long:.1f} ms | {long / short:.2f} | {TO_REACH} |",
            flush=True,
        )
    bare, start = in_turn(rounds, client.bare, client.start)
    print(f"| start page against a bare view | {bare:.1f} ms | {start:.1f} ms | {start / bare:.2f} | - |")


def in_turn(rounds: int, *calls: Callable[[], Any]) -> list[float]:
    """The median time of each call in milliseconds, taken in turn after two unmeasured ones."""
    times: list[list[float]] = [[] for _ in calls]
    for number in range(rounds + 2):
        for place, call in enumerate(calls):
            begun = time.perf_counter()
            call()
            if number > 1:
                times[place].append((time.perf_counter() - begun) * 1000)
    return [statistics.median(values) for values in times]


if __name__ == "__main__":
    main()
