"""Events as plain rows, a batch at a time: what verification and evidence read. No more than a batch is in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from fengqiao.portal.audit import digests
from fengqiao.portal.audit.models import ALL

BATCH = 2000
LINKS = (
    "content_sha256", "content_sm3", "previous_sha256", "previous_sm3", "chain_previous_sha256", "chain_previous_sm3",
)  # fmt: skip
WIDTH = len(digests.CONTENT)
NUMBER, CHAIN, CHAIN_NUMBER = (digests.CONTENT.index(name) for name in ("number", "chain", "chain_number"))


@dataclass(frozen=True)
class Link:
    """Where a chain stands after an event: its number there, and both digests."""

    number: int
    sha256: bytes
    sm3: bytes


START = Link(0, digests.EMPTY, digests.EMPTY)


def rows_of_all(after: int, up_to: int) -> Iterator[tuple[Any, ...]]:
    """Rows of all events, by their number."""
    return _rows('"number" > %s AND "number" <= %s ORDER BY "number"', (), after, up_to, NUMBER)


def rows_of_chain(chain: int, after: int, up_to: int) -> Iterator[tuple[Any, ...]]:
    """Rows of one chain, by their number in it."""
    where = '"chain" = %s AND "chain_number" > %s AND "chain_number" <= %s ORDER BY "chain_number"'
    return _rows(where, (chain,), after, up_to, CHAIN_NUMBER)


def _rows(where: str, given: tuple[int, ...], after: int, up_to: int, place: int) -> Iterator[tuple[Any, ...]]:
    question = f"SELECT {columns()} FROM audit_event WHERE {where} LIMIT {BATCH}"  # noqa: S608 - our own columns
    while True:
        with connection.cursor() as cursor:
            cursor.execute(question, (*given, after, up_to))
            found = cursor.fetchall()
        yield from found
        if len(found) < BATCH:
            return
        after = found[-1][place]


def columns() -> str:
    """What is selected. SQLite keeps times as text, which is what is needed."""
    quoted = [f'"{name}"' for name in (*digests.CONTENT, *LINKS)]
    if connection.vendor == "sqlite":
        quoted[digests.CONTENT.index("at")] = 'CAST("at" AS text)'
    return ", ".join(quoted)


def row_at(chain: int, number: int) -> tuple[Any, ...] | None:
    """The row of one number of a chain, or of all."""
    read = rows_of_all(number - 1, number) if chain == ALL else rows_of_chain(chain, number - 1, number)
    return next(iter(read), None)


def link_after(row: tuple[Any, ...], chain: int) -> Link:
    """How a chain stands after a row, by what the row says of itself."""
    content_sha, content_sm, *previous = (bytes(value) for value in row[WIDTH:])
    number, (sha, sm) = (row[NUMBER], previous[:2]) if chain == ALL else (row[CHAIN_NUMBER], previous[2:])
    return Link(number, digests.link(sha, content_sha, digests.sha256), digests.link(sm, content_sm, digests.sm3))


def heads() -> dict[int, tuple[Link, str]]:
    """All heads with their seals, as they were at one moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT chain, number, sha256, sm3, seal FROM audit_head ORDER BY chain")
        return {chain: (Link(n, bytes(sha), bytes(sm)), seal) for chain, n, sha, sm, seal in cursor.fetchall()}


def first_since(since: dt.datetime) -> int | None:
    """The lowest number of the events from a time on."""
    from fengqiao.portal.audit.models import Event

    return Event.objects.filter(at__gte=since).order_by("number").values_list("number", flat=True).first()
