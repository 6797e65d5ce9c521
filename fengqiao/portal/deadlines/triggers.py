"""What the database itself refuses: changing or removing what happened to a deadline, one row or all at once."""

from __future__ import annotations

from typing import Any

TABLE = "deadlines_event"
KEPT = "the history of a deadline is never changed or removed"
ACTS = ("UPDATE", "DELETE")
ALL_AT_ONCE = "TRUNCATE"
"""PostgreSQL only; SQLite knows no such word."""


def acts(vendor: str) -> tuple[str, ...]:
    """What is refused."""
    return (*ACTS, ALL_AT_ONCE) if vendor == "postgresql" else ACTS


def install(connection: Any) -> None:
    """Put the triggers in place."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION deadlines_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'check_violation'; END $$"
            )
        for act in acts(connection.vendor):
            name = f"{TABLE}_{act.lower()}"
            if connection.vendor == "postgresql":
                each = "STATEMENT" if act == ALL_AT_ONCE else "ROW"
                tail = f"FOR EACH {each} EXECUTE FUNCTION deadlines_refuse()"
            else:
                tail = f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
            cursor.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {TABLE} {tail}")


def remove(connection: Any) -> None:
    """Take them away: for migrations, and for tests that begin anew."""
    with connection.cursor() as cursor:
        for act in acts(connection.vendor):
            on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{act.lower()}{on}")


def missing(connection: Any) -> list[str]:
    """Triggers that are not in place, or are switched off."""
    question = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        there = {row[0] for row in cursor.fetchall()}
    return [name for act in acts(connection.vendor) if (name := f"{TABLE}_{act.lower()}") not in there]
