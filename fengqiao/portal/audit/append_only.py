"""Tables whose rows are only ever added: the database itself refuses to change or remove one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


def in_place(connection: Any) -> set[str]:
    """The triggers that the database has, and that are switched on."""
    question = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return {row[0] for row in cursor.fetchall()}


@dataclass(frozen=True)
class AppendOnly:
    """One such table. kept: what the database says when it refuses; function: the name it has on PostgreSQL."""

    table: str
    kept: str
    function: str

    def _wanted(self, vendor: str) -> dict[str, str]:
        """The triggers by name, each as the rest of the statement that makes it."""
        if vendor == "postgresql":
            each = {"UPDATE": "ROW", "DELETE": "ROW", "TRUNCATE": "STATEMENT"}
            return {
                f"{self.table}_{act.lower()}":
                f"BEFORE {act} ON {self.table} FOR EACH {rows} EXECUTE FUNCTION {self.function}()"
                for act, rows in each.items()
            }  # fmt: skip
        abort = f"BEGIN SELECT RAISE(ABORT, '{self.kept}'); END"
        # INSERT OR REPLACE removes the row that stands in its way without asking the trigger of DELETE
        there = f"WHEN EXISTS (SELECT 1 FROM {self.table} WHERE id = NEW.id)"  # noqa: S608 - our own name
        return {
            f"{self.table}_update": f"BEFORE UPDATE ON {self.table} {abort}",
            f"{self.table}_delete": f"BEFORE DELETE ON {self.table} {abort}",
            f"{self.table}_insert": f"BEFORE INSERT ON {self.table} {there} {abort}",
        }

    def install(self, connection: Any) -> None:
        """Put the triggers in place."""
        self.remove(connection)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {self.function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"RAISE EXCEPTION '{self.kept}' USING ERRCODE = 'check_violation'; END $$"
                )
            for name, rest in self._wanted(connection.vendor).items():
                cursor.execute(f"CREATE TRIGGER {name} {rest}")

    def remove(self, connection: Any) -> None:
        """Take them away: for migrations, and for tests that begin anew."""
        with connection.cursor() as cursor:
            for name in self._wanted(connection.vendor):
                on = f" ON {self.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")

    def missing(self, connection: Any) -> list[str]:
        """Triggers that are not in place, or are switched off."""
        there = in_place(connection)
        return [name for name in self._wanted(connection.vendor) if name not in there]

    @contextmanager
    def lifted(self, connection: Any) -> Iterator[None]:
        """Without the triggers, for a while: tests only."""
        self.remove(connection)
        try:
            yield
        finally:
            self.install(connection)
