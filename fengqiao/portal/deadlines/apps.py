"""Deadlines: Due moments of everything that has one: reminders, pauses, escalation."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig

from fengqiao.portal.shell.navigation import Entry


class DeadlinesConfig(AppConfig):
    """Due moments of everything that has one: reminders, pauses, escalation."""

    name = "fengqiao.portal.deadlines"
    label = "deadlines"
    verbose_name = "期限"
    navigation = (Entry("我的期限", "deadlines:mine", "calendar-due", place=10),)
    audit_verbs: ClassVar[dict[str, str]] = {
        "opened": "登记期限",
        "paused": "暂停期限",
        "resumed": "恢复期限",
        "interrupt": "期限中断",
        "restarted": "期限重新计算（程序终结）",
        "extended": "延长期限",
        "recounted": "重新计算期限",
        "met": "办结期限",
        "withdrawn": "撤销期限",
        "handed_on": "期限转由同事负责",
        "escalated": "期限逾期升级",
        "feed_made": "生成日历订阅的用户名和密码",
        "feed_revoked": "停用日历订阅",
    }
