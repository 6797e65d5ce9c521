"""What the database itself refuses: changing or removing traces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TABLE = "service_trace"
KEPT = "traces of service are never changed or removed"


def _wanted(vendor: str) -> dict[str, str]:
    """The triggers by name, each as the statement that makes it."""
    if vendor == "postgresql":
        each = {"UPDATE": "ROW", "DELETE": "ROW", "TRUNCATE": "STATEMENT"}
        return {
            f"{TABLE}_{act.lower()}": f"BEFORE {act} ON {TABLE} FOR EACH {rows} EXECUTE FUNCTION service_refuse()"
            for act, rows in each.items()
        }
    abort = f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
    # INSERT OR REPLACE removes the row that stands in its way without asking the trigger of DELETE
    there = f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)"  # noqa: S608 - our own name
    return {
        f"{TABLE}_update": f"BEFORE UPDATE ON {TABLE} {abort}",
        f"{TABLE}_delete": f"BEFORE DELETE ON {TABLE} {abort}",
        f"{TABLE}_insert": f"BEFORE INSERT ON {TABLE} {there} {abort}",
    }


def install(connection: Any) -> None:
    """Put the triggers in place."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION service_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'check_violation'; END $$"
            )
        for name, rest in _wanted(connection.vendor).items():
            cursor.execute(f"CREATE TRIGGER {name} {rest}")


def remove(connection: Any) -> None:
    """Take them away: for migrations, and for tests that begin anew."""
    with connection.cursor() as cursor:
        for name in _wanted(connection.vendor):
            on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


@contextmanager
def lifted(connection: Any) -> Iterator[None]:
    """Without the triggers, for a while: tests only."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)
