"""What the database itself refuses: changing or removing an event, leaving out a number, moving a head back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fengqiao.portal.audit.append_only import in_place

NAMES = (
    "audit_event_update", "audit_event_delete", "audit_event_insert",
    "audit_head_update", "audit_head_delete", "audit_head_insert",
)  # fmt: skip
TRUNCATE_NAMES = ("audit_event_truncate", "audit_head_truncate")  # PostgreSQL only
KEPT = "audit events are never changed or removed"
NEXT = "audit events are numbered without gaps"
FORWARD = "a head of the audit only moves on to the next event"

_NOT_NEXT = "NEW.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM audit_event)"
_NOT_FORWARD = """NEW.chain <> OLD.chain OR NEW.number <> OLD.number + 1 OR NOT EXISTS (
    SELECT 1 FROM audit_event WHERE (NEW.chain = -1 AND number = NEW.number)
    OR (chain = NEW.chain AND chain_number = NEW.number))"""
_HEAD_NOT_NEW = "NEW.number <> 0"


def _sqlite() -> list[str]:
    def trigger(name: str, table: str, act: str, refused: str, message: str) -> str:
        return (
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} WHEN {refused} BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )

    # INSERT OR REPLACE removes the row that stands in its way without asking any DELETE trigger
    taken = "EXISTS (SELECT 1 FROM audit_event WHERE chain = NEW.chain AND chain_number = NEW.chain_number)"
    there = "EXISTS (SELECT 1 FROM audit_head WHERE chain = NEW.chain)"
    return [
        trigger("audit_event_update", "audit_event", "UPDATE", "1", KEPT),
        trigger("audit_event_delete", "audit_event", "DELETE", "1", KEPT),
        trigger("audit_event_insert", "audit_event", "INSERT", f"{_NOT_NEXT} OR {taken}", NEXT),
        trigger("audit_head_update", "audit_head", "UPDATE", _NOT_FORWARD, FORWARD),
        trigger("audit_head_delete", "audit_head", "DELETE", "1", FORWARD),
        trigger("audit_head_insert", "audit_head", "INSERT", f"{_HEAD_NOT_NEW} OR {there}", FORWARD),
    ]


def _postgresql() -> list[str]:
    def function(name: str, refused: str, message: str) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {refused} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END IF; "
            "RETURN NEW; END $$"
        )

    def trigger(table: str, act: str, name: str) -> str:
        each = "STATEMENT" if act == "TRUNCATE" else "ROW"
        return f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()"

    return [
        function("audit_refuse", "true", KEPT),
        function("audit_next_event", _NOT_NEXT, NEXT),
        function("audit_next_head", _NOT_FORWARD, FORWARD),
        function("audit_new_head", _HEAD_NOT_NEW, FORWARD),
        *(trigger("audit_event", act, "audit_refuse") for act in ("UPDATE", "DELETE", "TRUNCATE")),
        *(trigger("audit_head", act, "audit_refuse") for act in ("DELETE", "TRUNCATE")),
        trigger("audit_event", "INSERT", "audit_next_event"),
        trigger("audit_head", "UPDATE", "audit_next_head"),
        trigger("audit_head", "INSERT", "audit_new_head"),
    ]


def expected(vendor: str) -> tuple[str, ...]:
    """The triggers that must be there."""
    return NAMES + TRUNCATE_NAMES if vendor == "postgresql" else NAMES


def install(connection: Any) -> None:
    """Put all triggers in place."""
    remove(connection)
    with connection.cursor() as cursor:
        for statement in _postgresql() if connection.vendor == "postgresql" else _sqlite():
            cursor.execute(statement)


def remove(connection: Any) -> None:
    """Take all triggers away: for migrations, and for tests that begin anew."""
    with connection.cursor() as cursor:
        for name in expected(connection.vendor):
            on = f" ON {name.rpartition('_')[0]}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing(connection: Any) -> list[str]:
    """Triggers that are not in place, or are switched off."""
    there = in_place(connection)
    return [name for name in expected(connection.vendor) if name not in there]


@contextmanager
def lifted(connection: Any) -> Iterator[None]:
    """Without the triggers, for a while: tests only."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)
