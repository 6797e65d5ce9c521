"""An app for tests: a table with sealed columns of every kind."""

from __future__ import annotations

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    """A table with sealed columns."""

    name = "fengqiao.portal.vault.tests.archive"
    label = "archive"
