"""The database of the installation: whether it is the embedded one, and whether it is up to date."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def embedded() -> bool:
    """True for the SQLite file in the installation's home."""
    return connection.vendor == "sqlite"


def not_up_to_date() -> list[str]:
    """The changes of this version that the database does not have yet."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def bring_up_to_date() -> list[str]:
    """Make the changes; returns their names."""
    waiting = not_up_to_date()
    if waiting:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    return waiting
