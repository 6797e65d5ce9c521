"""What people type about themselves, about those they help, and about authorisations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from fengqiao.engine.identity import bank_card_problem, identity_number_problem
from fengqiao.portal.accounts.adapter import MobileField
from fengqiao.portal.accounts.models import Identity, Organisation
from fengqiao.portal.parties import queries
from fengqiao.portal.parties.handing_over import receivers
from fengqiao.portal.parties.models import Authorisation, Party, Scope, SpecialNeed
from fengqiao.portal.parties.uploaded import LIMITS

QUIET = {"autocomplete": "off"}
NO_PERSONAL_DATA = "会记入审计日志，请不要写证件号码、电话等个人信息。"


def day_field(label: str, **options: Any) -> forms.DateField:
    """A day, with the browser's calendar."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class PapersForm(forms.Form):
    """Who somebody is by their papers."""

    name = forms.CharField(
        label="姓名", max_length=64, widget=forms.TextInput(attrs=QUIET), help_text="与证件上的一致。"
    )
    kind = forms.ChoiceField(label="证件类型", choices=Identity.Kind.choices)
    number = forms.CharField(
        label="证件号码",
        max_length=32,
        widget=forms.TextInput(attrs=QUIET),
        help_text="加密保存，页面上只显示头尾几位。",
    )

    def clean(self) -> dict[str, Any]:
        """The number fits its kind."""
        cleaned: dict[str, Any] = super().clean() or {}
        number = "".join(str(cleaned.get("number", "")).split()).upper()
        citizen = number and cleaned.get("kind") == Identity.Kind.ID_CARD
        if citizen and (problem := identity_number_problem(number, timezone.localdate())):
            self.add_error("number", problem)
        if "number" in cleaned:
            cleaned["number"] = number
        return cleaned


