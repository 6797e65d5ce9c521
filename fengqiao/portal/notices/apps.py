"""Notices: messages to people."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig

from fengqiao.portal.shell.navigation import Entry


def _runs_the_platform(acting: Any) -> bool:
    from fengqiao.portal.accounts.queries import runs_the_platform

    return runs_the_platform(acting)


class NoticesConfig(AppConfig):
    """Messages to people."""

    name = "fengqiao.portal.notices"
    label = "notices"
    verbose_name = "通知"
    navigation = (
        Entry("我的通知", "notices:mine", "bell", place=68),
        Entry("通知的发送情况", "notices:sent", "checks", kinds=("mediator", "mediation_manager", "judge", "clerk",
              "complaint_handler", "hotline_agent", "measurer", "administrator"), place=70),
        Entry("通知模板", "notices:templates", "mail", kinds=("administrator",), place=84, only=_runs_the_platform),
    )  # fmt: skip
    audit_verbs: ClassVar[dict[str, str]] = {
        "queued": "产生通知",
        "sent": "通知已发出",
        "delivered": "通知已送到",
        "failed": "通知没有送到",
        "cancelled": "取消通知",
        "read": "阅读通知",
        "sent_again": "重发通知",
        "called": "登记电话告知",
        "opted_out": "退订服务信息",
        "opted_in": "恢复接收服务信息",
    }

    def ready(self) -> None:
        """Reminders of deadlines go out as notices, and lead to them; own data, retention."""
        from fengqiao.portal.accounts import resting
        from fengqiao.portal.deadlines.reminding import CHANNELS
        from fengqiao.portal.notices import own_data, retention, subjects
        from fengqiao.portal.notices.agents import page_of_authorisation, tell_of_authorisation
        from fengqiao.portal.notices.houses import tell_member, tell_party
        from fengqiao.portal.notices.reminders import offer_help, page_of, page_of_help, remind
        from fengqiao.portal.notices.sent_views import page_of_notice
        from fengqiao.portal.parties import authorising, handing_over
        from fengqiao.portal.parties.noting import TOLD

        subjects.subject_page("deadlines.deadline", page_of)
        subjects.subject_page("parties.party", page_of_help)
        subjects.subject_page("parties.authorisation", page_of_authorisation)
        if tell_of_authorisation not in authorising.TOLD:
            authorising.TOLD.append(tell_of_authorisation)
        if offer_help not in TOLD:
            TOLD.append(offer_help)
        if tell_member not in resting.TOLD:
            resting.TOLD.append(tell_member)
            handing_over.TOLD.append(tell_party)
        subjects.subject_page("notices.notice", page_of_notice)
        own_data.add()
        retention.add()
        if remind not in CHANNELS:
            CHANNELS.append(remind)
