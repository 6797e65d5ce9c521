"""All tables of the app."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import fengqiao.portal.vault.fields
from fengqiao.portal.first_migration import FirstMigration


class Migration(FirstMigration):
    replaces = [("notices", "0001_initial"), ("notices", "0002_sent"), ("notices", "0003_by_staff")]

    dependencies = [
        ("accounts", "0004_identity"),
        ("parties", "0003_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("user", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="notices", to=settings.AUTH_USER_MODEL, verbose_name="收件人账号")),
                ("party", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="notices", to="parties.party", verbose_name="收件的当事人")),
                ("channel", models.CharField(choices=[("in_app", "站内"), ("sms", "短信"), ("email", "电子邮件"), ("by_staff",
                    "由工作人员告知")], max_length=10, verbose_name="渠道")),
                ("address", fengqiao.portal.vault.fields.SealedField(blank=True, companions=False, index=False,
                    kind="text", purpose="notice.address", verbose_name="号码或者邮箱")),
                ("title", models.CharField(max_length=100, verbose_name="标题")),
                ("text", fengqiao.portal.vault.fields.SealedField(companions=False, index=False, kind="text",
                    purpose="notice.text", verbose_name="内容")),
                ("template", models.CharField(max_length=60, verbose_name="模板")),
                ("version", models.PositiveIntegerField(verbose_name="模板版本")),
                ("procedural", models.BooleanField(verbose_name="程序性通知")),
                ("quiet_exempt", models.BooleanField(default=False, verbose_name="夜间也发")),
                ("subject_kind", models.CharField(max_length=64, verbose_name="所属类别")),
                ("subject_id", models.CharField(max_length=40, verbose_name="所属编号")),
                ("case", models.CharField(blank=True, max_length=100, verbose_name="案件")),
                ("once_key", models.CharField(max_length=200, verbose_name="一次性标识")),
                ("sender", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="发件人")),
                ("organisation", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to="accounts.organisation", verbose_name="发件机构")),
                ("fixed_address", models.BooleanField(default=False, verbose_name="发到指定的地址")),
                ("repeats", models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="repeated_by", to="notices.notice", verbose_name="重发")),
                ("state", models.CharField(choices=[("queued", "等待发送"), ("sending", "发送中"), ("sent", "已发出"),
                    ("delivered", "已送到"), ("failed", "没有送到"), ("suppressed", "对方已退订"), ("cancelled", "已取消"),
                    ("to_tell", "等待工作人员告知")], default="queued", max_length=10, verbose_name="状态")),
                ("created_at", models.DateTimeField(verbose_name="产生时间")),
                ("due_at", models.DateTimeField(verbose_name="最早发送时间")),
                ("lease_until", models.DateTimeField(blank=True, null=True, verbose_name="占用至")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="尝试次数")),
                ("uncertain", models.BooleanField(default=False, verbose_name="可能已经发出")),
                ("gateway_number", models.CharField(blank=True, max_length=100, verbose_name="网关编号")),
                ("problem", models.CharField(blank=True, max_length=300, verbose_name="没有发出的原因")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="发出时间")),
                ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="送到时间")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="阅读时间")),
                ("to_call", models.BooleanField(default=False, verbose_name="须打电话")),
                ("called_at", models.DateTimeField(blank=True, null=True, verbose_name="打电话的时间")),
                ("called_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="打电话的人")),
                ("call_note", fengqiao.portal.vault.fields.SealedField(blank=True, companions=False, index=False,
                    kind="text", purpose="notice.call_note", verbose_name="通话结果")),
                ("disposed_at", models.DateTimeField(blank=True, null=True, verbose_name="处置时间")),
                ("seal_row", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="密文所属行")),
            ],
            options={
                "verbose_name": "通知",
                "indexes": [
                    models.Index(condition=models.Q(("state", "queued")), fields=["due_at", "id"],
                        name="notices_due"),
                    models.Index(condition=models.Q(("state", "sending")), fields=["lease_until", "id"],
                        name="notices_leased"),
                    models.Index(fields=["user", "channel", "created_at", "id"], name="notices_of_user"),
                    models.Index(condition=models.Q(("channel", "in_app"), ("read_at", None)), fields=["user"],
                        name="notices_unread"),
                    models.Index(fields=["subject_kind", "subject_id"], name="notices_of_subject"),
                    models.Index(fields=["organisation", "created_at", "id"], name="notices_of_body"),
                    models.Index(fields=["organisation", "state", "created_at", "id"], name="notices_of_body_state"),
                    models.Index(fields=["created_at", "id"], name="notices_newest"),
                    models.Index(fields=["state", "created_at", "id"], name="notices_by_state"),
                    models.Index(condition=models.Q(("to_call", True)), fields=["created_at", "id"],
                        name="notices_to_call"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("once_key", "channel"), name="notice_once"),
                    models.CheckConstraint(condition=models.Q(("user__isnull", False), ("party__isnull", False),
                        _connector="OR"), name="notice_has_a_recipient"),
                    models.CheckConstraint(condition=models.Q(models.Q(("state", "sending"), _negated=True),
                        ("lease_until__isnull", False), _connector="OR"), name="notice_sending_has_a_lease"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("notice", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="tries",
                    to="notices.notice", verbose_name="通知")),
                ("number", models.PositiveIntegerField(verbose_name="第几次")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("outcome", models.CharField(choices=[("accepted", "网关已接收"), ("found", "网关查询：此前已接收"), ("unreachable",
                    "网关不通"), ("uncertain", "没有得到明确答复"), ("refused", "网关拒收"), ("reported", "网关回报")], max_length=12,
                    verbose_name="结果")),
                ("detail", models.CharField(blank=True, max_length=300, verbose_name="说明")),
            ],
            options={
                "verbose_name": "发送记录",
                "indexes": [
                    models.Index(fields=["notice", "at", "id"], name="attempts_of_notice"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OptOut",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="opt_outs", to=settings.AUTH_USER_MODEL, verbose_name="账号")),
                ("party", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                    related_name="opt_outs", to="parties.party", verbose_name="当事人")),
                ("since", models.DateTimeField(verbose_name="退订时间")),
                ("way", models.CharField(max_length=20, verbose_name="退订方式")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="恢复时间")),
            ],
            options={
                "verbose_name": "退订",
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("ended_at", None)), fields=("user", "party"),
                        name="opt_out_once", nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(("user__isnull", False), ("party__isnull", False),
                        _connector="OR"), name="opt_out_of_somebody"),
                ],
            },
        ),
    ]  # fmt: skip
