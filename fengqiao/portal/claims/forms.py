"""Shape and format of what is typed."""

from __future__ import annotations

import re

from django import forms

from fengqiao.portal.claims.models import MassCase

SECURITY = re.compile(r"((SH|SZ|BJ)\.?)?[0-9]{6}(\.(SH|SZ|BJ|SS|XSHG|XSHE))?", re.IGNORECASE)
"""Six digits, with the exchange as the engine reads it."""
FUTURES = re.compile(r"[A-Za-z]{1,2}[0-9]{3,4}(-?[CPcp]-?[0-9]{1,6})?")
"""A contract, and an option on it: cu2612, IF2612, m2701-C-3000."""
NO_CODE = (
    "“{code}”不是证券代码。请填写六位数字（可以带交易所，例如 600000.SH）；"
    "期货填写合约代码，例如 cu2612。不清楚的，可以先留空。"
)


class CaseForm(forms.ModelForm):
    """A case: what it is called, which security, remarks."""

    class Meta:
        model = MassCase
        fields = ("title", "security", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 4})}  # noqa: RUF012 - as Django has it
        help_texts = {  # noqa: RUF012
            "title": "例如：某某股份虚假陈述责任纠纷。",
            "security": "涉案证券的六位代码，方便查找；测算以案件文件中的代码为准。",
        }

    def clean_security(self) -> str:
        """As people write it; what can be no code at all is refused here, not found out when a list stays empty."""
        code = str(self.cleaned_data["security"]).strip()
        if code and not (SECURITY.fullmatch(code) or FUTURES.fullmatch(code)):
            raise forms.ValidationError(NO_CODE.format(code=code))
        return code


class CaseChangeForm(CaseForm):
    """The same, with the version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class PeopleForm(forms.Form):
    """Numbers of investors with the identity numbers and mobiles of the people, one a line."""

    lines = forms.CharField(
        label="投资者编号、证件号码、手机号码",
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
        help_text="一行一人，三项之间用逗号、空格或者制表符分开，可以从表格里复制粘贴。一次最多 1,000 行。",
    )


class FindInvestorForm(forms.Form):
    """The whole number of an investor. It may identify somebody, so it is sent as a form."""

    investor = forms.CharField(label="投资者编号", max_length=200, strip=False)
