"""The workbench: what is due, and where everything is."""

from __future__ import annotations

from django.apps import AppConfig

from fengqiao.portal.shell.navigation import Entry


class WorkbenchConfig(AppConfig):
    """Start page and search."""

    name = "fengqiao.portal.workbench"
    label = "workbench"
    verbose_name = "工作台"
    navigation = (
        Entry("工作台", "workbench:start", "home", place=0),
        Entry("机构", "workbench:organisations", "building", place=90),
    )
