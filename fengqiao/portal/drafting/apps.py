"""Drafting: forms filled in step by step, and the documents made of them."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig

from fengqiao.portal.shell.navigation import Entry


class DraftingConfig(AppConfig):
    """Forms filled in step by step, and the documents made of them."""

    name = "fengqiao.portal.drafting"
    label = "drafting"
    verbose_name = "文书填写"
    navigation = (Entry("文书填写", "drafting:fillings", "file-text", place=28),)
    audit_verbs: ClassVar[dict[str, str]] = {
        "begun": "开始填写文书",
        "saved": "保存文书的一步",
        "finished": "完成文书",
        "removed": "删除文书草稿",
        "forgotten": "清理久未填写的文书草稿",
    }

    def ready(self) -> None:
        """Say who may read the documents made of a form."""
        from fengqiao.portal.documents.belongings import files_of_kind
        from fengqiao.portal.drafting import queries

        files_of_kind("drafting.filling", queries.may_read_files)
