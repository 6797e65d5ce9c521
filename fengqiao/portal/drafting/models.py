"""Forms that are being filled in, and the documents made of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from fengqiao.engine import forms
from fengqiao.portal.accounts.models import Organisation, Role
from fengqiao.portal.documents.models import Document
from fengqiao.portal.parties.models import Party
from fengqiao.portal.vault.fields import SealedField

USER = settings.AUTH_USER_MODEL


class Filling(models.Model):
    """One form on its way: begun, saved step by step, finished as often as it was changed."""

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        FINISHED = "finished", "已完成"

    form = models.CharField("文书", max_length=64)
    name = models.CharField("备注名", max_length=60, blank=True)
    party = models.ForeignKey(Party, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="当事人")
    """Whose form it is; whoever may act for this person shares it."""
    role = models.ForeignKey(Role, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="填写人的角色")
    """Of a form that belongs to nobody else: the hat of the one who fills it in."""
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="机构"
    )
    """Whose managers see it besides."""
    data = SealedField("内容", purpose="drafting.filling", blank=True)
    revisions = models.JSONField("各步的修改", default=dict)
    """By step: how often it was changed, by whom, when."""
    revision = models.PositiveIntegerField("修改次数", default=0)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="建立人")
    created_at = models.DateTimeField("建立时间")
    saved_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="最后保存人")
    saved_at = models.DateTimeField("保存时间")
    disposed_at = models.DateTimeField("处置时间", null=True, blank=True)

    class Meta:
        verbose_name = "文书填写"
        indexes = tuple(
            models.Index(fields=(scope, *more, *order, "id"), name=f"fillings_{scope[:5]}_{mark}")
            for scope in ("party", "role", "organisation")
            for mark, more, order in (
                ("new", (), ()), ("state", ("state",), ()), ("saved", (), ("saved_at",)),
                ("both", ("state",), ("saved_at",)),
            )
        )  # fmt: skip
        constraints = (
            models.CheckConstraint(
                condition=models.Q(party__isnull=False, role=None) | models.Q(party=None, role__isnull=False),
                name="filling_of_a_party_or_a_role",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.title

    @property
    def title(self) -> str:
        """What the form is called."""
        return forms.get(self.form).title

    @property
    def number(self) -> str:
        """What it is called in lists: WS2026-0007."""
        return f"WS{self.created_at.year}-{self.pk:04d}"

    @property
    def case(self) -> str:
        """What its audit events are found by."""
        return f"parties.party:{self.party_id}" if self.party_id else f"drafting.filling:{self.pk}"

    @property
    def sign(self) -> str:
        """Which sign stands beside its state."""
        return "good" if self.state == self.State.FINISHED else "waiting"

    def revision_of(self, step: str) -> int:
        """How often a step was changed."""
        noted: dict[str, Any] = self.revisions.get(step, {})
        return int(noted.get("count", 0))


class Output(models.Model):
    """What was made of a form at one moment: PDF and Word of the same data."""

    filling = models.ForeignKey(Filling, models.PROTECT, related_name="outputs", verbose_name="文书填写")
    number = models.PositiveIntegerField("版本")
    template_version = models.CharField("文书样式版本", max_length=20)
    data_sha256 = models.CharField("数据 SHA-256", max_length=64)
    revision = models.PositiveIntegerField("修改次数")
    pdf = models.OneToOneField(Document, models.PROTECT, related_name="+", null=True, verbose_name="PDF")
    docx = models.OneToOneField(Document, models.PROTECT, related_name="+", null=True, verbose_name="Word")
    large = models.OneToOneField(Document, models.PROTECT, related_name="+", null=True, verbose_name="大字版 PDF")
    large_docx = models.OneToOneField(Document, models.PROTECT, related_name="+", null=True, verbose_name="大字版 Word")
    """For those who do not see well. All four are null when the period of keeping is over."""
    made_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="生成人")
    made_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "生成的文书"
        constraints = (models.UniqueConstraint(fields=("filling", "number"), name="output_once_a_number"),)

    def __str__(self) -> str:
        return f"第{self.number}版"
