"""Deadlines: Due moments of everything that has one: reminders, pauses, escalation."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    """Due moments of everything that has one: reminders, pauses, escalation."""

    name = "fengqiao.portal.deadlines"
    label = "deadlines"
    verbose_name = "期限"
    audit_verbs: ClassVar[dict[str, str]] = {}
