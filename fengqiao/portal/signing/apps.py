"""Signing: Several parties sign one document, each on their own device."""

from __future__ import annotations

from typing import ClassVar

from django.apps import AppConfig


class SigningConfig(AppConfig):
    """Several parties sign one document, each on their own device."""

    name = "fengqiao.portal.signing"
    label = "signing"
    verbose_name = "签名"
    audit_verbs: ClassVar[dict[str, str]] = {}
