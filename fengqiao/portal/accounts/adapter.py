"""How django-allauth finds its way in our tables: mobiles are sealed, and looked up by their blind index."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django import forms
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from fengqiao.engine.identity import mobile_problem
from fengqiao.portal.accounts import actions, lockout, login_events, mobile_confirming, trusted_devices
from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.lockout import LOCKED
from fengqiao.portal.accounts.models import Identity, User
from fengqiao.portal.vault.fields import lookup
from fengqiao.portal.vault.sealed import open_sealed

KEPT_ELSEWHERE = "kept elsewhere"
UNKNOWN_TEXT = "【枫桥】有人用这个手机号登录，但它还没有注册账号。如是您本人，请先注册；如不是，不用理会。"
EXISTS_TEXT = "【枫桥】有人用这个手机号注册，但它已经有账号。如是您本人，请直接登录；如不是，不用理会。"


def plain_mobile(text: str) -> str:
    """A mobile as people type it, without what they put between the digits."""
    return mobile_confirming.plain(text)


def is_mobile(value: str) -> None:
    """Refuse what is no mobile of the mainland."""
    if problem := mobile_problem(value):
        raise ValidationError(problem, code="invalid_phone")


class MobileField(forms.CharField):
    """A mobile number of the mainland."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "手机号码")
        options["widget"] = forms.TextInput(
            attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel", "maxlength": "20"}
        )
        super().__init__(**options)
        self.validators.append(is_mobile)

    def to_python(self, value: Any) -> str:
        """Without spaces, hyphens and the country code."""
        return plain_mobile(super().to_python(value) or "")


class AccountAdapter(DefaultAccountAdapter):
    """Our answers to allauth's questions."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "登录名（或手机号码）与密码不符。请检查后重试；忘记密码的，请选“忘记密码”。",
        "phone_password_mismatch": "手机号码与密码不符。请检查后重试；忘记密码的，请选“忘记密码”。",
        "too_many_login_attempts": LOCKED.format(minutes=30),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same answer everywhere, also for allauth's limits."""
        return address_of(request)

    def phone_form_field(self, **options: Any) -> forms.Field:
        """How a mobile is asked for."""
        return MobileField(**{**options, "label": "手机号码"})

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """The mobile of a user, and whether it was confirmed."""
        identity = Identity.objects.filter(user=user).first()
        if identity is None or not identity.mobile:
            return None
        return open_sealed(identity.mobile), identity.mobile_verified_at is not None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        """Keep a mobile."""
        actions.set_mobile(user=user, mobile=phone, verified=verified, now=timezone.now())

    def set_phone_verified(self, user: User, phone: str) -> None:
        """Note that a mobile was confirmed; the one before hears that it no longer is."""
        before, now = self.get_phone(user), timezone.now()
        with transaction.atomic():
            actions.set_mobile(user=user, mobile=phone, verified=True, now=now)
            if before is not None and before[1] and plain_mobile(before[0]) != plain_mobile(phone):
                transaction.on_commit(lambda: mobile_confirming.tell_former(before[0], now))

    def get_user_by_phone(self, phone: str) -> User | None:
        """Who has a mobile; a confirmed one counts before one that is only claimed."""
        found = Identity.objects.filter(lookup(Identity, "mobile", plain_mobile(phone)), user__is_active=True)
        best = found.order_by("-mobile_verified_at").exclude(mobile_verified_at=None).first() or found.first()
        return best.user if best else None

    def send_verification_code_sms(self, user: User, phone: str, code: str, **_: Any) -> None:
        """Send a code that confirms a mobile: one of ours, which is kept and counted like all others."""
        self.send(user, phone, mobile_confirming.TEXT)

    def send_unknown_account_sms(self, phone: str, **_: Any) -> None:
        """Tell the owner of a mobile that it has no account."""
        self.send(None, phone, UNKNOWN_TEXT)

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Tell the owner of a mobile that it has one already."""
        self.send(None, phone, EXISTS_TEXT)

    def send(self, user: User | None, phone: str, text: str) -> None:
        """Hand a text to the gateway, not too often; a gateway that is away becomes a sentence."""
        mobile_confirming.send(user=user, phone=phone, text=text, now=timezone.now())

    def generate_phone_verification_code(self, *, user: User, phone: str) -> str:
        """None for allauth: it would keep it in the session, as it is. Ours is made where it is sent."""
        return KEPT_ELSEWHERE

    def generate_login_code(self) -> str:
        """None either: see `login_codes`."""
        return KEPT_ELSEWHERE

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Investors log in by mobile; their login name is only a number of the house."""
        if not user.username:
            user.username = f"u{secrets.token_hex(8)}"

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """A new user needs a name and a moment."""
        user.name = form.cleaned_data.get("name", "")
        user.joined_at = timezone.now()
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Login names of staff are checked where they are invited."""
        return username

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> Any:
        """Somebody has come in, all steps done."""
        answer, now = super().post_login(request, user, **more), timezone.now()
        methods = [str(record.get("method", "")) for record in get_authentication_records(request, user)]
        login_events.logged_in(user=user, methods=methods, address=address_of(request), now=now)
        if request.session.pop(trusted_devices.WISH, False):
            token = trusted_devices.trust(
                user=user, device=request.headers.get("User-Agent", ""),
                stamp=actions.own_stamp(user, address_of(request)), now=now,
            )  # fmt: skip
            trusted_devices.keep(request, answer, token)
        return answer

    def logout(self, request: HttpRequest) -> None:
        """Somebody goes."""
        user = request.user
        super().logout(request)
        if user.is_authenticated:
            login_events.logged_out(user=user, address=address_of(request), now=timezone.now())

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Compare a password. The try is counted before, exactly, however many come at once; the count ends with the
        right one. django-axes, which counts afterwards, stays as the second lock."""
        login, address = lockout.login_of(request, credentials), address_of(request)
        seconds = lockout.wait_before_trying(login, self.meant(credentials), address, timezone.now())
        if seconds:
            raise ValidationError(LOCKED.format(minutes=-(-seconds // 60)), code="too_many_login_attempts")
        user = super().authenticate(request, **credentials)
        if user is not None:
            lockout.passed(login, address)
        return user

    def meant(self, credentials: dict[str, Any]) -> User | None:
        """Whose account is being tried."""
        name, phone = credentials.get("username"), credentials.get("phone")
        return User.objects.filter(username=name).first() if name else self.get_user_by_phone(phone) if phone else None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A log-in that was refused; what was typed is kept nowhere."""
        user = self.meant(credentials)
        if user is not None:
            login_events.login_failed(user=user, now=timezone.now())

    def get_login_stages(self) -> list[str]:
        """allauth's steps with ours: the code to the mobile, and the password of who came by a code."""
        ours = "fengqiao.portal.accounts.login_stages"
        first, confirm, *others = super().get_login_stages()
        if (first, confirm) != (
            "allauth.account.stages.LoginByCodeStage",
            "allauth.account.stages.PhoneVerificationStage",
        ):
            raise ImproperlyConfigured("the steps of logging in are not those that this portal knows")
        return [f"{ours}.MobileCodeStage", confirm, f"{ours}.PasswordStage", *others]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Investors register themselves."""
        return True


def last_code_login(request: HttpRequest) -> float | None:
    """When this session was opened by a code sent to the mobile, without the password; None when it was not."""
    records = get_authentication_records(request, request.user)
    if any(record.get("method") == "password" for record in records):
        return None
    times = [record["at"] for record in records if record.get("method") == "code"]
    return max(times) if times else None
