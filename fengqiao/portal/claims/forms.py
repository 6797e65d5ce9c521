"""Shape and format of what is typed."""

from __future__ import annotations

from django import forms

from fengqiao.portal.claims.models import MassCase


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
