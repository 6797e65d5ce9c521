"""What people type about deadlines."""

from __future__ import annotations

from typing import Any

from django import forms

from fengqiao.engine.deadlines import rule
from fengqiao.portal.deadlines.counting import rule_of
from fengqiao.portal.deadlines.models import Deadline

REASON_HELP = "会记入期限的历史和审计日志，请不要写证件号码、电话等个人信息。"
UNITS = (("CD", "日"), ("WD", "个工作日"), ("M", "个月"))


def day_field(label: str, help_text: str) -> forms.DateField:
    """A day, with the browser's calendar; may be left empty."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, required=False, help_text=help_text)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="理由", max_length=200, help_text=REASON_HELP)


class PauseForm(ReasonForm):
    """Since when, and why."""

    since = day_field("自哪一日起不计入", "留空就是今天；中止的首尾两日都不计入期间。")


class ResumeForm(ReasonForm):
    """Until when, and why."""

    last = day_field("不计入的最后一日", "留空就是今天；次日起继续计算。")


class ExtendForm(ReasonForm):
    """By whom, how far, and why."""

    by = forms.ChoiceField(label="由谁同意或者批准")
    agreed_on = day_field("同意或者批准的日期", "留空就是今天。")
    number = forms.IntegerField(label="延长多少", min_value=1, max_value=999, required=False,
                                help_text="与“延长到哪一日”只填一项。")  # fmt: skip
    unit = forms.ChoiceField(label="单位", choices=UNITS, required=False)
    until = day_field("延长到哪一日", "与“延长多少”只填一项。")

    def __init__(self, data: Any, *, deadline: Deadline) -> None:
        super().__init__(data)
        allowed = rule(rule_of(deadline)).extensions
        self.fields["by"].choices = [(tier.by, tier.name) for tier in allowed]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two."""
        given: dict[str, Any] = super().clean() or {}
        number, until = given.pop("number", None), given.get("until")
        unit = given.pop("unit", "")
        if bool(number) == bool(until):
            self.add_error("until", "“延长多少”和“延长到哪一日”请填其中一项。")
        given["length"] = f"{number}{unit}" if number else ""
        return given


class MeetForm(forms.Form):
    """A word on how it was done; may be left empty."""

    reason = forms.CharField(label="办理情况", max_length=200, required=False, help_text=REASON_HELP)
