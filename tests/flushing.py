"""A pytest plugin: tests that commit end with empty tables, which the triggers of the audit would refuse."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def _tables_can_be_emptied() -> None:
    from django.db import connection
    from django.test import TransactionTestCase

    from fengqiao.portal.audit import triggers
    from fengqiao.portal.deadlines import triggers as deadline_triggers
    from fengqiao.portal.service import triggers as service_triggers
    from fengqiao.portal.signing import triggers as signing_triggers

    empty = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        with (
            triggers.lifted(connection),
            signing_triggers.lifted(connection),
            service_triggers.lifted(connection),
        ):
            deadline_triggers.remove(connection)
            empty(case)
            deadline_triggers.install(connection)

    TransactionTestCase._fixture_teardown = teardown
