"""The code that confirms a mobile, when somebody registers or changes it: kept like those of logging in.

allauth runs the steps and asks the adapter for a code; what is kept of it, how often it is tried and for how long is
the same as everywhere (`mobile_codes`), so a new session brings no new tries. A mobile that belongs to somebody else
gets a row, too, whose code nobody knows: what is said is what others are told.
"""

from __future__ import annotations

import datetime as dt
import hmac
import logging
import re
import unicodedata
from typing import Any

from allauth.account.forms import VerifyPhoneForm
from allauth.account.views._phone import _BaseVerifyPhoneView, _VerifyPhoneChangeView, _VerifyPhoneSignupView
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from fengqiao.portal.accounts import mobile_codes
from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.models import MobileToConfirm, User
from fengqiao.portal.accounts.rate_limits import CODE_REQUESTS, network_of, take
from fengqiao.portal.accounts.sms import FileGateway, gateway
from fengqiao.portal.refusal import Refusal

TEXT = "【枫桥】验证码 {code}，{minutes} 分钟内有效。任何人（包括工作人员）向您索要验证码都不要给。"
log = logging.getLogger(__name__)
FORMER_TEXT = (
    "【枫桥】您账号登记的手机号码刚刚更换，这个号码不再用于登录。如果不是您本人操作，请立即致电12386或到现场办理。"
)
AGAIN_AFTER = dt.timedelta(seconds=60)
KEPT = dt.timedelta(days=1)


def plain(phone: str) -> str:
    """A mobile without what people put between its digits."""
    digits = re.sub(r"[\s\-－　]", "", phone)
    return digits.removeprefix("+86").removeprefix("0086")


def mobile_digest(phone: str) -> str:
    """Which mobile it is, as a keyed digest."""
    return hmac.new(settings.SECRET_KEY.encode(), f"confirm {plain(phone)}".encode(), "sha256").hexdigest()


def row_of(user: User | None, phone: str) -> MobileToConfirm:
    """Who confirms which mobile: one row, whichever session asks; nobody's rows belong to the mobile alone."""
    found, _ = MobileToConfirm.objects.get_or_create(owner=user.pk if user else 0, mobile_digest=mobile_digest(phone))
    return found


def purpose(row: MobileToConfirm) -> str:
    """A code confirms this mobile for this user."""
    return f"confirm {row.owner} {row.mobile_digest}"


@transaction.atomic
def send(*, user: User | None, phone: str, text: str, now: dt.datetime) -> None:
    """Send a code, or, where there is nobody to confirm it, a text without one."""
    row = row_of(user, phone)
    minutes = mobile_codes.minutes_of(None)
    mobile_codes.send_to_number(
        row.codes, number=plain(phone), shown=shown(phone), purpose=purpose(row), now=now,
        message=lambda code: text.format(code=code, minutes=minutes) if user else text,
    )  # fmt: skip


def shown(phone: str) -> str:
    """Enough of a mobile to know one's own by."""
    digits = plain(phone)
    return f"{digits[:3]}****{digits[-4:]}"


def require_patience(*, user: User | None, phone: str, now: dt.datetime) -> None:
    """Refuse who asks for another code too soon."""
    newest = row_of(user, phone).codes.order_by("-id").first()
    if newest is not None and now < newest.sent_at + AGAIN_AFTER:
        seconds = int((newest.sent_at + AGAIN_AFTER - now).total_seconds()) + 1
        raise Refusal(f"没有重新发送：刚发过一条，短信有时要等一会儿。请 {seconds} 秒后再试。")


def tell_former(mobile: str, now: dt.datetime) -> None:
    """A message to the mobile that was replaced; when the gateway is away, the new one stands all the same."""
    try:
        gateway().send(mobile=plain(mobile), text=FORMER_TEXT, now=now)
    except OSError:
        log.warning("somebody could not be told that their mobile was changed")


def check(*, user: User | None, phone: str, code: str, now: dt.datetime) -> None:
    """Compare a code and use it up. Every try counts, whichever session it comes from: this is no transaction."""
    row = row_of(user, phone)
    found = mobile_codes.compared(row.codes, code=code, purpose=purpose(row), now=now)
    if user is None:
        raise Refusal(mobile_codes.WRONG)
    mobile_codes.use_up(row.codes, found, now)


@transaction.atomic
def delete_old(*, now: dt.datetime) -> int:
    """Mobiles that nobody was sent a code to for a day."""
    done, _ = MobileToConfirm.objects.exclude(codes__sent_at__gte=now - KEPT).delete()
    return done


class ConfirmMobileForm(VerifyPhoneForm):
    """allauth's form of the code, compared with what is kept."""

    code = forms.CharField(
        label="短信里的 6 位数字", max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip

    def clean_code(self) -> str:
        """The digits, however they were typed. allauth's own comparison is left out: its code is in the session."""
        code = "".join(unicodedata.normalize("NFKC", self.cleaned_data["code"]).split())
        try:
            check(user=self.user, phone=self.phone, code=code, now=timezone.now())
        except Refusal as error:
            raise forms.ValidationError(str(error)) from error
        return code


class ConfirmMobile(_BaseVerifyPhoneView):
    """What is ours in allauth's page: limits in sentences, and in a demo the message itself."""

    def _resend_form_valid(self, form: Any) -> HttpResponse:
        try:
            take(CODE_REQUESTS, network_of(address_of(self.request)))
            require_patience(user=self.process.user, phone=self.process.phone, now=timezone.now())
            return super()._resend_form_valid(form)
        except Refusal as error:
            messages.warning(self.request, str(error))
        return redirect("account_verify_phone")

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """What the page says of the message."""
        found: dict[str, Any] = super().get_context_data(**named)
        sender, phone = gateway(), self.process.phone
        said = sender.last(plain(phone)) if settings.DEMO and isinstance(sender, FileGateway) else ""
        found.update(shown=shown(phone), minutes=mobile_codes.minutes_of(None), demo_text=said)
        return found


class ConfirmNewMobile(ConfirmMobile, _VerifyPhoneSignupView):
    """On the way in."""


class ConfirmChangedMobile(ConfirmMobile, _VerifyPhoneChangeView):
    """Of somebody who is logged in."""


@login_not_required
@sensitive_post_parameters()
def verify_phone(request: HttpRequest) -> HttpResponse:
    """The code of the short message that confirms a mobile."""
    view = ConfirmChangedMobile if request.user.is_authenticated else ConfirmNewMobile
    answer: HttpResponse = view.as_view()(request)
    return answer
