"""What people type about addresses and services."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils import timezone

from fengqiao.engine.deadlines.service import WAYS
from fengqiao.portal.accounts.acting import Acting
from fengqiao.portal.accounts.adapter import MobileField
from fengqiao.portal.accounts.models import User
from fengqiao.portal.parties.models import Authorisation, Party
from fengqiao.portal.service import actions, by_law, queries
from fengqiao.portal.service.confirming import Given
from fengqiao.portal.service.models import Recipient, ServedDocument, Service

NO_PERSONAL_DATA = "会记入送达记录和审计日志，请不要写证件号码、电话等个人信息。"


def day_field(label: str, **options: Any) -> forms.DateField:
    """A day, with the browser's calendar."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class RightField(forms.ModelChoiceField):
    """Guardians, by name and what makes them one."""

    def label_from_instance(self, obj: Any) -> str:
        """The name, and as what."""
        return f"{obj.agent.name}（{obj.get_relation_display()}）"


class AddressForm(forms.Form):
    """Where somebody takes documents."""

    electronic = forms.TypedChoiceField(
        label="是否同意电子送达", choices=(("yes", "同意电子送达"), ("no", "不同意，请邮寄")), initial="yes",
        coerce=lambda value: value == "yes",
        help_text="同意后可以随时撤回。送达的文书可能开始计算期限，请选择您经常查看的地址。",
    )  # fmt: skip
    use_account = forms.BooleanField(
        label="用平台账号接收（写入账号即为到达，同时通知您）", required=False, initial=True
    )
    mobile = MobileField(label="接收送达短信的手机号码", required=False, help_text="加密保存，页面上只显示头尾几位。")
    mail = forms.EmailField(label="电子邮箱", required=False, max_length=100)
    recipient_name = forms.CharField(label="收件人", max_length=100, required=False, help_text="不填的，为本人姓名。")
    post_address = forms.CharField(
        label="邮寄地址", max_length=200, required=False,
        help_text="电子送达不成功、或者您要求纸质文书时用。不同意电子送达的必填。",
    )  # fmt: skip
    postcode = forms.RegexField(r"^\d{6}$", label="邮政编码", required=False, help_text="6 位数字，可不填。")
    designee = forms.ModelChoiceField(
        label="代收人", queryset=User.objects.none(), required=False, empty_label="不指定",
        help_text="只能选现在持有有效授权的代理人；送到其平台账号即为送达您本人。",
    )  # fmt: skip
    case = forms.CharField(
        label="只用于一个案件",
        max_length=96,
        required=False,
        help_text="填案件编号；不填的，用于您在本平台的全部事项。",
    )
    valid_until = day_field("有效期至", required=False, help_text="不填的，到您更改或者撤回为止。")

    def __init__(
        self, *args: Any, to: Party | User, now: dt.datetime, right: Authorisation | None = None, **options: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        if isinstance(to, Party):
            self.for_party(to, right, now)
        else:
            del self.fields["designee"]

    def for_party(self, to: Party, right: Authorisation | None, now: dt.datetime) -> None:
        """What there is to choose for a party. right: of the guardian who confirms for them."""
        represented = right is not None or by_law.applies_to(to, now)
        agents = queries.agents_of(to, now)
        if represented:  # guardians do not receive for themselves by another name
            agents = agents.exclude(pk__in=by_law.held(to, now).order_by().values("agent"))
            self.fields["recipient_name"].help_text = "不填的，为法定代理人的姓名。"
            self.fields["case"].help_text = f"填案件编号；不填的，用于{to.name}在本平台的全部事项。"
        self.fields["designee"].queryset = agents
        if not agents.exists():
            del self.fields["designee"]
        if to.user is None and not represented:
            del self.fields["use_account"]

    def given(self) -> Given:
        """The values as the action takes them."""
        return Given(**self.cleaned_data)


class PaperAddressForm(AddressForm):
    """The same from a signed paper."""

    valid_from = day_field("签署的日期", initial=timezone.localdate)
    guardianship = RightField(
        label="签署的法定代理人", queryset=Authorisation.objects.none(), empty_label="请选择",
        help_text="这位当事人由法定代理人办理，送达地址确认书须由法定代理人签署；本人签署的不算。",
        error_messages={"required": "请选择由哪一位法定代理人签署。"},
    )  # fmt: skip
    field_order = ("guardianship",)

    def for_party(self, to: Party, right: Authorisation | None, now: dt.datetime) -> None:
        """Which guardian signed it, where one acts."""
        super().for_party(to, right, now)
        if by_law.applies_to(to, now):
            self.fields["guardianship"].queryset = by_law.held(to, now)
            if "use_account" in self.fields:
                self.fields["use_account"].label = "用法定代理人的平台账号接收（写入账号即为到达，同时通知）"
        else:
            del self.fields["guardianship"]


class PeopleField(forms.ModelMultipleChoiceField):
    """People of firms and companies, by name and house."""

    def label_from_instance(self, obj: Any) -> str:
        """The name, and for whom."""
        houses = obj.roles.filter(kind__in=queries.FOR_THEIR_HOUSE, ended_at=None).select_related("organisation")
        return f"{obj.name}（{'、'.join(role.organisation.name for role in houses if role.organisation)}）"


class ServiceForm(forms.Form):
    """What is served on whom, beside its files."""

    title = forms.CharField(label="事由", max_length=120, help_text="受送达人首先看到它，如“调解受理和权利义务告知”。")
    case = forms.CharField(
        label="案件编号", max_length=96, required=False, help_text="填了案件编号，才能提示同一阶段的重复送达。"
    )
    stage = forms.ChoiceField(label="阶段", choices=Service.Stage.choices)
    kind = forms.ChoiceField(
        label="文书种类", choices=ServedDocument.Kind.choices,
        help_text="这一次上传的都是同一种。判决书、裁定书、调解书可以要求纸质文本；调解书送达当事人本人。",
    )  # fmt: skip
    parties = forms.CharField(
        label="受送达的当事人", max_length=2000, required=False, help_text="登记编号，多个用逗号隔开，见“当事人”页面。"
    )
    people = PeopleField(
        label="受送达的机构收件人", queryset=User.objects.none(), required=False,
        help_text="证券、期货、基金经营机构或者上市公司的投诉处理岗。可多选，也可不选。",
    )  # fmt: skip
    summary = forms.BooleanField(label="适用简易程序（不适用公告送达）", required=False)
    deadline_rule = forms.ChoiceField(label="送达后起算的期限", required=False)
    deadline_title = forms.CharField(
        label="期限的事项", max_length=200, required=False, help_text="如“提起上诉”。选了期限才需要填写。"
    )
    again_reason = forms.CharField(
        label="同一阶段再次送达的理由", max_length=300, required=False,
        help_text="同一阶段的文书应当一次送齐。已经送达过的，写明为什么再次送达。" + NO_PERSONAL_DATA,
    )  # fmt: skip

    def __init__(self, *args: Any, acting: Acting, **options: Any) -> None:
        super().__init__(*args, **options)
        self.acting = acting
        self.fields["people"].queryset = queries.people_of_houses()
        choices = [(rule.id, title) for rule, title in queries.rules_from_service()]
        self.fields["deadline_rule"].choices = [("", "不登记"), *choices]

    def clean_parties(self) -> list[Party]:
        """Only those this organisation deals with."""
        words = [one for one in re.split(r"[，,、;；\s]+", self.cleaned_data["parties"]) if one]
        if not all(one.isascii() and one.isdecimal() and len(one) < 12 for one in words):
            raise forms.ValidationError("登记编号是数字，多个用逗号隔开。请更正。")
        numbers = list(dict.fromkeys(int(one) for one in words))
        found = {row.pk: row for row in queries.parties_at_hand(self.acting).filter(pk__in=numbers)}
        missing = [str(number) for number in numbers if number not in found]
        if missing:
            raise forms.ValidationError(
                f"没有登记编号为 {'、'.join(missing)} 的当事人，或者本机构没有办理其事项。请核对编号。"
            )
        return [found[number] for number in numbers]

    def clean(self) -> dict[str, Any]:
        """Somebody is served, and once in a stage."""
        cleaned: dict[str, Any] = super().clean() or {}
        to = [*cleaned.get("parties", []), *cleaned.get("people", [])]
        if "parties" in cleaned and not to:
            self.add_error("parties", "请填写至少一位受送达人。")
        cleaned["to"] = to
        return cleaned


class OtherWayForm(forms.Form):
    """How it was served otherwise."""

    way = forms.ChoiceField(label="送达方式")
    day = day_field("日期", help_text="回证、回执上的日期；公告的，为发出公告的日期。")
    remark = forms.CharField(label="经过", max_length=200, required=False, help_text=NO_PERSONAL_DATA)

    def __init__(self, *args: Any, recipient: Recipient, by_guardian: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if by_guardian:
            self.fields["remark"].required = True
            self.fields["remark"].help_text = (
                "请写明由哪一位法定代理人签收；留置、公告的，写明经过。" + NO_PERSONAL_DATA
            )
        self.fields["way"].choices = [
            (way.value, f"{WAYS[way].name}（{WAYS[way].day}；{WAYS[way].source}）")
            for way in actions.allowed_ways(recipient)
        ]

    def clean_day(self) -> dt.date:
        """Not a day to come."""
        day: dt.date = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError("日期在今天以后。请填写回证、回执或者公告上的日期。")
        return day


class ProvedForm(forms.Form):
    """When it really arrived, as the recipient proved."""

    at = forms.DateTimeField(
        label="证明的到达时间", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    reason = forms.CharField(
        label="证明", max_length=200, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="对方提交了什么，说明到达时间与平台显示的不一致。" + NO_PERSONAL_DATA,
    )  # fmt: skip


class WithdrawForm(forms.Form):
    """Taking a confirmation back."""

    reason = forms.CharField(label="原因", max_length=300, required=False, help_text="可不填。" + NO_PERSONAL_DATA)


class CodeForm(forms.Form):
    """The code of a short message."""

    code = forms.RegexField(
        r"^\s*\d{6}\s*$", label="短信验证码", max_length=12, help_text="6 位数字，10 分钟内有效。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"invalid": "验证码是 6 位数字。请核对短信。"},
    )  # fmt: skip


class CodeSearchForm(forms.Form):
    """The code that is printed on a proof."""

    code = forms.CharField(label="核验码", max_length=20, help_text="印在送达证明上的 12 位字母和数字。")
