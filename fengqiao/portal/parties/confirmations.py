"""The table of what assisted people said of what staff did for them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.documents.models import Document
from fengqiao.portal.vault.fields import SealedField


class ActsConfirmation(models.Model):
    """Staff did something for a party; the party says whether it was their will: online, or on a signed sheet."""

    class Answer(models.TextChoices):
        WAITING = "waiting", "等待本人确认"
        CONFIRMED = "confirmed", "本人已确认"
        DISPUTED = "disputed", "本人不认可"

    class Way(models.TextChoices):
        ONLINE = "online", "本人登录后确认"
        PAPER = "paper", "本人在确认单上签名"

    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="act_confirmations", verbose_name="当事人")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="工作人员")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="机构")
    first = models.BigIntegerField("第一项的审计序号")
    last = models.BigIntegerField("最后一项的审计序号")
    count = models.PositiveIntegerField("项数")
    acts_sha256 = models.CharField("各项的 SHA-256", max_length=64)
    asked_at = models.DateTimeField("请求确认的时间")
    answer = models.CharField("结果", max_length=10, choices=Answer, default=Answer.WAITING)
    way = models.CharField("方式", max_length=10, choices=Way, blank=True)
    answered_at = models.DateTimeField("确认时间", null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="登记人"
    )
    paper = models.CharField("确认单的存放处", max_length=200, blank=True)
    file = models.ForeignKey(
        Document, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="签名的确认单"
    )
    words = SealedField("本人的说明", purpose="acts_confirmation.words", blank=True)
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        verbose_name = "对代办的确认"
        constraints = (
            models.UniqueConstraint(
                fields=("party", "staff"), condition=Q(answer="waiting"), name="one_confirmation_waits"
            ),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="confirmation_of_something"),
        )
        indexes = (models.Index(fields=("organisation", "answer"), name="confirmations_of_body"),)

    def __str__(self) -> str:
        return f"{self.party}：{self.get_answer_display()}"

    @property
    def sign(self) -> str:
        """Which sign stands beside it."""
        return {"waiting": "waiting", "confirmed": "good"}.get(self.answer, "bad")
