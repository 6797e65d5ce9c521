"""What is due and when, what happened to it, and who may read calendar feeds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from fengqiao.portal.accounts.models import Organisation, Role

ONE_SECOND = dt.timedelta(seconds=1)


class Deadline(models.Model):
    """One period with its due moment. Changed by conditional updates that name the version, see `changing`."""

    class State(models.TextChoices):
        RUNNING = "running", "进行中"
        PAUSED = "paused", "已暂停"
        INTERRUPTED = "interrupt", "已中断"
        MET = "met", "已办结"
        WITHDRAWN = "withdrawn", "已撤销"

    class Act(models.TextChoices):
        WARN = "warn", "提醒：临近到期"
        LAST_DAY = "last_day", "提醒：最后一日"
        OVERDUE = "overdue", "提醒：已逾期"
        ESCALATE = "escalate", "逾期升级"

    title = models.CharField("事项", max_length=200)
    rule = models.CharField("期间规则", max_length=80, blank=True)
    length = models.CharField("给出的长度", max_length=12, blank=True)
    length_source = models.CharField("长度的依据", max_length=200, blank=True)
    subject_kind = models.CharField("对象类型", max_length=80)
    subject_id = models.CharField("对象编号", max_length=64)
    case = models.CharField("案件", max_length=96, blank=True)
    starts_on = models.DateField("起算日")
    starts_at = models.DateTimeField("起算时刻", null=True, blank=True)
    """Of a period in hours; null for all others."""
    given_due_on = models.DateField("指定的到期日", null=True, blank=True)
    facts = models.JSONField("中止、中断和延长", default=dict)
    """damaged_on; suspensions: first, last, reason; interruptions: on, reason, restarts_on, pending; extensions: on,
    by, length or until, reason."""
    due_on = models.DateField("最后一日", null=True, blank=True)
    due_at = models.DateTimeField("到期时刻", null=True, blank=True)
    """The last second that is in time; null while nothing runs."""
    warn_at = models.DateTimeField("转黄时刻", null=True, blank=True)
    warn_days = models.PositiveSmallIntegerField("提前几个工作日提醒", default=3)
    next_act = models.CharField("下一步", max_length=10, choices=Act, blank=True)
    next_act_at = models.DateTimeField("下一步的时刻", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.RUNNING)
    is_open = models.BooleanField("未了结", default=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="deadlines", null=True, blank=True, verbose_name="责任人"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="deadlines", null=True, blank=True, verbose_name="责任机构"
    )
    role_kind = models.CharField("责任角色", max_length=20, choices=Role.Kind, blank=True)
    chain = models.JSONField("逾期后依次升级到", default=list)
    """Each: user, organisation (numbers or null), role_kind."""
    level = models.PositiveSmallIntegerField("已升级次数", default=0)
    headline = models.TextField("结论", blank=True)
    steps = models.JSONField("计算步骤", default=list)
    basis = models.JSONField("依据", default=list)
    notes = models.JSONField("注意", default=list)
    provisional = models.BooleanField("暂算", default=False)
    unverified = models.BooleanField("待核", default=False)
    version = models.PositiveIntegerField("版本", default=0)
    once_key = models.CharField(max_length=120, unique=True, null=True, blank=True)
    opened_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("了结时间", null=True, blank=True)

    class Meta:
        verbose_name = "期限"
        constraints = (
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(organisation__isnull=False), name="deadline_has_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(due_at__isnull=False), name="deadline_runs_to_end"
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), name="deadline_due"),
            models.Index(fields=("next_act_at", "id"), name="deadline_next", condition=Q(next_act_at__isnull=False)),
            models.Index(fields=("subject_kind", "subject_id"), name="deadline_subject"),
            models.Index(fields=("case",), name="deadline_case"),
            *(
                models.Index(fields=(*scope, *more, "due_at", "id"), name=f"deadline_{name}{tail}",
                             condition=Q(is_open=True))
                for name, scope in (("own", ("user", "organisation")), ("body", ("organisation",)),
                                    ("role", ("organisation", "role_kind")))
                for tail, more in (("", ()), ("_state", ("state",)))
            ),
            *(  # those that stand still: no database takes "is null" for an equality when it puts rows in order
                models.Index(fields=(*scope, *more, "id"), name=f"deadline_{name}{tail}_still",
                             condition=Q(is_open=True, due_at=None))
                for name, scope in (("own", ("user", "organisation")), ("body", ("organisation",)),
                                    ("role", ("organisation", "role_kind")))
                for tail, more in (("", ()), ("_state", ("state",)))
            ),
            *(
                models.Index(fields=(*scope, *more, "id"), name=f"deadline_{name}{tail}_done",
                             condition=Q(is_open=False))
                for name, scope in (("own", ("user", "organisation")), ("body", ("organisation",)),
                                    ("role", ("organisation", "role_kind")))
                for tail, more in (("", ()), ("_state", ("state",)))
            ),
        )  # fmt: skip

    comes_first = False
    """Whether it is about somebody who is seen to before others: put in by `queries.mark_first`, for who may know."""

    def __str__(self) -> str:
        return self.title

    def overdue_at(self, now: dt.datetime) -> bool:
        """True when its last day is over and it is not done."""
        return self.state == self.State.RUNNING and self.due_at is not None and now >= self.due_at + ONE_SECOND

    def light(self, now: dt.datetime) -> tuple[str, str]:
        """A sign of the shell and a word: green, yellow, red; what does not run has none."""
        if self.state != self.State.RUNNING:
            return ("good" if self.state == self.State.MET else "quiet"), str(self.State(self.state).label)
        if self.overdue_at(now):
            return "bad", "红灯：已逾期"
        if self.warn_at is not None and now >= self.warn_at:
            return "warning", "黄灯：临近到期"
        return "good", "绿灯：正常"

    @property
    def over_at(self) -> dt.datetime | None:
        """The moment it is over: one of hours ends at a full hour, of which its last second is kept."""
        return self.due_at + ONE_SECOND if self.due_at is not None else None

    @property
    def in_time(self) -> str:
        """Whether it was done by its last day, in words; nothing for one that was withdrawn or has no day."""
        if self.state != self.State.MET or self.due_at is None or self.ended_at is None:
            return ""
        return "按期" if self.ended_at < self.due_at + ONE_SECOND else "逾期办结"

    @property
    def flags(self) -> str:
        """What a reader must know of the due day."""
        return "".join(word for word, on in (("暂算", self.provisional), ("待核", self.unverified)) if on)

    @property
    def hints(self) -> str:
        """The same, and whether it comes first, for lists."""
        return "，".join(filter(None, ("优先办理" if self.comes_first else "", self.flags)))

    @property
    def responsible(self) -> str:
        """Who has to see to it, in words."""
        place = self.organisation.name if self.organisation else ""
        who = self.user.name if self.user else Role.Kind(self.role_kind).label if self.role_kind else ""
        return " · ".join(part for part in (place, who) if part)


class Event(models.Model):
    """One thing that happened to a deadline. The database refuses to change or remove it."""

    class Kind(models.TextChoices):
        OPENED = "opened", "登记期限"
        PAUSED = "paused", "暂停"
        RESUMED = "resumed", "恢复"
        INTERRUPTED = "interrupt", "中断"
        RESTARTED = "restarted", "程序终结，重新计算"
        EXTENDED = "extended", "延长"
        RECOUNTED = "recounted", "重新计算"
        MET = "met", "办结"
        WITHDRAWN = "withdrawn", "撤销"
        HANDED_ON = "handed_on", "转由同事负责"
        WARN = "warn", "提醒：临近到期"
        LAST_DAY = "last_day", "提醒：最后一日"
        OVERDUE = "overdue", "提醒：已逾期"
        ESCALATE = "escalate", "逾期升级"
        FAILED = "failed", "提醒没有送出，稍后再试"

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="events", verbose_name="期限")
    number = models.PositiveIntegerField("序号")
    kind = models.CharField("事件", max_length=10, choices=Kind)
    at = models.DateTimeField("时间")
    who = models.CharField("谁", max_length=200)
    reason = models.CharField("理由", max_length=500, blank=True)
    due_on = models.DateField("此后的最后一日", null=True, blank=True)
    responsible = models.CharField("此后的责任人", max_length=300, blank=True)

    class Meta:
        verbose_name = "期限事件"
        constraints = (models.UniqueConstraint(fields=("deadline", "number"), name="deadline_event_once"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class Feed(models.Model):
    """With what a person's calendar program reads their deadlines: a user name and a password of its own, of which only
    a keyed digest is kept. Those of former versions were addresses with a secret: they have no name, and ended."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="calendar_feeds", verbose_name="用户"
    )
    name = models.CharField("用户名", max_length=20, unique=True, null=True)
    password_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField("生成时间")
    last_read_at = models.DateTimeField("最近读取", null=True, blank=True)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)
    ended_by_upgrade = models.BooleanField("升级时停用", default=False)

    class Meta:
        verbose_name = "日历订阅"
        constraints = (
            models.UniqueConstraint(fields=("user",), condition=Q(revoked_at=None), name="one_feed_a_person"),
            models.CheckConstraint(condition=Q(name__isnull=False) | Q(revoked_at__isnull=False), name="feed_has_name"),
        )

    def __str__(self) -> str:
        return f"日历订阅 {self.pk}"


Fact = dict[str, Any]
