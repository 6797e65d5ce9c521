"""Two steps of logging in, between allauth's own: the code to the mobile, and the password of who came by a code.

allauth runs the steps one after the other, keeps in the session how far somebody is,
and logs nobody in before the last.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.constants import LoginStageKey
from allauth.account.internal.flows.login import record_authentication
from allauth.account.stages import LoginStage
from allauth.core.internal.httpkit import headed_redirect_response
from django.utils import timezone

from fengqiao.portal.accounts import login_codes, proofs, queries, trusted_devices
from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.models import Identity, LoginAttempt

PASSWORD_STAGE = "account_password"  # noqa: S105 - the name of a step


class MobileCodeStage(LoginStage):
    """A code to the confirmed mobile: after a password, unless a second factor follows or the device is trusted; and of
    everybody who asked to come in by code."""

    key = LoginStageKey.LOGIN_BY_CODE.value
    urlname = "account_confirm_login_code"

    def handle(self) -> tuple[Any, bool]:
        """Send it, or go on."""
        self.request.session.pop(trusted_devices.WISH, None)
        if not self.needed():
            return None, True
        now = timezone.now()
        if self.login.user is None:  # nobody has this mobile: the page that follows looks the same
            phone = self.login.phone or ""
            self.login.phone = None
            get_adapter(self.request).send_unknown_account_sms(phone)
            self.state.update(shown=f"{phone[:3]}****{phone[-4:]}", sent_at=now.timestamp(), sent=1, tries=0)
        else:
            attempt = login_codes.begin(
                user=self.login.user, after_password=self.after_password, address=address_of(self.request), now=now
            )
            self.state["attempt"] = attempt.pk
        return headed_redirect_response(self.urlname), True

    @property
    def after_password(self) -> bool:
        """Whether the password was right already: then the code is the second proof."""
        user = self.login.user
        return user is not None and proofs.PASSWORD in proofs.given(self.request, user)

    def needed(self) -> bool:
        """Whether a code is asked for."""
        user = self.login.user
        if self.login.signup:
            return False  # the next step confirms the new mobile
        if user is None:
            return True
        done = proofs.given(self.request, user)
        if proofs.CODE in done or proofs.by_passkey(self.request, user):
            return False
        if proofs.PASSWORD not in done:
            return True
        if proofs.has_second_factor(user):
            return False
        if not Identity.objects.filter(user=user).exclude(mobile_verified_at=None).exists():
            return False  # the next step confirms the mobile, by a code
        return not self.on_trusted_device()

    def on_trusted_device(self) -> bool:
        """Whether this browser may go without; it counts as a proof of its own."""
        user = self.login.user
        if queries.holds_a_staff_role(user, timezone.now()):
            return False
        tokens = trusted_devices.tokens_of(self.request)
        if not tokens or trusted_devices.use(tokens=tokens, user=user, now=timezone.now()) is None:
            return False
        record_authentication(self.request, user, method=proofs.DEVICE)
        return True

    @property
    def attempt(self) -> LoginAttempt | None:
        """The log-in to which codes were sent; None when nobody has the mobile."""
        found = LoginAttempt.objects.select_related("user").filter(pk=self.state.get("attempt"), user=self.login.user)
        return found.first() if self.login.user is not None else None


class PasswordStage(LoginStage):
    """The password of somebody who came in by a code, when nothing else will be asked: one proof is not enough."""

    key = PASSWORD_STAGE
    urlname = "account_login_password"

    def handle(self) -> tuple[Any, bool]:
        """Ask for it, or go on."""
        if not self.login.signup and proofs.password_is_missing(self.request, self.login.user):
            return headed_redirect_response(self.urlname), True
        return None, True

    @property
    def attempt(self) -> LoginAttempt | None:
        """The log-in whose code was right."""
        step = self.controller.get_stage(MobileCodeStage.key)
        return step.attempt if step else None
