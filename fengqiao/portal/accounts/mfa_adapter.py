"""How django-allauth keeps the secrets of second factors, and what it tells us of them."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils import timezone

from fengqiao.portal.accounts import factor_secrets, login_events
from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.models import User


class MFAAdapter(DefaultMFAAdapter):
    """Our answers to the questions about second factors."""

    def encrypt(self, text: str) -> str:
        """Before a secret is kept."""
        return factor_secrets.seal(text, user_id=factor_secrets.owner())

    def decrypt(self, encrypted_text: str) -> str:
        """When one is needed."""
        user_id = factor_secrets.owner() if encrypted_text.startswith(factor_secrets.BOUND) else 0
        return factor_secrets.unseal(encrypted_text, user_id=user_id)

    def send_notification_mail(self, template_prefix: str, user: User, **_: Any) -> None:
        """A factor came or went: no e-mail is sent here, it stands in the audit."""
        address = address_of(context.request) if context.request else ""
        change = template_prefix.rpartition("/")[2]
        login_events.second_factor_changed(user=user, change=change, address=address, now=timezone.now())
