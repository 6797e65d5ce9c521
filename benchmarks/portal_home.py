"""A portal of its own for one measurement: a throw-away home, tables in the database of DATABASE_URL or in SQLite."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def portal() -> Iterator[None]:
    """Django set up, tables made; nothing stays but what DATABASE_URL holds."""
    with tempfile.TemporaryDirectory(prefix="fengqiao-bench-") as home:
        os.environ |= {"FENGQIAO_HOME": home, "DJANGO_SETTINGS_MODULE": "fengqiao.portal.settings"}
        Path(home, "static").mkdir()
        import django

        django.setup()
        logging.disable(logging.INFO)
        from django.core.management import call_command
        from django.test.utils import setup_test_environment

        setup_test_environment()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        yield
