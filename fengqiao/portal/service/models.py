"""Where people agreed to be served, what is served on whom, over which addresses, and what is kept as evidence."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.accounts.sent_code import MobileCode
from fengqiao.portal.deadlines.models import Deadline
from fengqiao.portal.documents.models import Document
from fengqiao.portal.notices.models import Notice
from fengqiao.portal.parties.models import Authorisation, Party
from fengqiao.portal.vault.fields import SealedField
from fengqiao.portal.vault.kinds import Kind as Sealing

USER = settings.AUTH_USER_MODEL
SOMEBODY = Q(party__isnull=False, user__isnull=True) | Q(party__isnull=True, user__isnull=False)
"""A party, or a user who stands for an organisation; never both."""


class Confirmation(models.Model):
    """An address confirmation (送达地址确认书): where somebody takes documents, and whether electronically."""

    class Way(models.TextChoices):
        PORTAL = "portal", "在平台上确认"
        PAPER = "paper", "书面确认，由工作人员登记"

    class Ending(models.TextChoices):
        WITHDRAWN = "withdrawn", "撤回"
        REPLACED = "replaced", "由新的确认替代"

    party = models.ForeignKey(
        Party, models.PROTECT, related_name="service_addresses", null=True, blank=True, verbose_name="当事人"
    )
    user = models.ForeignKey(
        USER, models.PROTECT, related_name="service_addresses", null=True, blank=True, verbose_name="机构的收件人"
    )
    case = models.CharField("案件", max_length=96, blank=True)
    """Empty: all matters on this platform."""
    electronic = models.BooleanField("同意电子送达")
    use_account = models.BooleanField("平台账号", default=False)
    mobile = SealedField("手机号码", purpose="service.mobile", kind=Sealing.MOBILE, blank=True)
    mail = SealedField("电子邮箱", purpose="service.mail", kind=Sealing.EMAIL, blank=True)
    recipient_name = models.CharField("收件人", max_length=100)
    post_address = SealedField("邮寄地址", purpose="service.post_address", kind=Sealing.ADDRESS, blank=True)
    postcode = models.CharField("邮政编码", max_length=10, blank=True)
    designee = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="代收人")
    valid_from = models.DateField("有效期自")
    valid_until = models.DateField("有效期至", null=True, blank=True)
    text = models.TextField("确认的内容")
    text_version = models.CharField("文本版本", max_length=20)
    text_sha256 = models.CharField("文本 SHA-256", max_length=64)
    way = models.CharField("确认方式", max_length=10, choices=Way)
    paper = models.ForeignKey(
        Document, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="书面确认书"
    )
    guardianship = models.ForeignKey(
        Authorisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="确认的法定代理人"
    )
    """By what right somebody confirmed for a party who does not act themself; empty: the party themself."""
    made_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="登记机构"
    )
    made_at = models.DateTimeField("确认时间")
    ended_at = models.DateTimeField("失效时间", null=True, blank=True)
    ending = models.CharField("失效方式", max_length=10, choices=Ending, blank=True)
    end_reason = models.CharField("失效的原因", max_length=300, blank=True)
    disposed_at = models.DateTimeField("处置时间", null=True, blank=True)

    class Meta:
        verbose_name = "送达地址确认书"
        constraints = (
            models.CheckConstraint(condition=SOMEBODY, name="address_of_one"),
            models.UniqueConstraint(
                fields=("party", "user", "case"), condition=Q(ended_at=None), nulls_distinct=False,
                name="address_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(way="paper") | Q(paper__isnull=False), name="address_on_paper_has_paper"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.party or self.user}：{self.made_at:%Y-%m-%d}"

    def in_force(self, now: dt.datetime) -> bool:
        """True on the days it is valid, the first and the last among them, until it is withdrawn or replaced."""
        day = timezone.localtime(now).date()
        ended = self.ended_at is not None and self.ended_at <= now
        return not ended and self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def state_on(self, now: dt.datetime) -> str:
        """In words."""
        if self.ended_at is not None:
            return f"已失效（{self.get_ending_display()}）"
        if self.in_force(now):
            return "有效"
        return "尚未生效" if timezone.localtime(now).date() < self.valid_from else "已过有效期"


class Service(models.Model):
    """Documents of one stage of a matter, served together on one or several people."""

    class Stage(models.TextChoices):
        INTAKE = "intake", "受理"
        MEDIATION = "mediation", "调解"
        AGREEMENT = "agreement", "达成协议"
        CONFIRMATION = "confirmation", "司法确认"
        TRIAL = "trial", "审理"
        JUDGMENT = "judgment", "裁判"
        PERFORMANCE = "performance", "履行和执行"
        OTHER = "other", "其他"

    title = models.CharField("事由", max_length=120)
    case = models.CharField("案件", max_length=96, blank=True)
    stage = models.CharField("阶段", max_length=12, choices=Stage)
    summary = models.BooleanField("适用简易程序", default=False)
    subject_kind = models.CharField("事项类别", max_length=64, blank=True)
    subject_id = models.CharField("事项编号", max_length=40, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="送达机构")
    deadline_rule = models.CharField("送达后起算的期间", max_length=80, blank=True)
    deadline_title = models.CharField("期限的事项", max_length=200, blank=True)
    again_reason = models.CharField("同一阶段再次送达的理由", max_length=300, blank=True)
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="经办人")
    created_at = models.DateTimeField("发起时间")
    once_key = models.CharField(max_length=120, unique=True, null=True, blank=True)

    class Meta:
        verbose_name = "送达"
        indexes = (models.Index(fields=("organisation", "case", "stage"), name="services_of_stage"),)

    def __str__(self) -> str:
        return self.title


class ServedDocument(models.Model):
    """One of the documents: by its content, which is kept unchanged."""

    class Kind(models.TextChoices):
        NOTICE = "notice", "通知、告知"
        MATERIAL = "material", "申请和证据材料"
        AGREEMENT = "agreement", "调解协议书"
        MEDIATION_STATEMENT = "mediation_statement", "调解书"
        JUDGMENT = "judgment", "判决书"
        RULING = "ruling", "裁定书"
        OTHER = "other", "其他文书"

    ON_PAPER = (Kind.MEDIATION_STATEMENT, Kind.JUDGMENT, Kind.RULING)
    """Whoever is served these electronically may ask for them on paper (民事诉讼法 art. 90)."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="documents", verbose_name="送达")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", verbose_name="文件")
    kind = models.CharField("文书种类", max_length=20, choices=Kind)
    position = models.PositiveIntegerField("次序")
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = "送达的文书"
        constraints = (
            models.UniqueConstraint(fields=("service", "position"), name="served_in_order"),
            models.UniqueConstraint(fields=("service", "document"), name="served_once_each"),
        )

    def __str__(self) -> str:
        return str(self.document)


