"""What is typed for tokens."""

from __future__ import annotations

from typing import Any

from django import forms

from fengqiao.portal.tokens.actions import MOST_NETWORKS
from fengqiao.portal.tokens.models import LONGEST
from fengqiao.portal.tokens.scopes import SCOPES


class TokenForm(forms.Form):
    """A new token."""

    name = forms.CharField(
        label="用途", max_length=64, help_text="给哪个系统使用，例如“测算结果归档系统”。不要填写密码和个人信息。"
    )
    scopes = forms.MultipleChoiceField(
        label="范围", widget=forms.CheckboxSelectMultiple, help_text="只勾选那个系统用得到的。"
    )
    last_day = forms.DateField(
        label="最后一天", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=f"当日仍可使用，次日起失效；最长 {LONGEST} 天。够用就好，到期前会提醒您。",
    )  # fmt: skip
    networks = forms.CharField(
        label="允许的网络", required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="选填，建议填写：只接受从这些地址来的请求。一行一个，例如 192.0.2.10 或者 192.0.2.0/24，"
        f"最多 {MOST_NETWORKS} 个。不填就不限。",
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["scopes"].choices = [(one.key, f"{one.title}：{one.text}") for one in SCOPES.values()]

    def clean_networks(self) -> list[str]:
        """One a line."""
        return str(self.cleaned_data["networks"]).splitlines()


class RevokeForm(forms.Form):
    """Why a token ends."""

    reason = forms.CharField(label="原因", max_length=200, help_text="例如：不再使用、可能已经泄露。会记入审计日志。")
