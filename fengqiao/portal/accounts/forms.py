"""What people type about themselves and their colleagues."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from fengqiao.engine.identity import credit_code_problem, identity_number_problem
from fengqiao.portal.accounts import actions, registering
from fengqiao.portal.accounts.access import CHECKS
from fengqiao.portal.accounts.acting import address_of
from fengqiao.portal.accounts.adapter import MobileField
from fengqiao.portal.accounts.allowed_roles import roles_in
from fengqiao.portal.accounts.models import Identity, Organisation, User
from fengqiao.portal.shell.errors import Refusal

TERMS_VERSION = "2026-11-20"


class SignupForm(AllauthSignupForm):
    """Investors register themselves."""

    name = forms.CharField(
        label="姓名", max_length=64, widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="与证件上的姓名一致。",
    )  # fmt: skip
    kind = forms.ChoiceField(label="证件类型", choices=Identity.Kind.choices)
    number = forms.CharField(
        label="证件号码", max_length=32, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="加密保存，页面上只显示头尾几位。",
    )  # fmt: skip
    agreed = forms.BooleanField(
        label="我已阅读并同意《个人信息保护说明》",
        error_messages={
            "required": "请先阅读并勾选《个人信息保护说明》；不同意则不能注册，但仍可致电 12386 或到现场办理。"
        },
    )
    field_order = ("name", "kind", "number", "phone", "password1", "password2", "agreed")
    before: User | None = None
    """An unfinished registration with the same papers, which gives way."""

    def clean(self) -> dict[str, Any]:
        """The number fits its kind, and nobody has registered with it."""
        cleaned: dict[str, Any] = super().clean()
        kind, number = cleaned.get("kind"), cleaned.get("number")
        if kind and number:
            cleaned["number"] = self.checked_number(kind, number)
        owner = get_adapter().get_user_by_phone(cleaned["phone"]) if cleaned.get("phone") else None
        if owner is not None and registering.is_unfinished(owner):
            self.account_already_exists = False  # whoever typed this mobile before never showed that it is theirs
        return cleaned

    def checked_number(self, kind: str, number: str) -> str:
        """The number as it is kept; the error stands beside its field."""
        number = "".join(number.split()).upper()
        if kind == Identity.Kind.ID_CARD:
            problem = identity_number_problem(number, timezone.localdate())
            if problem:
                self.add_error("number", problem)
                return number
        problem, self.before = registering.papers_problem(kind, number, timezone.now(), actions.NUMBER_TAKEN)
        if problem:
            self.add_error("number", problem)
        return number

    @transaction.atomic
    def save(self, request: HttpRequest) -> User:
        """The user, their papers and their role: all or nothing."""
        registering.queue_up(self.cleaned_data["kind"], self.cleaned_data["number"])
        if self.before is not None:
            registering.give_way(user=self.before, address=address_of(request), now=timezone.now())
        user: User = super().save(request)
        actions.register_investor(
            user=user, kind=self.cleaned_data["kind"], number=self.cleaned_data["number"],
            address=address_of(request), now=timezone.now(),
        )  # fmt: skip
        return user


class LoginForm(AllauthLoginForm):
    """Login name or mobile, and password."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].label = "手机号码或登录名"
        self.fields["login"].widget.attrs.update(autocomplete="username", placeholder="")
        self.fields["password"].widget.attrs.update(placeholder="")


