"""Accounts: who may come in, and in which role."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, organisations, roles."""

    name = "fengqiao.portal.accounts"
    label = "accounts"
    verbose_name = "账号与机构"
