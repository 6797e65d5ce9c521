"""The forms that ask for a second factor: what was not believed stands in the audit, too."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm as AllauthAddWebAuthnForm
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm as AllauthWebAuthnForm
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm as AllauthReauthenticateWebAuthnForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from fengqiao.portal.accounts import factor_secrets, login_events
from fengqiao.portal.accounts.models import User


def failed(user: User | None) -> None:
    """Somebody did not prove the second factor of this account."""
    if user is not None:
        login_events.second_factor_failed(user=user, now=timezone.now())


def plain_words(form: Any) -> None:
    """What the field of a code is called."""
    field = form.fields["code"]
    field.label, field.help_text = "6 位数字，或者一个恢复代码", ""
    field.widget.attrs.update(placeholder="", inputmode="numeric")


class AuthenticateForm(AllauthAuthenticateForm):
    """A code of the authenticator, or a recovery code, when logging in."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        plain_words(self)

    def clean_code(self) -> str:
        """Compared with the factors of whoever comes in, who is not yet the request's user."""
        with factor_secrets.of(self.user):
            code: str = super().clean_code()
        return code

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        failed(self.user)


class ReauthenticateForm(AllauthReauthenticateForm):
    """The same, before something that asks again who it is."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        plain_words(self)

    def clean_code(self) -> str:
        """Compared with the factors of whoever comes in, who is not yet the request's user."""
        with factor_secrets.of(self.user):
            code: str = super().clean_code()
        return code

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        failed(self.user)


class AuthenticateWebAuthnForm(AllauthWebAuthnForm):
    """A passkey when logging in."""

    def clean_credential(self) -> Any:
        """The answer of the browser holds."""
        try:
            return super().clean_credential()
        except ValidationError:
            failed(self.user)
            raise


class ReauthenticateWebAuthnForm(AllauthReauthenticateWebAuthnForm):
    """A passkey, asked for again."""

    def clean_credential(self) -> Any:
        """The answer of the browser holds."""
        try:
            return super().clean_credential()
        except ValidationError:
            failed(self.user)
            raise


class AddWebAuthnForm(AllauthAddWebAuthnForm):
    """A new passkey, in plain words."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].label, self.fields["name"].help_text = "给它起个名字", "例如：我的手机。便于以后辨认。"
        passwordless = self.fields.get("passwordless")
        if passwordless:
            passwordless.label = "可以不输密码，直接用它登录"
            passwordless.help_text = "设备须有指纹、面容或者锁屏密码；不勾选的，只用作第二道验证。"
