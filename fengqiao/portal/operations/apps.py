"""Operations: running the installation."""

from __future__ import annotations

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Starting, health, figures, backup, checks."""

    name = "fengqiao.portal.operations"
    label = "operations"
    verbose_name = "运行维护"
