"""Audit events a second, each in a transaction of its own, by one writer and by several at once: all of them queue at
the chain of all events. Bare: the same row put into a table without chains, digests and triggers, by turns.

    python -m benchmarks.audit_events --writer SECONDS [--bare]    one writer; how many it wrote
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

HEAD = (
    "| audit events | writers | a second | bare INSERT | ratio | processor time an event | bare INSERT |\n"
    "|---|---|---|---|---|---|---|"
)
ROUNDS, SECONDS, WRITERS = 3, 4.0, (1, 2, 4)


def rows(quick: bool = False) -> list[str]:
    """The lines of the table; the portal is set up."""
    from django.db import connection

    rounds, seconds = (1, 1.0) if quick else (ROUNDS, SECONDS)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_event AS SELECT * FROM audit_event WHERE 1 = 0")
    connection.close()
    found = []
    for writers in WRITERS:
        turns = [[together(writers, seconds, *words) for words in ((), ("--bare",))] for _ in range(rounds)]
        (ours, busy), (plain, least) = (middle([turn[side] for turn in turns]) for side in (0, 1))
        found.append(
            f"| {connection.vendor} | {writers} | {ours:,.0f} | {plain:,.0f} | {ours / plain:.2f} | {busy:.2f} ms "
            f"| {least:.2f} ms |"
        )
        print(found[-1], flush=True)
    return found


def middle(measured: list[tuple[float, float]]) -> tuple[float, float]:
    """The medians of both figures."""
    return statistics.median(one for one, _ in measured), statistics.median(other for _, other in measured)


def together(writers: int, seconds: float, *words: str) -> tuple[float, float]:
    """So many writers at once: rows a second of all, milliseconds of processor time a row."""
    line = [sys.executable, "-m", "benchmarks.audit_events", "--writer", str(seconds), *words]
    running = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _ in range(writers)]
    said = [process.communicate()[0].split() for process in running]
    if any(process.returncode for process in running):
        raise SystemExit("a writer failed; nothing was written.")
    return sum(float(rate) for rate, _ in said), statistics.fmean(float(used) for _, used in said)


def write_for(seconds: float, leave: Callable[[int], None]) -> None:
    """Leave events one after the other; say how many a second, and the processor time of one."""
    from django.db import transaction

    for number in range(20):
        with transaction.atomic():
            leave(number)
    count, begun, used = 0, time.monotonic(), time.process_time()
    while time.monotonic() < begun + seconds:
        with transaction.atomic():
            leave(count)
        count += 1
    print(count / (time.monotonic() - begun), (time.process_time() - used) / count * 1000)


def main() -> None:
    """One writer."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "fengqiao.portal.settings"
    import django

    django.setup()
    from django.db import connection
    from django.utils import timezone

    from fengqiao.portal.audit import statements
    from fengqiao.portal.audit.actions import record
    from fengqiao.portal.audit.models import Event
    from fengqiao.portal.audit.stamp import system_stamp

    def event(number: int) -> None:
        record(stamp=system_stamp(), verb="jobs.done", subject=("bench", number), before={"state": "open"},
               after={"state": "done", "number": number}, now=timezone.now())  # fmt: skip

    names = [field.attname for field in statements.EVENT_FIELDS]
    digests = {name: bytes(32) for name in names if name.endswith(("256", "sm3"))}
    kept = Event(number=1, chain=0, chain_number=1, at=timezone.now(), verb="jobs.done", subject_kind="bench",
                 subject_id="1", name="x", channel="job", **digests)  # fmt: skip
    values = [field.get_db_prep_save(getattr(kept, field.attname), connection) for field in statements.EVENT_FIELDS]
    into = statements.INSERT.replace("audit_event", "bare_event", 1)

    def bare(_: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(into, values)

    write_for(float(sys.argv[2]), bare if "--bare" in sys.argv else event)


if __name__ == "__main__":
    main()
