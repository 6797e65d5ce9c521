"""Notices: Messages to people, and service of documents with proof."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig

from fengqiao.portal.shell.navigation import Entry


class NoticesConfig(AppConfig):
    """Messages to people, and service of documents with proof."""

    name = "fengqiao.portal.notices"
    label = "notices"
    verbose_name = "通知"
    navigation = (
        Entry("我的通知", "notices:mine", "bell", place=68),
        Entry("通知模板", "notices:templates", "mail", kinds=("administrator",), place=84),
    )
    audit_verbs: ClassVar[dict[str, str]] = {
        "queued": "产生通知",
        "sent": "通知已发出",
        "delivered": "通知已送到",
        "failed": "通知没有送到",
        "cancelled": "取消通知",
        "read": "阅读通知",
        "opted_out": "退订服务信息",
        "opted_in": "恢复接收服务信息",
    }

    def ready(self) -> None:
        """Reminders of deadlines go out as notices."""
        from fengqiao.portal.deadlines.reminding import CHANNELS
        from fengqiao.portal.notices.reminders import remind

        if remind not in CHANNELS:
            CHANNELS.append(remind)
