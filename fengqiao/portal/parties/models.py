"""People in the system: who they are, what they need, who acts for them, what they agreed to, how long it is kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fengqiao.portal.accounts.models import Identity, Organisation
from fengqiao.portal.documents.models import Document
from fengqiao.portal.parties.authorisations import Authorisation, Scope
from fengqiao.portal.parties.confirmations import ActsConfirmation
from fengqiao.portal.parties.measures import NeedKind, need_kinds
from fengqiao.portal.vault.fields import SealedField
from fengqiao.portal.vault.kinds import Kind as Sealing
from fengqiao.portal.vault.sealed import Sealed, open_sealed

__all__ = ("ActsConfirmation", "Authorisation", "Scope")
USER = settings.AUTH_USER_MODEL
DISPOSED_NAME = "（已处置）"


class Party(models.Model):
    """One investor as a person: with an account of their own, or taken in by an organisation."""

    REVEALABLE = ("number", "mobile", "address", "bank_account")

    user = models.OneToOneField(USER, models.PROTECT, related_name="party", null=True, blank=True, verbose_name="账号")
    name = models.CharField("姓名", max_length=64)
    kind = models.CharField("证件类型", max_length=20, choices=Identity.Kind, blank=True)
    number = SealedField("证件号码", purpose="party.number", kind=Sealing.IDENTITY_NUMBER, index=True, blank=True)
    mobile = SealedField("手机号码", purpose="party.mobile", kind=Sealing.MOBILE, index=True, blank=True)
    address = SealedField("联系地址", purpose="party.address", kind=Sealing.ADDRESS, blank=True)
    bank_account = SealedField(
        "收款账户", purpose="party.bank_account", kind=Sealing.BANK_ACCOUNT, index=True, blank=True
    )
    taken_in_by = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="登记机构"
    )
    priority = models.PositiveSmallIntegerField("优先级", default=0)
    created_at = models.DateTimeField("登记时间")
    last_act_at = models.DateTimeField("最后办理时间", db_index=True)
    disposed_at = models.DateTimeField("处置时间", null=True, blank=True)

    class Meta:
        verbose_name = "当事人"
        indexes = (
            models.Index(fields=("taken_in_by", "priority", "id"), name="parties_by_priority"),
            models.Index(fields=("taken_in_by", "created_at", "id"), name="parties_by_creation"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def case(self) -> str:
        """What its audit events are found by."""
        return f"parties.party:{self.pk}"

    @property
    def contact_mobile(self) -> Sealed:
        """The mobile they are reached at: of those with an account the one they log in with."""
        if self.user is None:
            return self.mobile
        identity = Identity.objects.filter(user=self.user).first()
        return identity.mobile if identity and identity.mobile else self.mobile


class SpecialNeed(models.Model):
    """A reason to treat somebody with more care. It changes what the system does, see `needs.py` and `measures.py`.

    Which need it is, is sensitive (个人信息保护法第二十八条): sealed, and revealed with a reason. One of a kind
    holds at a time; `noting.py` sees to it under the lock of the party, as no database can compare what is sealed.
    """

    class Kind(models.TextChoices):
        ELDERLY = "elderly", "老年人"
        SIGHT = "sight", "视力残疾"
        HEARING = "hearing", "听力残疾"
        SPEECH = "speech", "言语残疾"
        MOVEMENT = "movement", "肢体残疾，行动不便"
        MIND = "mind", "智力或者精神残疾"
        DISABLED = "disabled", "其他残疾"
        HARDSHIP = "hardship", "生活困难"
        SERIOUSLY_ILL = "seriously_ill", "重病"
        LANGUAGE = "language", "需要语言翻译"
        WITHOUT_DEVICE = "without_device", "不会使用智能设备"
        MINOR = "minor", "未成年人"

    class Source(models.TextChoices):
        OWN = "own", "本人说明"
        WORD = "word", "工作人员按本人说明记录"
        PAPERS = "papers", "证件上的出生日期"

    class Ending(models.TextChoices):
        OWN = "own", "本人撤回"
        STAFF = "staff", "工作人员结束"
        LAPSED = "lapsed", "到期"
        CONSENT = "consent", "本人撤回同意"
        DOUBLE = "double", "合并登记时重复"

    party = models.ForeignKey(Party, models.PROTECT, related_name="needs", verbose_name="当事人")
    kind = SealedField("种类", purpose="special_need.kind", blank=True)
    detail = SealedField("具体情形", purpose="special_need.detail", blank=True)
    evidence = SealedField("依据", purpose="special_need.evidence", blank=True)
    file = models.ForeignKey(Document, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="证明材料")
    source = models.CharField("来源", max_length=10, choices=Source, default=Source.WORD)
    since = models.DateField("自何时起")
    until = models.DateField("到何时止", null=True, blank=True)
    """The last day; null where it does not pass."""
    review_on = models.DateField("复核日", null=True, blank=True)
    noted_by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="记录人")
    noted_at = models.DateTimeField("记录时间")
    told_at = models.DateTimeField("告知时间", null=True, blank=True)
    """When the person was told of social assistance and legal aid."""
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ending = models.CharField("结束方式", max_length=10, choices=Ending, blank=True)

    class Meta:
        verbose_name = "特殊需要"
        constraints = (
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="need_ends_after_its_start"
            ),
        )
        indexes = (
            models.Index(fields=("until",), name="needs_that_end", condition=Q(ended_at=None, until__isnull=False)),
            models.Index(
                fields=("review_on",), name="needs_to_review", condition=Q(ended_at=None, review_on__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return self.shown

    @property
    def key(self) -> str:
        """Which kind, opened; nothing for one that was cleared."""
        return open_sealed(self.kind) if self.kind else ""

    @property
    def known(self) -> NeedKind | None:
        """What its kind changes."""
        return need_kinds().get(self.key)

    @property
    def label(self) -> str:
        """The kind in words, for the person themself and where it was revealed."""
        return str(self.Kind(self.key).label) if self.key in self.Kind.values else "（已清除）"

    @property
    def detail_label(self) -> str:
        """The detail in words."""
        return self.known.title_of(open_sealed(self.detail)) if self.known and self.detail else ""

    @property
    def shown(self) -> str:
        """What pages of staff show of it: the group, not the kind."""
        return self.known.shown if self.known else "（已清除）"

    @property
    def asked(self) -> frozenset[str]:
        """The keys of the measures it asks for."""
        return self.known.measures_with(open_sealed(self.detail) if self.detail else "") if self.known else frozenset()


class Handling(models.Model):
    """An organisation that deals with a party's matter besides the one that took them in."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="handlings", verbose_name="当事人")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="办理机构")
    matter = models.CharField("事项", max_length=200)
    consent = models.ForeignKey(
        "Consent", models.PROTECT, related_name="+", null=True, blank=True, verbose_name="单独同意"
    )
    basis = models.CharField("无须同意的依据", max_length=200, blank=True)
    begun_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "办理关系"
        indexes = (models.Index(fields=("organisation", "party"), name="handlings_now", condition=Q(ended_at=None)),)
        constraints = (
            models.CheckConstraint(
                condition=Q(consent__isnull=False) | ~Q(basis=""), name="handling_needs_consent_or_basis"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation}：{self.matter}"


class Consent(models.Model):
    """Somebody agreed to a purpose, in these words, until they withdraw it."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="consents", verbose_name="当事人")
    purpose = models.CharField("目的", max_length=40)
    version = models.CharField("文本版本", max_length=20)
    text = models.TextField("文本")
    text_sha256 = models.CharField("文本 SHA-256", max_length=64)
    data = models.JSONField("涉及的信息", default=list)
    passed_to = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="接收方"
    )
    given_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    on_paper = models.CharField("书面同意的依据", max_length=200, blank=True)
    given_at = models.DateTimeField("同意时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)

    class Meta:
        verbose_name = "同意"
        constraints = (
            models.UniqueConstraint(
                fields=("party", "purpose", "passed_to"), condition=Q(withdrawn_at=None), nulls_distinct=False,
                name="consent_once_at_a_time",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class Correction(models.Model):
    """Somebody asks that who they are by their papers be put right; both are kept sealed until it is decided."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待决定"
        ACCEPTED = "accepted", "已更正"
        DECLINED = "declined", "未更正"

    party = models.ForeignKey(Party, models.PROTECT, related_name="corrections", verbose_name="当事人")
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    reason = models.CharField("申请的理由", max_length=300)
    old_name = SealedField("原姓名", purpose="correction.old_name", kind=Sealing.NAME, blank=True)
    old_kind = models.CharField("原证件类型", max_length=20, choices=Identity.Kind, blank=True)
    old_number = SealedField("原证件号码", purpose="correction.old_number", kind=Sealing.IDENTITY_NUMBER, blank=True)
    new_name = SealedField("新姓名", purpose="correction.new_name", kind=Sealing.NAME, blank=True)
    new_kind = models.CharField("新证件类型", max_length=20, choices=Identity.Kind, blank=True)
    new_number = SealedField("新证件号码", purpose="correction.new_number", kind=Sealing.IDENTITY_NUMBER, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.SUBMITTED)
    decided_by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="决定人")
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decision_reason = models.CharField("决定的理由", max_length=300, blank=True)
    disposed_at = models.DateTimeField("处置时间", null=True, blank=True)

    class Meta:
        verbose_name = "更正申请"
        constraints = (
            models.UniqueConstraint(fields=("party",), condition=Q(state="submitted"), name="correction_one_at_a_time"),
        )

    def __str__(self) -> str:
        return f"{self.party}：{self.get_state_display()}"


