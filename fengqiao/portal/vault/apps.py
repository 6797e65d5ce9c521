"""The vault: personal data encrypted in the database, found by a blind index, shown masked, revealed with a reason."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Sealed columns and their keys."""

    name = "fengqiao.portal.vault"
    label = "vault"
    verbose_name = "个人信息保护"
    audit_verbs: ClassVar = {
        "revealed": "查看完整的个人信息",
        "key_made": "新建密钥",
        "rotated": "改用当前密钥",
        "key_retired": "停用密钥",
    }
