"""What is filled in about special needs."""

from __future__ import annotations

from typing import Any

from django import forms

from fengqiao.portal.parties.forms import day_field
from fengqiao.portal.parties.measures import need_kinds
from fengqiao.portal.parties.models import SpecialNeed
from fengqiao.portal.parties.uploaded import LIMITS

TOLD_WAYS = (
    ("handed", "当面交付"), ("read", "当面念给本人听"), ("phone", "电话告知，另行寄送"),
    ("helper", "当面交付，并由陪同的人说明"),
)  # fmt: skip
"""As the notice says it, see `engine/forms/data/help_notice`."""
EVIDENCE_HELP = "例如：出示残疾人证、低保证明、本人说明。加密保存。"


def detail_choices(kind: str = "") -> list[tuple[str, Any]]:
    """The details of one kind, or of all kinds in groups."""
    if kind:
        return [("", "没有变化"), *((one.key, one.title) for one in need_kinds()[kind].details)]
    groups = [
        (str(SpecialNeed.Kind(key).label), [(f"{key}.{one.key}", one.title) for one in known.details])
        for key, known in need_kinds().items()
        if known.details
    ]
    return [("", "不填"), *groups]


class NeedForm(forms.Form):
    """A special need, with what it rests on."""

    kind = forms.ChoiceField(label="种类", choices=SpecialNeed.Kind.choices)
    detail = forms.ChoiceField(
        label="具体情形", choices=detail_choices, required=False,
        help_text="系统据此改变联系和办理的方式，例如“用手语”的安排手语翻译。",
    )  # fmt: skip
    since = day_field("自何时起")
    until = day_field("到何时止", required=False, help_text="到这一天以后自动结束；长期的留空。")
    evidence = forms.CharField(label="依据", max_length=200, required=False, help_text=EVIDENCE_HELP)
    file = forms.FileField(
        label="证明材料", required=False, widget=forms.ClearableFileInput(attrs={"accept": LIMITS.accept}),
        help_text=f"例如残疾人证、低保证明的照片。{LIMITS.sentence}",
    )  # fmt: skip
    on_paper = forms.CharField(
        label="单独同意记录特殊需要的书面依据", max_length=200, help_text="本人签名的同意书的编号或者存放处。"
    )
    agreed = forms.BooleanField(
        label="我单独同意记录我的特殊需要（敏感个人信息）",
        error_messages={"required": "特殊需要属于敏感个人信息，须单独同意才能记录。不同意的，按一般情形办理。"},
    )
    told = forms.BooleanField(
        label="这是本人向我说明的情况，并且本人知道会这样记录",
        error_messages={"required": "特殊需要由本人说明，工作人员不能自行判断。请先问过本人，再勾选。"},
    )

    def __init__(self, *args: Any, own: bool, agreed_before: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        dropped = (("on_paper", own or agreed_before), ("agreed", not own or agreed_before), ("told", own))
        for name, drop in dropped:
            if drop:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """The detail belongs to the kind."""
        cleaned: dict[str, Any] = super().clean() or {}
        kind, _, detail = str(cleaned.get("detail") or "").partition(".")
        if kind and cleaned.get("kind") and kind != cleaned["kind"]:
            self.add_error("detail", "所选的具体情形不属于上面的种类。请重新选择，或者选“不填”。")
        cleaned["detail"] = detail
        return cleaned


class ReviewForm(forms.Form):
    """It was looked at again, and still holds."""

    detail = forms.ChoiceField(label="具体情形", required=False)
    evidence = forms.CharField(
        label="现在的依据", max_length=200, required=False, help_text=f"没有变化的留空。{EVIDENCE_HELP}"
    )
    review_on = day_field("下一次复核的日期", help_text="不再符合的，不要在这里延长：返回后结束这一项。")

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["detail"].choices = detail_choices(kind)  # type: ignore[attr-defined]
        if len(detail_choices(kind)) == 1:
            del self.fields["detail"]


class ToldForm(forms.Form):
    """How somebody was told of social assistance and legal aid."""

    how = forms.ChoiceField(
        label="怎样告知的", widget=forms.RadioSelect, choices=TOLD_WAYS,
    )  # fmt: skip
