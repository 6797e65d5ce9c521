"""What people type on the steps of logging in."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from fengqiao.portal.accounts.adapter import MobileField
from fengqiao.portal.accounts.forms import NewPasswordForm


class RequestCodeForm(forms.Form):
    """To which mobile a code is sent."""

    phone = MobileField()


class CodeForm(forms.Form):
    """The code of a short message, and whether this device is to be remembered."""

    code = forms.CharField(
        label="短信里的 6 位数字", max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip
    trust = forms.BooleanField(
        label="记住这台设备，30 天内在这里登录不再要验证码", required=False,
        help_text="只在自己的手机、电脑上勾选。网吧、营业厅、单位公用的电脑和别人的手机，请不要勾选。",
    )  # fmt: skip

    def __init__(self, *args: Any, may_trust: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_trust:
            del self.fields["trust"]

    def clean_code(self) -> str:
        """The digits, however they were typed."""
        code = "".join(unicodedata.normalize("NFKC", self.cleaned_data["code"]).split())
        if not (len(code) == 6 and code.isascii() and code.isdigit()):
            raise ValidationError("验证码是 6 位数字。请核对短信后重新输入。")
        return code


class LoginPasswordForm(forms.Form):
    """The password, after the code."""

    password = forms.CharField(
        label="密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class ForgottenPasswordForm(NewPasswordForm):
    """Who somebody is by their papers, and a new password."""

    name = forms.CharField(label="姓名", max_length=64, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    number = forms.CharField(
        label="证件号码",
        max_length=32,
        help_text="注册时填写的证件号码。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("name", "number", "password", "again")

    def clean_number(self) -> str:
        """As it is kept."""
        return "".join(unicodedata.normalize("NFKC", self.cleaned_data["number"]).split()).upper()
