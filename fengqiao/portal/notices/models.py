"""Messages to people, every attempt to deliver them, and who does not want those that no procedure needs."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.parties.models import Party
from fengqiao.portal.vault.fields import SealedField

USER = settings.AUTH_USER_MODEL


class Notice(models.Model):
    """One message to one person over one channel: in the outbox from the moment its cause was committed."""

    class Channel(models.TextChoices):
        IN_APP = "in_app", "站内"
        SMS = "sms", "短信"
        EMAIL = "email", "电子邮件"
        BY_STAFF = "by_staff", "由工作人员告知"

    class State(models.TextChoices):
        QUEUED = "queued", "等待发送"
        SENDING = "sending", "发送中"
        SENT = "sent", "已发出"
        DELIVERED = "delivered", "已送到"
        FAILED = "failed", "没有送到"
        SUPPRESSED = "suppressed", "对方已退订"
        CANCELLED = "cancelled", "已取消"
        TO_TELL = "to_tell", "等待工作人员告知"

    OPEN = (State.QUEUED, State.SENDING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        USER, models.PROTECT, related_name="notices", null=True, blank=True, verbose_name="收件人账号"
    )
    party = models.ForeignKey(
        Party, models.PROTECT, related_name="notices", null=True, blank=True, verbose_name="收件的当事人"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel)
    address = SealedField("号码或者邮箱", purpose="notice.address", blank=True)
    title = models.CharField("标题", max_length=100)
    text = SealedField("内容", purpose="notice.text")
    template = models.CharField("模板", max_length=60)
    version = models.PositiveIntegerField("模板版本")
    procedural = models.BooleanField("程序性通知")
    quiet_exempt = models.BooleanField("夜间也发", default=False)
    subject_kind = models.CharField("所属类别", max_length=64)
    subject_id = models.CharField("所属编号", max_length=40)
    case = models.CharField("案件", max_length=100, blank=True)
    once_key = models.CharField("一次性标识", max_length=200)
    sender = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="发件人")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="发件机构"
    )
    fixed_address = models.BooleanField("发到指定的地址", default=False)
    """True for an address the person confirmed for this: it is kept when the message is sent again."""
    repeats = models.OneToOneField(
        "self", models.PROTECT, related_name="repeated_by", null=True, blank=True, verbose_name="重发"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField("产生时间")
    due_at = models.DateTimeField("最早发送时间")
    lease_until = models.DateTimeField("占用至", null=True, blank=True)
    attempts = models.PositiveIntegerField("尝试次数", default=0)
    uncertain = models.BooleanField("可能已经发出", default=False)
    gateway_number = models.CharField("网关编号", max_length=100, blank=True)
    problem = models.CharField("没有发出的原因", max_length=300, blank=True)
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    delivered_at = models.DateTimeField("送到时间", null=True, blank=True)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)
    to_call = models.BooleanField("须打电话", default=False)
    """Somebody has to tell the person: every way outside the portal failed, or their needs ask for it."""
    called_at = models.DateTimeField("打电话的时间", null=True, blank=True)
    called_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="打电话的人"
    )
    call_note = SealedField("通话结果", purpose="notice.call_note", blank=True)
    disposed_at = models.DateTimeField("处置时间", null=True, blank=True)

    class Meta:
        verbose_name = "通知"
        constraints = (
            models.UniqueConstraint(fields=("once_key", "channel"), name="notice_once"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(party__isnull=False), name="notice_has_a_recipient"
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False), name="notice_sending_has_a_lease"
            ),
        )
        indexes = (
            models.Index(fields=("due_at", "id"), name="notices_due", condition=Q(state="queued")),
            models.Index(fields=("lease_until", "id"), name="notices_leased", condition=Q(state="sending")),
            models.Index(fields=("user", "channel", "created_at", "id"), name="notices_of_user"),
            models.Index(fields=("user",), name="notices_unread", condition=Q(channel="in_app", read_at=None)),
            models.Index(fields=("subject_kind", "subject_id"), name="notices_of_subject"),
            models.Index(fields=("organisation", "created_at", "id"), name="notices_of_body"),
            models.Index(fields=("organisation", "state", "created_at", "id"), name="notices_of_body_state"),
            models.Index(fields=("created_at", "id"), name="notices_newest"),
            models.Index(fields=("state", "created_at", "id"), name="notices_by_state"),
            models.Index(fields=("created_at", "id"), name="notices_to_call", condition=Q(to_call=True)),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def recipient(self) -> str:
        """Who it is for, by name."""
        return str(self.party.name if self.party else self.user.name if self.user else "")

    @property
    def sign(self) -> str:
        """Which sign stands beside its state."""
        if self.to_call:
            return "waiting" if self.channel == self.Channel.BY_STAFF else "bad"
        return {"queued": "waiting", "sending": "running", "sent": "running", "delivered": "good", "failed": "bad"}.get(
            self.state, "quiet"
        )

    @property
    def key(self) -> str:
        """What the gateway is told with every attempt: the same for one notice, so that it sends it once."""
        return self.id.hex


class Attempt(models.Model):
    """One try to deliver a notice, and what came of it; never changed afterwards."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "网关已接收"
        FOUND = "found", "网关查询：此前已接收"
        UNREACHABLE = "unreachable", "网关不通"
        UNCERTAIN = "uncertain", "没有得到明确答复"
        REFUSED = "refused", "网关拒收"
        REPORTED = "reported", "网关回报"

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="tries", verbose_name="通知")
    number = models.PositiveIntegerField("第几次")
    at = models.DateTimeField("时间")
    outcome = models.CharField("结果", max_length=12, choices=Outcome)
    detail = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "发送记录"
        indexes = (models.Index(fields=("notice", "at", "id"), name="attempts_of_notice"),)

    def __str__(self) -> str:
        return f"{self.number} {self.get_outcome_display()}"


class OptOut(models.Model):
    """Somebody does not want messages that no procedure needs."""

    user = models.ForeignKey(USER, models.PROTECT, related_name="opt_outs", null=True, blank=True, verbose_name="账号")
    party = models.ForeignKey(
        Party, models.PROTECT, related_name="opt_outs", null=True, blank=True, verbose_name="当事人"
    )
    since = models.DateTimeField("退订时间")
    way = models.CharField("退订方式", max_length=20)
    ended_at = models.DateTimeField("恢复时间", null=True, blank=True)

    class Meta:
        verbose_name = "退订"
        constraints = (
            models.UniqueConstraint(
                fields=("user", "party"), condition=Q(ended_at=None), nulls_distinct=False, name="opt_out_once"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(party__isnull=False), name="opt_out_of_somebody"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user or self.party}"