class Recipient(models.Model):
    """One person on whom it is served: how far it is, when it took effect, why."""

    class State(models.TextChoices):
        SENDING = "sending", "发送中"
        SERVED = "served", "已送达"
        OTHER_WAY = "other_way", "须另行送达"
        SERVED_OTHERWISE = "otherwise", "已另行送达"

    OPEN = (State.SENDING, State.OTHER_WAY)

    service = models.ForeignKey(Service, models.PROTECT, related_name="recipients", verbose_name="送达")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="送达机构")
    party = models.ForeignKey(
        Party, models.PROTECT, related_name="services", null=True, blank=True, verbose_name="受送达的当事人"
    )
    user = models.ForeignKey(
        USER, models.PROTECT, related_name="services", null=True, blank=True, verbose_name="受送达的账号"
    )
    name = models.CharField("受送达人", max_length=128)
    confirmation = models.ForeignKey(
        Confirmation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="送达地址确认书"
    )
    guardianship = models.ForeignKey(
        Authorisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="接收的法定代理人"
    )
    """Through whom it was served on a party who does not act themself, and by what right."""
    code = models.CharField("核验码", max_length=12, unique=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.SENDING)
    problem = models.CharField("没有送达的原因", max_length=300, blank=True)
    created_at = models.DateTimeField("发起时间")
    watch_until = models.DateTimeField("等待到达至", null=True, blank=True)
    served_at = models.DateTimeField("送达时刻", null=True, blank=True)
    served_on = models.DateField("送达日期", null=True, blank=True)
    why = models.CharField("送达的认定", max_length=300, blank=True)
    basis = models.JSONField("依据", default=list)
    proved_at = models.DateTimeField("受送达人证明的到达时间", null=True, blank=True)
    read_at = models.DateTimeField("首次阅读时间", null=True, blank=True)
    read_by = models.CharField("阅读人", max_length=200, blank=True)
    way = models.CharField("另行送达的方式", max_length=12, blank=True)
    way_paper = models.ForeignKey(
        Document, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="回证或者回执"
    )
    paper_asked_at = models.DateTimeField("要求纸质文书", null=True, blank=True)
    paper_given_at = models.DateTimeField("提供纸质文书", null=True, blank=True)
    deadline = models.ForeignKey(
        Deadline, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="起算的期限"
    )
    proof = models.ForeignKey(
        Document, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="送达证明"
    )
    token_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    token_until = models.DateTimeField("链接有效期至", null=True, blank=True)
    disposed_at = models.DateTimeField("处置时间", null=True, blank=True)

    class Meta:
        verbose_name = "受送达人"
        constraints = (
            models.CheckConstraint(condition=SOMEBODY, name="recipient_is_one"),
            models.UniqueConstraint(fields=("service", "party", "user"), nulls_distinct=False, name="recipient_once"),
            models.CheckConstraint(
                condition=~Q(state__in=("served", "otherwise")) | Q(served_on__isnull=False),
                name="served_has_a_day",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "id"), name="recipients_of_body"),
            models.Index(fields=("organisation", "state", "id"), name="recipients_body_state"),
            models.Index(fields=("party", "id"), name="recipients_of_party"),
            models.Index(fields=("user", "id"), name="recipients_of_user"),
            models.Index(fields=("watch_until",), name="recipients_watched", condition=Q(state="sending")),
        )

    def __str__(self) -> str:
        return f"{self.name}：{self.service_id}"

    @property
    def number(self) -> str:
        """What it is called in letters, and its audit events are found by: SD2026-0007."""
        return f"SD{self.created_at.year}-{self.pk:04d}"

    @property
    def sign(self) -> str:
        """Which sign stands beside its state."""
        return {"sending": "running", "served": "good", "other_way": "bad", "otherwise": "good"}[self.state]

    @property
    def taker(self) -> str:
        """Who takes it: the person served, or whoever acts for them by law."""
        agent = self.guardianship.agent.name if self.guardianship else ""
        return f"法定代理人 {agent} 代 {self.name}" if agent else self.name

    @property
    def done(self) -> bool:
        """True when it is served, in whichever way."""
        return self.served_on is not None


