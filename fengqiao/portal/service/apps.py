"""Service: documents served electronically, with proof."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig

from fengqiao.portal.shell.navigation import VISITOR, Entry


class ServiceConfig(AppConfig):
    """Documents served electronically, with proof."""

    name = "fengqiao.portal.service"
    label = "service"
    verbose_name = "送达"
    navigation = (
        Entry("文书送达", "service:services", "mail", kinds=("mediator", "mediation_manager", "judge", "clerk"),
              place=32),
        Entry("送达我的文书", "service:mine", "mail", kinds=("investor", "agent", "complaint_handler"), place=32),
        Entry("送达地址", "service:address", "map-pin", kinds=("investor", "complaint_handler"), place=33),
        Entry("核验送达证明", "service:verify", "shield-check", kinds=(VISITOR, "investor", "agent", "mediator",
              "mediation_manager", "judge", "clerk"), place=61),
    )  # fmt: skip
    audit_verbs: ClassVar[dict[str, str]] = {
        "confirmed": "确认送达地址",
        "withdrawn": "撤回送达地址确认",
        "begun": "发起送达",
        "guardian": "由法定代理人接收",
        "sent": "送达信息发送成功",
        "arrived": "送达信息到达",
        "failed": "送达信息没有送到",
        "link_opened": "打开送达链接",
        "code_sent": "发送核对验证码",
        "identity_checked": "核对受送达人身份",
        "read": "打开送达的文书",
        "taken": "下载送达的文书",
        "served": "送达",
        "handed_back": "转为另行送达",
        "otherwise": "登记另行送达",
        "proved": "更正到达时间",
        "paper_asked": "要求纸质文书",
        "paper_given": "提供纸质文书",
        "deadline_opened": "登记送达起算的期限",
        "proof_made": "制作送达证明",
    }

    def ready(self) -> None:
        """Hear what became of messages; say who reads which files, where a service is looked at, what is kept."""
        from pathlib import Path

        from fengqiao.portal.deadlines.queries import seen_with_subject
        from fengqiao.portal.documents.belongings import files_of_kind
        from fengqiao.portal.notices import subjects, templates
        from fengqiao.portal.service import own_data, pages, queries, retention, settling

        templates.register(Path(__file__).with_name("data"))
        subjects.watch_subject(settling.SUBJECT, settling.heard)
        subjects.subject_page(settling.SUBJECT, pages.page_of)
        files_of_kind(queries.FILES, queries.may_read_files)
        files_of_kind(settling.SUBJECT, queries.may_read_proof)
        files_of_kind("service.paper", queries.may_read_paper)
        seen_with_subject(settling.SUBJECT, pages.seen_deadlines)
        own_data.add()
        retention.add()
