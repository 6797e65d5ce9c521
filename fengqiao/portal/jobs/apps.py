"""Jobs: background work."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Jobs of all apps; each app's `jobs.py` says what its kinds of work are."""

    name = "fengqiao.portal.jobs"
    label = "jobs"
    verbose_name = "后台任务"
    audit_verbs: ClassVar = {
        "started": "交给后台办理",
        "cancel_asked": "要求取消后台任务",
        "finished": "后台任务完成",
        "failed": "后台任务没有完成",
        "cancelled": "后台任务已取消",
    }

    def ready(self) -> None:
        """Let every app name its kinds of work."""
        autodiscover_modules("jobs")
