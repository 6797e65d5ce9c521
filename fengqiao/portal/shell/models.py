"""Drafts: what somebody has filled in and not sent yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from fengqiao.portal.vault.fields import SealedField


class Draft(models.Model):
    """One form of one person about one subject, as far as they came. Personal data, so it is sealed."""

    class Device(models.TextChoices):
        PHONE = "phone", "手机"
        COMPUTER = "computer", "电脑"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="填写人")
    form = models.CharField("表单", max_length=64)
    subject = models.CharField("对象", max_length=64, blank=True)
    data = SealedField("内容", purpose="shell.draft")
    device = models.CharField("设备", max_length=10, choices=Device)
    version = models.PositiveIntegerField("版本", default=1)
    updated_at = models.DateTimeField("修改时间", db_index=True)

    class Meta:
        verbose_name = "草稿"
        constraints = (models.UniqueConstraint(fields=("owner", "form", "subject"), name="one_draft_of_a_form"),)

    def __str__(self) -> str:
        return f"{self.form} {self.subject}".strip()
