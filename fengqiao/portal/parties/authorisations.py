"""Who may act for a party: entrusted by them, or by law as their guardian."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from fengqiao.portal.accounts.models import Organisation
from fengqiao.portal.documents.models import Document
from fengqiao.portal.shell.words import day_text


class Scope(models.TextChoices):
    """What an agent may do for the party."""

    FILE = "file", "提出申请、提交材料"
    NEGOTIATE = "negotiate", "参加调解、协商"
    SETTLE = "settle", "承认、放弃、变更请求，达成和解"
    RECEIVE_MONEY = "receive_money", "代收款项"
    SIGN = "sign", "代签文书"


class Authorisation(models.Model):
    """An agent may act for a party on an uploaded paper that was accepted: on the party's own word within a scope and a
    time (委托代理), or by law as their guardian (法定代理, `guardians.py`)."""

    class Kind(models.TextChoices):
        ENTRUSTED = "entrusted", "委托代理"
        GUARDIAN = "guardian", "法定代理（监护人）"

    class Ground(models.TextChoices):
        """Why the law has a guardian act."""

        MINOR = "minor", "未成年人"
        NO_CAPACITY = "none", "人民法院认定的无民事行为能力人"
        LIMITED = "limited", "人民法院认定的限制民事行为能力人"

    class Relation(models.TextChoices):
        """What makes the agent the guardian."""

        PARENT = "parent", "父母"
        SPOUSE = "spouse", "配偶"
        CHILD = "child", "成年子女"
        NEAR = "near", "其他近亲属（祖父母、外祖父母、兄、姐等）"
        AGREED = "agreed", "本人事先书面协商确定的监护人（意定监护）"
        APPOINTED = "appointed", "居民委员会、村民委员会、民政部门或者人民法院指定的监护人"
        OTHER = "other", "其他愿意担任监护人的个人（经居民委员会、村民委员会或者民政部门同意）"

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待接受"
        ACCEPTED = "accepted", "已接受"
        DECLINED = "declined", "未接受"
        ENDED = "ended", "已终止"

    class Ending(models.TextChoices):
        REVOKED = "revoked", "当事人撤销"
        RESIGNED = "resigned", "代理人辞任"
        EXPIRED = "expired", "期限届满"
        DONE = "done", "代理事务完成"
        MAJORITY = "majority", "本人已经成年"
        RECOVERED = "recovered", "本人恢复民事行为能力"
        REPLACED = "replaced", "监护人变更或者被撤销监护资格"
        AGENT_GONE = "agent_gone", "代理人死亡或者丧失民事行为能力"
        DIED = "died", "当事人死亡"
        MISTAKE = "mistake", "审核有误"

    REVIEWERS: ClassVar = (Organisation.Kind.MEDIATION, Organisation.Kind.SERVICES_CENTRE)
    """Kinds of organisation whose people may accept for a party."""

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="authorisations", verbose_name="代理人"
    )
    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="authorisations", verbose_name="当事人")
    reviewer = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="审核机构")
    kind = models.CharField("种类", max_length=10, choices=Kind, default=Kind.ENTRUSTED)
    relation = models.CharField("监护关系", max_length=10, choices=Relation, blank=True)
    ground = models.CharField("由法定代理人办理的原因", max_length=10, choices=Ground, blank=True)
    scopes = models.JSONField("授权范围", default=list)
    valid_from = models.DateField("开始日")
    valid_until = models.DateField("截止日", null=True, blank=True)
    """The last day; null for a guardian of whom no day is known on which it ends."""
    paper = models.ForeignKey(
        Document, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="授权委托书"
    )
    document_sha256 = models.CharField("文件 SHA-256", max_length=64, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.SUBMITTED)
    submitted_at = models.DateTimeField("提交时间")
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="决定人"
    )
    checked = models.CharField("审核时核对的材料", max_length=300, blank=True)
    decline_reason = models.CharField("不接受的原因", max_length=300, blank=True)
    ending = models.CharField("终止方式", max_length=10, choices=Ending, blank=True)
    end_reason = models.CharField("终止原因", max_length=300, blank=True)
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)
    disposed_at = models.DateTimeField("处置时间", null=True, blank=True)

    class Meta:
        verbose_name = "授权"
        indexes = (
            models.Index(fields=("agent", "submitted_at", "id"), name="authorisations_of_agent"),
            models.Index(fields=("agent", "state", "submitted_at", "id"), name="authorisations_agent_state"),
            models.Index(fields=("reviewer", "submitted_at", "id"), name="authorisations_of_reviewer"),
            models.Index(fields=("reviewer", "state", "submitted_at", "id"), name="authorisations_review_state"),
            models.Index(fields=("valid_until",), name="authorisations_in_force", condition=Q(state="accepted")),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")) | Q(valid_until=None, kind="guardian"),
                name="authorisation_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(kind="entrusted", relation="", ground="")
                | (Q(kind="guardian") & ~Q(relation="") & ~Q(ground="")),
                name="guardian_by_relation_and_ground",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(decline_reason=""), name="authorisation_declined_with_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agent} 代 {self.party}"

    def in_force(self, now: dt.datetime) -> bool:
        """True while the agent may act: accepted, and today is one of its days, the first and the last among them."""
        day = timezone.localtime(now).date()
        late = self.valid_until is not None and self.valid_until < day
        return self.state == self.State.ACCEPTED and self.valid_from <= day and not late

    @property
    def is_guardian(self) -> bool:
        """True where the law, not the party, has the agent act."""
        return self.kind == self.Kind.GUARDIAN

    @property
    def days(self) -> str:
        """From when until when, in words."""
        if self.valid_until is None:
            return f"{day_text(self.valid_from)}起，至监护关系终止"
        return f"{day_text(self.valid_from)}至{day_text(self.valid_until)}"

    @property
    def paper_title(self) -> str:
        """What the uploaded paper is called."""
        return "监护证明" if self.is_guardian else "授权委托书"

    def covers(self, scope: Scope, now: dt.datetime) -> bool:
        """True while the agent may do this."""
        return scope.value in self.scopes and self.in_force(now)

    def state_on(self, now: dt.datetime) -> str:
        """In words: an accepted one is not in force before its first and after its last day."""
        if self.state == self.State.ACCEPTED and not self.in_force(now):
            return "尚未开始" if timezone.localtime(now).date() < self.valid_from else "已到期"
        if self.state == self.State.ENDED:
            return f"已终止（{self.get_ending_display()}）"
        return str(self.get_state_display())

    @property
    def scope_labels(self) -> str:
        """The scope in words."""
        return "；".join(Scope(scope).label for scope in self.scopes)

    @property
    def scope_said(self) -> str:
        """The scope with the kind of right: a guardian's is whole."""
        return "法定代理，全部事项" if self.is_guardian else self.scope_labels
