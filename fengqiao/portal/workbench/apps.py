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

    def ready(self) -> None:
        """Say which deadlines come first."""
        from fengqiao.portal.deadlines.queries import FIRST
        from fengqiao.portal.workbench.pressing import first_of

        if first_of not in FIRST:
            FIRST.append(first_of)
