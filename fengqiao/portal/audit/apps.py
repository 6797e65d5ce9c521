"""Audit: what was done, by whom, for whom, why; nothing is ever changed or removed."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Events in chains."""

    name = "fengqiao.portal.audit"
    label = "audit"
    verbose_name = "审计"
    audit_verbs: ClassVar = {"exported": "导出审计证据"}
