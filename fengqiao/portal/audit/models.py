"""Events, and the heads of the chains they stand in. Database triggers (`triggers.py`) refuse every change."""

from __future__ import annotations

from django.db import models

ALL = -1
"""The chain of all events. The other chains are named by the organisation's number."""
NO_ORGANISATION = 0


class Event(models.Model):
    """Something that was done. Holds no personal data but the names of those who acted, and digests of the rest."""

    number = models.PositiveBigIntegerField("序号", primary_key=True)
    chain = models.PositiveBigIntegerField("机构链")
    chain_number = models.PositiveBigIntegerField("链内序号")
    at = models.DateTimeField("时间", db_index=True)
    verb = models.CharField("行为", max_length=80)
    subject_kind = models.CharField("对象类型", max_length=80)
    subject_id = models.CharField("对象编号", max_length=64)
    case = models.CharField("案件", max_length=96, blank=True)
    reason = models.TextField("理由", blank=True)
    changed = models.TextField("变更的栏目", blank=True)

    user_id = models.BigIntegerField("用户编号", null=True)
    name = models.CharField("姓名", max_length=128)
    role = models.CharField("角色", max_length=40, blank=True)
    role_label = models.CharField("角色名称", max_length=64, blank=True)
    organisation_id = models.BigIntegerField("机构编号", null=True)
    organisation_name = models.CharField("机构名称", max_length=128, blank=True)
    on_behalf_of_id = models.BigIntegerField("被代理人编号", null=True)
    on_behalf_of_name = models.CharField("被代理人", max_length=128, blank=True)
    address = models.CharField("网络地址", max_length=64, blank=True)
    channel = models.CharField("途径", max_length=16)

    salt_key = models.CharField("盐的密钥", max_length=8, blank=True)
    before_sha256 = models.BinaryField("变更前 SHA-256")
    before_sm3 = models.BinaryField("变更前 SM3")
    after_sha256 = models.BinaryField("变更后 SHA-256")
    after_sm3 = models.BinaryField("变更后 SM3")

    content_sha256 = models.BinaryField("内容 SHA-256")
    content_sm3 = models.BinaryField("内容 SM3")
    previous_sha256 = models.BinaryField("前一事件 SHA-256")
    previous_sm3 = models.BinaryField("前一事件 SM3")
    chain_previous_sha256 = models.BinaryField("链内前一事件 SHA-256")
    chain_previous_sm3 = models.BinaryField("链内前一事件 SM3")

    class Meta:
        verbose_name = "审计事件"
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("chain", "chain_number"), name="event_once_in_its_chain"),
            models.CheckConstraint(condition=models.Q(number__gte=1, chain_number__gte=1), name="events_from_one"),
        )
        indexes = (
            models.Index(fields=("subject_kind", "subject_id"), name="events_of_a_subject"),
            models.Index(fields=("case",), name="events_of_a_case", condition=~models.Q(case="")),
            models.Index(fields=("user_id",), name="events_of_a_user"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.verb} {self.subject_kind}:{self.subject_id}"

    @property
    def changed_names(self) -> tuple[str, ...]:
        """Names of the fields that were changed."""
        return tuple(self.changed.split(",")) if self.changed else ()

    @property
    def actor(self) -> str:
        """Who it was, as a time line shows it."""
        place = " · ".join(part for part in (self.organisation_name, self.role_label) if part and part != self.name)
        stead = f"，代{self.on_behalf_of_name}" if self.on_behalf_of_name else ""
        return f"{self.name}（{place}）{stead}" if place else f"{self.name}{stead}"


class Head(models.Model):
    """How far a chain has come, with the digests of its last link. The seal needs a key that is not in the database."""

    chain = models.BigIntegerField("链", primary_key=True)
    number = models.PositiveBigIntegerField("最后序号", default=0)
    sha256 = models.BinaryField("SHA-256", default=bytes(32))
    sm3 = models.BinaryField("SM3", default=bytes(32))
    seal = models.CharField("封印", max_length=80, blank=True)

    class Meta:
        verbose_name = "审计链头"

    def __str__(self) -> str:
        return f"{self.chain}: {self.number}"
