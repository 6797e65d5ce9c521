"""All tables of the app."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fengqiao.portal.first_migration import FirstMigration


class Migration(FirstMigration):
    dependencies = [
        ("accounts", "0011_sliding_counts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64, verbose_name="用途")),
                ("scopes", models.JSONField(default=list, verbose_name="范围")),
                ("prefix", models.CharField(max_length=8, unique=True, verbose_name="前缀")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("networks", models.JSONField(blank=True, default=list, verbose_name="允许的网络")),
                ("created_at", models.DateTimeField(verbose_name="创建时间")),
                ("days", models.PositiveSmallIntegerField(verbose_name="有效天数")),
                ("valid_until", models.DateTimeField(verbose_name="有效期至")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="最近使用")),
                ("last_address", models.CharField(blank=True, max_length=45, verbose_name="最近使用的地址")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="失效时间")),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("revoked", "已撤销"),
                            ("expired", "已到期"),
                            ("role", "角色已终止"),
                            ("account", "账号已停用或者注销"),
                            ("access", "账号的全部登录已被结束"),
                            ("organisation", "机构已停用"),
                        ],
                        max_length=16,
                        verbose_name="失效原因",
                    ),
                ),
                ("end_reason", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                ("disposed_at", models.DateTimeField(blank=True, null=True, verbose_name="处置时间")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_tokens",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="持有人",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="撤销人",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_tokens",
                        to="accounts.role",
                        verbose_name="角色",
                    ),
                ),
            ],
            options={
                "verbose_name": "接口令牌",
                "indexes": [
                    models.Index(fields=["owner", "-id"], name="tokens_of_owner"),
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["valid_until"], name="live_tokens_by_end"
                    ),
                    models.Index(
                        condition=models.Q(("ended_at__isnull", False)), fields=["ended_at"], name="ended_tokens"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days__gte", 1), ("days__lte", 366)), name="token_lasts_a_year_at_most"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gt", models.F("created_at"))),
                        name="token_ends_after_it_began",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ending", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("ending", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="token_end_has_its_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ending", "revoked"), ("revoked_by__isnull", False)),
                            models.Q(models.Q(("ending", "revoked"), _negated=True), ("revoked_by", None)),
                            _connector="OR",
                        ),
                        name="token_revoked_by_somebody",
                    ),
                ],
            },
        ),
    ]
