"""Access tokens: how another system proves for whom it asks."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig

from fengqiao.portal.shell.navigation import Entry


class TokensConfig(AppConfig):
    """Access tokens."""

    name = "fengqiao.portal.tokens"
    label = "tokens"
    verbose_name = "接口令牌"
    navigation = (Entry("本机构的接口令牌", "tokens:managed", "shield-lock", kinds=("administrator",), place=83),)
    audit_verbs: ClassVar[dict[str, str]] = {
        "issued": "创建接口令牌",
        "revoked": "撤销接口令牌",
        "ended": "接口令牌失效",
        "refused": "接口令牌被拒绝（一小时内只记一次）",
    }

    def ready(self) -> None:
        """Texts of messages; tokens end with their role."""
        from pathlib import Path

        from fengqiao.portal.accounts.actions import ROLE_ENDED
        from fengqiao.portal.notices import subjects, templates
        from fengqiao.portal.tokens.ending import end_with_role
        from fengqiao.portal.tokens.telling import SUBJECT, page_of_token

        subjects.subject_page(SUBJECT, page_of_token)
        templates.register(Path(__file__).with_name("data"))
        if end_with_role not in ROLE_ENDED:
            ROLE_ENDED.append(end_with_role)
