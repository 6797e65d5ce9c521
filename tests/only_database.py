"""A pytest plugin for a second run on another database: only what uses the database is run again."""

from __future__ import annotations

import pytest

USING = ("db", "transactional_db", "django_db_setup")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    again = [item for item in items if item.get_closest_marker("django_db") or set(USING) & set(item.fixturenames)]
    config.hook.pytest_deselected(items=[item for item in items if item not in again])
    items[:] = again