class Dispatch(models.Model):
    """One electronic address it goes to: the person's own, or that of whom they named to receive for them."""

    class Kind(models.TextChoices):
        ACCOUNT = "account", "平台账号"
        MOBILE = "mobile", "手机号码"
        MAIL = "mail", "电子邮箱"

    class Holder(models.TextChoices):
        SELF = "self", "本人"
        DESIGNEE = "designee", "代收人"
        GUARDIAN = "guardian", "法定代理人"

    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="dispatches", verbose_name="受送达人")
    kind = models.CharField("地址种类", max_length=8, choices=Kind)
    holder = models.CharField("谁的地址", max_length=8, choices=Holder, default=Holder.SELF)
    round = models.PositiveIntegerField("第几次", default=1)
    shown = models.CharField("地址（掩码）", max_length=120)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+", verbose_name="通知")
    sent_at = models.DateTimeField("发送成功", null=True, blank=True)
    arrived_at = models.DateTimeField("到达", null=True, blank=True)
    failed_at = models.DateTimeField("没有送到", null=True, blank=True)
    problem = models.CharField("原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "发送"
        constraints = (
            models.UniqueConstraint(fields=("recipient", "kind", "holder", "round"), name="address_used_once"),
        )
        indexes = (models.Index(fields=("notice",), name="dispatch_of_notice"),)

    def __str__(self) -> str:
        return f"{self.get_holder_display()}{self.get_kind_display()}"


class Trace(models.Model):
    """What happened, as it was: rows are only ever added, and each stands by its digest in the audit chain."""

    class What(models.TextChoices):
        BEGUN = "begun", "发起送达"
        GUARDIAN = "guardian", "由法定代理人接收"
        SENT = "sent", "发送成功"
        ARRIVED = "arrived", "到达对方系统"
        FAILED = "failed", "没有送到"
        LINK_OPENED = "link_opened", "打开链接"
        CODE_SENT = "code_sent", "发送核对验证码"
        IDENTITY_CHECKED = "identity_checked", "核对身份"
        READ = "read", "打开文书"
        TAKEN = "taken", "下载文书"
        SERVED = "served", "送达"
        HANDED_BACK = "handed_back", "转为另行送达"
        OTHERWISE = "otherwise", "登记另行送达"
        PROVED = "proved", "更正到达时间"
        PAPER_ASKED = "paper_asked", "要求纸质文书"
        PAPER_GIVEN = "paper_given", "提供纸质文书"
        DEADLINE_OPENED = "deadline_opened", "登记起算的期限"
        PROOF_MADE = "proof_made", "制作送达证明"

    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="traces", verbose_name="受送达人")
    what = models.CharField("事项", max_length=20, choices=What)
    at = models.DateTimeField("时间")
    who = models.CharField("谁", max_length=200, blank=True)
    address = models.CharField("网络地址", max_length=45, blank=True)
    device = models.CharField("设备", max_length=300, blank=True)
    identity = models.CharField("身份核对方式", max_length=200, blank=True)
    document = models.ForeignKey(
        ServedDocument, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="文书"
    )
    note = models.CharField("说明", max_length=300, blank=True)
    counts = models.BooleanField("可以认定到达", default=True)

    class Meta:
        verbose_name = "送达记录"
        indexes = (models.Index(fields=("recipient", "id"), name="traces_in_order"),)

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.what} {self.at}"


class IdentityCheck(MobileCode):
    """A code sent to the confirmed mobile of somebody who came by a link."""

    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="checks", verbose_name="受送达人")

    class Meta:
        verbose_name = "身份核对"
        indexes = (models.Index(fields=("recipient", "-id"), name="service_checks_newest"),)

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.sent_at}"
