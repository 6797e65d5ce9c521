"""The statements that leave an event, as plain SQL: whoever leaves one waits for whoever is at it, so they are not put
together anew each time (a third of the time of an event)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from fengqiao.portal.audit.models import Event, Head

EVENT_FIELDS = Event._meta.concrete_fields
HEAD_FIELDS = tuple(Head._meta.get_field(name) for name in ("number", "sha256", "sm3", "seal", "chain"))
_COLUMNS = ", ".join(f'"{field.column}"' for field in EVENT_FIELDS)
_VALUES = ", ".join(["%s"] * len(EVENT_FIELDS))
INSERT = f"INSERT INTO audit_event ({_COLUMNS}) VALUES ({_VALUES})"  # noqa: S608 - names of our own columns
LOCK = "SELECT chain, number, sha256, sm3 FROM audit_head WHERE chain IN (%s, %s) ORDER BY chain"
ADVANCE = "UPDATE audit_head SET number = %s, sha256 = %s, sm3 = %s, seal = %s WHERE chain = %s"


def lock(one: int, other: int) -> dict[int, Head]:
    """Two heads as far as they are there, held until the transaction ends, in the order of their numbers."""
    ending = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(LOCK + ending, (one, other))
        rows = cursor.fetchall()
    return {
        chain: Head(chain=chain, number=number, sha256=bytes(sha), sm3=bytes(sm)) for chain, number, sha, sm in rows
    }


def insert(event: Event) -> None:
    """The row of an event."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, _prepared(EVENT_FIELDS, event))
    event._state.adding, event._state.db = False, connection.alias


def advance(heads: Iterable[Head]) -> None:
    """Heads as they stand now."""
    with connection.cursor() as cursor:
        cursor.executemany(ADVANCE, [_prepared(HEAD_FIELDS, head) for head in heads])


def _prepared(fields: Iterable[Any], row: Event | Head) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
