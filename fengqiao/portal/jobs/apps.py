"""Jobs: background work."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Jobs of all apps; each app's `jobs.py` says what its kinds of work are."""

    name = "fengqiao.portal.jobs"
    label = "jobs"
    verbose_name = "后台任务"

    def ready(self) -> None:
        """Let every app name its kinds of work."""
        autodiscover_modules("jobs")
