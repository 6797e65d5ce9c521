"""The first migration of an app: all its tables in one step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.migrations import Migration
from django.db.migrations.operations.base import Operation


class FirstMigration(Migration):
    """Makes tables that are whole from the start (`CreateModel` with its indexes and constraints).

    Django draws all models that know each other anew before each table, index and constraint, which takes most of the
    time in which a database is made. Here they are drawn once, so an operation sees the app as it is at the end:
    what changes a table belongs in a later migration.
    """

    initial = True

    def apply(self, project_state: Any, schema_editor: Any, collect_sql: bool = False) -> Any:
        """Take up the app into the state, then make its tables."""
        project_state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for operation in self.operations:
            if operation.reduces_to_sql or not collect_sql:
                operation.database_forwards(self.app_label, schema_editor, project_state, project_state)
        return project_state


class Triggers(Operation):
    """Puts the triggers of an append-only table in place, or takes them away."""

    reversible = True
    reduces_to_sql = False

    def __init__(self, install: Callable[[Any], None], remove: Callable[[Any], None]) -> None:
        self.install, self.remove = install, remove

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models say nothing of triggers."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Put them in place."""
        self.install(schema_editor.connection)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Take them away."""
        self.remove(schema_editor.connection)

    def describe(self) -> str:
        """What `migrate` says of it."""
        return "Triggers of an append-only table"
