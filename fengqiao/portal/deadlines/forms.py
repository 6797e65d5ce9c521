"""What people type about deadlines."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms

from fengqiao.engine import law
from fengqiao.engine.deadlines import Rule, rule, rules
from fengqiao.portal.deadlines.counting import DESIGNATED, rule_of
from fengqiao.portal.deadlines.models import Deadline

REASON_HELP = "会记入期限的历史和审计日志，请不要写证件号码、电话等个人信息。"
UNITS = (("CD", "日"), ("WD", "个工作日"), ("M", "个月"))


CAUSES = (
    "权利人向义务人提出履行请求",
    "义务人同意履行义务",
    "权利人提起诉讼或者申请仲裁",
    "与提起诉讼或者申请仲裁具有同等效力的其他情形",
)
"""民法典 art. 195."""
BACKWARD = ("before",)
GROUPS = {
    "designated": "指定、约定的期间", "mediation": "调解", "confirmation": "司法确认", "procedure": "诉讼和执行",
    "representative": "代表人诉讼", "limitation": "诉讼时效", "counting": "顺延", "commitment": "行政执法当事人承诺",
    "compensation": "赔偿", "services": "投诉办理", "taskforce": "专班",
}  # fmt: skip
"""What the parts of the rules are called, in the order in which they are offered."""
FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2090, 12, 31)
EARLIEST_DAMAGE = dt.date(1949, 10, 1)


def has_length(asked: Rule) -> bool:
    """Whether the law, or a rule in its data, says how long."""
    return bool(asked.length) and bool(law.parameter(asked.length).values)


def rule_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The periods at whose end something has to be done, by part."""
    offered = [item for item in rules() if item.sense in ("limit", "soft", "before") and item.shape != "window"]
    return [
        (name, [(item.id, item.title) for item in offered if item.id.partition(".")[0] == part])
        for part, name in GROUPS.items()
    ]


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


class InterruptForm(ReasonForm):
    """By what, since when, and whether it goes on."""

    cause = forms.ChoiceField(label="因为什么中断", choices=[(name, name) for name in CAUSES])
    on = day_field("中断的日期", "留空就是今天；应当晚于起算日。")
    pending = forms.BooleanField(
        label="诉讼、仲裁等程序还没有终结",
        required=False,
        help_text="没有终结的，期间不进行；终结后在这里登记，重新计算。",
    )
    restarts_on = day_field("有关程序终结的日期", "程序已经终结的填写；没有程序的留空，自中断之日的次日起重新计算。")
    field_order = ("cause", "on", "pending", "restarts_on", "reason")

    def clean(self) -> dict[str, Any]:
        """The cause stands in the reason; a pending one has no end yet."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("pending") and given.get("restarts_on"):
            self.add_error("restarts_on", "程序还没有终结的，不填终结的日期；已经终结的，请取消上面的勾选。")
        cause = given.pop("cause", "")
        given["reason"] = f"{cause}：{given.get('reason', '')}"
        return given


class RestartForm(ReasonForm):
    """When the proceedings ended."""

    ended_on = day_field("有关程序终结的日期", "留空就是今天；自次日起重新计算整个期间。")


class EntryForm(forms.Form):
    """A deadline of one's own: by a rule, of a length somebody set, or in hours."""

    title = forms.CharField(
        label="要办的事", max_length=200, help_text="例如：提交答辩状。不要写证件号码、电话等个人信息。"
    )
    case = forms.CharField(label="案件编号", max_length=96, required=False, help_text="没有就留空。")
    rule = forms.ChoiceField(
        label="按哪一个期间计算", help_text="法律或者规则定有长度的，长度自动取出；其余的在下面填写长度和依据。"
    )
    starts_on = forms.DateField(
        label="起算日", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="发生起算事件的那一日，当日不计入；选“事件之前”的，填事件的日期。",
    )  # fmt: skip
    starts_time = forms.TimeField(
        label="起算时刻", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="只有按小时计算的期间填写，北京时间；开始的小时不计入。",
    )  # fmt: skip
    number = forms.IntegerField(
        label="长度", min_value=1, max_value=999, required=False, help_text="法律定有长度的不填。"
    )
    unit = forms.ChoiceField(
        label="长度的单位", choices=(*UNITS, ("TD", "个交易日"), ("Y", "年"), ("H", "小时")), required=False
    )
    length_source = forms.CharField(
        label="长度的依据",
        max_length=200,
        required=False,
        help_text="谁在哪一份文书、规则或者合同中确定，例如：举证通知书。",
    )
    damaged_on = day_field("权利受到损害的日期", "只有诉讼时效填写，用来核对最长权利保护期间；不知道的留空。")
    warn_days = forms.IntegerField(
        label="提前几个工作日提醒",
        min_value=0,
        max_value=60,
        initial=3,
        help_text="按小时计算的，在届满前的办公时间提醒一次。",
    )
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, data: Any, *, today: dt.date, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.today = today
        self.fields["rule"].choices = rule_choices()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A length where the law sets none, and nowhere else; a moment for hours alone."""
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        asked, number, unit = rule(given["rule"]), given.pop("number"), given.pop("unit")
        hours_asked = unit == "H" and number is not None
        if has_length(asked) and number is not None:
            self.add_error("number", f"“{asked.title}”的长度由法律或者规则规定，不用填写。请清空。")
        elif not has_length(asked) and number is None:
            self.add_error("number", f"“{asked.title}”没有法定的长度，请填写。")
        elif not has_length(asked) and not given["length_source"].strip():
            self.add_error("length_source", "请写明长度由谁在哪里确定。")
        if hours_asked and asked.id != DESIGNATED:
            self.add_error("unit", f"只有“{rule(DESIGNATED).title}”可以按小时计算。请改选期间或者单位。")
        if hours_asked != (given["starts_time"] is not None):
            self.add_error("starts_time", "按小时计算的期间要填起算时刻，其他期间不填。")
        damaged_on = given["damaged_on"]
        if damaged_on and not asked.longest:
            self.add_error("damaged_on", f"“{asked.title}”没有最长期间，不用填写。请清空。")
        elif damaged_on and not FIRST_DAY <= damaged_on <= given["starts_on"]:
            self.add_error("damaged_on", "权利受到损害的日期应当在1990年以后，不晚于起算日。请更正。")
        if not FIRST_DAY <= given["starts_on"] <= LAST_DAY:
            self.add_error("starts_on", "起算日应当在1990年至2090年之间。请更正。")
        elif asked.sense not in BACKWARD and given["starts_on"] > self.today:
            self.add_error("starts_on", "起算事件还没有发生，起算日不能晚于今天。请在发生后登记。")
        given["length"] = f"{number}{unit}" if number is not None else ""
        return given


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
