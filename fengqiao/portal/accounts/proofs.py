"""What somebody who is coming in has proved so far, and what is still asked of them.

One single proof opens no account: a password goes with a code, a trusted device or a second factor; a code goes with
the password, the number of one's papers (when the password is forgotten) or a second factor; a passkey is two in one.
"""

from __future__ import annotations

import time

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.internal.flows import did_use_passwordless_login
from django.http import HttpRequest

from fengqiao.portal.accounts.models import User

PASSWORD, CODE, DEVICE, PAPERS = "password", "code", "trusted_device", "papers"
STRONG = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def given(request: HttpRequest, user: User) -> set[str]:
    """The proofs of this user in this session that are fresh enough to be of this log-in."""
    since = time.time() - app_settings.LOGIN_TIMEOUT
    records = get_authentication_records(request, user)
    return {str(one.get("method")) for one in records if float(one.get("at", 0)) >= since}


def has_second_factor(user: User) -> bool:
    """Whether an authenticator or a passkey will be asked for, or was."""
    return bool(is_mfa_enabled(user, STRONG))


def by_passkey(request: HttpRequest, user: User) -> bool:
    """Whether they came by a passkey alone, which asks for finger, face or PIN itself."""
    return bool(did_use_passwordless_login(request, user))


def password_is_missing(request: HttpRequest, user: User) -> bool:
    """Whether a code alone was given, by somebody whom nothing else will be asked."""
    if by_passkey(request, user) or has_second_factor(user):
        return False
    return not given(request, user) & {PASSWORD, PAPERS}
