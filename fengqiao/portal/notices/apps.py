"""Notices: Messages to people, and service of documents with proof."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Messages to people, and service of documents with proof."""

    name = "fengqiao.portal.notices"
    label = "notices"
    verbose_name = "通知"
    audit_verbs: ClassVar[dict[str, str]] = {}
