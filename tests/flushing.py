"""A pytest plugin: tests that commit end with empty tables, which the triggers of the audit would refuse."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def _tables_can_be_emptied() -> None:
    from django.db import connection
    from django.test import TransactionTestCase

    from tests.lifting import all_lifted

    empty = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        with all_lifted(connection):
            empty(case)

    TransactionTestCase._fixture_teardown = teardown