class BankAccountField(forms.CharField):
    """An account that money is paid into."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "收款账户（银行卡号）")
        super().__init__(
            widget=forms.TextInput(attrs={**QUIET, "inputmode": "numeric"}), max_length=30, required=False, **options
        )

    def clean(self, value: Any) -> str:
        """Digits with a check digit that holds."""
        text = "".join(str(super().clean(value) or "").split()).replace("-", "")
        if text and (problem := bank_card_problem(text)):
            raise ValidationError(problem)
        return text


class TakeInForm(PapersForm):
    """A person without an account, whom staff help."""

    mobile = MobileField(required=False, help_text="选填；本人没有手机的可以不填。")
    address = forms.CharField(label="联系地址", max_length=200, required=False, widget=forms.TextInput(attrs=QUIET))
    bank_account = BankAccountField(help_text="选填；以后需要付款时再登记也可以。")
    needs = forms.MultipleChoiceField(
        label="特殊需要", choices=SpecialNeed.Kind.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="会优先办理，并按需要改变联系和办理的方式。证件显示已满60周岁的，自动记为老年人；具体情形以后可以补充。",
    )  # fmt: skip
    on_paper = forms.CharField(
        label="同意书的编号或者存放处", max_length=200,
        help_text="由本人签名的同意书：处理身份和联系方式；填了收款账户、勾了特殊需要的，分别写明单独同意。",
    )  # fmt: skip
    told = forms.BooleanField(
        label="已经向本人说明：为办理纠纷处理这些信息、加密保存、可以查阅、更正和要求导出",
        error_messages={"required": "请先向本人说明怎样处理个人信息，再勾选。"},
    )


class ContactForm(forms.Form):
    """Where somebody is reached and paid. An empty field leaves the value as it is: pages do not show it."""

    mobile = MobileField(required=False, help_text="留空表示不改。")
    address = forms.CharField(
        label="新的联系地址",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=QUIET),
        help_text="留空表示不改。",
    )
    bank_account = BankAccountField(label="新的收款账户（银行卡号）", help_text="留空表示不改。请填本人名下的银行卡。")

    on_paper = forms.CharField(
        label="单独同意处理银行账号的书面依据", max_length=200, required=False,
        help_text="第一次登记收款账户时填写：本人签名的同意书的编号或者存放处。",
    )  # fmt: skip
    agreed = forms.BooleanField(
        label="我单独同意处理我的银行账号（敏感个人信息），用于向我支付赔偿款", required=False,
        help_text="只在登记收款账户时需要；加密保存，平时只显示末四位。",
    )  # fmt: skip

    def __init__(self, *args: Any, own: bool, agreed_before: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        dropped = (("mobile", own), ("on_paper", own or agreed_before), ("agreed", not own or agreed_before))
        for name, drop in dropped:
            if drop:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Something is to be changed."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(cleaned.get(name) for name in ("mobile", "address", "bank_account")):
            raise ValidationError("没有填写任何新的内容。请填写要修改的一项，其他留空。")
        for name in ("agreed", "on_paper"):
            if cleaned.get("bank_account") and name in self.fields and not cleaned.get(name):
                self.add_error(name, "登记收款账户须先单独同意。请填写后再提交。")
        return cleaned


class AuthorisationForm(PapersForm):
    """An authorisation as an agent hands it in. The papers are those of the party."""

    reviewer = forms.ModelChoiceField(
        label="审核机构", queryset=Organisation.objects.none(), empty_label="请选择",
        help_text="当事人没有账号或者不便上网的，由这家机构核对后接受。",
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label="授权范围", choices=Scope.choices, widget=forms.CheckboxSelectMultiple, help_text="只勾选委托书上写明的。"
    )
    valid_from = day_field("开始日")
    valid_until = day_field("截止日", help_text="当日仍然有效，次日起不能再代办。")
    document = forms.FileField(
        label="授权委托书", help_text=LIMITS.sentence, widget=forms.ClearableFileInput(attrs={"accept": LIMITS.accept})
    )
    field_order = (
        "name", "kind", "number", "scopes", "valid_from", "valid_until", "document", "reviewer",
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].label = "当事人姓名"
        self.fields["kind"].label = "当事人证件类型"
        self.fields["number"].label = "当事人证件号码"
        self.fields["reviewer"].queryset = queries.reviewers()


class GuardianForm(PapersForm):
    """What proves that somebody is a guardian. The papers are those of the ward."""

    ground = forms.ChoiceField(
        label="为什么由法定代理人办理", choices=Authorisation.Ground.choices, widget=forms.RadioSelect,
        help_text="成年人须有人民法院认定其无或者限制民事行为能力的判决；只是年老、生病或者残疾的，由本人委托。",
    )  # fmt: skip
    relation = forms.ChoiceField(
        label="您是当事人的", choices=Authorisation.Relation.choices, widget=forms.RadioSelect
    )  # fmt: skip
    valid_until = day_field(
        "截止日", required=False,
        help_text="一般不填：未成年人的，按证件算到成年的前一日；成年人的，到监护关系终止。文书上写明期限的才填。",
    )  # fmt: skip
    document = forms.FileField(
        label="监护证明",
        help_text="例如：户口簿或者出生医学证明；人民法院的判决书、指定监护人的文书；意定监护协议。"
        f"几份材料请扫描成一个 PDF。{LIMITS.sentence}",
        widget=forms.ClearableFileInput(attrs={"accept": LIMITS.accept}),
    )
    reviewer = forms.ModelChoiceField(
        label="审核机构", queryset=Organisation.objects.none(), empty_label="请选择",
        help_text="由这家机构核对原件后接受。被监护人本人不能接受。",
    )  # fmt: skip
    promised = forms.BooleanField(
        label="我会按最有利于被监护人的原则办理；除为维护被监护人的利益外，不处分其财产（民法典第三十五条）",
        error_messages={"required": "请阅读并勾选。监护人除为维护被监护人的利益外，不得处分其财产。"},
    )
    field_order = (
        "name", "kind", "number", "ground", "relation", "valid_until", "document", "reviewer", "promised",
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].label = "被监护人姓名"
        self.fields["kind"].label = "被监护人证件类型"
        self.fields["number"].label = "被监护人证件号码"
        self.fields["reviewer"].queryset = queries.reviewers()


class CheckedForm(forms.Form):
    """What papers of a guardian were looked at."""

    checked = forms.CharField(
        label="核对了哪些材料", max_length=300,
        help_text=f"例如：户口簿原件、监护人身份证原件；（2026）某民特1号判决书。{NO_PERSONAL_DATA}",
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="原因", max_length=300, help_text=NO_PERSONAL_DATA)


class EndingForm(ReasonForm):
    """How an authorisation came to an end, as staff know it."""

    ending = forms.ChoiceField(label="怎样终止", widget=forms.RadioSelect)
    field_order = ("ending", "reason")

    def __init__(self, *args: Any, endings: Sequence[Authorisation.Ending], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["ending"].choices = [(one.value, one.label) for one in endings]


class OptionalReasonForm(forms.Form):
    """Why, if one wants to say."""

    reason = forms.CharField(label="原因", max_length=300, required=False, help_text=NO_PERSONAL_DATA)


class ConfirmForm(forms.Form):
    """Nothing but a button."""


class RevealForm(forms.Form):
    """What somebody needs a whole value for."""

    reason = forms.CharField(
        label="查看的理由", min_length=4, max_length=200, widget=forms.TextInput(attrs=QUIET),
        help_text=f"例如：向银行核对收款账户。{NO_PERSONAL_DATA}",
    )  # fmt: skip


class CorrectionForm(PapersForm):
    """Who somebody says they are by their papers."""

    reason = forms.CharField(label="更正的理由", max_length=300, help_text=f"例如：换领了新证件。{NO_PERSONAL_DATA}")


class DecideForm(forms.Form):
    """Yes or no to a correction, and why."""

    verdict = forms.ChoiceField(
        label="决定", choices=(("yes", "更正"), ("no", "不更正")), widget=forms.RadioSelect
    )  # fmt: skip
    number = forms.CharField(
        label="照证件原件输入的证件号码", max_length=32, required=False, widget=forms.TextInput(attrs=QUIET),
        help_text="更正的必须填写，由系统与申请的号码比对；不更正的留空。",
    )  # fmt: skip
    reason = forms.CharField(
        label="理由", max_length=300, help_text=f"例如：已核对证件原件。申请人会看到。{NO_PERSONAL_DATA}"
    )


class HandOverForm(forms.Form):
    """To whom a matter is handed over."""

    organisation = forms.ModelChoiceField(
        label="接收的机构", queryset=Organisation.objects.none(), empty_label="请选择"
    )
    matter = forms.CharField(label="事项", max_length=200, help_text="例如：委派调解。不要写个人信息。")
    basis = forms.CharField(
        label="依法无须单独同意的依据", max_length=200, required=False,
        help_text="本人已经单独同意的留空。例如：履行法定职责所必需（个人信息保护法第十三条第一款第三项）。",
    )  # fmt: skip

    def __init__(self, *args: Any, own: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        others = Organisation.objects.filter(is_active=True).exclude(pk=own.pk).order_by("name")
        self.fields["organisation"].queryset = others


class HandOverHouseForm(HandOverForm):
    """To whom everything of an organisation that goes out of use is handed over."""

    def __init__(self, *args: Any, house: Organisation, **options: Any) -> None:
        super().__init__(*args, own=house, **options)
        self.fields["organisation"].queryset = receivers(house)
        self.fields["organisation"].help_text = f"与{house.name}类型相同、在用的机构。"
        self.fields["matter"].help_text = "例如：原机构停用，接手办理。不要写个人信息。"
        self.fields["basis"].help_text = (
            "只移交本人已经单独同意的，留空。写明依据的，全部当事人和期限一并移交。"
            "例如：履行法定职责所必需（个人信息保护法第十三条第一款第三项），写明决定的文号。"
        )


class PassOnForm(forms.Form):
    """To whom somebody agrees that their data are passed on."""

    organisation = forms.ModelChoiceField(
        label="把信息提供给", queryset=Organisation.objects.none(), empty_label="请选择"
    )  # fmt: skip
    on_paper = forms.CharField(
        label="书面同意书的编号或者存放处", max_length=200, help_text="由本人签名的同意书，以后要能找到。"
    )

    def __init__(self, *args: Any, own: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organisation"].queryset = Organisation.objects.filter(is_active=True).order_by("name")
        if own:
            del self.fields["on_paper"]


class HoldForm(forms.Form):
    """Of whom everything is to be kept, and why."""

    party = forms.ModelChoiceField(
        label="当事人的登记编号", queryset=Party.objects.filter(disposed_at=None),
        widget=forms.TextInput(attrs={**QUIET, "inputmode": "numeric"}),
        error_messages={"invalid_choice": "没有这个登记编号，或者已经处置。请核对。"},
    )  # fmt: skip
    reason = forms.CharField(
        label="原因", max_length=300, help_text=f"例如：法院来函要求保存，写明文号。{NO_PERSONAL_DATA}"
    )
