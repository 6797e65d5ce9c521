"""The open interface."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Addresses for other systems."""

    name = "fengqiao.portal.api"
    label = "api"
    verbose_name = "开放接口"
