"""Accounts: who may come in, and in which role."""

from __future__ import annotations

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