class InvitationForm(forms.Form):
    """Whom an administrator asks in, as what."""

    name = forms.CharField(label="姓名", max_length=64)
    mobile = MobileField(label="手机号码", required=False, help_text="用于核对接受邀请的是本人。")
    kinds = forms.MultipleChoiceField(label="角色", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kinds"].choices = [(kind.value, kind.label) for kind in roles_in(organisation)]


def new_password_field(label: str) -> forms.CharField:
    """For a password that is being chosen: kept exactly as it is typed, blanks at its ends too."""
    return forms.CharField(
        label=label, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )  # fmt: skip


def judge_password(form: forms.Form, cleaned: dict[str, Any], user: User) -> None:
    """Both times the same, and hard to guess; what is wrong is said beside its field."""
    password, again = cleaned.get("password"), cleaned.get("again")
    if password and again and password != again:
        form.add_error("again", "两次输入的密码不一致。请重新输入。")
    elif password:
        try:
            validate_password(password, user)
        except ValidationError as error:
            form.add_error("password", error)


class NewStaffForm(forms.Form):
    """What somebody without an account chooses when they accept an invitation."""

    username = forms.RegexField(
        r"^[a-z][a-z0-9._-]{3,39}$", label="登录名", help_text="4 至 40 个小写字母、数字、点、短横线，以字母开头。",
        error_messages={"invalid": "登录名由 4 至 40 个小写字母、数字、点、短横线组成，以字母开头。请修改。"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )  # fmt: skip
    mobile = MobileField()
    password = forms.CharField(
        label="密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label="再输一次密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, Any]:
        """Both passwords agree and are hard to guess."""
        cleaned: dict[str, Any] = super().clean() or {}
        judge_password(self, cleaned, User(username=cleaned.get("username", "")))
        return cleaned


class NewPasswordForm(forms.Form):
    """A new password after logging in by code."""

    password = new_password_field("新密码")
    again = new_password_field("再输一次新密码")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean(self) -> dict[str, Any]:
        """Both agree and are hard to guess."""
        cleaned: dict[str, Any] = super().clean() or {}
        judge_password(self, cleaned, self.user)
        return cleaned


PHONE = re.compile(r"\+?\d[\d -]{3,24}\d(转\d{1,6})?")
PHONE_HELP = "对外的电话，登录的人都能看到；可以带区号和分机，例如：区号-号码转分机。不要填写个人的手机号码。"


def dialled(text: str | None) -> str:
    """A telephone number as it was typed, without stray spaces."""
    found = " ".join(str(text or "").split())
    if found and not PHONE.fullmatch(found):
        raise ValidationError("不像电话号码。请只用数字、空格和短横线，分机写在“转”字之后。")
    return found


class OrganisationForm(forms.ModelForm):
    """An organisation that takes part."""

    class Meta:
        model = Organisation
        fields = ("kind", "name", "credit_code", "region", "phone")
        help_texts: ClassVar[dict[str, str]] = {"phone": PHONE_HELP}

    def clean_phone(self) -> str:
        """A number that can be dialled."""
        return dialled(self.cleaned_data.get("phone"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [("", "请选择"), *Organisation.Kind.choices]

    def clean_credit_code(self) -> str:
        """The code's own check digit must hold."""
        code = str(self.cleaned_data.get("credit_code") or "").strip().upper()
        if problem := code and credit_code_problem(code):
            raise ValidationError(problem)
        return code


class OrganisationContactForm(forms.ModelForm):
    """How an organisation is reached: what its own administrators may change."""

    class Meta:
        model = Organisation
        fields = ("phone", "region")
        help_texts: ClassVar[dict[str, str]] = {"phone": PHONE_HELP}

    def clean_phone(self) -> str:
        """A number that can be dialled."""
        return dialled(self.cleaned_data.get("phone"))


class EndRoleForm(forms.Form):
    """Why a role ends."""

    reason = forms.CharField(label="原因", max_length=200, help_text="例如：离职、转岗。会记入审计日志。")


class AccessReasonForm(forms.Form):
    """Why somebody's access is ended or given back."""

    reason = forms.CharField(label="原因", max_length=200, help_text="例如：手机遗失、账号可能被盗用。会记入审计日志。")


class RestForm(forms.Form):
    """Why an organisation goes out of use or comes back."""

    reason = forms.CharField(
        label="原因", max_length=200,
        help_text="例如：业务许可已经注销，写明文号。会记入审计日志，该机构的人员在站内通知中看到。不要写个人信息。",
    )  # fmt: skip


class CloseAccountForm(forms.Form):
    """Somebody wants their own account closed."""

    sure = forms.BooleanField(
        label="我知道注销后不能再用这个账号登录",
        error_messages={"required": "没有注销：请先勾选这一项，表示您知道注销的后果。"},
    )
    reason = forms.CharField(label="原因", max_length=200, required=False)


class FactorResetForm(forms.Form):
    """How it was found who somebody is, before their second factor is taken away."""

    check = forms.ChoiceField(label="怎样核对了本人的身份", choices=CHECKS, widget=forms.RadioSelect)
    reason = forms.CharField(label="原因", max_length=200, help_text="例如：手机遗失，恢复码也不在。会记入审计日志。")


class ChangeMobileForm(FactorResetForm):
    """The new mobile of somebody who was identified."""

    mobile = MobileField(label="新的手机号码")
    field_order = ("mobile", "check", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].help_text = "例如：原手机号码已停用。会记入审计日志。"


class FindPersonForm(forms.Form):
    """Whose account is looked for."""

    text = forms.CharField(
        label="登录名、完整的手机号码或者证件号码", max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )  # fmt: skip

    def clean_text(self) -> str:
        """Without blanks."""
        return "".join(str(self.cleaned_data["text"]).split())


def refusal_of(form: forms.BaseForm, error: Refusal) -> None:
    """Put a refused action's sentence on top of the form."""
    form.add_error(None, str(error))
