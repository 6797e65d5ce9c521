"""Accounts: who may come in, and in which role."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig

from fengqiao.portal.shell.navigation import Entry


class AccountsConfig(AppConfig):
    """Users, organisations, roles."""

    name = "fengqiao.portal.accounts"
    label = "accounts"
    verbose_name = "账号与机构"
    navigation = (
        Entry("人员与邀请", "accounts:my_people", "users", kinds=("administrator",), place=80),
        Entry("我的账号", "accounts:me", "user", place=95),
    )
    audit_verbs: ClassVar = {
        "logged_in": "登录",
        "logged_out": "退出登录",
        "login_failed": "登录失败（一小时内只记一次）",
        "second_factor_changed": "更改第二道验证",
    }

    def ready(self) -> None:
        """The secrets of second factors are sealed anew together with everything else."""
        from fengqiao.portal.accounts import factor_secrets
        from fengqiao.portal.vault.rotation import ELSEWHERE, Elsewhere

        ELSEWHERE.append(Elsewhere("mfa.authenticator", factor_secrets.reseal, factor_secrets.usage))
