"""Audit: what was done, by whom, for whom, why; nothing is ever changed or removed."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Events in chains."""

    name = "fengqiao.portal.audit"
    label = "audit"
    verbose_name = "审计"
