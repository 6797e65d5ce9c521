"""Rounds in which several people sign one document, who signs, and what is kept as evidence of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.accounts.sent_code import MobileCode
from fengqiao.portal.documents.models import Document
from fengqiao.portal.jobs.models import Job
from fengqiao.portal.parties.models import Party
from fengqiao.portal.vault.fields import SealedField
from fengqiao.portal.vault.kinds import Kind as Sealing

USER = settings.AUTH_USER_MODEL


class SigningRound(models.Model):
    """One text put before several people to sign, in one PDF that grows by each signature."""

    class Order(models.TextChoices):
        FREE = "free", "不分先后"
        FIXED = "fixed", "按顺序"

    class Level(models.TextChoices):
        B_T = "B-T", "带时间戳（B-T）"
        B_LTA = "B-LTA", "长期保存（B-LTA）"

    class State(models.TextChoices):
        DRAFT = "draft", "准备中"
        OPEN = "open", "签署中"
        COMPLETE = "complete", "全部签署"
        DECLINED = "declined", "有人拒签"
        VOID = "void", "已作废"
        EXPIRED = "expired", "逾期未签"

    title = models.CharField("文书名称", max_length=120)
    text = models.ForeignKey(Document, models.PROTECT, related_name="+", null=True, verbose_name="文本")
    current = models.ForeignKey(
        Document, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="签署文件"
    )
    """The PDF with all signatures so far."""
    pages = models.PositiveIntegerField("页数", default=0)
    text_sha256 = models.CharField("文本 SHA-256", max_length=64)
    code = models.CharField("核验码", max_length=12, unique=True)
    form = models.CharField("文书种类", max_length=60, blank=True)
    """The key of the form, as of a mediation agreement; empty for other texts."""
    places = models.JSONField("正文中的签署位置", default=list, blank=True)
    """Where the form has room for signatures: name, page and box; used for who is called so."""
    order = models.CharField("签署顺序", max_length=5, choices=Order, default=Order.FREE)
    level = models.CharField("签名等级", max_length=5, choices=Level, default=Level.B_T)
    due_at = models.DateTimeField("签署期限")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    case = models.CharField("案件", max_length=100, blank=True)
    subject_kind = models.CharField("事项类别", max_length=64, blank=True)
    subject_id = models.CharField("事项编号", max_length=40, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="发起机构")
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="发起人")
    created_at = models.DateTimeField("创建时间")
    opened_at = models.DateTimeField("发起时间", null=True, blank=True)
    effective_at = models.DateTimeField("各方当事人签齐时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    disposed_at = models.DateTimeField("处置时间", null=True, blank=True)
    reason = models.CharField("结束的原因", max_length=300, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, related_name="replaced_by", null=True, blank=True, verbose_name="替代"
    )
    version = models.PositiveIntegerField("版本", default=1)
    demo_key = models.CharField("示例标识", max_length=60, unique=True, null=True, blank=True)

    class Meta:
        verbose_name = "签署"
        indexes = (
            models.Index(fields=("organisation", "id"), name="rounds_newest"),
            models.Index(fields=("organisation", "state", "id"), name="rounds_by_state"),
            models.Index(fields=("organisation", "due_at", "id"), name="rounds_by_due"),
            models.Index(fields=("organisation", "state", "due_at", "id"), name="rounds_state_due"),
            models.Index(fields=("due_at",), name="rounds_open", condition=Q(state="open")),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """What the round is called in letters, and its audit events are found by: QS2026-0007."""
        return f"QS{self.created_at.year}-{self.pk:04d}"

    @property
    def page_numbers(self) -> range:
        """All pages, the sheet at the end among them."""
        return range(1, self.pages + 1)

    @property
    def sign(self) -> str:
        """Which sign stands beside its state."""
        return {"open": "waiting", "complete": "good", "declined": "bad", "void": "quiet", "expired": "bad"}.get(
            self.state, "quiet"
        )


class Signatory(models.Model):
    """One place in the document, and who is to sign there."""

    class Kind(models.TextChoices):
        PARTY = "party", "当事人"
        GUEST = "guest", "没有登记的人"
        STAFF = "staff", "调解员等工作人员"
        SEAL = "seal", "机构盖章"

    class State(models.TextChoices):
        WAITING = "waiting", "等待阅读"
        READ = "read", "已阅读全文"
        SIGNED = "signed", "已签署"
        DECLINED = "declined", "拒绝签署"

    PARTIES = (Kind.PARTY, Kind.GUEST)

    round = models.ForeignKey(SigningRound, models.PROTECT, related_name="signatories", verbose_name="签署")
    kind = models.CharField("签署人类别", max_length=6, choices=Kind)
    role_title = models.CharField("身份", max_length=20)
    name = models.CharField("姓名或者名称", max_length=128)
    party = models.ForeignKey(Party, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="当事人")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="工作人员")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="盖章机构"
    )
    mobile = SealedField("手机号码", purpose="signatory.mobile", kind=Sealing.MOBILE, blank=True)
    field = models.CharField("签名域", max_length=20)
    place = models.JSONField("位置", default=list)
    """Page (from 1) and the box in points from the lower left; empty: in the table on the sheet at the end."""
    position = models.PositiveIntegerField("次序")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    read_at = models.DateTimeField("读完时间", null=True, blank=True)
    signed_at = models.DateTimeField("签署时间", null=True, blank=True)
    decline_reason = models.CharField("拒签的理由", max_length=300, blank=True)
    drawn = SealedField("手写签名的草稿", purpose="signatory.drawn", blank=True)
    """A signature drawn but not put yet, as a picture in base64: another device goes on with it."""
    token_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    token_until = models.DateTimeField("链接有效期至", null=True, blank=True)

    class Meta:
        verbose_name = "签署人"
        constraints = (
            models.UniqueConstraint(fields=("round", "position"), name="signatories_in_order"),
            models.UniqueConstraint(fields=("round", "field"), name="one_field_a_signatory"),
            models.UniqueConstraint(fields=("round", "party"), name="party_signs_once"),
            models.UniqueConstraint(fields=("round", "user"), name="staff_sign_once"),
            models.CheckConstraint(
                condition=Q(state="signed", signed_at__isnull=False) | (~Q(state="signed") & Q(signed_at__isnull=True)),
                name="signed_has_a_moment",
            ),
        )
        indexes = (
            models.Index(fields=("user", "state", "id"), name="signatories_of_user"),
            models.Index(fields=("party", "state", "id"), name="signatories_of_party"),
        )

    def __str__(self) -> str:
        return f"{self.role_title}：{self.name}"

    @property
    def sign(self) -> str:
        """Which sign stands beside its state."""
        return {"waiting": "waiting", "read": "running", "signed": "good", "declined": "bad"}[self.state]


class PageRead(models.Model):
    """Somebody has gone through one page of the text."""

    signatory = models.ForeignKey(Signatory, models.PROTECT, related_name="pages_read", verbose_name="签署人")
    page = models.PositiveIntegerField("页")
    read_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "已读的页"
        constraints = (models.UniqueConstraint(fields=("signatory", "page"), name="page_read_once"),)

    def __str__(self) -> str:
        return f"{self.signatory_id} p{self.page}"


class IdentityCheck(MobileCode):
    """A code sent to the known mobile of somebody who came by a link."""

    signatory = models.ForeignKey(Signatory, models.PROTECT, related_name="checks", verbose_name="签署人")

    class Meta:
        verbose_name = "身份核对"
        indexes = (models.Index(fields=("signatory", "-id"), name="checks_newest"),)

    def __str__(self) -> str:
        return f"{self.signatory_id} {self.sent_at}"


class Evidence(models.Model):
    """What happened, as it was: rows are only ever added, and each stands by its digest in the audit chain."""

    class What(models.TextChoices):
        OPENED = "opened", "发起签署"
        LINK_MADE = "link_made", "生成链接"
        LINK_OPENED = "link_opened", "打开链接"
        CODE_SENT = "code_sent", "发送核对验证码"
        IDENTITY_CHECKED = "identity_checked", "核对身份"
        READ_WHOLE = "read_whole", "读完全文"
        AGREED = "agreed", "同意签署，等待签名服务"
        SIGNED = "signed", "签署"
        DECLINED = "declined", "拒绝签署"
        EFFECTIVE = "effective", "各方当事人签齐"
        COMPLETED = "completed", "全部签署"
        VOIDED = "voided", "作废"
        EXPIRED = "expired", "逾期"

    round = models.ForeignKey(SigningRound, models.PROTECT, related_name="evidence", verbose_name="签署")
    signatory = models.ForeignKey(
        Signatory, models.PROTECT, related_name="evidence", null=True, blank=True, verbose_name="签署人"
    )
    what = models.CharField("事项", max_length=20, choices=What)
    at = models.DateTimeField("时间")
    who = models.CharField("办理人", max_length=200, blank=True)
    address = models.CharField("网络地址", max_length=45, blank=True)
    device = models.CharField("设备", max_length=300, blank=True)
    text_sha256 = models.CharField("文本 SHA-256", max_length=64)
    file_sha256 = models.CharField("签署文件 SHA-256", max_length=64, blank=True)
    pages = models.JSONField("读过的页", default=list)
    identity = models.CharField("身份核对方式", max_length=200, blank=True)
    consent = models.TextField("同意的内容", blank=True)
    consent_version = models.CharField("同意文本版本", max_length=20, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "签署证据"
        indexes = (models.Index(fields=("round", "id"), name="evidence_in_order"),)

    def __str__(self) -> str:
        return f"{self.round_id} {self.what} {self.at}"


class KeptSignature(models.Model):
    """Somebody has agreed to sign while the signing service was away: it is put when the service is back."""

    class Outcome(models.TextChoices):
        SIGNED = "signed", "已签署"
        REFUSED = "refused", "没有签署"

    signatory = models.ForeignKey(Signatory, models.PROTECT, related_name="kept", verbose_name="签署人")
    agreed_at = models.DateTimeField("同意签署的时间")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="账号")
    role = models.BigIntegerField("身份", null=True, blank=True)
    """The number of the role that was worn."""
    behalf = models.ForeignKey(Party, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="代为办理")
    check_passed = models.ForeignKey(
        IdentityCheck, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="身份核对"
    )
    address = models.CharField("网络地址", max_length=45, blank=True)
    device = models.CharField("设备", max_length=300, blank=True)
    fresh = models.BooleanField("刚刚再次核对过身份", default=False)
    consent_version = models.CharField("同意文本版本", max_length=20)
    drawn = SealedField("手写签名", purpose="kept_signature.drawn", blank=True)
    tries = models.PositiveIntegerField("尝试次数", default=1)
    problem = models.CharField("没有签上的原因", max_length=300, blank=True)
    next_at = models.DateTimeField("下次尝试时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    outcome = models.CharField("结果", max_length=10, choices=Outcome, blank=True)

    class Meta:
        verbose_name = "等待签名服务的签署"
        constraints = (
            models.UniqueConstraint(fields=("signatory",), condition=Q(ended_at=None), name="kept_once"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(check_passed__isnull=False), name="kept_of_somebody"
            ),
        )
        indexes = (models.Index(fields=("next_at", "id"), name="kept_due", condition=Q(ended_at=None)),)

    def __str__(self) -> str:
        return f"{self.signatory_id} {self.agreed_at}"


class Batch(models.Model):
    """Somebody signs or seals in several rounds at once, in the background."""

    job = models.OneToOneField(Job, models.PROTECT, related_name="+", verbose_name="后台任务")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="机构")
    started_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="发起人")
    started_at = models.DateTimeField("发起时间")
    signatories = models.JSONField("签署位置", default=list)
    device = models.CharField("设备", max_length=300, blank=True)

    class Meta:
        verbose_name = "批量签署"

    def __str__(self) -> str:
        return f"{self.started_by_id} {self.started_at}"
