"""All tables of the app."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fengqiao.portal.first_migration import FirstMigration


class Migration(FirstMigration):
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=64, verbose_name="种类")),
                ("title", models.CharField(max_length=200, verbose_name="名称")),
                ("subject", models.CharField(blank=True, db_index=True, max_length=100, verbose_name="对象")),
                ("owner", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="jobs", to=settings.AUTH_USER_MODEL, verbose_name="发起人")),
                ("stamp", models.JSONField(default=dict, verbose_name="发起时的身份")),
                ("arguments", models.JSONField(default=dict, verbose_name="参数")),
                ("once_key", models.CharField(blank=True, max_length=200, null=True, unique=True,
                    verbose_name="一次性标识")),
                ("priority", models.SmallIntegerField(default=0, verbose_name="优先级")),
                ("state", models.CharField(choices=[("waiting", "等待中"), ("running", "进行中"), ("done", "已完成"),
                    ("failed", "未完成"), ("cancelled", "已取消")], default="waiting", max_length=10, verbose_name="状态")),
                ("due_at", models.DateTimeField(verbose_name="最早开始时间")),
                ("created_at", models.DateTimeField(verbose_name="创建时间")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="开始时间")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="结束时间")),
                ("attempt", models.PositiveIntegerField(default=0, verbose_name="第几次")),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="出错次数")),
                ("interruptions", models.PositiveIntegerField(default=0, verbose_name="意外中断次数")),
                ("lease_until", models.DateTimeField(blank=True, null=True, verbose_name="占用至")),
                ("worker", models.CharField(blank=True, max_length=100, verbose_name="工作进程")),
                ("cancel_asked_at", models.DateTimeField(blank=True, null=True, verbose_name="要求取消的时间")),
                ("done", models.BigIntegerField(default=0, verbose_name="已完成量")),
                ("total", models.BigIntegerField(default=0, verbose_name="总量")),
                ("step", models.CharField(blank=True, max_length=200, verbose_name="当前步骤")),
                ("message", models.TextField(blank=True, verbose_name="说明")),
                ("result", models.JSONField(default=dict, verbose_name="结果")),
            ],
            options={
                "verbose_name": "后台任务",
                "indexes": [
                    models.Index(models.OrderBy(models.F("priority"), descending=True),
                        models.OrderBy(models.F("due_at")), models.OrderBy(models.F("id")),
                        condition=models.Q(("state", "waiting")), name="jobs_next"),
                    models.Index(condition=models.Q(("state", "running")), fields=["lease_until"],
                        name="jobs_leased"),
                    models.Index(fields=["owner", "-created_at"], name="jobs_of_owner"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(("state", "running"), _negated=True),
                        ("lease_until__isnull", False), _connector="OR"), name="jobs_running_has_a_lease"),
                    models.CheckConstraint(condition=models.Q(("state__in", ("waiting", "running")),
                        ("finished_at__isnull", False), _connector="OR"), name="jobs_ended_has_a_time"),
                ],
            },
        ),
    ]  # fmt: skip
