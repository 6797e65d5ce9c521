"""The table of jobs."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Job(models.Model):
    """One piece of long work, from asking for it to its result."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"
        CANCELLED = "cancelled", "已取消"

    OPEN = (State.WAITING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("种类", max_length=64)
    title = models.CharField("名称", max_length=200)
    subject = models.CharField("对象", max_length=100, blank=True, db_index=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="jobs", verbose_name="发起人"
    )
    stamp = models.JSONField("发起时的身份", default=dict)
    arguments = models.JSONField("参数", default=dict)
    once_key = models.CharField("一次性标识", max_length=200, null=True, blank=True, unique=True)
    priority = models.SmallIntegerField("优先级", default=0)

    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField("最早开始时间")
    created_at = models.DateTimeField("创建时间")
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    attempt = models.PositiveIntegerField("第几次", default=0)
    failures = models.PositiveIntegerField("出错次数", default=0)
    interruptions = models.PositiveIntegerField("意外中断次数", default=0)
    lease_until = models.DateTimeField("占用至", null=True, blank=True)
    worker = models.CharField("工作进程", max_length=100, blank=True)
    cancel_asked_at = models.DateTimeField("要求取消的时间", null=True, blank=True)

    done = models.BigIntegerField("已完成量", default=0)
    total = models.BigIntegerField("总量", default=0)
    step = models.CharField("当前步骤", max_length=200, blank=True)
    message = models.TextField("说明", blank=True)
    result = models.JSONField("结果", default=dict)

    class Meta:
        verbose_name = "后台任务"
        indexes = (
            models.Index(
                F("priority").desc(), F("due_at").asc(), F("id").asc(), name="jobs_next", condition=Q(state="waiting")
            ),
            models.Index(fields=("lease_until",), name="jobs_leased", condition=Q(state="running")),
            models.Index(fields=("owner", "-created_at"), name="jobs_of_owner"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="jobs_running_has_a_lease"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running")) | Q(finished_at__isnull=False),
                name="jobs_ended_has_a_time",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """True until the job has ended, in whichever way."""
        return self.state in self.OPEN

    @property
    def percent(self) -> int | None:
        """How much is done, in whole percent; None when nobody knows."""
        return min(100, self.done * 100 // self.total) if self.total else None
