"""What initiators and signers type."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.adapter import MobileField
from fengqiao.portal.signing import formed, queries
from fengqiao.portal.signing.due import AGREEMENT
from fengqiao.portal.signing.models import Signatory, SigningRound

DRAWN_AT_MOST = 300_000
DRAWN_START = "data:image/png;base64,"
KINDS = (("", "其他文书"), (AGREEMENT, "调解协议书"))
ROLES = "如 申请人、被申请人、调解员、见证人。"


def day_field(label: str, help_text: str) -> forms.DateField:
    """A day, with the browser's calendar."""
    return forms.DateField(
        label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def end_of(day: dt.date) -> dt.datetime:
    """The last moment of a day here."""
    return dt.datetime.combine(day, dt.time(23, 59, 59), timezone.get_current_timezone())


class RoundForm(forms.Form):
    """A text to be signed, beside its file."""

    title = forms.CharField(label="文书名称", max_length=120, help_text="签署人首先看到它，如“调解协议书”。")
    form = forms.ChoiceField(
        label="文书种类", choices=KINDS, required=False,
        help_text="选调解协议书的，各方当事人签齐后自动登记共同申请司法确认的期限。",
    )  # fmt: skip
    output = forms.ModelChoiceField(
        label="用已经完成的文书", queryset=None, required=False, empty_label="不用，在下面上传 PDF",
        help_text="在“文书填写”里完成的文书，各方签在正文中留好的位置；种类以它为准。",
    )  # fmt: skip
    order = forms.ChoiceField(label="签署顺序", choices=SigningRound.Order.choices)
    due = day_field("签署期限", "到这一天的 24 时为止；逾期没有签齐的，签署自动结束。")
    level = forms.ChoiceField(
        label="签名等级", choices=SigningRound.Level.choices, help_text="需要保存多年的，选长期保存。"
    )
    case = forms.CharField(label="案件编号", max_length=100, required=False, help_text="可不填。")

    def __init__(self, *args: Any, acting: Acting, **options: Any) -> None:
        super().__init__(*args, **options)
        newest = list(formed.outputs(acting).values_list("pk", flat=True)[:50])
        self.fields["output"].queryset = formed.outputs(acting).filter(pk__in=newest)
        self.fields["output"].label_from_instance = lambda one: f"{one.filling.number} {one.filling} {one}"

    def clean_due(self) -> dt.date:
        """Not a day that has passed."""
        due: dt.date = self.cleaned_data["due"]
        if due < timezone.localdate():
            raise forms.ValidationError("签署期限已经过去。请填写今天或者以后的日期。")
        return due


class PartyForm(forms.Form):
    """A party of the portal."""

    role_title = forms.CharField(label="身份", max_length=20, help_text=ROLES)
    party = forms.IntegerField(label="登记编号", min_value=1, help_text="当事人在本平台的登记编号，见“当事人”页面。")

    def __init__(self, *args: Any, acting: Acting, **options: Any) -> None:
        super().__init__(*args, **options)
        self.acting = acting

    def clean_party(self) -> Any:
        """Only whom this organisation deals with."""
        found = queries.parties_at_hand(self.acting).filter(pk=self.cleaned_data["party"]).first()
        if found is None:
            raise forms.ValidationError("没有这个登记编号的当事人，或者本机构没有办理其事项。请核对编号。")
        return found


class GuestForm(forms.Form):
    """Somebody who is not in the portal."""

    role_title = forms.CharField(label="身份", max_length=20, help_text=ROLES)
    name = forms.CharField(label="姓名或者名称", max_length=64)
    mobile = MobileField(label="手机号码", help_text="核对身份的验证码发到这里。加密保存。")


class StaffForm(forms.Form):
    """A mediator of the organisation."""

    role_title = forms.CharField(label="身份", max_length=20, initial="调解员")
    user = forms.ModelChoiceField(label="工作人员", queryset=None)

    def __init__(self, *args: Any, acting: Acting, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["user"].queryset = queries.staff_of(acting.organisation)


class SealForm(forms.Form):
    """The organisation itself."""

    role_title = forms.CharField(label="身份", max_length=20, initial="调解组织（盖章）")


SIGNERS: dict[str, tuple[str, Any, bool]] = {
    Signatory.Kind.PARTY: ("添加当事人", PartyForm, True),
    Signatory.Kind.GUEST: ("添加没有登记的人", GuestForm, False),
    Signatory.Kind.STAFF: ("添加调解员", StaffForm, True),
    Signatory.Kind.SEAL: ("添加机构盖章", SealForm, False),
}
"""By kind: heading, form, whether it asks who is acting."""


class ReasonForm(forms.Form):
    """Why a text is taken back or not signed."""

    reason = forms.CharField(
        label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="各方都能看到，也会记入审计日志，请不要写证件号码、电话等个人信息。",
    )  # fmt: skip


class ReissueForm(ReasonForm):
    """Another text in place of the one before."""

    due = day_field("新的签署期限", "到这一天的 24 时为止。")

    clean_due = RoundForm.clean_due


class CodeForm(forms.Form):
    """The code of a short message."""

    code = forms.RegexField(
        r"^\s*\d{6}\s*$", label="短信验证码", max_length=12, help_text="6 位数字，10 分钟内有效。",
        error_messages={"invalid": "验证码是 6 位数字。请核对短信。"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip


class DrawingForm(forms.Form):
    """A signature drawn by hand."""

    drawn = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-drawn": ""}))

    def clean_drawn(self) -> bytes | None:
        """A small picture, made anew so that nothing else of what was sent is kept."""
        sent: str = self.cleaned_data["drawn"]
        if not sent:
            return None
        if not sent.startswith(DRAWN_START) or len(sent) > DRAWN_AT_MOST:
            raise forms.ValidationError("手写签名的图片不能使用，没有签署。请清除后重新手写，或者不用手写签名。")
        return redrawn(sent.removeprefix(DRAWN_START))


class SignForm(DrawingForm):
    """Agreement to what is signed; a drawn signature if somebody likes."""

    name = forms.CharField(
        label="输入您的姓名，确认签署", max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    agree = forms.BooleanField(label="我同意上面的内容并签署", error_messages={"required": "没有勾选同意，没有签署。"})
    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, expected: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.expected = expected
        self.fields["name"].help_text = f"请输入：{expected}"

    def clean_name(self) -> str:
        """As it stands in the document: a typed confirmation."""
        name: str = self.cleaned_data["name"].strip()
        if name != self.expected:
            raise forms.ValidationError(f"与签署人的姓名不一致，没有签署。请输入“{self.expected}”。")
        return name


def redrawn(sent: str) -> bytes:
    """The picture of a drawn signature as a small PNG of our own."""
    import io

    from PIL import Image

    try:
        with Image.open(io.BytesIO(base64.b64decode(sent, validate=True)), formats=("PNG",)) as image:
            if image.width > 1600 or image.height > 800:
                raise ValueError
            clean = image.convert("RGBA")
    except (ValueError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise forms.ValidationError("手写签名的图片不能使用，没有签署。请清除后重新手写，或者不用手写签名。") from error
    buffer = io.BytesIO()
    clean.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


class CodeSearchForm(forms.Form):
    """The code that is printed on a document."""

    code = forms.CharField(label="核验码", max_length=20, help_text="印在签署页上的 12 位字母和数字。")
