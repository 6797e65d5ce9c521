"""The migrations that the first migrations of the apps replace: what databases of earlier states were made with."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader


class OlderLoader(MigrationLoader):
    """Knows the replaced migrations instead of those that replace them."""

    def build_graph(self) -> None:
        self.replace_migrations = False
        super().build_graph()
        for key, migration in self.replacements.items():
            self.applied_migrations.pop(key, None)
            self.graph.remove_replacement_node(key, migration.replaces)
        self.graph.validate_consistency()


def migrate_older(**stops: str) -> Any:
    """Migrate every app to its end in the older chain, those that are named to the migration given with them; returns
    the models of that state."""
    executor = MigrationExecutor(connection)
    executor.loader = OlderLoader(connection)
    ends = [node for node in executor.loader.graph.leaf_nodes() if node[0] not in stops]
    goals = [*stops.items(), *(ends if not executor.loader.applied_migrations else ())]
    executor.migrate(goals)
    return executor.loader.project_state(goals).apps