class LegalHold(models.Model):
    """Nothing of this party may be disposed of: a court, a prosecutor or a regulator may need it."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="holds", verbose_name="当事人")
    reason = models.CharField("原因", max_length=300)
    placed_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="设置人")
    placed_at = models.DateTimeField("设置时间")
    lifted_by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="解除人")
    lifted_at = models.DateTimeField("解除时间", null=True, blank=True)
    lift_reason = models.CharField("解除的原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "保全"
        indexes = (models.Index(fields=("party",), name="holds_now", condition=Q(lifted_at=None)),)

    def __str__(self) -> str:
        return f"{self.party}：{self.reason}"


class Disposal(models.Model):
    """The proof that something was disposed of: what, when, by which rule, and a keyed digest of what it was."""

    rule = models.CharField("规则", max_length=60)
    record_kind = models.CharField("记录类型", max_length=80)
    record_id = models.CharField("记录编号", max_length=64)
    started_at = models.DateTimeField("期间起算")
    period = models.CharField("期间", max_length=60)
    basis = models.CharField("依据", max_length=300)
    digest = models.CharField("处置前的摘要", max_length=80)
    fields = models.TextField("清除的栏目")
    disposed_at = models.DateTimeField("处置时间")

    class Meta:
        verbose_name = "处置证明"
        constraints = (models.UniqueConstraint(fields=("rule", "record_kind", "record_id"), name="disposed_once"),)
        indexes = (models.Index(fields=("disposed_at", "id"), name="disposals_by_time"),)

    def __str__(self) -> str:
        return f"{self.record_kind} {self.record_id}"
