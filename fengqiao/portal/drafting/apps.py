"""Drafting: Forms filled in and rendered to PDF and Word."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig


class DraftingConfig(AppConfig):
    """Forms filled in and rendered to PDF and Word."""

    name = "fengqiao.portal.drafting"
    label = "drafting"
    verbose_name = "文书"
    audit_verbs: ClassVar[dict[str, str]] = {}
