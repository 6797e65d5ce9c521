"""The shell: what every page and every list of the portal has in common."""

from __future__ import annotations

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """Pages, lists, forms: the shapes that are repeated."""

    name = "fengqiao.portal.shell"
    label = "shell"
    verbose_name = "页面框架"

    def ready(self) -> None:
        """Fields speak in the words of the portal."""
        from fengqiao.portal.shell import field_words

        field_words.install()
