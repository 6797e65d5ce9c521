"""What the database itself refuses: changing or removing what happened to a deadline."""

from __future__ import annotations

from typing import Any

TABLE = "deadlines_event"
KEPT = "the history of a deadline is never changed or removed"
ACTS = ("UPDATE", "DELETE")


def install(connection: Any) -> None:
    """Put the triggers in place."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION deadlines_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'check_violation'; END $$"
            )
        for act in ACTS:
            name = f"{TABLE}_{act.lower()}"
            if connection.vendor == "postgresql":
                tail = "FOR EACH ROW EXECUTE FUNCTION deadlines_refuse()"
            else:
                tail = f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
            cursor.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {TABLE} {tail}")


def remove(connection: Any) -> None:
    """Take them away: for migrations, and for tests that begin anew."""
    with connection.cursor() as cursor:
        for act in ACTS:
            on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{act.lower()}{on}")
