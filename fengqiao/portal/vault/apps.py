"""The vault: personal data encrypted in the database, found by a blind index, shown masked, revealed with a reason."""

from __future__ import annotations

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Sealed columns and their keys."""

    name = "fengqiao.portal.vault"
    label = "vault"
    verbose_name = "个人信息保护"
