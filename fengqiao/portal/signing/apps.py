"""Signing: Several parties sign one document, each on their own device."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig

from fengqiao.portal.shell.navigation import VISITOR, Entry


class SigningConfig(AppConfig):
    """Several parties sign one document, each on their own device."""

    name = "fengqiao.portal.signing"
    label = "signing"
    verbose_name = "签名"
    navigation = (
        Entry("文书签署", "signing:rounds", "signature", kinds=("mediator", "mediation_manager"), place=30),
        Entry("我的签署", "signing:mine", "signature", kinds=("investor", "agent"), place=30),
        Entry("核验签名", "signing:verify", "shield-check", kinds=(VISITOR, "investor", "agent", "mediator",
              "mediation_manager", "judge", "clerk"), place=60),
    )  # fmt: skip
    audit_verbs: ClassVar[dict[str, str]] = {
        "created": "登记要签署的文书",
        "signatory_added": "添加签署人",
        "signatory_removed": "移除签署人",
        "opened": "发起签署",
        "link_made": "生成签署链接",
        "link_opened": "打开签署链接",
        "code_sent": "发送身份核对验证码",
        "identity_checked": "核对签署人身份",
        "read_whole": "读完全文",
        "agreed": "同意签署，等待签名服务",
        "signed": "签署",
        "declined": "拒绝签署",
        "effective": "各方当事人签齐",
        "completed": "全部签署",
        "voided": "文书作废",
        "expired": "签署期限届满",
        "batch_started": "发起批量签署",
        "downloaded": "下载签署文件",
    }

    def ready(self) -> None:
        """Say who may read the files of a round, where notices of it lead, and what they say."""
        from pathlib import Path

        from fengqiao.portal.documents.belongings import files_of_kind
        from fengqiao.portal.notices import subjects, templates
        from fengqiao.portal.signing import pages, queries

        files_of_kind("signing.signinground", queries.may_read_files)
        subjects.subject_page("signing.signinground", pages.page_of)
        templates.register(Path(__file__).with_name("data"))
