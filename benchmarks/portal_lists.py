"""List pages over 1,000 and over 1,000,000 rows.

    python -m benchmarks.portal_lists
    python -m tests.postgresql python -m benchmarks.portal_lists

The first line measures on SQLite, the second on PostgreSQL.

Two tables of the same shape in one database, one short, one long; every way to see the list is asked for in turn
from both through the test client (whole pages: middleware, session, query, template), so both meet the same machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.portal_home import portal

SIZES = (1_000, 1_000_000)
TO_REACH = 1.5
ROUNDS = 41
HEAD = "| list page | short | long | ratio | to reach |\n|---|---|---|---|---|"


def main() -> None:
    """Set the portal up in a home of its own, fill it, measure, print the rows of the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portal_lists")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--rows", type=int, default=SIZES[1])
    arguments = parser.parse_args()
    with portal():
        rows(rounds=arguments.rounds, count=arguments.rows)


def rows(quick: bool = False, rounds: int = ROUNDS, count: int = SIZES[1]) -> list[str]:
    """Fill both tables and measure; the lines of the table. The portal is set up."""
    from django.db import connection

    from benchmarks.portal_rows import BenchClient, fill, listings

    if quick:
        rounds, count = 9, 20_000
    tables = listings()
    for (name, listing), size in zip(tables.items(), (SIZES[0], count), strict=True):
        fill(listing.model, size)
        print(f"{name}: {listing.model.objects.count():,} rows in {connection.vendor}", flush=True)
    client = BenchClient(tables)
    print(HEAD)
    found = []
    for what, query in client.ways():
        short, long = in_turn(rounds, lambda q=query: client.get("short", q), lambda q=query: client.get("long", q))
        ratio = long / short
        found.append(
            f"| {connection.vendor}: {what} | {short:.1f} ms | {long:.1f} ms | {ratio:.2f} | at most {TO_REACH} |"
        )
        print(found[-1], flush=True)
    return found


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
