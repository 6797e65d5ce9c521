"""Passwords and second factors of the demo's accounts, made out of the installation's own secret.

They are the same at every start, differ between installations, and are kept nowhere in the clear.
"""

from __future__ import annotations

import base64
import hmac
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings

from fengqiao.portal.demo.cast import Person

STEP = 30
"""Seconds for which a code is shown."""


def _derived(use: str, person: Person, length: int) -> bytes:
    text = f"fengqiao.demo/1\0{use}\0{person.login}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), "sha256").digest()[:length]


def password_of(person: Person) -> str:
    """Sixteen small letters and digits in groups of four: 80 bits, easy to type."""
    text = base64.b32encode(_derived("password", person, 10)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def second_factor_of(person: Person) -> str:
    """The secret of the person's authenticator."""
    return base64.b32encode(_derived("second factor", person, 20)).decode()


def code_of(person: Person, at: float | None = None) -> str:
    """What the person's authenticator shows now."""
    return str(format_hotp_value(hotp_value(second_factor_of(person), int((at or time.time()) // STEP))))
